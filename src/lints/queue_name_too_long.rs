//! # queue-name-too-long
//!
//! The name `{app}-{environment}-{subscription}` of a queue has more than 80 characters.
//!
//! **Why it matters.** SQS refuses it, in the middle of a deployment.
//!
//! **Example.** In `production-europe-west` the queue's name has 81 characters:
//!
//! ```toml
//! [app]
//! name = "commerce-platform-checkout"
//!
//! [subscriptions.payment-of-orders-with-vouchers]
//! service = "payment"
//! events = ["OrderCreated"]
//!
//! [environments.production-europe-west]
//! ```
//!
//! **Instead.** Shorten one of the three names.
//!
//! ```toml
//! [app]
//! name = "checkout"
//!
//! [subscriptions.payment-of-orders-with-vouchers]
//! service = "payment"
//! events = ["OrderCreated"]
//!
//! [environments.production-europe-west]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG402",
    name: "queue-name-too-long",
    severity: Severity::Error,
};

/// API_CreateQueue.
const MAX: usize = 80;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
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
