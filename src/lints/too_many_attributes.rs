//! # too-many-attributes
//!
//! An event with more than ten message attributes goes to a queue that gets it raw.
//!
//! **Why it matters.** With raw delivery SNS's attributes become SQS's, which takes ten. SNS discards a message with more, and
//! the one who published it is told that all is well. `eventType` and `eventVersion` are two of the ten.
//!
//! **Example.**
//!
//! ```toml
//! [events.OrderCreated]
//! attributes = ["country", "currency", "channel", "shop", "brand", "season", "tier", "lane", "campaign"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! raw_message_delivery = true
//! ```
//!
//! **Instead.** Leave raw delivery off, since handlers read both forms; or send as attributes what filters ask for.
//!
//! ```toml
//! [events.OrderCreated]
//! attributes = ["country", "currency"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! raw_message_delivery = true
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::event::ENVELOPE_ATTRIBUTES;

pub(super) const CODE: Code = Code {
    id: "TG408",
    name: "too-many-attributes",
    severity: Severity::Error,
};

/// sns-large-payload-raw-message-delivery.html
const MOST: usize = 10;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let raw = topology.subscriptions.values();
    for subscription in raw.filter(|subscription| subscription.raw_message_delivery.value) {
        let events = subscription.events.iter();
        for event in events.filter_map(|event| topology.events.get(&event.value)) {
            let count = event.attributes.len() + ENVELOPE_ATTRIBUTES.len();
            let spare = MOST - ENVELOPE_ATTRIBUTES.len();
            let Some(first_too_many) = event.attributes.get(spare) else {
                continue;
            };
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    subscription.raw_message_delivery.span,
                    format!(
                        "`{}` has {count} attributes, SNS discards raw messages with more than {MOST}",
                        event.name
                    ),
                )
                .related(first_too_many.span, "one too many")
                .help("delete the line, since handlers read both forms; or send fewer fields as attributes"),
            );
        }
    }
}
