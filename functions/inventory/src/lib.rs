//! The inventory service: `OrderCreated` in, `InventoryReserved` or `InventoryFailed` out.
//!
//! The shelf is simulated: stock is there unless a test control empties it. An empty shelf is an outcome like any
//! other; only what may go better next time is a failure.

use contracts::{
    InventoryFailed, InventoryOutcome, InventoryReserved, OrderCreated, OrderLine, StockLine,
    TestControls,
};
use topogen_kit::config::Service;
use topogen_kit::once::{Outcome, store_then_publish};
use topogen_kit::{
    Attribute, Clock, Envelope, Fact, Failure, Handled, Item, Publisher, RawEnvelope, Store,
    Timestamp,
};

/// Fields of `data` that the logs show.
pub const LOG_FIELDS: &[&str] = &["orderId"];

/// Events that it publishes.
pub const PUBLISHES: &[&str] = &[InventoryReserved::TYPE, InventoryFailed::TYPE];

/// The inventory service and what it reaches.
#[derive(Debug)]
pub struct InventoryService<S, P, C> {
    /// The reservations.
    pub store: S,
    /// The topics.
    pub publisher: P,
    /// The time.
    pub clock: C,
    /// Who this is.
    pub service: Service,
}

impl<S: Store, P: Publisher, C: Clock> InventoryService<S, P, C> {
    /// Reserves the stock of an order, once.
    ///
    /// # Errors
    /// When the event is no `OrderCreated`, a port fails, or a test control asks for it.
    pub async fn handle(&self, event: RawEnvelope) -> Result<Handled, Failure> {
        let order = event.typed::<OrderCreated>()?;
        let given = order.data.test_controls.as_ref();
        let controls = TestControls::honoured(given, self.service.test_controls);
        if controls.fails(&self.service.name) {
            return Err(Failure::simulated(&self.service.name));
        }
        let (item, outcome) = reserve(&order, controls, &self.service, self.clock.now())?;
        let publishes = &self.service.publishes;
        store_then_publish(&self.store, &self.publisher, publishes, item, outcome).await
    }
}

/// The reservation rule: what is stored and what is said of one order. Asks nobody.
fn reserve(
    order: &Envelope<OrderCreated>,
    controls: TestControls,
    service: &Service,
    now: Timestamp,
) -> Result<(Item, Outcome), Failure> {
    let result = controls.inventory_outcome.unwrap_or_default();
    let lines = order.data.items.map(stock_line);
    let item = Item::new()
        .text("orderId", &order.data.order_id)
        .text("eventId", &order.event_id)
        .text("status", status(result))
        .with(
            "items",
            Attribute::List(lines.iter().map(stored_line).collect()),
        )
        .text("occurredAt", now.to_string())
        .text("correlationId", &order.correlation_id);

    const SUFFIX: &str = "inventory-outcome";
    let data = order.data.clone();
    let outcome = match result {
        InventoryOutcome::Reserved => {
            let data = InventoryReserved {
                order_id: data.order_id,
                customer_email: data.customer_email,
                items: lines,
                test_controls: controls.if_any(),
            };
            Outcome::of(&Envelope::following(order, SUFFIX, service, now, data)?)?
        }
        InventoryOutcome::OutOfStock => {
            let data = InventoryFailed {
                order_id: data.order_id,
                customer_email: data.customer_email,
                items: lines,
                reason: "at least one item is out of stock".try_into()?,
                test_controls: controls.if_any(),
            };
            Outcome::of(&Envelope::following(order, SUFFIX, service, now, data)?)?
        }
    };
    Ok((item, outcome))
}

fn stock_line(line: &OrderLine) -> StockLine {
    StockLine {
        sku: line.sku.clone(),
        quantity: line.quantity,
    }
}

fn stored_line(line: &StockLine) -> Attribute {
    let item = Item::new()
        .text("sku", &line.sku)
        .number("quantity", line.quantity);
    Attribute::from(item)
}

fn status(result: InventoryOutcome) -> &'static str {
    match result {
        InventoryOutcome::Reserved => "RESERVED",
        InventoryOutcome::OutOfStock => "OUT_OF_STOCK",
    }
}
