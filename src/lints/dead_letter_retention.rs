//! # dead-letter-retention
//!
//! A dead-letter queue keeps messages no longer than the queue that they come from.
//!
//! **Why it matters.** A message keeps its first timestamp when it is moved: one that waited three days in its queue has
//! one day left in a dead-letter queue of four days, and nobody may look in time. A FIFO queue counts anew.
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! retention = "4d"
//! dead_letter_retention = "4d"
//! ```
//!
//! **Instead.** Leave `dead_letter_retention` out: it is then 14 days, the longest that SQS offers.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! retention = "4d"
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Fix, Severity};
use crate::model::units::Seconds;

pub(super) const CODE: Code = Code {
    id: "TG204",
    name: "dead-letter-retention",
    severity: Severity::Warning,
};

/// API_SetQueueAttributes.
const LONGEST: Seconds = Seconds(14 * 86_400);

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for subscription in topology.subscriptions.values() {
        let (queue, dead) = (&subscription.retention, &subscription.dead_letter_retention);
        if dead.value <= queue.value {
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    dead.span,
                    format!(
                        "the dead-letter queue of `{}` keeps messages for {}, its queue for {}",
                        subscription.name, dead.value, queue.value
                    ),
                )
                .related(
                    queue.span,
                    match subscription.fifo {
                        true => "a FIFO queue counts anew from the move",
                        false => "counted from the first arrival in this queue",
                    },
                )
                .help(if queue.value < LONGEST {
                    "write `dead_letter_retention = \"14d\"`"
                } else {
                    "14 days is the longest: keep messages for less in the queue, such as `retention = \"7d\"`"
                })
                // A queue that keeps messages as long as SQS can is beyond this.
                .fix(
                    (queue.value < LONGEST)
                        .then(|| Fix::replace(dead.span, format!("\"{LONGEST}\""))),
                ),
            );
        }
    }
}
