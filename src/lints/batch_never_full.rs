//! # batch-never-full
//!
//! A batch of the largest messages holds more than Lambda's 6 MB.
//!
//! **Why it matters.** Nothing fails: Lambda closes the batch early. But time-out and concurrency planned for full batches
//! are then wrong.
//!
//! **Example.**
//!
//! ```toml
//! [topics.documents]
//! max_message_size = "1MiB"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! batch_size = 10
//! ```
//!
//! **Instead.** Take smaller batches.
//!
//! ```toml
//! [topics.documents]
//! max_message_size = "1MiB"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! batch_size = 5
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG208",
    name: "batch-never-full",
    severity: Severity::Warning,
};

/// Bytes of one invocation (services-sqs-configure.html).
const PAYLOAD: u32 = 6 * 1_048_576;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for subscription in topology.subscriptions.values() {
        // A size that the file does not name says nothing of how large messages are.
        let largest = subscription
            .topics
            .iter()
            .filter_map(|name| topology.topics.get(name)?.max_message_size.as_ref())
            .max_by_key(|size| size.value);
        let Some(largest) = largest else { continue };
        let size = &subscription.batch_size;
        let fits = PAYLOAD / largest.value.0;
        if size.value > fits {
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    size.span,
                    format!(
                        "`{}` takes batches of {}, of its largest messages {fits} fit into one invocation",
                        subscription.name, size.value
                    ),
                )
                .related(largest.span, "the largest message")
                .help(format!("write `batch_size = {fits}`, or allow smaller messages alone")),
            );
        }
    }
}
