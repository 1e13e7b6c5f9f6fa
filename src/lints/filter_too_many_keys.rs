//! # filter-too-many-keys
//!
//! A filter has more than five keys, the one for the events' names among them.
//!
//! **Why it matters.** SNS refuses the policy, in the middle of a deployment. A filter on the body has two keys at the top,
//! `eventType` and `data`; whether the fields in `data` count is another question (`filter-unconfirmed`).
//!
//! **Example.** topogen adds `eventType`, the sixth:
//!
//! ```toml
//! [events.OrderCreated]
//! attributes = ["a", "b", "c", "d", "e"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { a = ["1"], b = ["1"], c = ["1"], d = ["1"], e = ["1"] }
//! ```
//!
//! **Instead.** Leave out what another key implies, or let the handler decide the rest.
//!
//! ```toml
//! [events.OrderCreated]
//! attributes = ["a", "b", "c", "d"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { a = ["1"], b = ["1"], c = ["1"], d = ["1"] }
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::filter::limits::MAX_KEYS;

pub(super) const CODE: Code = Code {
    id: "TG411",
    name: "filter-too-many-keys",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (subscription, policy) in super::filter_policies(context.topology) {
        let name = &subscription.name;
        let span = subscription.filter_span();
        let top = policy.top_level_keys();
        if top > MAX_KEYS {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    span,
                    format!("the filter of `{name}` has {top} keys with `eventType`, SNS takes {MAX_KEYS}"),
                )
                .help(format!("delete {}; AWS would answer `Filter policy can not have more than 5 keys`", top - MAX_KEYS)),
            );
        }
    }
}
