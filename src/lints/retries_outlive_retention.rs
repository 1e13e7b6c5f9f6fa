//! # retries-outlive-retention
//!
//! A queue forgets a message before its last retry.
//!
//! **Why it matters.** A message that is deleted for its age never reaches the dead-letter queue: it is lost without a
//! trace and without an alarm.
//!
//! **Example.** Ten tries of six minutes are an hour, and the queue keeps messages for half of that:
//!
//! ```toml
//! [services.payment]
//! function = { timeout = "1m" }
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! visibility_timeout = "6m"
//! max_receive_count = 10
//! retention = "30m"
//! ```
//!
//! **Instead.** Keep messages for longer than all tries take; four days are the default.
//!
//! ```toml
//! [services.payment]
//! function = { timeout = "1m" }
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! visibility_timeout = "6m"
//! max_receive_count = 10
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::units::Seconds;

const DAY: u32 = 86_400;

pub(super) const CODE: Code = Code {
    id: "TG206",
    name: "retries-outlive-retention",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for subscription in context.topology.subscriptions.values() {
        let (visible, count) = (
            &subscription.visibility_timeout,
            &subscription.max_receive_count,
        );
        let tries = subscription.tries(visible.value);
        let retention = &subscription.retention;
        if tries >= retention.value {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    retention.span,
                    format!(
                        "the queue of `{}` keeps a message for {}, {} {}",
                        subscription.name,
                        retention.value,
                        match count.value {
                            1 => "one try takes".to_owned(),
                            count => format!("{count} tries take"),
                        },
                        tries
                    ),
                )
                .related(visible.span, "between two tries")
                .help(match tries {
                    tries if tries < Seconds(4 * DAY) => {
                        "write `retention = \"4d\"`, or fewer and quicker tries"
                    }
                    tries if tries < Seconds(14 * DAY) => {
                        "write `retention = \"14d\"`, or fewer and quicker tries"
                    }
                    _ => "no queue keeps a message for longer than 14d: write fewer and quicker tries",
                }),
            );
        }
    }
}
