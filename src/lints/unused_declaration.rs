//! # unused-declaration
//!
//! An event that nobody publishes and nobody receives, or a topic that no event goes through.
//!
//! **Why it matters.** It is a leftover, or a line is missing elsewhere. A topic is deployed, and watched, for nothing.
//!
//! **Example.**
//!
//! ```toml
//! [events.OrderCreated]
//! [events.OrderCancelled]
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! ```
//!
//! **Instead.** Name it in `publishes` and `events`, or delete its section.
//!
//! ```toml
//! [events.OrderCreated]
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! ```

use std::collections::BTreeSet;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG117",
    name: "unused-declaration",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    // A misspelt name is reported as such; that its namesake is missed then says nothing new.
    let (Some(published), Some(received)) =
        (topology.perhaps_published(), topology.perhaps_received())
    else {
        return;
    };
    for (name, event) in &topology.events {
        let flow = &topology.flow;
        if published.contains(name) || received.contains(name) {
            continue;
        }
        if flow.publishers(name).is_empty() && flow.subscribers(name).is_empty() {
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    event.span,
                    format!("nobody publishes `{name}`, and nobody receives it"),
                )
                .help("add it to the `publishes` of a service and the `events` of a subscription, or delete this section"),
            );
        }
    }
    let used: BTreeSet<_> = topology.events.values().map(|event| &event.topic).collect();
    // An event of an unknown topic may mean any of these.
    if used.iter().any(|name| !topology.topics.contains_key(*name)) {
        return;
    }
    for (name, topic) in &topology.topics {
        if topic.is_declared && !used.contains(name) {
            diagnostics.push(
                Diagnostic::warning(CODE, topic.span, format!("no event goes through the topic `{name}`"))
                    .help(format!("write `topic = \"{name}\"` below the event that it is for, or delete this section")),
            );
        }
    }
}
