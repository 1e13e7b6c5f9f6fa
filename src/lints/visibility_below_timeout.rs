//! # visibility-below-timeout
//!
//! A queue shows a message again while the function may still be working on it.
//!
//! **Why it matters.** The message is processed twice at once, and Lambda refuses such a mapping: "Queue visibility
//! timeout: 30 seconds is less than Function timeout: 60 seconds".
//!
//! **Example.**
//!
//! ```toml
//! [services.payment]
//! function = { timeout = "60s" }
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! visibility_timeout = "30s"
//! ```
//!
//! **Instead.** Leave `visibility_timeout` out: it is then six times the function's time-out plus the batching window.
//!
//! ```toml
//! [services.payment]
//! function = { timeout = "60s" }
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Fix, Severity};
use crate::model::subscription::visibility;
use crate::model::units::Seconds;

pub(super) const CODE: Code = Code {
    id: "TG201",
    name: "visibility-below-timeout",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for subscription in topology.subscriptions.values() {
        let Some(service) = topology.services.get(&subscription.service.value) else {
            continue;
        };
        let (visible, timeout) = (&subscription.visibility_timeout, &service.function.timeout);
        if visible.value < timeout.value {
            let advice = Seconds(visibility(
                timeout.value,
                subscription.batching_window.value,
            ));
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    visible.span,
                    format!(
                        "the queue of `{}` shows a message again after {}, its function may run {}",
                        subscription.name, visible.value, timeout.value
                    ),
                )
                .related(timeout.span, "the function's time-out")
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
