//! The order service: `POST /orders` in, `OrderCreated` out. It knows no consumer.
//!
//! - [`validate`] reads the request and names every field at fault; [`form`] is the reader beneath it;
//! - [`order`] is the order and its three shapes: item, event, state;
//! - [`service`] stores, publishes and tells how it went;
//! - [`http`] is the API around it.

pub mod form;
pub mod http;
pub mod order;
pub mod service;
pub mod validate;
