//! What the order service says.

use serde::{Deserialize, Serialize};
use topogen_kit::Fact;

use crate::{Currency, CustomerEmail, Money, TestControls};

/// A customer placed an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCreated {
    /// The order's id.
    pub order_id: String,
    /// Where the customer is written to.
    pub customer_email: CustomerEmail,
    /// What was ordered.
    pub items: Vec<OrderLine>,
    /// What it costs altogether.
    pub total_amount: Money,
    /// What all amounts are in.
    pub currency: Currency,
    /// Present only where test controls are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_controls: Option<TestControls>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderLine {
    /// What.
    pub sku: String,
    /// How many.
    pub quantity: u32,
    /// What one of them costs.
    pub price: Money,
}

impl Fact for OrderCreated {
    const TYPE: &'static str = "OrderCreated";
}
