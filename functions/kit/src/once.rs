//! A result is stored once and published at least once.
//!
//! The two steps cannot be one, so a function may die between them. The stored item therefore holds the outcome event
//! as it was first written; every later attempt finds it and publishes those same bytes, whatever the rule would say
//! today.
//!
//! With an [`outbox`](crate::outbox) they are one: the event is stored with the item, and the relay publishes it. A handler calls the
//! same functions with and without.

use serde::Serialize;

use crate::publishes::Publishes;
use crate::{
    Envelope, Failure, Handled, Item, Message, Publisher, Put, RawEnvelope, Store, Timestamp,
};

/// The attribute that holds the outcome event's text.
pub const OUTCOME: &str = "outcomeEvent";

/// An outcome event in its final words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    event_id: String,
    event_type: String,
    occurred_at: Timestamp,
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
            occurred_at: event.occurred_at,
            text: event.to_json()?,
        })
    }

    /// The event that a stored item tells of.
    ///
    /// # Errors
    /// When the item holds none.
    pub fn stored(item: &Item) -> Result<Self, Failure> {
        let text = item.get_text(OUTCOME).ok_or_else(|| {
            Failure::malformed(format!("the stored item has no text attribute `{OUTCOME}`"))
        })?;
        let event = RawEnvelope::parse(text)?;
        Ok(Self {
            event_id: event.event_id,
            event_type: event.event_type,
            occurred_at: event.occurred_at,
            text: text.to_owned(),
        })
    }

    /// The event's id.
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// The event's type.
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// When it happened.
    pub fn occurred_at(&self) -> Timestamp {
        self.occurred_at
    }

    /// The envelope as JSON, as it is published.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A result that is in the table.
#[must_use = "its event is not published yet"]
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    put: Put,
    /// What is still to be published; with an outbox, nothing.
    message: Option<Message>,
}

impl Stored {
    /// Whether this attempt stored it.
    pub fn handled(&self) -> Handled {
        match self.put {
            Put::Stored => Handled::Processed,
            Put::Duplicate(_) => Handled::Duplicate,
        }
    }

    /// The item as an earlier attempt stored it, if one did.
    pub fn earlier(&self) -> Option<&Item> {
        match &self.put {
            Put::Stored => None,
            Put::Duplicate(item) => Some(item),
        }
    }

    /// Publishes the event, unless the outbox does.
    ///
    /// # Errors
    /// When the topic fails.
    pub async fn publish(self, publisher: &impl Publisher) -> Result<(), Failure> {
        match self.message {
            Some(message) => publisher.publish(&message).await,
            None => Ok(()),
        }
    }
}

/// Stores `item` together with its outcome event, unless an earlier attempt did; then that one's event is the one to publish.
///
/// The item gets the attributes `outcomeEventId`, `outcomeEventType` and [`OUTCOME`].
///
/// # Errors
/// When the store fails, or the event is not one that can be published: then nothing is stored.
pub async fn store(
    store: &impl Store,
    publishes: &Publishes,
    item: Item,
    outcome: Outcome,
) -> Result<Stored, Failure> {
    // Before anything is stored: what could not be published must not get into the outbox.
    let message = Message::from_wire(outcome.text.clone(), publishes)?;
    let item = item
        .text("outcomeEventId", outcome.event_id.clone())
        .text("outcomeEventType", outcome.event_type.clone())
        .text(OUTCOME, &outcome.text);
    if publishes.has_outbox() {
        let put = store.put_with_event(item, &outcome).await?;
        let message = None;
        return Ok(Stored { put, message });
    }
    let put = store.put_if_absent(item).await?;
    let message = match &put {
        Put::Stored => message,
        Put::Duplicate(item) => Message::from_wire(Outcome::stored(item)?.text, publishes)?,
    };
    let message = Some(message);
    Ok(Stored { put, message })
}

/// Stores `item` together with its outcome event, unless an earlier attempt did; then publishes what is stored. See [`store`].
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
    let stored = self::store(store, publishes, item, outcome).await?;
    let handled = stored.handled();
    stored.publish(publisher).await?;
    Ok(handled)
}

/// Publishes what is stored under these keys once more, as far as `is_due` says so of the item: for what was stored by
/// someone who will not come again, such as a caller over HTTP.
///
/// Returns for each key whether its event was published now (`Processed`) or was not due (`Duplicate`).
pub async fn republish(
    store: &impl Store,
    publisher: &impl Publisher,
    publishes: &Publishes,
    keys: &[String],
    is_due: impl Fn(&Item) -> bool,
) -> Vec<Result<Handled, Failure>> {
    let mut results = Vec::new();
    let mut messages = Vec::new();
    for key in keys {
        let message = match store.get(key).await {
            Ok(Some(item)) if !is_due(&item) => Ok(None),
            Ok(Some(item)) => Outcome::stored(&item)
                .and_then(|event| Message::from_wire(event.text, publishes))
                .map(Some),
            Ok(None) => Err(Failure::unavailable(format!("there is no item `{key}`"))),
            Err(failure) => Err(failure),
        };
        results.push(message.map(|message| match message {
            Some(message) => {
                messages.push(message);
                Handled::Processed
            }
            None => Handled::Duplicate,
        }));
    }
    let mut published = publisher.publish_all(&messages).await.into_iter();
    for result in &mut results {
        if *result == Ok(Handled::Processed)
            && let Some(Err(failure)) = published.next()
        {
            *result = Err(failure);
        }
    }
    results
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

    fn publishes() -> Publishes {
        let json = r#"{"Replied":{"topicArn":"arn","version":"1.0"}}"#;
        json.parse().unwrap()
    }

    fn item() -> Item {
        Item::new().text("id", "1")
    }

    async fn attempt(
        store: &MemoryStore,
        publisher: &MemoryPublisher,
        at: &str,
    ) -> Result<Handled, Failure> {
        store_then_publish(store, publisher, &publishes(), item(), outcome(at)).await
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

    async fn attempt_with_outbox(store: &MemoryStore, at: &str) -> Result<Handled, Failure> {
        let (publisher, publishes) = (MemoryPublisher::new(), publishes().through_outbox());
        let handled = store_then_publish(store, &publisher, &publishes, item(), outcome(at)).await;
        assert!(publisher.bodies().is_empty(), "the relay alone publishes");
        handled
    }

    fn in_outbox(store: &MemoryStore) -> Vec<String> {
        let items = store.items().into_iter();
        let events =
            items.filter_map(|item| item.get_text(crate::outbox::EVENT).map(str::to_owned));
        events.collect()
    }

    #[tokio::test]
    async fn with_an_outbox_the_item_and_its_event_are_stored_once_and_together() {
        let store = MemoryStore::new("id");
        store.fail_next(1);
        assert!(attempt_with_outbox(&store, EARLY).await.is_err());
        assert!(store.items().is_empty(), "neither without the other");

        assert_eq!(
            attempt_with_outbox(&store, EARLY).await,
            Ok(Handled::Processed)
        );
        assert_eq!(
            attempt_with_outbox(&store, LATE).await,
            Ok(Handled::Duplicate)
        );
        assert_eq!(in_outbox(&store), [outcome(EARLY).text]);
        assert_eq!(store.items().len(), 2);
    }

    #[tokio::test]
    async fn what_was_stored_before_there_was_an_outbox_gets_into_it() {
        let (store, publisher) = (MemoryStore::new("id"), MemoryPublisher::new());
        publisher.fail_next(1);
        assert!(attempt(&store, &publisher, EARLY).await.is_err());
        assert_eq!(
            attempt_with_outbox(&store, LATE).await,
            Ok(Handled::Duplicate)
        );
        assert_eq!(in_outbox(&store), [outcome(EARLY).text]);
    }

    #[tokio::test]
    async fn an_event_that_cannot_be_published_is_not_stored() {
        let store = MemoryStore::new("id");
        let publishes = Publishes::default().through_outbox();
        let stored = super::store(&store, &publishes, item(), outcome(EARLY)).await;
        assert_eq!(
            stored.unwrap_err().to_string(),
            "the topology does not let this service publish `Replied`"
        );
        assert!(store.items().is_empty());
    }

    #[tokio::test]
    async fn an_event_without_its_item_is_not_passed_over() {
        let store = MemoryStore::new("id");
        let record = crate::outbox::record(&outcome(EARLY), &crate::config::Table::new("T", "id"));
        store.put_if_absent(record).await.unwrap();
        assert_eq!(
            attempt_with_outbox(&store, EARLY)
                .await
                .unwrap_err()
                .to_string(),
            "the outbox has the event `e-1:reply` already, and the item that it tells of is not there"
        );
    }
}
