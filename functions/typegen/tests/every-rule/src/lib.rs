//! Contracts with every rule that types are made of.

#[allow(
    clippy::all,
    clippy::unwrap_used,
    missing_docs,
    reason = "made from the schemas, which say what they mean"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
}

pub use generated::*;
