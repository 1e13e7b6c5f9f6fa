//! # receive-count-too-low
//!
//! A message goes to the dead-letter queue after one or two receives.
//!
//! **Why it matters.** Receives are also spent when Lambda is throttled, when a poller dies or when a function is being
//! deployed: healthy messages end among the dead ones. AWS advises five or more.
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! max_receive_count = 1
//! ```
//!
//! **Instead.** Leave it out, or allow at least three receives.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! max_receive_count = 5
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG205",
    name: "receive-count-too-low",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for subscription in context.topology.subscriptions.values() {
        let count = &subscription.max_receive_count;
        let failed = match count.value {
            1 => "one failed receive takes",
            2 => "two failed receives take",
            _ => continue,
        };
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                count.span,
                format!(
                    "{failed} a message of `{}` to its dead-letter queue",
                    subscription.name
                ),
            )
            .help("write `max_receive_count = 5`: a throttled or interrupted run spends a receive too"),
        );
    }
}
