//! # missing-alarm
//!
//! A queue of failed messages that nobody watches.
//!
//! **Why it matters.** Messages that failed wait there until they are thrown away. Without an alarm the first to notice is
//! a customer.
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! alarm = { dead_letters = false }
//! ```
//!
//! **Instead.** Leave the alarm on, or say in `[lints]` why nobody needs to know.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! alarm = { backlog_age = "30m" }
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::Spanned;

pub(super) const CODE: Code = Code {
    id: "TG214",
    name: "missing-alarm",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let mut off = |switch: &Spanned<bool>, whose: String| {
        if !switch.value {
            diagnostics.push(
                Diagnostic::warning(CODE, switch.span, format!("nobody watches {whose}"))
                    .help("delete `dead_letters = false`"),
            );
        }
    };
    for subscription in topology.subscriptions.values() {
        let whose = format!("the dead-letter queue of `{}`", subscription.name);
        off(&subscription.alarm.dead_letters, whose);
    }
    for service in topology.services.values() {
        let name = &service.name;
        if service.schedule.is_some() {
            off(
                &service.alarm.dead_letters,
                format!("the failed starts of `{name}`"),
            );
        }
        if service.outbox.is_some() {
            off(
                &service.alarm.dead_letters,
                format!("the unpublished events of `{name}`"),
            );
        }
    }
}
