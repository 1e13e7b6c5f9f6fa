//! # event-without-publisher
//!
//! A subscription waits for an event that no service publishes.
//!
//! **Why it matters.** Everything deploys, nothing fails, and nothing ever arrives.
//!
//! **Example.**
//!
//! ```toml
//! [events.OrderCreated]
//! [events.OrderCancelled]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated", "OrderCancelled"]
//! ```
//!
//! **Instead.** Add the event to the `publishes` of the service that makes it, or drop it from the subscription.
//!
//! ```toml
//! [events.OrderCreated]
//! [events.OrderCancelled]
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated", "OrderCancelled"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated", "OrderCancelled"]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG110",
    name: "event-without-publisher",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    // A misspelt name is reported as such; that its namesake is missed then says nothing new.
    let Some(perhaps) = topology.perhaps_published() else {
        return;
    };
    for subscription in topology.subscriptions.values() {
        for event in &subscription.events {
            let is_known = topology.declares(event) && !perhaps.contains(&event.value);
            if is_known && topology.flow.publishers(&event.value).is_empty() {
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
