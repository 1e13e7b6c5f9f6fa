//! # filter-never-matches
//!
//! A filter that asks for what the contract rules out.
//!
//! **Why it matters.** A value with a slip in it, or a bound beyond the contract's, lets nothing pass: everything deploys,
//! nothing fails, and what was meant never arrives.
//!
//! What is looked at: a value that must be matched exactly, with `numeric = ["=", …]` among them, is held against all that the
//! contract says of the field: values that it lists, constants, bounds, lengths, patterns, divisors, and formats, which count as
//! rules here as they do for a contract's examples. A range of numbers is held against listed values and bounds, the
//! beginning, the end or the form of a text against listed values and the greatest length. Where a field may be of several
//! types or follow one of several rules, none of them must allow it. Nothing is said of a field whose schema leaves it open, or is
//! written with `not`, `if` or `oneOf` in a way that cannot be told as plain rules.
//!
//! **Example.** By its contract `currency` is `EUR` or `USD`:
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { currency = ["EUR", "UDS"] }
//! ```
//!
//! **Instead.** Write what the contract allows, or allow it there first.
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { currency = ["USD"] }
//! ```

use super::Context;
use super::filter_contract::{self, Key, Sight};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::filter::field::{Field, FieldType};
use crate::filter::policy::{Condition, Scalar};
use crate::model::filter::VERSION;
use crate::source::{Span, Spanned};
use crate::syntax::suggest;

pub(super) const CODE: Code = Code {
    id: "TG126",
    name: "filter-never-matches",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for key in filter_contract::keys(context) {
        let (Some((sight, field)), idle) = (key.field(), key.idle()) else {
            continue;
        };
        match idle.as_slice() {
            // Of several that are all out of place, the key says it.
            [_, _, ..] if idle.len() == key.leaf.conditions.len() => {
                let what = "none of these ever matches";
                let span = key.leaf.key.span;
                diagnostics.push(finding(&key, sight, field, span, what));
            }
            _ => {
                // Beside another condition it is written to be safe, and does no harm.
                let is_careful = |condition: &&Spanned<Condition>| {
                    condition.value == Condition::Exists(false) && key.leaf.conditions.len() > 1
                };
                for condition in idle.into_iter().filter(|one| !is_careful(one)) {
                    diagnostics.push(of_condition(&key, sight, field, condition));
                }
            }
        }
    }
    for subscription in context.topology.subscriptions.values() {
        let dropped = filter_contract::dropped(context, subscription);
        if let [_, _, ..] = dropped.as_slice()
            && dropped.len() == subscription.events.len()
        {
            let message = format!("no event passes the filter of `{}`", subscription.name);
            let mut finding = Diagnostic::error(CODE, subscription.filter_span(), message)
                .help("all keys must hold: divide the events among several subscriptions");
            for dropped in dropped {
                let text = format!("`{}` does not pass here", dropped.sight.event.name);
                finding = finding.related(dropped.key.span, text);
            }
            diagnostics.push(finding);
        }
    }
}

fn of_condition(
    key: &Key<'_>,
    sight: &Sight<'_>,
    field: &Field,
    condition: &Spanned<Condition>,
) -> Diagnostic {
    let what = format!("`{}` never matches", condition.value);
    let found = finding(key, sight, field, condition.span, &what);
    let (FieldType::Listed(values), Condition::Exactly(Scalar::String(text))) =
        (&field.kind, &condition.value)
    else {
        return found;
    };
    // An old version is no slip of the hand.
    if key.leaf.path == VERSION {
        return found;
    }
    let known = || values.iter().filter_map(Scalar::as_text);
    match suggest::nearest(text, known()) {
        Some(word) => found
            .help(format!("did you mean `{word}`?"))
            .fix(suggest::mend_text(condition.span, text, known())),
        None => found,
    }
}

fn finding(key: &Key<'_>, sight: &Sight<'_>, field: &Field, span: Span, what: &str) -> Diagnostic {
    let path = &key.leaf.path;
    let absence = key.leaf.conditions.iter();
    let absence = absence
        .filter(|condition| condition.span == span)
        .any(|condition| condition.value == Condition::Exists(false));
    let kind = if absence {
        "always there".to_owned()
    } else {
        field.kind.to_string()
    };
    let event = &sight.event.name;
    let message = format!("`{path}` of `{event}` is {kind}: {what}");
    let help = if *path == VERSION {
        format!("write the version of `[events.{event}]`")
    } else {
        "write what the contract allows, or allow it there first".to_owned()
    };
    sight.explain(Diagnostic::error(CODE, span, message).help(help), path)
}
