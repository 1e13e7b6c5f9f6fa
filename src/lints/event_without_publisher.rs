//! # event-without-publisher
//!
//! A subscription waits for an event that no service publishes.
//!
//! **Why it matters.** Everything deploys, nothing fails, and nothing ever arrives.
//!
//! **Instead.** Add the event to the `publishes` of the service that makes it, or drop it from the subscription.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::Topology;

pub(super) const CODE: Code = Code {
    id: "TG110",
    name: "event-without-publisher",
};

pub(super) fn check(topology: &Topology, diagnostics: &mut Diagnostics) {
    // A misspelt name is reported as such; that its namesake is missed then says nothing new.
    if !topology.knows_its_events() {
        return;
    }
    for subscription in topology.subscriptions.values() {
        for event in &subscription.events {
            if topology.flow.publishers(&event.value).is_empty() {
                diagnostics.push(
                    Diagnostic::error(
                        CODE,
                        event.span,
                        format!(
                            "the subscription `{}` waits for `{}`, which no service publishes",
                            subscription.name, event.value
                        ),
                    )
                    .help(format!(
                        "add it to the service that makes it: `publishes = [\"{}\"]`",
                        event.value
                    )),
                );
            }
        }
    }
}
