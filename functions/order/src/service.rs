//! Stores the order, publishes it, and tells how it went.
//!
//! Invariant: nothing is published that is not stored. A stored order holds its event: one that could not be published says
//! so in its state, and [`republish`](crate::republish) sends it later. With an outbox the event is stored with the order and the
//! relay publishes it; the order stays `ORDER_RECEIVED`.

use contracts::OrderCreated;
use serde_json::Value;
use topogen_kit::config::Service;
use topogen_kit::once::{self, Outcome, Stored};
use topogen_kit::{Clock, Fact, Failure, Ids, Publisher, Store, logs, metrics};

use crate::order::{Identity, NewOrder, State};

/// Events that it publishes.
pub const PUBLISHES: &[&str] = &[OrderCreated::TYPE];

/// The order service and what it reaches.
#[derive(Debug)]
pub struct OrderService<S, P, C, I> {
    /// The orders.
    pub store: S,
    /// The topics.
    pub publisher: P,
    /// The time.
    pub clock: C,
    /// New ids.
    pub ids: I,
    /// Who this is.
    pub service: Service,
}

/// How an order ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// Stored, and everyone will know: it is published, or in the outbox.
    Accepted(Identity, State),
    /// Stored, and marked as not published.
    NotPublished(Identity),
    /// Not stored.
    NotStored,
}

impl<S: Store, P: Publisher, C: Clock, I: Ids> OrderService<S, P, C, I> {
    /// Places an order. A request without a correlation id starts a conversation of its own.
    pub async fn place(&self, order: NewOrder, correlation_id: Option<&str>) -> Placed {
        let identity = self.identify(correlation_id);
        self.annotate(&identity);
        let outbox = self.service.publishes.has_outbox();
        let simulated = self.simulated_failure(&order);

        let stored = match &simulated {
            // There is no later step to fail in.
            Some(failure) if outbox => Err(failure.clone()),
            _ => self.store(order, &identity).await,
        };
        let stored = match stored {
            Ok(stored) => stored,
            Err(failure) => {
                tracing::error!(failure = failure.kind().as_str(), error = %failure, "order not stored");
                return Placed::NotStored;
            }
        };
        let published = match simulated {
            Some(failure) => Err(failure),
            None => stored.publish(&self.publisher).await,
        };
        if let Err(failure) = published {
            tracing::error!(failure = failure.kind().as_str(), error = %failure, "order not published");
            self.settle(&identity.order_id, State::EventPublishFailed)
                .await;
            return Placed::NotPublished(identity);
        }
        metrics::count("OrdersPlaced", 1);
        if outbox {
            tracing::info!("order in the outbox");
            return Placed::Accepted(identity, State::OrderReceived);
        }
        self.settle(&identity.order_id, State::EventPublished).await;
        tracing::info!("order published");
        Placed::Accepted(identity, State::EventPublished)
    }

    fn identify(&self, correlation_id: Option<&str>) -> Identity {
        let event_id = self.ids.next();
        Identity {
            order_id: self.ids.next(),
            correlation_id: correlation_id.unwrap_or(&event_id).to_owned(),
            event_id,
            created_at: self.clock.now(),
        }
    }

    fn annotate(&self, identity: &Identity) {
        logs::annotate([
            ("eventId", Value::from(identity.event_id.as_str())),
            ("correlationId", identity.correlation_id.as_str().into()),
            ("orderId", identity.order_id.as_str().into()),
            ("source", self.service.source().into()),
            ("eventType", OrderCreated::TYPE.into()),
            ("occurredAt", identity.created_at.to_string().into()),
        ]);
    }

    fn simulated_failure(&self, order: &NewOrder) -> Option<Failure> {
        let controls = order.test_controls.as_ref()?;
        let name = &self.service.name;
        controls.fails(name).then(|| Failure::simulated(name))
    }

    async fn store(&self, order: NewOrder, identity: &Identity) -> Result<Stored, Failure> {
        let item = order.item(identity);
        let event = Outcome::of(&order.event(identity, &self.service)?)?;
        // The key is new, so an item that is already there is our own: the SDK repeated a write whose answer was lost.
        once::store(&self.store, &self.service.publishes, item, event).await
    }

    /// Records the state. When that fails the answer stands all the same: it tells what happened to the event, and that
    /// is what the customer acts on.
    pub(crate) async fn settle(&self, order_id: &str, state: State) {
        if let Err(failure) = self.store.set_status(order_id, state.as_str()).await {
            tracing::warn!(status = state.as_str(), error = %failure, "order state not recorded");
        }
    }
}
