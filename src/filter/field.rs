//! What a contract says of a field, and what conditions can make of it: whether they ever match, or always do.
//!
//! Both answers are safe: `false` where it is not certain.

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

/// A field of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it may hold.
    pub kind: FieldType,
    /// Whether every message has it.
    pub required: bool,
}

/// Whether no message that keeps the contract matches any of `conditions`.
pub fn never_matches(field: &Field, conditions: &[Spanned<Condition>]) -> bool {
    !conditions.iter().any(|condition| {
        if condition.value == Condition::Exists(false) {
            may_be_absent(field)
        } else {
            may_match(&field.kind, &condition.value)
        }
    })
}

/// Whether every message that keeps the contract matches one of `conditions`: the key could be left out.
pub fn always_matches(field: &Field, conditions: &[Spanned<Condition>]) -> bool {
    let has = |wanted: &Condition| conditions.iter().any(|c| c.value == *wanted);
    let absence = !may_be_absent(field) || has(&Condition::Exists(false));
    absence && covers(&field.kind, conditions)
}

/// SNS sees no object, only the fields in it.
fn may_be_absent(field: &Field) -> bool {
    !field.required
        || matches!(
            field.kind,
            FieldType::Object | FieldType::Unknown | FieldType::Array(_)
        )
}

fn may_match(kind: &FieldType, condition: &Condition) -> bool {
    match kind {
        FieldType::Unknown => true,
        FieldType::Object => false,
        FieldType::Array(inner) => may_match(inner, condition),
        FieldType::Boolean => [true, false]
            .iter()
            .any(|value| holds(condition, &Scalar::Boolean(*value), false)),
        FieldType::String {
            one_of: Some(values),
        } => values
            .iter()
            .any(|value| holds(condition, &Scalar::String(value.clone()), false)),
        FieldType::String { one_of: None } => match condition {
            Condition::Exactly(value) => matches!(value, Scalar::String(_)),
            Condition::Numeric(_) => false,
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

fn covers(kind: &FieldType, conditions: &[Spanned<Condition>]) -> bool {
    let any_holds = |value: &Scalar| conditions.iter().any(|c| holds(&c.value, value, false));
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
                never_matches(&currency(true), &conditions(list.clone())),
                never,
                "{list}"
            );
        }
        assert!(!never_matches(
            &currency(false),
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
                never_matches(&field, &conditions(list.clone())),
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
        let always = |field: &Field, list: Value| always_matches(field, &conditions(list));
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
            kind: FieldType::String { one_of: None },
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
            assert!(!never_matches(&unknown, &conditions(list.clone())));
            assert!(!always_matches(&unknown, &conditions(list)));
        }
    }
}
