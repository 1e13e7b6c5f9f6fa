//! The order service: `POST /orders` in, `OrderCreated` out. It knows no consumer.
//!
//! - [`validate`] reads the request and names every field at fault; [`form`] is the reader beneath it;
//! - [`order`] is the order and its three shapes: item, event, state;
//! - [`service`] stores, publishes and tells how it went;
//! - [`http`] is the API around it;
//! - [`republish`] is for operators: it publishes what could not be published before;
//! - [`invocation`] tells the two apart.

pub mod form;
pub mod http;
pub mod invocation;
pub mod order;
pub mod republish;
pub mod service;
pub mod validate;
