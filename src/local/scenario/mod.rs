//! Scenarios: a request to the running app, and what must hold at the end.
//!
//! A scenario is a file of `tests/scenarios/`, in the same TOML and with the same findings as the topology. It names
//! services and subscriptions; nothing here knows what they do.

mod evidence;
mod file;
mod run;

pub use file::{Scenario, read};
pub use run::{Check, Report, run};
