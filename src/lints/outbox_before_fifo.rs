//! # outbox-before-fifo
//!
//! An event that goes to a FIFO topic by way of an outbox.
//!
//! **Why it matters.** A FIFO topic keeps the order in which events reach it. Those of an outbox wait in the table's stream, where two of
//! one message group may lie in different shards: written in quick succession, they may be published the other way round.
//!
//! **Example.** The topic is FIFO, and `order` has an outbox:
//!
//! ```toml
//! [topics.event]
//! fifo = true
//!
//! [events.OrderCreated]
//! message_group = "orderId"
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//! table = { name = "Orders", key = "orderId" }
//! outbox = true
//! ```
//!
//! **Instead.** Publish it without an outbox where its order matters more than that it is never lost; or keep both, let the event carry
//! a number that consumers go by, and silence this with that reason.
//!
//! ```toml
//! [topics.event]
//! fifo = true
//!
//! [events.OrderCreated]
//! message_group = "orderId"
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//! table = { name = "Orders", key = "orderId" }
//!
//! [lints]
//! outbox-advised = "the order of events matters more; who loses one asks again"
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG216",
    name: "outbox-before-fifo",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for service in topology.services.values() {
        let Some(outbox) = service.outbox else {
            continue;
        };
        let fifo = service.publishes.iter().find_map(|event| {
            let topic = topology
                .topics
                .get(&topology.events.get(&event.value)?.topic)?;
            topic.fifo.then_some((event, topic))
        });
        if let Some((event, topic)) = fifo {
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    outbox,
                    format!(
                        "the outbox of `{}` may change the order of `{event}`, whose topic `{}` is FIFO",
                        service.name, topic.name
                    ),
                )
                .related(event.span, "published here")
                .help("publish without an outbox, or let the event carry a number that consumers go by"),
            );
        }
    }
}
