//! # visibility-below-advice
//!
//! A queue's visibility time-out is shorter than six times the function's time-out plus the batching window.
//!
//! **Why it matters.** When Lambda throttles the function it retries until the visibility time-out has passed; with too
//! little room each round uses up a receive, and healthy messages end in the dead-letter queue.
//!
//! **Example.**
//!
//! ```toml
//! [services.payment]
//! function = { timeout = "15s" }
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! visibility_timeout = "30s"
//! ```
//!
//! **Instead.** Leave `visibility_timeout` out, or raise it to the figure in the help line.
//!
//! ```toml
//! [services.payment]
//! function = { timeout = "15s" }
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! visibility_timeout = "90s"
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Fix, Severity};
use crate::model::environment::LOCAL;
use crate::model::subscription::visibility;
use crate::model::units::Seconds;

pub(super) const CODE: Code = Code {
    id: "TG202",
    name: "visibility-below-advice",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    // The local cloud never throttles, and short time-outs there let three receives take seconds.
    if topology.environment.name.as_str() == LOCAL {
        return;
    }
    for subscription in topology.subscriptions.values() {
        let Some(service) = topology.services.get(&subscription.service.value) else {
            continue;
        };
        let (visible, timeout) = (&subscription.visibility_timeout, &service.function.timeout);
        let advice = Seconds(visibility(
            timeout.value,
            subscription.batching_window.value,
        ));
        if visible.value >= timeout.value && visible.value < advice {
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    visible.span,
                    format!(
                        "the queue of `{}` shows a message again after {}, AWS advises {advice}",
                        subscription.name, visible.value
                    ),
                )
                .related(
                    timeout.span,
                    "six times this time-out, plus the batching window",
                )
                .help(format!(
                    "delete the line, or write `visibility_timeout = \"{advice}\"`"
                ))
                // Not where the queue would then forget messages before their last try.
                .fix(
                    (subscription.tries(advice) < subscription.retention.value)
                        .then(|| Fix::replace(visible.span, format!("\"{advice}\""))),
                ),
            );
        }
    }
}
