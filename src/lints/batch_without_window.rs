//! # batch-without-window
//!
//! A batch of more than ten messages without a batching window.
//!
//! **Why it matters.** Lambda refuses the mapping: "Maximum batch window in seconds must be greater than 0 if maximum
//! batch size is greater than 10".
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! batch_size = 100
//! ```
//!
//! **Instead.** Set `batching_window = "1s"`, or a batch size of 10 at most.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! batch_size = 100
//! batching_window = "1s"
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Fix, Severity};

pub(super) const CODE: Code = Code {
    id: "TG203",
    name: "batch-without-window",
    severity: Severity::Error,
};

/// Messages that one receive call may return.
const WITHOUT_WINDOW: u32 = 10;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for subscription in topology.subscriptions.values() {
        let size = &subscription.batch_size;
        // FIFO queues take no window at all, which has a lint of its own.
        if !subscription.fifo
            && size.value > WITHOUT_WINDOW
            && subscription.batching_window.value.0 == 0
        {
            let window = &subscription.batching_window;
            let fix = if window.span == subscription.span {
                Fix::add_after(size.span, "batching_window = \"1s\"")
            } else {
                Fix::replace(window.span, "\"1s\"")
            };
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    size.span,
                    format!(
                        "`{}` takes batches of {}, more than {WITHOUT_WINDOW} need a batching window",
                        subscription.name, size.value
                    ),
                )
                .help("add `batching_window = \"1s\"`")
                .fix(fix),
            );
        }
    }
}
