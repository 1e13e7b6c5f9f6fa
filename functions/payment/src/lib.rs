//! The payment service: `OrderCreated` in, `PaymentCompleted` or `PaymentFailed` out.
//!
//! A declined payment is an outcome like any other: it is stored, published and done. Only what may go better next time
//! is a failure.

use contracts::{OrderCreated, PaymentCompleted, PaymentFailed, PaymentOutcome, TestControls};
use topogen_kit::config::Service;
use topogen_kit::once::{Outcome, store_then_publish};
use topogen_kit::{
    Clock, Envelope, Fact, Failure, Handled, Item, Publisher, RawEnvelope, Store, Timestamp,
};

/// Fields of `data` that the logs show.
pub const LOG_FIELDS: &[&str] = &["orderId"];

/// Events that it publishes.
pub const PUBLISHES: &[&str] = &[PaymentCompleted::TYPE, PaymentFailed::TYPE];

/// The payment service and what it reaches.
#[derive(Debug)]
pub struct PaymentService<S, P, C> {
    /// The payments.
    pub store: S,
    /// The topics.
    pub publisher: P,
    /// The time.
    pub clock: C,
    /// Who this is.
    pub service: Service,
}

impl<S: Store, P: Publisher, C: Clock> PaymentService<S, P, C> {
    /// Takes the payment for an order, once.
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
        let (item, outcome) = pay(&order, controls, &self.service, self.clock.now())?;
        let publishes = &self.service.publishes;
        store_then_publish(&self.store, &self.publisher, publishes, item, outcome).await
    }
}

/// The payment rule: what is stored and what is said of one order. Asks nobody.
fn pay(
    order: &Envelope<OrderCreated>,
    controls: TestControls,
    service: &Service,
    now: Timestamp,
) -> Result<(Item, Outcome), Failure> {
    let result = controls.payment_outcome.unwrap_or_default();
    let item = Item::new()
        .text("orderId", &order.data.order_id)
        .text("eventId", &order.event_id)
        .text("status", status(result))
        .number("amount", order.data.total_amount)
        .text("currency", order.data.currency.to_string())
        .text("occurredAt", now.to_string())
        .text("correlationId", &order.correlation_id);

    const SUFFIX: &str = "payment-outcome";
    let data = order.data.clone();
    let outcome = match result {
        PaymentOutcome::Approved => {
            let data = PaymentCompleted {
                order_id: data.order_id,
                customer_email: data.customer_email,
                amount: data.total_amount,
                currency: data.currency,
                test_controls: controls.if_any(),
            };
            Outcome::of(&Envelope::following(order, SUFFIX, service, now, data)?)?
        }
        PaymentOutcome::Declined => {
            let data = PaymentFailed {
                order_id: data.order_id,
                customer_email: data.customer_email,
                amount: data.total_amount,
                currency: data.currency,
                reason: "the payment was declined".try_into()?,
                test_controls: controls.if_any(),
            };
            Outcome::of(&Envelope::following(order, SUFFIX, service, now, data)?)?
        }
    };
    Ok((item, outcome))
}

fn status(result: PaymentOutcome) -> &'static str {
    match result {
        PaymentOutcome::Approved => "APPROVED",
        PaymentOutcome::Declined => "DECLINED",
    }
}
