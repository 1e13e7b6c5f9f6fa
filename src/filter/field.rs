//! What a contract says of a field, and what conditions can make of it: whether they are for its type, ever match, or
//! always do.
//!
//! All answers are safe: where it is not certain, a condition is of the type, may match, and does not always.

use super::Scope;
use super::evaluate::{holds, over, under};
pub use super::field_type::FieldType;
use super::number::Number;
use super::policy::{Bound, Condition, Exception, Range, Scalar};
pub use super::rule::Rule;
use crate::source::Spanned;

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
    may_hold(&field.kind, scope, condition)
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
    absence && covers(&field.kind, scope, conditions)
}

/// Whether `condition` is one for values of this type, whatever bounds the contract sets to them.
pub fn is_of_type(kind: &FieldType, scope: Scope, condition: &Condition) -> bool {
    if *condition == Condition::Exists(false) {
        return true;
    }
    // Whatever it excludes, it asks for a value of any type.
    let any = matches!(condition, Condition::AnythingBut(_));
    let condition = if any {
        &Condition::AnythingBut(Exception::Values(Vec::new()))
    } else {
        condition
    };
    may_hold(&kind.unbounded(), scope, condition)
}

/// An attribute's text is compared as a number, whatever its type.
fn numbers_are_text(scope: Scope) -> bool {
    scope == Scope::MessageAttributes
}

/// Whether it is an attribute's text that stands for another, or that no condition holds for: one with `"` or `\`.
fn is_read_otherwise(value: &Scalar, scope: Scope) -> bool {
    let text = value
        .as_text()
        .filter(|_| scope == Scope::MessageAttributes);
    text.is_some_and(|text| text.contains(['"', '\\']))
}

/// SNS sees no object, only the fields in it, and takes no attribute that is empty. Whether `null` is there, it does not say.
fn may_be_absent(field: &Field, scope: Scope) -> bool {
    !field.required || may_hold_nothing(&field.kind, scope)
}

fn may_hold_nothing(kind: &FieldType, scope: Scope) -> bool {
    match kind {
        FieldType::Array(_) | FieldType::Object | FieldType::Unknown => true,
        FieldType::Number { .. } | FieldType::Integer { .. } | FieldType::Boolean => false,
        FieldType::String => scope == Scope::MessageAttributes,
        FieldType::Listed(values) => values.iter().any(|value| match value {
            Scalar::Null => true,
            Scalar::String(text) => scope == Scope::MessageAttributes && text.is_empty(),
            Scalar::Boolean(_) | Scalar::Number(_) => false,
        }),
        FieldType::Ruled(of, _) => may_hold_nothing(of, scope),
        FieldType::Either(types) => types.iter().any(|of| may_hold_nothing(of, scope)),
    }
}

fn may_hold(kind: &FieldType, scope: Scope, condition: &Condition) -> bool {
    let holds = |value: &Scalar| holds(condition, value, numbers_are_text(scope));
    match kind {
        FieldType::Unknown => true,
        FieldType::Object => false,
        FieldType::Array(items) => may_hold(items, scope, condition),
        FieldType::Either(types) => types.iter().any(|of| may_hold(of, scope, condition)),
        FieldType::Boolean => [true, false].map(Scalar::Boolean).iter().any(holds),
        FieldType::Listed(values) => values.iter().any(|value| {
            if is_read_otherwise(value, scope) {
                may_hold(&FieldType::String, scope, condition)
            } else {
                holds(value)
            }
        }),
        FieldType::Ruled(of, rule) => {
            // Such a text may say the value in other words than those that the rule is about.
            let in_other_words = match condition {
                Condition::Exactly(value) => is_read_otherwise(value, scope),
                Condition::Numeric(_) => **of == FieldType::String,
                Condition::Prefix(_)
                | Condition::Suffix(_)
                | Condition::EqualsIgnoreCase(_)
                | Condition::Wildcard(_)
                | Condition::AnythingBut(_)
                | Condition::Exists(_)
                | Condition::Cidr(_) => false,
            };
            may_hold(of, scope, condition) && (in_other_words || rule.may_match(condition))
        }
        FieldType::String => match condition {
            Condition::Exactly(value) => matches!(value, Scalar::String(_)),
            Condition::Numeric(_) => numbers_are_text(scope),
            Condition::Exists(wanted) => *wanted,
            Condition::AnythingBut(exception) => !excludes_all_strings(exception),
            Condition::Prefix(_)
            | Condition::Suffix(_)
            | Condition::EqualsIgnoreCase(_)
            | Condition::Wildcard(_)
            | Condition::Cidr(_) => true,
        },
        FieldType::Number { lower, upper } | FieldType::Integer { lower, upper } => {
            let whole = matches!(kind, FieldType::Integer { .. });
            match condition {
                Condition::Exactly(Scalar::Number(number))
                | Condition::Numeric(Range::Equal(number)) => {
                    let between = over(lower, number) && under(upper, number);
                    between && !(whole && number.has_fraction())
                }
                Condition::Numeric(Range::Between {
                    lower: from,
                    upper: to,
                }) => meet(from, upper) && meet(lower, to),
                Condition::AnythingBut(Exception::Values(values)) => {
                    // All that is left is excluded only when one number is left.
                    let only = lower
                        .as_ref()
                        .filter(|lower| Some(*lower) == upper.as_ref());
                    only.is_none_or(|only| !values.contains(&Scalar::Number(only.value.clone())))
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

fn covers(kind: &FieldType, scope: Scope, conditions: &[Spanned<Condition>]) -> bool {
    let any_holds = |value: &Scalar| {
        let mut conditions = conditions.iter();
        conditions.any(|c| holds(&c.value, value, numbers_are_text(scope)))
    };
    match kind {
        // An array may be empty, and nothing matches that.
        FieldType::Unknown | FieldType::Object | FieldType::Array(_) => false,
        FieldType::Either(types) => types.iter().all(|of| covers(of, scope, conditions)),
        // The rule leaves fewer values, or as many.
        FieldType::Ruled(of, _) => covers(of, scope, conditions),
        FieldType::Boolean => [true, false].map(Scalar::Boolean).iter().all(any_holds),
        FieldType::Listed(values) => values
            .iter()
            .all(|value| !is_read_otherwise(value, scope) && any_holds(value)),
        // Of attributes there may be one that no condition holds for.
        FieldType::String if scope == Scope::MessageAttributes => false,
        // `exists: true` does not match the empty string.
        FieldType::String => conditions.iter().any(|c| match &c.value {
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
        FieldType::Number { lower, upper } | FieldType::Integer { lower, upper } => {
            conditions.iter().any(|c| match &c.value {
                Condition::Exists(wanted) => *wanted,
                Condition::Numeric(Range::Between {
                    lower: from,
                    upper: to,
                }) => within(lower, from, over) && within(upper, to, under),
                Condition::AnythingBut(Exception::Values(values)) => {
                    !values.iter().any(|value| match value {
                        Scalar::Number(number) => over(lower, number) && under(upper, number),
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

/// Whether some number may be above the one and below the other.
fn meet(lower: &Option<Bound>, upper: &Option<Bound>) -> bool {
    match (lower, upper) {
        (Some(lower), Some(upper)) => {
            lower.value < upper.value
                || (lower.inclusive && upper.inclusive && lower.value == upper.value)
        }
        (None, _) | (_, None) => true,
    }
}

/// Whether one end of a range, `holds` saying what is on its inner side, is no tighter than `inner`.
fn within(
    inner: &Option<Bound>,
    outer: &Option<Bound>,
    holds: impl Fn(&Option<Bound>, &Number) -> bool,
) -> bool {
    match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(end)) => {
            holds(outer, &inner.value) || (!inner.inclusive && inner.value == end.value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Policy;
    use serde_json::{Value, json};

    const BODY: Scope = Scope::MessageBody;
    const ATTRIBUTES: Scope = Scope::MessageAttributes;

    fn conditions(list: Value) -> Vec<Spanned<Condition>> {
        let policy = Policy::from_json(&json!({ "key": list })).unwrap();
        policy.leaves()[0].conditions.to_vec()
    }

    fn currency(required: bool) -> Field {
        let values = ["USD", "EUR"].map(|value| Scalar::String(value.to_owned()));
        Field {
            kind: FieldType::Listed(values.into()),
            required,
        }
    }

    fn bound(value: Option<&str>, inclusive: bool) -> Option<Bound> {
        let value = value.and_then(Number::parse)?;
        Some(Bound { value, inclusive })
    }

    fn amount(min: Option<&str>, max: Option<&str>) -> FieldType {
        FieldType::Integer {
            lower: bound(min, true),
            upper: bound(max, true),
        }
    }

    fn ruled(of: FieldType, schema: Value) -> FieldType {
        let longest = schema["maxLength"].as_u64();
        FieldType::Ruled(Box::new(of), Rule::new(String::new(), longest, schema))
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
            kind: FieldType::String,
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
            kind: FieldType::String,
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
    fn exact_values_and_lengths_are_held_against_a_rule() {
        let euro = ruled(
            FieldType::String,
            json!({ "maxLength": 3, "pattern": "^\\p{Lu}" }),
        );
        let fives = ruled(amount(Some("0"), None), json!({ "multipleOf": 5 }));
        let list = FieldType::Array(Box::new(euro.clone()));
        let either = euro.clone().or(fives.clone());
        for (kind, list, may) in [
            (&euro, json!("EUR"), true),
            (&euro, json!("EURO"), false),
            (&euro, json!("eur"), false),
            // Four bytes a character, or a small letter of two characters.
            (&euro, json!("Ä😀😀"), true),
            (&euro, json!({ "equals-ignore-case": "i̇i̇" }), true),
            (&euro, json!({ "prefix": "Ä😀😀" }), true),
            (&euro, json!({ "prefix": "EURO" }), false),
            (&euro, json!({ "suffix": "EURO" }), false),
            (&euro, json!({ "wildcard": "*U*R*" }), true),
            (&euro, json!({ "wildcard": "E*RO*S" }), false),
            (&euro, json!({ "equals-ignore-case": "euro" }), false),
            (&euro, json!({ "anything-but": "EUR" }), true),
            (&fives, json!(10), true),
            (&fives, json!(10.0), true),
            (&fives, json!(7), false),
            (&fives, json!({ "numeric": ["=", 7] }), false),
            (&fives, json!({ "numeric": [">", 6, "<", 9] }), true),
            (&list, json!("EURO"), false),
            (&list, json!("EUR"), true),
            (&either, json!("EURO"), false),
            (&either, json!("EUR"), true),
            (&either, json!(7), false),
            (&either, json!(true), false),
        ] {
            let condition = &conditions(json!([list]))[0].value;
            assert_eq!(may_hold(kind, BODY, condition), may, "{list}");
        }
    }

    /// What a rule says of `"` is not about the text that is compared, and 007 is a number.
    #[test]
    fn an_attribute_may_be_read_otherwise_than_it_is_written() {
        let quotes = FieldType::Listed(vec![Scalar::String("\\\"".to_owned())]);
        let three = ruled(FieldType::String, json!({ "minLength": 3, "maxLength": 3 }));
        for (kind, list, scope, may) in [
            (&quotes, json!("\""), BODY, false),
            (&quotes, json!("\""), ATTRIBUTES, true),
            (&three, json!("a\""), BODY, false),
            (&three, json!("a\""), ATTRIBUTES, true),
            (&three, json!("ab"), ATTRIBUTES, false),
            (&three, json!({ "numeric": ["=", 7] }), ATTRIBUTES, true),
        ] {
            let condition = &conditions(json!([list]))[0].value;
            assert_eq!(may_hold(kind, scope, condition), may, "{list}");
        }
    }

    #[test]
    fn an_end_that_is_left_out_is_left_out() {
        let positive = FieldType::Number {
            lower: bound(Some("0"), false),
            upper: bound(Some("10"), false),
        };
        let field = Field {
            kind: positive,
            required: true,
        };
        for (list, never, always) in [
            (json!([0]), true, false),
            (json!([{ "numeric": ["<=", 0] }]), true, false),
            (json!([{ "numeric": ["<=", 0.1] }]), false, false),
            (json!([{ "numeric": [">=", 10] }]), true, false),
            (json!([{ "numeric": [">", 0] }]), false, true),
            (json!([{ "numeric": [">=", 0, "<", 10] }]), false, true),
            (json!([{ "numeric": [">", 0, "<", 9] }]), false, false),
        ] {
            let conditions = conditions(list.clone());
            assert_eq!(never_matches(&field, BODY, &conditions), never, "{list}");
            assert_eq!(always_matches(&field, BODY, &conditions), always, "{list}");
        }
    }

    #[test]
    fn nobody_knows_whether_null_is_there() {
        let null = FieldType::Listed(vec![Scalar::Null]);
        let field = Field {
            kind: currency(true).kind.or(null.clone()),
            required: true,
        };
        for list in [
            json!([{ "exists": false }]),
            json!([{ "anything-but": ["USD", "EUR"] }]),
        ] {
            assert!(!never_matches(&field, BODY, &conditions(list)));
        }
        assert!(never_matches(&field, BODY, &conditions(json!(["GBP"]))));
        let all = conditions(json!(["USD", "EUR"]));
        assert!(!always_matches(&field, BODY, &all));
        assert!(!is_of_type(
            &null,
            BODY,
            &conditions(json!(["GBP"]))[0].value
        ));
    }
}
