//! What a contract says of a field, and what conditions can make of it: whether they are for its type, ever match, or
//! always do.
//!
//! All answers are safe: where it is not certain, a condition is of the type, may match, and does not always.

use std::fmt;

use super::Scope;
use super::evaluate::holds;
use super::number::Number;
use super::policy::{Condition, Exception, Range, Scalar};
use crate::source::Spanned;

/// What a field may hold, as far as a contract says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// A string; one of a few when the contract lists them.
    String {
        /// All values that it may have.
        one_of: Option<Vec<String>>,
    },
    /// A number within these bounds, both included.
    Number {
        /// The least.
        min: Option<Number>,
        /// The greatest.
        max: Option<Number>,
    },
    /// As a number, without a fraction.
    Integer {
        /// The least.
        min: Option<Number>,
        /// The greatest.
        max: Option<Number>,
    },
    /// `true` or `false`.
    Boolean,
    /// Any number of these, none among them.
    Array(Box<FieldType>),
    /// Further fields; SNS compares those and not the object.
    Object,
    /// Anything, `null` among it.
    Unknown,
}

impl FieldType {
    /// The type alone, without the bounds that a contract sets.
    #[must_use]
    pub fn unbounded(&self) -> Self {
        match self {
            Self::String { .. } => Self::String { one_of: None },
            Self::Number { .. } | Self::Integer { .. } => Self::Number {
                min: None,
                max: None,
            },
            Self::Array(inner) => Self::Array(Box::new(inner.unbounded())),
            Self::Boolean => Self::Boolean,
            Self::Object => Self::Object,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// Values of a list that a message repeats.
const SHOWN: usize = 6;

impl fmt::Display for FieldType {
    /// What stands after "is": `text`, `a number from 0 to 100`, `"EUR" or "USD"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = |min: &Option<Number>, max: &Option<Number>| match (min, max) {
            (None, None) => String::new(),
            (Some(min), None) => format!(" of at least {min}"),
            (None, Some(max)) => format!(" of at most {max}"),
            (Some(min), Some(max)) => format!(" from {min} to {max}"),
        };
        match self {
            Self::String { one_of: None } => f.write_str("text"),
            Self::String {
                one_of: Some(values),
            } => {
                let shown: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
                match shown.as_slice() {
                    [first @ .., last] if !first.is_empty() && shown.len() <= SHOWN => {
                        write!(f, "{} or {last}", first.join(", "))
                    }
                    values if values.len() <= SHOWN => f.write_str(&values.join(", ")),
                    values => {
                        let (shown, more) = values.split_at(SHOWN);
                        write!(f, "{} or one of {} more", shown.join(", "), more.len())
                    }
                }
            }
            Self::Number { min, max } => write!(f, "a number{}", within(min, max)),
            Self::Integer { min, max } => write!(f, "a whole number{}", within(min, max)),
            Self::Boolean => f.write_str("true or false"),
            Self::Array(inner) => write!(f, "a list, each item {inner}"),
            Self::Object => f.write_str("an object"),
            Self::Unknown => f.write_str("anything"),
        }
    }
}

/// A field of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it may hold.
    pub kind: FieldType,
    /// Whether every message has it.
    pub required: bool,
}

/// Whether some message that keeps the contract matches `condition` in `scope`.
pub fn may_match(field: &Field, scope: Scope, condition: &Condition) -> bool {
    if *condition == Condition::Exists(false) {
        return may_be_absent(field, scope);
    }
    may_hold(&field.kind, numbers_are_text(scope), condition)
}

/// Whether no message that keeps the contract matches any of `conditions` in `scope`.
pub fn never_matches(field: &Field, scope: Scope, conditions: &[Spanned<Condition>]) -> bool {
    !conditions
        .iter()
        .any(|condition| may_match(field, scope, &condition.value))
}

/// Whether every message that keeps the contract matches one of `conditions` in `scope`: the key could be left out.
pub fn always_matches(field: &Field, scope: Scope, conditions: &[Spanned<Condition>]) -> bool {
    let has = |wanted: &Condition| conditions.iter().any(|c| c.value == *wanted);
    let absence = !may_be_absent(field, scope) || has(&Condition::Exists(false));
    absence
        && !may_be_unreadable(&field.kind, scope)
        && covers(&field.kind, numbers_are_text(scope), conditions)
}

/// Whether `condition` is one for values of this type, whatever bounds the contract sets to them.
pub fn is_of_type(kind: &FieldType, scope: Scope, condition: &Condition) -> bool {
    if *condition == Condition::Exists(false) {
        return true;
    }
    // Whatever it excludes, it asks for a value of any type.
    let any = matches!(condition, Condition::AnythingBut(_));
    let condition = if any {
        &Condition::Exists(true)
    } else {
        condition
    };
    may_hold(&kind.unbounded(), numbers_are_text(scope), condition)
}

/// An attribute's text is compared as a number, whatever its type.
fn numbers_are_text(scope: Scope) -> bool {
    scope == Scope::MessageAttributes
}

/// SNS sees no object, only the fields in it, and takes no attribute that is empty.
fn may_be_absent(field: &Field, scope: Scope) -> bool {
    match &field.kind {
        FieldType::Array(_) | FieldType::Object | FieldType::Unknown => true,
        FieldType::Number { .. } | FieldType::Integer { .. } | FieldType::Boolean => {
            !field.required
        }
        kind @ FieldType::String { .. } => {
            !field.required
                || (scope == Scope::MessageAttributes && may_be_text(kind, str::is_empty))
        }
    }
}

/// Whether it may be an attribute that no condition holds for: one with a bare `"` or `\`.
fn may_be_unreadable(kind: &FieldType, scope: Scope) -> bool {
    scope == Scope::MessageAttributes && may_be_text(kind, |text| text.contains(['"', '\\']))
}

/// Whether it may be a text of that form.
fn may_be_text(kind: &FieldType, form: impl Fn(&str) -> bool) -> bool {
    match kind {
        FieldType::String { one_of: None } => true,
        FieldType::String {
            one_of: Some(values),
        } => values.iter().any(|value| form(value)),
        FieldType::Number { .. }
        | FieldType::Integer { .. }
        | FieldType::Boolean
        | FieldType::Array(_)
        | FieldType::Object
        | FieldType::Unknown => false,
    }
}

fn may_hold(kind: &FieldType, texts: bool, condition: &Condition) -> bool {
    match kind {
        FieldType::Unknown => true,
        FieldType::Object => false,
        FieldType::Array(inner) => may_hold(inner, texts, condition),
        FieldType::Boolean => [true, false]
            .iter()
            .any(|value| holds(condition, &Scalar::Boolean(*value), texts)),
        FieldType::String {
            one_of: Some(values),
        } => values
            .iter()
            .any(|value| holds(condition, &Scalar::String(value.clone()), texts)),
        FieldType::String { one_of: None } => match condition {
            Condition::Exactly(value) => matches!(value, Scalar::String(_)),
            Condition::Numeric(_) => texts,
            Condition::Exists(wanted) => *wanted,
            Condition::AnythingBut(exception) => !excludes_all_strings(exception),
            Condition::Prefix(_)
            | Condition::Suffix(_)
            | Condition::EqualsIgnoreCase(_)
            | Condition::Wildcard(_)
            | Condition::Cidr(_) => true,
        },
        FieldType::Number { min, max } | FieldType::Integer { min, max } => {
            let integer = matches!(kind, FieldType::Integer { .. });
            match condition {
                Condition::Exactly(Scalar::Number(number)) => {
                    in_bounds(number, min, max) && !(integer && number.has_fraction())
                }
                Condition::Numeric(Range::Equal(number)) => {
                    in_bounds(number, min, max) && !(integer && number.has_fraction())
                }
                Condition::Numeric(Range::Between { lower, upper }) => {
                    let reaches_up = lower.as_ref().is_none_or(|bound| {
                        max.as_ref().is_none_or(|max| {
                            *max > bound.value || (bound.inclusive && *max == bound.value)
                        })
                    });
                    let reaches_down = upper.as_ref().is_none_or(|bound| {
                        min.as_ref().is_none_or(|min| {
                            *min < bound.value || (bound.inclusive && *min == bound.value)
                        })
                    });
                    reaches_up && reaches_down
                }
                Condition::AnythingBut(Exception::Values(values)) => {
                    // All that is left is excluded only when one number is left.
                    let only = min.as_ref().filter(|min| Some(*min) == max.as_ref());
                    only.is_none_or(|only| !values.contains(&Scalar::Number(only.clone())))
                }
                Condition::AnythingBut(
                    Exception::Prefix(_) | Exception::Suffix(_) | Exception::Wildcard(_),
                ) => true,
                Condition::Exists(wanted) => *wanted,
                Condition::Exactly(Scalar::Null | Scalar::Boolean(_) | Scalar::String(_))
                | Condition::Prefix(_)
                | Condition::Suffix(_)
                | Condition::EqualsIgnoreCase(_)
                | Condition::Wildcard(_)
                | Condition::Cidr(_) => false,
            }
        }
    }
}

fn covers(kind: &FieldType, texts: bool, conditions: &[Spanned<Condition>]) -> bool {
    let any_holds = |value: &Scalar| conditions.iter().any(|c| holds(&c.value, value, texts));
    match kind {
        // An array may be empty, and nothing matches that.
        FieldType::Unknown | FieldType::Object | FieldType::Array(_) => false,
        FieldType::Boolean => [true, false]
            .iter()
            .all(|v| any_holds(&Scalar::Boolean(*v))),
        FieldType::String {
            one_of: Some(values),
        } => values.iter().all(|v| any_holds(&Scalar::String(v.clone()))),
        // `exists: true` does not match the empty string.
        FieldType::String { one_of: None } => conditions.iter().any(|c| match &c.value {
            Condition::Prefix(text) | Condition::Suffix(text) => text.is_empty(),
            Condition::Wildcard(pattern) => {
                !pattern.is_empty() && pattern.bytes().all(|b| b == b'*')
            }
            Condition::AnythingBut(Exception::Values(values)) => !values
                .iter()
                .any(|value| matches!(value, Scalar::String(_))),
            Condition::AnythingBut(
                Exception::Prefix(_) | Exception::Suffix(_) | Exception::Wildcard(_),
            )
            | Condition::Exactly(_)
            | Condition::EqualsIgnoreCase(_)
            | Condition::Numeric(_)
            | Condition::Exists(_)
            | Condition::Cidr(_) => false,
        }),
        FieldType::Number { min, max } | FieldType::Integer { min, max } => {
            conditions.iter().any(|c| match &c.value {
                Condition::Exists(wanted) => *wanted,
                Condition::Numeric(Range::Between { lower, upper }) => {
                    let below = lower.as_ref().is_none_or(|bound| {
                        min.as_ref().is_some_and(|min| {
                            *min > bound.value || (bound.inclusive && *min == bound.value)
                        })
                    });
                    let above = upper.as_ref().is_none_or(|bound| {
                        max.as_ref().is_some_and(|max| {
                            *max < bound.value || (bound.inclusive && *max == bound.value)
                        })
                    });
                    below && above
                }
                Condition::AnythingBut(Exception::Values(values)) => {
                    !values.iter().any(|value| match value {
                        Scalar::Number(number) => in_bounds(number, min, max),
                        Scalar::Null | Scalar::Boolean(_) | Scalar::String(_) => false,
                    })
                }
                Condition::AnythingBut(
                    Exception::Prefix(_) | Exception::Suffix(_) | Exception::Wildcard(_),
                ) => true,
                Condition::Numeric(Range::Equal(_))
                | Condition::Exactly(_)
                | Condition::Prefix(_)
                | Condition::Suffix(_)
                | Condition::EqualsIgnoreCase(_)
                | Condition::Wildcard(_)
                | Condition::Cidr(_) => false,
            })
        }
    }
}

fn excludes_all_strings(exception: &Exception) -> bool {
    match exception {
        Exception::Values(_) => false,
        Exception::Prefix(text) | Exception::Suffix(text) => text.is_empty(),
        Exception::Wildcard(pattern) => !pattern.is_empty() && pattern.bytes().all(|b| b == b'*'),
    }
}

fn in_bounds(number: &Number, min: &Option<Number>, max: &Option<Number>) -> bool {
    min.as_ref().is_none_or(|min| number >= min) && max.as_ref().is_none_or(|max| number <= max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Policy;
    use serde_json::{Value, json};

    const BODY: Scope = Scope::MessageBody;
    const ATTRIBUTES: Scope = Scope::MessageAttributes;
    const TEXT: FieldType = FieldType::String { one_of: None };

    fn conditions(list: Value) -> Vec<Spanned<Condition>> {
        let policy = Policy::from_json(&json!({ "key": list })).unwrap();
        policy.leaves()[0].conditions.to_vec()
    }

    fn currency(required: bool) -> Field {
        let one_of = Some(vec!["USD".to_owned(), "EUR".to_owned()]);
        Field {
            kind: FieldType::String { one_of },
            required,
        }
    }

    fn amount(min: Option<&str>, max: Option<&str>) -> FieldType {
        let number = |text: Option<&str>| text.and_then(Number::parse);
        FieldType::Integer {
            min: number(min),
            max: number(max),
        }
    }

    #[test]
    fn what_an_enum_excludes_never_matches() {
        for (list, never) in [
            (json!(["GBP"]), true),
            (json!(["GBP", "EUR"]), false),
            (json!([{ "prefix": "E" }]), false),
            (json!([{ "prefix": "e" }]), true),
            (json!([{ "anything-but": ["USD", "EUR"] }]), true),
            (json!([{ "anything-but": ["USD"] }]), false),
            (json!([{ "numeric": [">", 1] }]), true),
            (json!([{ "exists": false }]), true),
            (json!([5, true]), true),
        ] {
            assert_eq!(
                never_matches(&currency(true), BODY, &conditions(list.clone())),
                never,
                "{list}"
            );
        }
        assert!(!never_matches(
            &currency(false),
            BODY,
            &conditions(json!([{ "exists": false }]))
        ));
    }

    #[test]
    fn ranges_are_held_against_bounds() {
        let field = Field {
            kind: amount(Some("0"), Some("100")),
            required: true,
        };
        for (list, never) in [
            (json!([{ "numeric": [">", 100] }]), true),
            (json!([{ "numeric": [">=", 100] }]), false),
            (json!([{ "numeric": ["<", 0] }]), true),
            (json!([{ "numeric": ["=", 0.5] }]), true),
            (json!([101]), true),
            (json!(["50"]), true),
            (json!([{ "prefix": "5" }]), true),
            (json!([{ "numeric": [">", 50, "<", 60] }]), false),
        ] {
            assert_eq!(
                never_matches(&field, BODY, &conditions(list.clone())),
                never,
                "{list}"
            );
        }
    }

    #[test]
    fn what_leaves_nothing_out_always_matches() {
        let number = |required| Field {
            kind: amount(Some("1"), None),
            required,
        };
        let always = |field: &Field, list: Value| always_matches(field, BODY, &conditions(list));
        assert!(always(&number(true), json!([{ "numeric": [">=", 1] }])));
        assert!(!always(&number(true), json!([{ "numeric": [">", 1] }])));
        assert!(!always(&number(false), json!([{ "exists": true }])));
        assert!(always(
            &number(false),
            json!([{ "exists": true }, { "exists": false }])
        ));
        assert!(always(&currency(true), json!(["USD", { "prefix": "E" }])));
        assert!(!always(&currency(true), json!(["USD"])));
        let text = Field {
            kind: TEXT,
            required: true,
        };
        assert!(!always(&text, json!([{ "exists": true }])));
        assert!(always(&text, json!([{ "prefix": "" }])));
    }

    #[test]
    fn what_is_not_known_is_neither() {
        let unknown = Field {
            kind: FieldType::Unknown,
            required: true,
        };
        for list in [
            json!(["a"]),
            json!([{ "exists": false }]),
            json!([{ "numeric": ["<", 0] }]),
        ] {
            assert!(!never_matches(&unknown, BODY, &conditions(list.clone())));
            assert!(!always_matches(&unknown, BODY, &conditions(list)));
        }
    }

    #[test]
    fn an_attribute_is_text_and_never_empty() {
        let text = Field {
            kind: TEXT,
            required: true,
        };
        let never = |scope, list: Value| never_matches(&text, scope, &conditions(list));
        let numeric = json!([{ "numeric": [">", 1] }]);
        assert!(never(BODY, numeric.clone()));
        assert!(!never(ATTRIBUTES, numeric.clone()));
        assert!(never(BODY, json!([{ "exists": false }])));
        assert!(!never(ATTRIBUTES, json!([{ "exists": false }])));
        // None of its values reads as a number.
        assert!(never_matches(
            &currency(true),
            ATTRIBUTES,
            &conditions(numeric)
        ));
        let list = json!([{ "prefix": "" }]);
        assert!(always_matches(&text, BODY, &conditions(list.clone())));
        assert!(!always_matches(&text, ATTRIBUTES, &conditions(list)));
    }

    #[test]
    fn bounds_do_not_make_a_type() {
        let currency = currency(true).kind;
        let list = FieldType::Array(Box::new(currency.clone()));
        for (kind, list, of_type) in [
            (&currency, json!(["GBP"]), true),
            (&currency, json!([{ "anything-but": [5] }]), true),
            (&currency, json!([{ "numeric": [">", 1] }]), false),
            (&currency, json!([true]), false),
            (&amount(None, Some("5")), json!([7.5]), true),
            (&amount(None, None), json!(["7"]), false),
            (&FieldType::Boolean, json!(["true"]), false),
            (&list, json!(["GBP"]), true),
            (&list, json!([5]), false),
            (&FieldType::Object, json!([{ "exists": true }]), false),
            (&FieldType::Object, json!([{ "exists": false }]), true),
            (&FieldType::Unknown, json!([null]), true),
        ] {
            let condition = &conditions(list.clone())[0].value;
            assert_eq!(is_of_type(kind, BODY, condition), of_type, "{list}");
        }
        let numeric = &conditions(json!([{ "numeric": [">", 1] }]))[0].value;
        assert!(is_of_type(&currency, ATTRIBUTES, numeric));
    }

    #[test]
    fn a_type_is_told_with_its_bounds() {
        let many = (0..9).map(|at| at.to_string()).collect();
        let many = FieldType::String { one_of: Some(many) };
        for (kind, told) in [
            (currency(true).kind, "\"USD\" or \"EUR\""),
            (
                many,
                "\"0\", \"1\", \"2\", \"3\", \"4\", \"5\" or one of 3 more",
            ),
            (amount(Some("1"), None), "a whole number of at least 1"),
            (
                FieldType::Array(Box::new(amount(Some("1"), Some("5")))),
                "a list, each item a whole number from 1 to 5",
            ),
            (currency(true).kind.unbounded(), "text"),
        ] {
            assert_eq!(kind.to_string(), told);
        }
    }
}
