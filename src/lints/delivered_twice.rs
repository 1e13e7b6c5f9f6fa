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

/// Whether two filters surely let the same message pass: an alternative of one and an alternative of the other, of whose keys the same
/// value passes wherever both have one.
fn share(one: &Policy, other: &Policy) -> bool {
    let (Some(these), Some(those)) = (alternatives(one), alternatives(other)) else {
        return false;
    };
    these.len().saturating_mul(those.len()) <= MOST
        && these
            .iter()
            .any(|this| those.iter().any(|that| side_by_side(this, that)))
}

/// What has to hold at once.
type Alternative<'a> = BTreeMap<&'a str, &'a Test>;

/// The ways to pass a filter. None when they are many, or one of them asks for two things of the same key.
fn alternatives(policy: &Policy) -> Option<Vec<Alternative<'_>>> {
    if policy.clauses.len() > MOST {
        return None;
    }
    let mut all = vec![Alternative::new()];
    for clause in &policy.clauses {
        let further: Vec<Alternative<'_>> = match clause {
            Clause::Key(key, test) => vec![Alternative::from([(key.value.as_str(), test)])],
            Clause::Or(branches) if branches.value.len() > MOST => return None,
            Clause::Or(branches) => {
                let branches = branches.value.iter().map(alternatives);
                branches.collect::<Option<Vec<_>>>()?.concat()
            }
        };
        if all.len().saturating_mul(further.len()) > MOST {
            return None;
        }
        let pairs = all
            .iter()
            .flat_map(|one| further.iter().map(move |other| (one, other)));
        all = pairs
            .map(|(one, other)| {
                let both: Alternative<'_> =
                    one.iter().chain(other).map(|(k, t)| (*k, *t)).collect();
                (both.len() == one.len() + other.len()).then_some(both)
            })
            .collect::<Option<_>>()?;
    }
    Some(all)
}

fn side_by_side(these: &Alternative<'_>, those: &Alternative<'_>) -> bool {
    let mut common = these
        .iter()
        .filter_map(|(key, this)| Some((*this, *those.get(key)?)))
        .peekable();
    common.peek().is_some() && common.all(|(this, that)| pass_together(this, that))
}

fn pass_together(this: &Test, that: &Test) -> bool {
    match (this, that) {
        (Test::Any(these), Test::Any(those)) => {
            let shares = |this: &Condition| {
                let mut those = those.iter();
                those.any(|that| overlap::share(this, &that.value))
            };
            these.len().max(those.len()) <= MOST && these.iter().any(|this| shares(&this.value))
        }
        (Test::Nested(this), Test::Nested(that)) => share(this, that),
        (Test::Any(_), Test::Nested(_)) | (Test::Nested(_), Test::Any(_)) => false,
    }
}
