//! What the payment service says.

use serde::{Deserialize, Serialize};
use topogen_kit::Fact;

use crate::{Currency, CustomerEmail, Money, TestControls};

/// An order is paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentCompleted {
    /// The order's id.
    pub order_id: String,
    /// Where the customer is written to.
    pub customer_email: CustomerEmail,
    /// What was paid.
    pub amount: Money,
    /// What it was paid in.
    pub currency: Currency,
    /// Present only where test controls are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_controls: Option<TestControls>,
}

/// An order could not be paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentFailed {
    /// The order's id.
    pub order_id: String,
    /// Where the customer is written to.
    pub customer_email: CustomerEmail,
    /// What should have been paid.
    pub amount: Money,
    /// What it should have been paid in.
    pub currency: Currency,
    /// Why not, in words for the customer.
    pub reason: String,
    /// Present only where test controls are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_controls: Option<TestControls>,
}

impl Fact for PaymentCompleted {
    const TYPE: &'static str = "PaymentCompleted";
}

impl Fact for PaymentFailed {
    const TYPE: &'static str = "PaymentFailed";
}
