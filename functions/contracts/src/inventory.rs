//! What the inventory service says.

use serde::{Deserialize, Serialize};
use topogen_kit::Fact;

use crate::{CustomerEmail, TestControls};

/// The goods of an order are set aside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryReserved {
    /// The order's id.
    pub order_id: String,
    /// Where the customer is written to.
    pub customer_email: CustomerEmail,
    /// What was set aside.
    pub items: Vec<StockLine>,
    /// Present only where test controls are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_controls: Option<TestControls>,
}

/// The goods of an order are not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryFailed {
    /// The order's id.
    pub order_id: String,
    /// Where the customer is written to.
    pub customer_email: CustomerEmail,
    /// What should have been set aside.
    pub items: Vec<StockLine>,
    /// Why not, in words for the customer.
    pub reason: String,
    /// Present only where test controls are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_controls: Option<TestControls>,
}

/// So many of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLine {
    /// What.
    pub sku: String,
    /// How many.
    pub quantity: u32,
}

impl Fact for InventoryReserved {
    const TYPE: &'static str = "InventoryReserved";
}

impl Fact for InventoryFailed {
    const TYPE: &'static str = "InventoryFailed";
}
