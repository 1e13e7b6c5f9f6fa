//! The order workflow under every fault that its budget allows, exhaustively.
//!
//! The handlers are the real ones, on the kit's ports in memory; the world around them (topic, queues, dead-letter queues,
//! the outbox's stream, clients, an operator) is a value that can be copied and compared. From each world every possible step
//! is taken, in any order and with any fault, until there is no new world.
//!
//! - [`explorer`] walks the worlds, breadth first: a broken law is told with the shortest way that leads to it;
//! - [`line`](mod@line) is what lies between a handler and its ports, and breaks at the call that it is told;
//! - [`world`] is the state, and what SNS and SQS do with it;
//! - `exploration` says which [`step`]s are possible in a world, and where they lead;
//! - [`workflow`] wires the handlers to their ports, and runs one to its end or to its crash;
//! - [`laws`] says what must hold;
//! - [`mistakes`] are handlers done wrong, which must be caught.
//!
//! Why the explorer is our own, what is modelled and what is not: `docs/decisions/015-faults-are-explored.md`.
#![expect(
    clippy::expect_used,
    reason = "a model that cannot be built is a test that fails"
)]

mod exploration;
pub mod explorer;
pub mod laws;
pub mod line;
pub mod mistakes;
pub mod step;
pub mod workflow;
pub mod world;
