//! Checks of a complete topology: what AWS would refuse at deploy time, or what would fail in an incident.
//!
//! One lint, one file: its doc comment is its page, its `CODE` its identity, its `check` the whole of it.

mod batch_without_window;
mod dead_letter_retention;
mod event_without_publisher;
mod event_without_subscriber;
mod queue_name_too_long;
mod visibility_below_advice;
mod visibility_below_timeout;

use crate::diag::{Code, Diagnostics};
use crate::model::Topology;

/// A check and its identity.
pub struct Lint {
    /// Its code and name.
    pub code: Code,
    check: fn(&Topology, &mut Diagnostics),
}

macro_rules! lints {
    ($($name:ident),* $(,)?) => {
        /// Every lint, by code.
        pub const LINTS: &[Lint] = &[$(Lint { code: $name::CODE, check: $name::check }),*];
    };
}

lints![
    event_without_publisher,
    event_without_subscriber,
    visibility_below_timeout,
    visibility_below_advice,
    batch_without_window,
    dead_letter_retention,
    queue_name_too_long,
];

/// Runs every lint.
pub fn run(topology: &Topology) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    for lint in LINTS {
        (lint.check)(topology, &mut diagnostics);
    }
    diagnostics
}
