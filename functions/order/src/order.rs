//! An order, and the shapes it takes: the item that is stored and the event that is published.

use contracts::{Currency, CustomerEmail, Money, OrderCreated, OrderLine, TestControls};
use topogen_kit::config::Service;
use topogen_kit::{Attribute, Envelope, Fact, Failure, Item, Timestamp};

/// What a valid request asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOrder {
    /// Where the customer is written to.
    pub customer_email: CustomerEmail,
    /// What is ordered; at least one line.
    pub items: Vec<OrderLine>,
    /// What it costs altogether.
    pub total_amount: Money,
    /// What all amounts are in.
    pub currency: Currency,
    /// What a test asks for, if it asks for anything.
    pub test_controls: Option<TestControls>,
}

/// What an order is called, by whom it is heard of, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The order's own id.
    pub order_id: String,
    /// The id of its `OrderCreated`.
    pub event_id: String,
    /// The id of the conversation it starts or belongs to.
    pub correlation_id: String,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Stored; nobody knows yet. With an outbox this is where it stays: its event is stored with it, and the relay's part.
    OrderReceived,
    /// Everyone can know.
    EventPublished,
    /// Stored, but it could not be published.
    EventPublishFailed,
}

impl State {
    /// The state as it is stored and answered.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderReceived => "ORDER_RECEIVED",
            Self::EventPublished => "EVENT_PUBLISHED",
            Self::EventPublishFailed => "EVENT_PUBLISH_FAILED",
        }
    }
}

impl NewOrder {
    /// The item that is stored first of all.
    pub fn item(&self, identity: &Identity) -> Item {
        let line = |line: &OrderLine| {
            let item = Item::new()
                .text("sku", &line.sku)
                .number("quantity", line.quantity)
                .number("price", line.price);
            Attribute::from(item)
        };
        Item::new()
            .text("orderId", &identity.order_id)
            .text("customerEmail", self.customer_email.as_str())
            .with(
                "items",
                Attribute::List(self.items.iter().map(line).collect()),
            )
            .number("totalAmount", self.total_amount)
            .text("currency", self.currency.to_string())
            .text("status", State::OrderReceived.as_str())
            .text("createdAt", identity.created_at.to_string())
            .text("eventId", &identity.event_id)
            .text("correlationId", &identity.correlation_id)
    }

    /// The event that tells of it.
    ///
    /// # Errors
    /// When the topology does not let `service` publish it, or it would break its contract.
    pub fn event(
        self,
        identity: &Identity,
        service: &Service,
    ) -> Result<Envelope<OrderCreated>, Failure> {
        Ok(Envelope {
            event_id: identity.event_id.clone(),
            event_type: OrderCreated::TYPE.to_owned(),
            event_version: service.publishes.get(OrderCreated::TYPE)?.version.clone(),
            source: service.source(),
            occurred_at: identity.created_at,
            correlation_id: identity.correlation_id.clone(),
            data: OrderCreated {
                order_id: identity.order_id.as_str().try_into()?,
                customer_email: self.customer_email,
                items: self.items.try_into()?,
                total_amount: self.total_amount,
                currency: self.currency,
                test_controls: self.test_controls,
            },
        })
    }
}
