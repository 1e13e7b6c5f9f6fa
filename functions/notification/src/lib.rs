//! The notification service: one note to the customer for each outcome event. It publishes nothing.
//!
//! Sending is simulated: the note that is stored is the note that was sent.

mod note;

use topogen_kit::config::Service;
use topogen_kit::routes::Routes;
use topogen_kit::{Clock, Envelope, Failure, Handled, Item, Put, RawEnvelope, Store};

use note::Note;

/// Fields of `data` that the logs show.
pub const LOG_FIELDS: &[&str] = &["orderId"];

/// The notification service and what it reaches.
#[derive(Debug)]
pub struct NotificationService<S, C> {
    /// The notes.
    pub store: S,
    /// The time.
    pub clock: C,
    /// Who this is.
    pub service: Service,
}

impl<S: Store, C: Clock> NotificationService<S, C> {
    /// Writes the note for an outcome, once: the event's id is the key, so a second delivery finds it taken.
    ///
    /// # Errors
    /// When no note is known for the event, the table fails, or a test control asks for it.
    pub async fn handle(&self, event: RawEnvelope) -> Result<Handled, Failure> {
        Routes::new()
            .on(async |event| self.send(event, note::paid).await)
            .on(async |event| self.send(event, note::not_paid).await)
            .on(async |event| self.send(event, note::reserved).await)
            .on(async |event| self.send(event, note::not_reserved).await)
            .handle(event)
            .await
    }

    async fn send<T>(&self, event: Envelope<T>, about: fn(T) -> Note) -> Result<Handled, Failure> {
        let item = Item::new()
            .text("eventId", event.event_id)
            .text("type", event.event_type)
            .text("correlationId", event.correlation_id)
            .text("createdAt", self.clock.now().to_string());
        let note = about(event.data);
        if self.service.test_controls && note.controls.fails(&self.service.name) {
            return Err(Failure::simulated(&self.service.name));
        }
        let item = item
            .text("orderId", note.order_id)
            .text("recipient", note.recipient.as_str())
            .text("message", note.message);
        Ok(match self.store.put_if_absent(item).await? {
            Put::Stored => Handled::Processed,
            Put::Duplicate(_) => Handled::Duplicate,
        })
    }
}
