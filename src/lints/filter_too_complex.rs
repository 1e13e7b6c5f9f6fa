//! # filter-too-complex
//!
//! A filter has more than 150 combinations of values, or more than 256 KB.
//!
//! **Why it matters.** SNS refuses the policy, in the middle of a deployment. Combinations are the product of the lengths of
//! all lists, that of `events` among them; in the body each list counts once more for each level that it stands below the
//! top, and the alternatives of a `$or` are added.
//!
//! **Example.** 6 × 6 × 5 = 180:
//!
//! ```toml
//! [events.OrderCreated]
//! attributes = ["country", "currency", "channel"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//!
//! [subscriptions.payment.filter]
//! country = ["AT", "BE", "DE", "FR", "IT", "NL"]
//! currency = ["EUR", "USD", "GBP", "CHF", "DKK", "SEK"]
//! channel = ["web", "app", "phone", "shop", "fax"]
//! ```
//!
//! **Instead.** Say less with fewer values: `anything-but`, `prefix` and `numeric` count as one.
//!
//! ```toml
//! [events.OrderCreated]
//! attributes = ["country", "currency", "channel"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//!
//! [subscriptions.payment.filter]
//! country = ["AT", "BE", "DE", "FR", "IT", "NL"]
//! currency = ["EUR", "USD", "GBP", "CHF", "DKK", "SEK"]
//! channel = [{ anything-but = ["partner"] }]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::filter::limits::{MAX_BYTES, MAX_COMBINATIONS};

pub(super) const CODE: Code = Code {
    id: "TG412",
    name: "filter-too-complex",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (subscription, policy) in super::filter_policies(context.topology) {
        let (name, scope) = (&subscription.name, subscription.filter.scope);
        let span = subscription.filter_span();
        let combinations = policy.combinations(scope);
        if combinations > MAX_COMBINATIONS {
            let formula = policy.combination_formula(scope);
            let formula = match formula.contains(' ') {
                true => format!("{formula} = {combinations}"),
                false => formula,
            };
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    span,
                    format!("the filter of `{name}` has {formula} combinations, SNS takes {MAX_COMBINATIONS}"),
                )
                .help("write fewer values: `anything-but`, `prefix` and `numeric` count as one; AWS would answer `Filter policy is too complex`"),
            );
        }
        let bytes = policy.bytes();
        if bytes > MAX_BYTES {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    span,
                    format!("the filter of `{name}` has {bytes} bytes, SNS takes {MAX_BYTES}"),
                )
                .help("write fewer or shorter values"),
            );
        }
    }
}
