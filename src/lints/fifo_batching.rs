//! # fifo-batching
//!
//! A subscription to a FIFO topic asks for large batches, or for a batching window.
//!
//! **Why it matters.** Lambda refuses both: FIFO queues give ten messages at most ("Batching window is not supported for
//! FIFO queues").
//!
//! **Example.**
//!
//! ```toml
//! [topics.event]
//! fifo = true
//!
//! [events.OrderCreated]
//! message_group = "orderId"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! batch_size = 100
//! batching_window = "5s"
//! ```
//!
//! **Instead.** Leave the window out, and take batches of ten at most.
//!
//! ```toml
//! [topics.event]
//! fifo = true
//!
//! [events.OrderCreated]
//! message_group = "orderId"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! batch_size = 10
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG207",
    name: "fifo-batching",
    severity: Severity::Error,
};

/// Messages of a FIFO queue in one batch (API_CreateEventSourceMapping).
const MAX_BATCH: u32 = 10;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for subscription in context.topology.subscriptions.values().filter(|s| s.fifo) {
        let (name, size) = (&subscription.name, &subscription.batch_size);
        if size.value > MAX_BATCH {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    size.span,
                    format!(
                        "`{name}` takes batches of {}, a FIFO queue gives {MAX_BATCH}",
                        size.value
                    ),
                )
                .help(format!("write `batch_size = {MAX_BATCH}`")),
            );
        }
        let window = &subscription.batching_window;
        if window.value.0 > 0 {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    window.span,
                    format!(
                        "`{name}` waits {} for a batch, which FIFO queues cannot",
                        window.value
                    ),
                )
                .help("write `batching_window = \"0s\"`"),
            );
        }
    }
}
