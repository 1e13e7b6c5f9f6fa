//! # dead-letter-retention
//!
//! A dead-letter queue keeps messages no longer than the queue that they come from.
//!
//! **Why it matters.** A message keeps its first timestamp when it is moved: one that waited three days in its queue has
//! one day left in a dead-letter queue of four days, and nobody may look in time.
//!
//! **Instead.** Leave `dead_letter_retention` out: it is then 14 days, the longest that SQS offers.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::Topology;

pub(super) const CODE: Code = Code {
    id: "TG204",
    name: "dead-letter-retention",
};

pub(super) fn check(topology: &Topology, diagnostics: &mut Diagnostics) {
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
                .related(queue.span, "counted from the first arrival in this queue")
                .help("write `dead_letter_retention = \"14d\"`"),
            );
        }
    }
}
