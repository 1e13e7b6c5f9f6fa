//! # filter-unconfirmed
//!
//! A filter relies on something that AWS does not promise.
//!
//! **Why it matters.** The deployment may fail, or a number may not be compared as it is written. This is about
//!
//! - `anything-but` with `suffix` or `wildcard`, which are recent and may be missing in a Region;
//! - a bare number on a message attribute;
//! - numbers beyond 1000000000, or with more than five digits after the point;
//! - more than five fields in all: AWS's pages disagree whether nested ones count;
//! - wildcards with several `*` that come to more than 100 points if each `*` costs three, which AWS leaves open.
//!
//! **Example.**
//!
//! ```toml
//! [events.OrderCreated]
//! attributes = ["total"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { total = [100] }
//! ```
//!
//! **Instead.** Write what is documented. If it works for you, silence the warning in `[lints]` and say where that was seen.
//!
//! ```toml
//! [events.OrderCreated]
//! attributes = ["total"]
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { total = [{ numeric = ["=", 100] }] }
//! ```

use super::Context;
use super::filter_contract::{self, Key};
use crate::diag::{Code, Diagnostic, Diagnostics, Fix, Severity};
use crate::filter::limits::{MAX_KEYS, MAX_WILDCARD_POINTS};
use crate::filter::policy::{Condition, Exception, Scalar};
use crate::filter::{Number, Policy, Scope};
use crate::model::Topology;
use crate::model::filter::MOST_TOPICS;
use crate::model::subscription::Subscription;
use crate::source::Spanned;

pub(super) const CODE: Code = Code {
    id: "TG123",
    name: "filter-unconfirmed",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for subscription in context.topology.subscriptions.values() {
        let Some(written) = &subscription.filter.written else {
            continue;
        };
        many_fields(context.topology, subscription, diagnostics);
        dear_wildcards(written, diagnostics);
        let keys = filter_contract::keys_of(context, subscription);
        let mistyped: Vec<&Spanned<Condition>> = keys.iter().flat_map(Key::mistyped).collect();
        for condition in written
            .value
            .leaves()
            .iter()
            .flat_map(|leaf| leaf.conditions)
        {
            recent(condition, diagnostics);
            // A number where the contract has text is no matter of how it is written.
            if !mistyped.contains(&condition) {
                bare_number(condition, subscription.filter.scope, diagnostics);
            }
            imprecise(condition, diagnostics);
        }
    }
}

fn many_fields(topology: &Topology, subscription: &Subscription, diagnostics: &mut Diagnostics) {
    for (_, policy) in topology.filter_policies(subscription).take(MOST_TOPICS) {
        let fields = policy.leaf_keys();
        // More keys at the top are refused for certain, and said by `filter-too-many-keys`.
        if fields > MAX_KEYS && policy.top_level_keys() <= MAX_KEYS {
            let name = &subscription.name;
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    subscription.filter_span(),
                    format!("the filter of `{name}` has {fields} fields with `eventType`, SNS may take {MAX_KEYS}"),
                )
                .help("AWS's pages disagree whether nested fields count: keep to five, or try it in a test account first"),
            );
        }
    }
}

fn dear_wildcards(written: &Spanned<Policy>, diagnostics: &mut Diagnostics) {
    let (least, most) = written.value.wildcard_points();
    if least <= MAX_WILDCARD_POINTS && most > MAX_WILDCARD_POINTS {
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                written.span,
                format!("the wildcards have {least} to {most} points, SNS takes {MAX_WILDCARD_POINTS}"),
            )
            .help("AWS does not say whether several `*` cost three points or three each: write fewer, or `prefix` and `suffix`"),
        );
    }
}

/// The page of string operators shows them, the list of operators does not (string-value-matching.html).
fn recent(condition: &Spanned<Condition>, diagnostics: &mut Diagnostics) {
    let Condition::AnythingBut(exception) = &condition.value else {
        return;
    };
    let operator = match exception {
        Exception::Suffix(_) => "suffix",
        Exception::Wildcard(_) => "wildcard",
        Exception::Values(_) | Exception::Prefix(_) => return,
    };
    diagnostics.push(
        Diagnostic::warning(
            CODE,
            condition.span,
            format!("`anything-but` with `{operator}` is recent: not every Region may have it"),
        )
        .help("where it is missing AWS answers `Unsupported anything-but pattern`; `prefix`, or a list of values, works everywhere"),
    );
}

fn bare_number(condition: &Spanned<Condition>, scope: Scope, diagnostics: &mut Diagnostics) {
    if let (Condition::Exactly(Scalar::Number(number)), Scope::MessageAttributes) =
        (&condition.value, scope)
    {
        let documented = format!("{{ numeric = [\"=\", {number}] }}");
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                condition.span,
                format!("AWS does not say whether a bare `{number}` matches an attribute of the type Number"),
            )
            .help(format!("write `{documented}`"))
            .fix(Fix::replace(condition.span, documented)),
        );
    }
}

fn imprecise(condition: &Spanned<Condition>, diagnostics: &mut Diagnostics) {
    for number in numbers(&condition.value) {
        if !number.is_documented() {
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    condition.span,
                    format!("`{number}` is beyond what SNS promises to compare"),
                )
                .help("it takes numbers from -1000000000 to 1000000000, with five digits after the point"),
            );
        }
    }
}

fn number(scalar: &Scalar) -> Option<&Number> {
    match scalar {
        Scalar::Number(number) => Some(number),
        Scalar::Null | Scalar::Boolean(_) | Scalar::String(_) => None,
    }
}

fn numbers(condition: &Condition) -> Vec<&Number> {
    match condition {
        Condition::Exactly(value) => number(value).into_iter().collect(),
        Condition::AnythingBut(Exception::Values(values)) => {
            values.iter().filter_map(number).collect()
        }
        Condition::Numeric(range) => range.terms().into_iter().map(|(_, n)| n).collect(),
        Condition::AnythingBut(
            Exception::Prefix(_) | Exception::Suffix(_) | Exception::Wildcard(_),
        )
        | Condition::Prefix(_)
        | Condition::Suffix(_)
        | Condition::EqualsIgnoreCase(_)
        | Condition::Wildcard(_)
        | Condition::Exists(_)
        | Condition::Cidr(_) => Vec::new(),
    }
}
