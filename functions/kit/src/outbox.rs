//! The outbox of a service: events that are written with the change that they tell of, and published from there.
//!
//! With `outbox = true` in the topology (`OUTBOX=true` here) an event is an item of the service's own table, written in one
//! transaction with the item that it tells of: neither is ever without the other. The table's stream brings it to the relay,
//! which publishes it at least once, marks it, and leaves it to the table's TTL.
//!
//! | attribute | holds |
//! | --- | --- |
//! | the partition key | `outbox#` and the event's id: what the relay's filter knows it by |
//! | the sort key, if there is one | `outbox` |
//! | `eventType` | the event's name |
//! | `event` | the whole envelope as JSON text, exactly as it is published |
//! | the TTL attribute, if there is one | when DynamoDB deletes it: thirty days after the event |
//! | `publishedAt` | when the relay has published it |
//!
//! [`once`](crate::once) does all of this where the environment asks for it: a handler is the same with and without.

use crate::config::Table;
use crate::once::Outcome;
use crate::{Failure, Item, Timestamp};

/// The partition key of every record of an outbox starts so.
pub const KEY_PREFIX: &str = "outbox#";
/// The sort key of every record of an outbox.
pub const SORT_KEY: &str = "outbox";
/// The attribute that holds the event's text.
pub const EVENT: &str = "event";
/// The attribute that the relay sets.
pub const PUBLISHED_AT: &str = "publishedAt";

/// Longer than the queue of failures keeps its messages: who reads of an event that was not published finds it.
const RETENTION_SECONDS: i64 = 30 * 86_400;

/// The partition key of an event's record.
pub fn key(event_id: &str) -> String {
    format!("{KEY_PREFIX}{event_id}")
}

/// The record of an event, for that table.
pub fn record(event: &Outcome, table: &Table) -> Item {
    let mut record = Item::new()
        .text(&table.key, key(event.event_id()))
        .text("eventType", event.event_type())
        .text(EVENT, event.text());
    if let Some(sort_key) = &table.sort_key {
        record = record.text(sort_key, SORT_KEY);
    }
    if let Some(ttl) = &table.ttl {
        // TTL counts in seconds: milliseconds would be millennia.
        let written = event.occurred_at().epoch_millis() / 1_000;
        record = record.number(ttl, written.saturating_add(RETENTION_SECONDS));
    }
    record
}

/// An event says that its item was stored, and the item is gone: whoever deleted it must delete the record too.
pub(crate) fn without_its_item(event_id: &str) -> Failure {
    Failure::malformed(format!(
        "the outbox has the event `{event_id}` already, and the item that it tells of is not there"
    ))
}

/// The outbox as its relay needs it.
pub trait Outbox {
    /// Notes that the event is published. One that is not there any more needs no note.
    fn mark_published(
        &self,
        event_id: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Failure>>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attribute, RawEnvelope};

    const EVENT_TEXT: &str = r#"{"eventId":"e-1","eventType":"Sold","eventVersion":"1.0","source":"s","occurredAt":"2026-01-01T00:00:00.999Z","correlationId":"c-1","data":{"total":0.30}}"#;

    #[test]
    fn a_record_is_what_the_relay_looks_for() {
        let event = Outcome::of(&RawEnvelope::parse(EVENT_TEXT).unwrap()).unwrap();
        let bare = Table::new("Sales", "saleId");
        let expected = Item::new()
            .text("saleId", "outbox#e-1")
            .text("eventType", "Sold")
            .text("event", EVENT_TEXT);
        assert_eq!(record(&event, &bare), expected);

        let full = Table {
            sort_key: Some("line".into()),
            ttl: Some("expiresAt".into()),
            ..bare
        };
        let record = record(&event, &full);
        assert_eq!(record.get_text("line"), Some("outbox"));
        // 2026-01-31T00:00:00Z
        let expires = Attribute::Number("1769817600".into());
        assert_eq!(record.get("expiresAt"), Some(&expires));
    }
}
