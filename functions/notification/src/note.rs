//! What the customer is told of each outcome.

use contracts::{
    Currency, CustomerEmail, InventoryFailed, InventoryReserved, Money, PaymentCompleted,
    PaymentFailed, TestControls,
};

/// A note to a customer.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) order_id: String,
    pub(crate) recipient: CustomerEmail,
    pub(crate) message: String,
    pub(crate) controls: TestControls,
}

pub(crate) fn paid(data: PaymentCompleted) -> Note {
    let (order, sum) = (&data.order_id, sum(data.amount, &data.currency));
    Note {
        message: format!("Your payment of {sum} for order {order} was received."),
        order_id: data.order_id.into(),
        recipient: data.customer_email,
        controls: data.test_controls.unwrap_or_default(),
    }
}

pub(crate) fn not_paid(data: PaymentFailed) -> Note {
    let (order, sum, reason) = (
        &data.order_id,
        sum(data.amount, &data.currency),
        data.reason,
    );
    Note {
        message: format!("Your payment of {sum} for order {order} failed: {reason}."),
        order_id: data.order_id.into(),
        recipient: data.customer_email,
        controls: data.test_controls.unwrap_or_default(),
    }
}

pub(crate) fn reserved(data: InventoryReserved) -> Note {
    let order = &data.order_id;
    Note {
        message: format!("All items of order {order} are reserved for you."),
        order_id: data.order_id.into(),
        recipient: data.customer_email,
        controls: data.test_controls.unwrap_or_default(),
    }
}

pub(crate) fn not_reserved(data: InventoryFailed) -> Note {
    let (order, reason) = (&data.order_id, data.reason);
    Note {
        message: format!("Order {order} cannot be filled: {reason}."),
        order_id: data.order_id.into(),
        recipient: data.customer_email,
        controls: data.test_controls.unwrap_or_default(),
    }
}

/// An amount as people write it: `900.00 USD`, `1200 JPY`.
fn sum(amount: Money, currency: &Currency) -> String {
    let digits = currency.minor_digits().unwrap_or(0);
    format!("{} {currency}", amount.with_decimals(digits))
}
