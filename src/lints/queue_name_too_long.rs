//! # queue-name-too-long
//!
//! The name `{app}-{environment}-{subscription}` of a queue has more than 80 characters.
//!
//! **Why it matters.** SQS refuses it, in the middle of a deployment.
//!
//! **Instead.** Shorten one of the three names.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::Topology;

pub(super) const CODE: Code = Code {
    id: "TG402",
    name: "queue-name-too-long",
};

/// API_CreateQueue.
const MAX: usize = 80;

pub(super) fn check(topology: &Topology, diagnostics: &mut Diagnostics) {
    for subscription in topology.subscriptions.values() {
        let name = format!("{}-{}", topology.name(), subscription.name);
        if name.len() > MAX {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    subscription.span,
                    format!(
                        "the queue's name `{name}` has {} characters, SQS takes {MAX}",
                        name.len()
                    ),
                )
                .help("shorten the name of the app, of the environment or of the subscription"),
            );
        }
    }
}
