//! # event-without-subscriber
//!
//! A service publishes an event that no subscription receives.
//!
//! **Why it matters.** It is paid for and thrown away; often the subscriber's list has a slip.
//!
//! **Example.**
//!
//! ```toml
//! [events.OrderCreated]
//! [events.OrderCancelled]
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated", "OrderCancelled"]
//! ```
//!
//! **Instead.** Subscribe to it, or drop it from `publishes`.
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
    id: "TG111",
    name: "event-without-subscriber",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    // A misspelt name is reported as such; that its namesake is missed then says nothing new.
    let Some(perhaps) = topology.perhaps_received() else {
        return;
    };
    for service in topology.services.values() {
        for event in &service.publishes {
            let is_known = topology.declares(event) && !perhaps.contains(&event.value);
            if is_known && topology.flow.subscribers(&event.value).is_empty() {
                diagnostics.push(
                    Diagnostic::warning(
                        CODE,
                        event.span,
                        format!(
                            "`{}` is published by `{}`, and nobody receives it",
                            event.value, service.name
                        ),
                    )
                    .help("add it to the `events` of a subscription, or drop it here"),
                );
            }
        }
    }
}
