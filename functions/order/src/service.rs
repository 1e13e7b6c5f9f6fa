//! Stores the order, publishes it, and tells how it went.
//!
//! Invariant: nothing is published that is not stored. A stored order whose event could not be published says so in
//! its state.

use contracts::OrderCreated;
use serde_json::Value;
use topogen_kit::config::Service;
use topogen_kit::{Clock, Fact, Failure, Ids, Message, Publisher, Store, logs, metrics};

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
    /// Stored and published.
    Published(Identity),
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

        // The key is new, so an item that is already there is our own: the SDK repeated a write whose answer was lost.
        if let Err(failure) = self.store.put_if_absent(order.item(&identity)).await {
            tracing::error!(failure = failure.kind().as_str(), error = %failure, "order not stored");
            return Placed::NotStored;
        }
        match self.publish(order, &identity).await {
            Ok(()) => {
                self.settle(&identity, State::EventPublished).await;
                tracing::info!("order published");
                metrics::count("OrdersPlaced", 1);
                Placed::Published(identity)
            }
            Err(failure) => {
                tracing::error!(failure = failure.kind().as_str(), error = %failure, "order not published");
                self.settle(&identity, State::EventPublishFailed).await;
                Placed::NotPublished(identity)
            }
        }
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

    async fn publish(&self, order: NewOrder, identity: &Identity) -> Result<(), Failure> {
        let fails = order
            .test_controls
            .as_ref()
            .is_some_and(|controls| controls.fails(&self.service.name));
        if fails {
            return Err(Failure::simulated(&self.service.name));
        }
        let event = order.event(identity, &self.service)?.to_json()?;
        let message = Message::from_wire(event, &self.service.publishes)?;
        self.publisher.publish(&message).await
    }

    /// Records the state. When that fails the answer stands all the same: it tells what happened to the event, and that
    /// is what the customer acts on.
    async fn settle(&self, identity: &Identity, state: State) {
        if let Err(failure) = self
            .store
            .set_status(&identity.order_id, state.as_str())
            .await
        {
            tracing::warn!(status = state.as_str(), error = %failure, "order state not recorded");
        }
    }
}
