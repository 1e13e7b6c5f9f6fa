//! What every event-driven handler needs and no domain knows.
//!
//! A handler is a step from an event to a result. The kit puts the rest around it:
//!
//! - [`envelope`]: the wire form of an event, and its deterministic ids;
//! - [`contract`]: how its payload is read by the JSON Schema that it must keep, and [`bounded`]: values within bounds;
//! - [`routes`]: which step reads which event, by type and major version;
//! - [`batch`]: an SQS batch in, the list of failed records out; one bad record never takes another with it;
//! - [`once`]: a result is stored once and published at least once, whatever dies in between; [`outbox`]: the way of an
//!   event that is stored with it;
//! - [`store`] and [`publisher`]: the ports to the outside, with [`aws`] behind them in Lambda and
//!   [`memory`] behind them in tests; [`testing`]: what a consumer owes the contracts that it reads;
//! - [`http`]: a request of an HTTP API or a REST API, and the answer; [`cors`]: which web sites may read it;
//!   [`idempotency`]: a request that is repeated;
//! - [`clock`] and [`ids`]: time and chance as ports, so that decisions can be repeated;
//! - [`logs`]: one flat JSON object a line, which carries the event's [`identity`]; [`hygiene`]: and nothing personal;
//! - [`trace`]: the X-Ray trace of the current work, which what is published in it carries on;
//! - [`metrics`]: what each invocation did, as metrics of CloudWatch;
//! - [`config`]: the environment that the rendered template gives a function; of it, [`publishes`] says how each event
//!   is published.
//!
//! The SDK and Lambda's runtime are behind the default feature `aws`: a handler's library turns it off and is
//! tested in memory; only its binary turns it on.
//!
//! ```
//! use serde::Deserialize;
//! use topogen_kit::{Fact, Failure, Handled, RawEnvelope};
//!
//! #[derive(Deserialize)]
//! struct OrderCreated {}
//!
//! impl Fact for OrderCreated {
//!     const TYPE: &'static str = "OrderCreated";
//! }
//!
//! async fn step(event: RawEnvelope) -> Result<Handled, Failure> {
//!     let order = event.typed::<OrderCreated>()?;
//!     println!("{} belongs to {}", order.event_id, order.correlation_id);
//!     Ok(Handled::Processed)
//! }
//! # let _ = step;
//! ```

#[cfg(feature = "aws")]
pub mod aws;
pub mod batch;
pub mod bounded;
mod calls;
pub mod clock;
pub mod config;
pub mod contract;
pub mod cors;
pub mod deadline;
pub mod envelope;
pub mod failure;
mod hash;
pub mod http;
pub mod hygiene;
pub mod idempotency;
pub mod identity;
pub mod ids;
mod incoming;
#[cfg(feature = "judge")]
pub mod judge;
mod lanes;
pub mod logs;
pub mod memory;
pub mod metrics;
pub mod once;
pub mod outbox;
pub mod publisher;
pub mod publishes;
pub mod routes;
#[cfg(feature = "aws")]
pub mod runtime;
pub mod store;
pub mod testing;
pub mod trace;

pub use clock::{Clock, SystemClock, Timestamp};
pub use config::Config;
pub use contract::Contract;
pub use envelope::{Envelope, Fact, RawEnvelope};
pub use failure::{Failure, Handled};
pub use ids::{Ids, UniqueIds};
pub use publisher::{Message, Publisher};
pub use store::{Attribute, Item, Put, Store};
