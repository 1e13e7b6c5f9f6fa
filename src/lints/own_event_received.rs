//! # own-event-received
//!
//! A service receives an event that it alone publishes.
//!
//! **Why it matters.** Each such event makes the service run again, and if it then publishes another one it never ends.
//! A service that wants to go on with its own work needs no topic in between.
//!
//! **Example.**
//!
//! ```toml
//! [events.OrderCreated]
//!
//! [services.payment]
//! publishes = ["OrderCreated"]
//!
//! [services.order]
//! http = ["POST /orders"]
//! ```
//!
//! **Instead.** Drop the event from the subscription, or let another service publish it.
//!
//! ```toml
//! [events.OrderCreated]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG114",
    name: "own-event-received",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for subscription in topology.subscriptions.values() {
        let service = &subscription.service.value;
        for event in &subscription.events {
            if topology.flow.publishers(&event.value) != std::slice::from_ref(service) {
                continue;
            }
            let published = topology
                .services
                .get(service)
                .and_then(|s| s.publishes.iter().find(|p| p.value == event.value));
            let mut finding = Diagnostic::warning(
                CODE,
                event.span,
                format!(
                    "`{service}` receives `{}`, which it alone publishes",
                    event.value
                ),
            )
            .help("drop it here, or let the service that causes it publish it");
            if let Some(published) = published {
                finding = finding.related(published.span, "published here");
            }
            diagnostics.push(finding);
        }
    }
}
