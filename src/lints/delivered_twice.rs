//! # delivered-twice
//!
//! Two subscriptions of one service receive the same event, and no filter keeps them apart.
//!
//! **Why it matters.** The service handles every such event twice, from two queues and perhaps at the same time; a
//! customer is told twice, a counter counts double.
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//!
//! [subscriptions.payment-urgent]
//! service = "payment"
//! events = ["OrderCreated"]
//! ```
//!
//! **Instead.** Leave the event to one of the two, or give each a filter so that no message passes both.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { urgent = [false] }
//!
//! [subscriptions.payment-urgent]
//! service = "payment"
//! events = ["OrderCreated"]
//! filter = { urgent = [true] }
//! ```

use std::collections::BTreeMap;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::filter::overlap;
use crate::filter::policy::{Clause, Condition, Policy, Test};
use crate::model::names::EventName;
use crate::model::subscription::Subscription;
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG112",
    name: "delivered-twice",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for service in topology.services.keys() {
        let mut first_of: BTreeMap<&EventName, (&Subscription, Span)> = BTreeMap::new();
        let subscriptions = topology
            .flow
            .subscriptions(service)
            .iter()
            .filter_map(|name| topology.subscriptions.get(name));
        for subscription in subscriptions {
            for event in &subscription.events {
                let Some((first, span)) = first_of.get(&event.value) else {
                    first_of.insert(&event.value, (subscription, event.span));
                    continue;
                };
                // Whether two filters that differ let the same message pass is for their writer to know.
                if let (Some(one), Some(other)) =
                    (&first.filter.written, &subscription.filter.written)
                    && !share(&one.value, &other.value)
                {
                    continue;
                }
                diagnostics.push(
                    Diagnostic::warning(
                        CODE,
                        event.span,
                        format!(
                            "`{service}` receives `{}` twice: by `{}` and by `{}`",
                            event.value, first.name, subscription.name
                        ),
                    )
                    .related(*span, "the other one")
                    .help("delete it from one of the two, or give each a filter that the other excludes"),
                );
            }
        }
    }
}

/// Keys or values side by side that are held against each other. SNS refuses as many combinations, and another lint says so.
const MOST: usize = 150;

/// Whether two filters surely let the same message pass: of every key that both have, the same value passes both. Filters with
/// alternatives are not looked into.
fn share(one: &Policy, other: &Policy) -> bool {
    if one.clauses.len().max(other.clauses.len()) > MOST {
        return false;
    }
    let mut common = false;
    for clause in &one.clauses {
        let Clause::Key(key, test) = clause else {
            return false;
        };
        for clause in &other.clauses {
            let Clause::Key(name, also) = clause else {
                return false;
            };
            if name.value != key.value {
                continue;
            }
            common = true;
            let shared = match (test, also) {
                (Test::Any(these), Test::Any(those)) => {
                    let shares = |this: &Condition| {
                        those.iter().any(|that| overlap::share(this, &that.value))
                    };
                    these.len().max(those.len()) <= MOST
                        && these.iter().any(|this| shares(&this.value))
                }
                (Test::Nested(this), Test::Nested(that)) => share(this, that),
                (Test::Any(_), Test::Nested(_)) | (Test::Nested(_), Test::Any(_)) => false,
            };
            if !shared {
                return false;
            }
        }
    }
    common
}
