//! Stores the order, publishes it, and tells how it went.
//!
//! Invariant: nothing is published that is not stored. A stored order holds its event: one that could not be published says
//! so in its state, and [`republish`](crate::republish) sends it later. With an outbox the event is stored with the order and the
//! relay publishes it; the order stays `ORDER_RECEIVED`.

use contracts::OrderCreated;
use serde_json::Value;
use topogen_kit::config::Service;
use topogen_kit::idempotency::{Idempotency, LIFETIME};
use topogen_kit::once::{self, Outcome, Stored};
use topogen_kit::{Clock, Fact, Failure, Ids, Publisher, Store, logs, metrics};

use crate::order::{Identity, NewOrder, State};

/// The attribute that tells a repeated request from another one.
const FINGERPRINT: &str = "requestFingerprint";

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
    /// Not stored: the key of this request stands for another.
    KeyTaken,
}

impl<S: Store, P: Publisher, C: Clock, I: Ids> OrderService<S, P, C, I> {
    /// Places an order. A request without a correlation id starts a conversation of its own; one that is repeated continues
    /// the first, wherever that ended, and is answered alike.
    pub async fn place(
        &self,
        order: NewOrder,
        correlation_id: Option<&str>,
        idempotency: Option<&Idempotency>,
    ) -> Placed {
        let identity = match idempotency {
            Some(key) => self.identify_by(key, correlation_id).await,
            None => Ok(self.identify(self.ids.next(), self.ids.next(), correlation_id)),
        };
        let simulated = self.simulated_failure(&order);
        let outbox = self.service.publishes.has_outbox();
        let stored = match (identity, &simulated) {
            (Err(failure), _) => Err(failure),
            // There is no later step to fail in.
            (Ok(_), Some(failure)) if outbox => Err(failure.clone()),
            (Ok(identity), _) => self.store(order, identity, idempotency).await,
        };
        let (identity, stored) = match stored {
            Ok(stored) => stored,
            Err(failure) => {
                tracing::error!(failure = failure.kind().as_str(), error = %failure, "order not stored");
                return Placed::NotStored;
            }
        };
        if let Some(earlier) = stored.earlier() {
            let fingerprint = idempotency.map(Idempotency::fingerprint);
            if earlier.get_text(FINGERPRINT) != fingerprint {
                tracing::info!("idempotency key taken");
                return Placed::KeyTaken;
            }
            if earlier.get_text("status") == Some(State::EventPublished.as_str()) {
                tracing::info!("order placed before");
                return Placed::Accepted(identity, State::EventPublished);
            }
        }
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

    fn identify(
        &self,
        event_id: String,
        order_id: String,
        correlation_id: Option<&str>,
    ) -> Identity {
        let identity = Identity {
            order_id,
            correlation_id: correlation_id.unwrap_or(&event_id).to_owned(),
            event_id,
            created_at: self.clock.now(),
        };
        self.annotate(&identity);
        identity
    }

    /// The first ids of that key whose order is not out of date.
    async fn identify_by(
        &self,
        key: &Idempotency,
        correlation_id: Option<&str>,
    ) -> Result<Identity, Failure> {
        let mut round = 0;
        loop {
            let order_id = key.id("order", round);
            let earlier = self.store.get(&order_id).await?;
            let identity = self.identify(key.id("event", round), order_id, correlation_id);
            // Times are of one width: as texts they compare as they do as times.
            let oldest = identity.created_at.before(LIFETIME).to_string();
            let created_at = earlier
                .as_ref()
                .and_then(|order| order.get_text("createdAt"));
            if created_at.is_none_or(|created_at| created_at > oldest.as_str()) {
                return Ok(identity);
            }
            round += 1;
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

    /// Stores the order and its event. Without a key of the caller the ids are new, so an order that is already there is our
    /// own: the SDK repeated a write whose answer was lost.
    async fn store(
        &self,
        order: NewOrder,
        identity: Identity,
        idempotency: Option<&Idempotency>,
    ) -> Result<(Identity, Stored), Failure> {
        let mut item = order.item(&identity);
        if let Some(key) = idempotency {
            item = item.text(FINGERPRINT, key.fingerprint());
        }
        let event = Outcome::of(&order.event(&identity, &self.service)?)?;
        let stored = once::store(&self.store, &self.service.publishes, item, event).await?;
        Ok((identity, stored))
    }

    /// Records the state. When that fails the answer stands all the same: it tells what happened to the event, and that
    /// is what the customer acts on.
    pub(crate) async fn settle(&self, order_id: &str, state: State) {
        if let Err(failure) = self.store.set_status(order_id, state.as_str()).await {
            tracing::warn!(status = state.as_str(), error = %failure, "order state not recorded");
        }
    }
}
