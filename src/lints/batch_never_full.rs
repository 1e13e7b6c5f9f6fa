//! # batch-never-full
//!
//! A batch of the largest messages holds more than Lambda's 6 MB.
//!
//! **Why it matters.** Nothing fails: Lambda closes the batch early. But time-out and concurrency planned for full batches
//! are then wrong. How large messages get is what the topic says, or the contract where it sets a lower bound.
//!
//! **Example.**
//!
//! ```toml
//! [topics.event]
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
//! [topics.event]
//! max_message_size = "1MiB"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! batch_size = 5
//! ```

use super::{Context, message_too_large};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::event::Event;
use crate::source::Spanned;

pub(super) const CODE: Code = Code {
    id: "TG208",
    name: "batch-never-full",
    severity: Severity::Warning,
};

/// Bytes of one invocation (services-sqs-configure.html).
const PAYLOAD: u64 = 6 * 1_048_576;
/// Bytes that each message has beside its body, which count too: its ids, its receipt handle, its times, its queue's ARN. About
/// that many.
const METADATA: u64 = 1_024;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for subscription in topology.subscriptions.values() {
        let events = subscription.events.iter();
        let events = events.filter_map(|event| topology.events.get(&event.value));
        let largest = events
            .filter_map(|event| largest(context, event))
            .max_by_key(|size| size.value);
        let Some(largest) = largest else { continue };
        let size = &subscription.batch_size;
        let fits = PAYLOAD / largest.value.saturating_add(METADATA);
        if u64::from(size.value) > fits {
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

/// Bytes of the largest message of an event, and where that is written. A size that nobody has written says nothing of how
/// large messages are.
fn largest(context: &Context<'_>, event: &Event) -> Option<Spanned<u64>> {
    let topic = context.topology.topics.get(&event.topic)?;
    let written = topic.max_message_size.as_ref();
    let written = written.map(|size| Spanned::new(u64::from(size.value.0), size.span));
    let bound = message_too_large::bound(context, event).filter(|size| !size.open);
    let (Some(bound), Some(schema)) = (bound, &event.schema) else {
        return written;
    };
    let takes = u64::from(topic.largest_message().0);
    match written {
        Some(written) if takes <= bound.bytes => Some(written),
        _ => Some(Spanned::new(bound.bytes.min(takes), schema.span)),
    }
}
