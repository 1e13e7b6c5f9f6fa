//! A result is stored once and published at least once.
//!
//! The two steps cannot be one, so a function may die between them. The stored item therefore holds the outcome event
//! as it was first written; every later attempt finds it and publishes those same bytes, whatever the rule would say
//! today.

use serde::Serialize;

use crate::publishes::Publishes;
use crate::{Envelope, Failure, Handled, Item, Message, Publisher, Put, Store};

/// The attribute that holds the outcome event's text.
pub const OUTCOME: &str = "outcomeEvent";

/// An outcome event in its final words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    event_id: String,
    event_type: String,
    text: String,
}

impl Outcome {
    /// Writes the event down.
    ///
    /// # Errors
    /// When its payload has no JSON form.
    pub fn of<T: Serialize>(event: &Envelope<T>) -> Result<Self, Failure> {
        Ok(Self {
            event_id: event.event_id.clone(),
            event_type: event.event_type.clone(),
            text: event.to_json()?,
        })
    }
}

/// Stores `item` together with its outcome event, unless an earlier attempt did; then publishes what is stored.
///
/// The item gets the attributes `outcomeEventId`, `outcomeEventType` and [`OUTCOME`].
///
/// # Errors
/// When the store or the topic fails: the queue will deliver the cause again, and this is safe to repeat.
pub async fn store_then_publish(
    store: &impl Store,
    publisher: &impl Publisher,
    publishes: &Publishes,
    item: Item,
    outcome: Outcome,
) -> Result<Handled, Failure> {
    let item = item
        .text("outcomeEventId", outcome.event_id)
        .text("outcomeEventType", outcome.event_type)
        .text(OUTCOME, &outcome.text);
    let (text, handled) = match store.put_if_absent(item).await? {
        Put::Stored => (outcome.text, Handled::Processed),
        Put::Duplicate(existing) => (stored_outcome(&existing)?, Handled::Duplicate),
    };
    let message = Message::from_wire(text, publishes)?;
    publisher.publish(&message).await?;
    tracing::debug!(outcomeEventId = message.event_id, "outcome published");
    Ok(handled)
}

fn stored_outcome(item: &Item) -> Result<String, Failure> {
    let text = item.get_text(OUTCOME).ok_or_else(|| {
        Failure::malformed(format!("the stored item has no text attribute `{OUTCOME}`"))
    })?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RawEnvelope;
    use crate::memory::{MemoryPublisher, MemoryStore};

    fn outcome(at: &str) -> Outcome {
        let text = format!(
            r#"{{"eventId":"e-1:reply","eventType":"Replied","eventVersion":"1.0","source":"s","occurredAt":"{at}","correlationId":"c-1","data":{{}}}}"#
        );
        Outcome::of(&RawEnvelope::parse(&text).unwrap()).unwrap()
    }

    fn item() -> Item {
        Item::new().text("id", "1")
    }

    async fn attempt(
        store: &MemoryStore,
        publisher: &MemoryPublisher,
        at: &str,
    ) -> Result<Handled, Failure> {
        let publishes = r#"{"Replied":{"topicArn":"arn","version":"1.0"}}"#.parse().unwrap();
        store_then_publish(store, publisher, &publishes, item(), outcome(at)).await
    }

    const EARLY: &str = "2026-01-01T00:00:00.000Z";
    const LATE: &str = "2026-01-01T00:02:00.000Z";

    #[tokio::test]
    async fn a_crash_between_write_and_publish_is_healed_by_the_next_attempt() {
        let (store, publisher) = (MemoryStore::new("id"), MemoryPublisher::new());
        publisher.fail_next(1);
        let first = attempt(&store, &publisher, EARLY).await;
        assert_eq!(first.unwrap_err().kind(), crate::failure::Kind::Unavailable);
        assert_eq!(publisher.bodies(), Vec::<String>::new());

        let second = attempt(&store, &publisher, LATE).await;
        assert_eq!(second, Ok(Handled::Duplicate));
        assert_eq!(
            publisher.bodies(),
            [outcome(EARLY).text],
            "the stored event, not a new one"
        );
        assert_eq!(store.writes(), 1);
    }

    #[tokio::test]
    async fn nothing_is_published_that_is_not_stored() {
        let (store, publisher) = (MemoryStore::new("id"), MemoryPublisher::new());
        store.fail_next(1);
        let result = attempt(&store, &publisher, EARLY).await;
        assert!(result.is_err());
        assert!(publisher.bodies().is_empty());
    }

    #[tokio::test]
    async fn an_item_that_someone_else_wrote_is_named() {
        let (store, publisher) = (MemoryStore::new("id"), MemoryPublisher::new());
        store.put_if_absent(item()).await.unwrap();
        let result = attempt(&store, &publisher, EARLY).await;
        assert_eq!(
            result.unwrap_err().to_string(),
            "the stored item has no text attribute `outcomeEvent`"
        );
    }
}
