//! # outbox-advised
//!
//! A service that answers HTTP, writes a table and publishes, without an outbox.
//!
//! **Why it matters.** Between the table and the topic it may be stopped: the item is written and the event never sent, and
//! the caller, who has an error, may not come again. A queue would bring the message back; HTTP does not.
//!
//! **Example.**
//!
//! ```toml
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//! table = { name = "Orders", key = "orderId" }
//! ```
//!
//! **Instead.** Let the event be written with the item, and a relay publish it. Where the caller is sure to repeat the
//! request, and the service to publish again, say so in `[lints]`.
//!
//! ```toml
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//! table = { name = "Orders", key = "orderId" }
//! outbox = true
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG213",
    name: "outbox-advised",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for service in context.topology.services.values() {
        let (Some(table), Some(route)) = (&service.table, service.http.first()) else {
            continue;
        };
        if !service.publishes.is_empty() && service.outbox.is_none() {
            // Where it is said that there is none, perhaps in an environment, another line would say it twice.
            let (span, help) = match service.no_outbox {
                Some(said) => (said, "write `outbox = true`"),
                None => (service.span, "add `outbox = true`"),
            };
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    span,
                    format!(
                        "`{}` answers HTTP, writes a table and publishes: stopped in between, it loses the event",
                        service.name
                    ),
                )
                .related(route.span, "nobody repeats this by itself")
                .related(table.span, "written first")
                .help(help),
            );
        }
    }
}
