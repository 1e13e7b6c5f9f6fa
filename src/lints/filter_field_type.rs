//! # filter-field-type
//!
//! A filter whose condition is for another type than the field has.
//!
//! **Why it matters.** SNS keeps JSON's types apart: the text `"100"` is not the number 100, and `"true"` is not `true`. The
//! condition never holds, and nobody is told.
//!
//! **Example.** `total` is a number:
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { total = ["100"] }
//! ```
//!
//! **Instead.** Write a value of the field's type.
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { total = [100] }
//! ```

use serde_json::from_str;

use super::Context;
use super::filter_contract::{self, Key, Sight};
use crate::diag::{Code, Diagnostic, Diagnostics, Fix, Severity};
use crate::filter::field::FieldType;
use crate::filter::policy::{Condition, Scalar};
use crate::filter::{Number, Scope};
use crate::source::Spanned;

pub(super) const CODE: Code = Code {
    id: "TG125",
    name: "filter-field-type",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for key in filter_contract::keys(context) {
        let Some((sight, field)) = key.field() else {
            continue;
        };
        for condition in key.mistyped() {
            diagnostics.push(finding(&key, sight, &field.kind, condition));
        }
    }
}

fn finding(
    key: &Key<'_>,
    sight: &Sight<'_>,
    kind: &FieldType,
    condition: &Spanned<Condition>,
) -> Diagnostic {
    let path = &key.leaf.path;
    let scope = key.subscription.filter.scope;
    let finding = Diagnostic::error(
        CODE,
        condition.span,
        format!(
            "`{path}` of `{}` is {}, the filter asks for {}",
            sight.event.name,
            kind.unbounded(),
            wanted(&condition.value)
        ),
    )
    .help(help(path, sight, kind, scope))
    .fix(mended(&condition.value, kind, scope).map(|text| Fix::replace(condition.span, text)));
    sight.explain(finding, path)
}

fn wanted(condition: &Condition) -> &'static str {
    match condition {
        Condition::Exactly(Scalar::Null) => "null",
        Condition::Exactly(Scalar::Boolean(_)) => "true or false",
        Condition::Exactly(Scalar::Number(_)) | Condition::Numeric(_) => "a number",
        Condition::Exactly(Scalar::String(_))
        | Condition::Prefix(_)
        | Condition::Suffix(_)
        | Condition::EqualsIgnoreCase(_)
        | Condition::Wildcard(_)
        | Condition::Cidr(_) => "text",
        Condition::AnythingBut(_) | Condition::Exists(_) => "a value",
    }
}

/// What a filter can ask for: no value is `null` in it.
fn askable(kind: &FieldType) -> FieldType {
    let kind = kind.unbounded();
    let FieldType::Either(types) = &kind else {
        return kind;
    };
    let some = types
        .iter()
        .filter(|of| !matches!(of, FieldType::Listed(_)));
    some.cloned().reduce(FieldType::or).unwrap_or(kind)
}

fn help(path: &str, sight: &Sight<'_>, kind: &FieldType, scope: Scope) -> String {
    match askable(kind) {
        FieldType::String => {
            "compare text: write a value in quotes, `prefix`, `suffix` or `wildcard`".to_owned()
        }
        FieldType::Number { .. } | FieldType::Integer { .. } => match scope {
            Scope::MessageAttributes => "compare numbers: write `{ numeric = [\">=\", 100] }`",
            Scope::MessageBody => "compare numbers: write `100` or `{ numeric = [\">=\", 100] }`",
        }
        .to_owned(),
        FieldType::Boolean => "write `true` or `false`, without quotes".to_owned(),
        FieldType::Array(items) => help(path, sight, &items, scope),
        FieldType::Object => {
            let below = format!("{path}.");
            let fields = sight.contract.map(|c| c.declared_beside(&below));
            let first = fields.and_then(|fields| fields.into_iter().next());
            match first {
                Some(field) => format!(
                    "SNS compares the fields of an object: name one, such as `{below}{field}`"
                ),
                None => "SNS compares the fields of an object: name one of them".to_owned(),
            }
        }
        FieldType::Listed(_) | FieldType::Ruled(..) | FieldType::Either(_) | FieldType::Unknown => {
            "write a value of the field's type".to_owned()
        }
    }
}

/// The value that is meant, when it is written in quotes and should not be.
fn mended(condition: &Condition, kind: &FieldType, scope: Scope) -> Option<String> {
    let Condition::Exactly(Scalar::String(text)) = condition else {
        return None;
    };
    match (askable(kind), scope) {
        (FieldType::Boolean, _) if ["true", "false"].contains(&text.as_str()) => Some(text.clone()),
        // `007` is a number to nobody who reads TOML or JSON.
        (FieldType::Number { .. }, _)
            if Number::parse(text).is_none() || from_str::<serde_json::Number>(text).is_err() =>
        {
            None
        }
        (FieldType::Number { .. }, Scope::MessageBody) => Some(text.clone()),
        (FieldType::Number { .. }, Scope::MessageAttributes) => {
            Some(format!("{{ numeric = [\"=\", {text}] }}"))
        }
        (
            FieldType::String
            | FieldType::Integer { .. }
            | FieldType::Boolean
            | FieldType::Array(_)
            | FieldType::Object
            | FieldType::Listed(_)
            | FieldType::Ruled(..)
            | FieldType::Either(_)
            | FieldType::Unknown,
            _,
        ) => None,
    }
}
