//! The order workflow's event contracts, as Rust types.
//!
//! `schemas/` is the contract; the types are how handlers in Rust speak it. The tests hold the two together: what a
//! type writes fits its schema, and every example of a schema is read by its type. Readers ignore fields they do not
//! know, so a producer may add one without asking.

mod controls;
mod currency;
mod email;
mod inventory;
mod money;
mod order;
mod payment;

pub use controls::{InventoryOutcome, PaymentOutcome, TestControls};
pub use currency::Currency;
pub use email::CustomerEmail;
pub use inventory::{InventoryFailed, InventoryReserved, StockLine};
pub use money::{Money, MoneyError};
pub use order::{OrderCreated, OrderLine};
pub use payment::{PaymentCompleted, PaymentFailed};
