//! The order workflow's event contracts, as Rust types.
//!
//! `schemas/` is the contract, and the types are made from it by `build.rs`: what a type reads and writes keeps its schema.
//! Readers ignore fields they do not know, so a producer may add one without asking.

mod controls;
mod currency;
mod email;
mod money;

#[allow(
    clippy::all,
    missing_docs,
    reason = "made from the schemas, which say what they mean"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
}

pub use currency::Currency;
pub use email::CustomerEmail;
pub use generated::*;
pub use money::{Money, MoneyError};
