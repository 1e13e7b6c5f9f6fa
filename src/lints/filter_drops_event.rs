//! # filter-drops-event
//!
//! A filter that never lets one of the subscription's events pass.
//!
//! **Why it matters.** The event stands in `events`, and never arrives: its contract does not have the field that the filter
//! asks for, or has it with other values.
//!
//! **Example.** `OrderCancelled` has no `currency`:
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [events.OrderCancelled]
//! schema = "schemas/OrderCancelled.json"
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated", "OrderCancelled"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated", "OrderCancelled"]
//! filter = { currency = ["USD"] }
//! ```
//!
//! **Instead.** Receive it in a subscription of its own, or let events without the field pass.
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [events.OrderCancelled]
//! schema = "schemas/OrderCancelled.json"
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated", "OrderCancelled"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated", "OrderCancelled"]
//! filter = { currency = ["USD", { exists = false }] }
//! ```

use super::Context;
use super::filter_contract::{self, Dropped};
use crate::contracts::fields::Lookup;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG128",
    name: "filter-drops-event",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for subscription in context.topology.subscriptions.values() {
        let dropped = filter_contract::dropped(context, subscription);
        // That none passes is an error of its own.
        if dropped.len() == subscription.events.len() {
            continue;
        }
        for dropped in &dropped {
            let name = &dropped.sight.event.name;
            let listed = subscription.events.iter().find(|e| e.value == *name);
            diagnostics.push(finding(
                dropped,
                listed.map_or(subscription.span, |e| e.span),
            ));
        }
    }
}

fn finding(dropped: &Dropped<'_>, span: Span) -> Diagnostic {
    let Dropped { sight, key, path } = dropped;
    let (why, help) = match &sight.lookup {
        Lookup::Field(field) => (
            format!("its `{path}` is {}", field.kind),
            "receive it in a subscription of its own".to_owned(),
        ),
        Lookup::Absent | Lookup::Undeclared | Lookup::Unsure => (
            format!("its contract declares no `{path}`"),
            format!(
                "receive it in a subscription of its own, or add `{{ exists = false }}` to `{path}`"
            ),
        ),
    };
    let message = format!("`{}` does not pass the filter: {why}", sight.event.name);
    let finding = Diagnostic::warning(CODE, span, message)
        .help(help)
        .related(key.span, "the filter");
    sight.explain(finding, path)
}
