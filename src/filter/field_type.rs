//! What a field may hold, as far as a contract says, and how that is told to people.
//!
//! A type may be wider than the contract and is never narrower: no value of the field is outside it.

use std::fmt;

use serde_json::Value;

use super::message::scalar;
use super::policy::{Bound, Scalar};
use super::rule::Rule;

/// What a field may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// One of these values.
    Listed(Vec<Scalar>),
    /// A string.
    String,
    /// A number between these.
    Number {
        /// The lower end.
        lower: Option<Bound>,
        /// The upper end.
        upper: Option<Bound>,
    },
    /// As a number, without a fraction.
    Integer {
        /// The lower end.
        lower: Option<Bound>,
        /// The upper end.
        upper: Option<Bound>,
    },
    /// `true` or `false`.
    Boolean,
    /// Any number of these, none among them.
    Array(Box<FieldType>),
    /// Further fields; SNS compares those and not the object.
    Object,
    /// A string or a number that follows a rule.
    Ruled(Box<FieldType>, Rule),
    /// One of these types.
    Either(Vec<FieldType>),
    /// Anything, `null` among it.
    Unknown,
}

impl FieldType {
    /// The type alone, without the bounds that a contract sets.
    #[must_use]
    pub fn unbounded(&self) -> Self {
        match self {
            Self::Listed(values) => {
                // There are four kinds of value, and may be thousands of values.
                let mut kinds = Vec::new();
                for kind in values.iter().map(of) {
                    if !kinds.contains(&kind) {
                        kinds.push(kind);
                    }
                }
                kinds.into_iter().reduce(Self::or)
            }
            Self::Either(types) => types.iter().map(Self::unbounded).reduce(Self::or),
            Self::Number { .. } | Self::Integer { .. } => Some(NUMBER),
            Self::Array(items) => Some(Self::Array(Box::new(items.unbounded()))),
            Self::Ruled(of, _) => Some(of.unbounded()),
            Self::String | Self::Boolean | Self::Object | Self::Unknown => Some(self.clone()),
        }
        .unwrap_or(Self::Unknown)
    }

    /// Whether `value` is of this type, whatever bounds and rules there are beside it.
    pub fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Listed(values) => scalar(value).is_some_and(|value| values.contains(&value)),
            Self::String => value.is_string(),
            Self::Number { .. } | Self::Integer { .. } => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array(items) => value
                .as_array()
                .is_some_and(|values| values.iter().all(|value| items.admits(value))),
            Self::Object => value.is_object(),
            Self::Ruled(of, _) => of.admits(value),
            Self::Either(types) => types.iter().any(|of| of.admits(value)),
            Self::Unknown => true,
        }
    }

    /// What is of one of the two types. Lists come last, so that a sentence does not take what follows for their items.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut types = self.parts();
        for part in other.parts() {
            let known = types.iter_mut().find_map(Self::values);
            if let (Self::Listed(more), Some(values)) = (&part, known) {
                for value in more {
                    if !values.contains(value) {
                        values.push(value.clone());
                    }
                }
            } else if !types.contains(&part) {
                types.push(part);
            }
        }
        if types.contains(&Self::Unknown) {
            return Self::Unknown;
        }
        types.sort_by_key(|of| matches!(of, Self::Array(_)));
        match types.pop() {
            Some(only) if types.is_empty() => only,
            last => {
                types.extend(last);
                Self::Either(types)
            }
        }
    }

    fn parts(self) -> Vec<Self> {
        if let Self::Either(types) = self {
            types
        } else {
            vec![self]
        }
    }

    fn values(&mut self) -> Option<&mut Vec<Scalar>> {
        if let Self::Listed(values) = self {
            Some(values)
        } else {
            None
        }
    }
}

const NUMBER: FieldType = FieldType::Number {
    lower: None,
    upper: None,
};

/// The type of a value.
fn of(value: &Scalar) -> FieldType {
    match value {
        Scalar::Null => FieldType::Listed(vec![Scalar::Null]),
        Scalar::Boolean(_) => FieldType::Boolean,
        Scalar::Number(_) => NUMBER,
        Scalar::String(_) => FieldType::String,
    }
}

/// Values of a list that a message repeats.
const SHOWN: usize = 6;

impl fmt::Display for FieldType {
    /// What stands after "is": `text`, `a number from 0 to 100`, `"EUR" or "USD"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed(values) if values.len() <= SHOWN => f.write_str(&alternatives(values)),
            Self::Listed(values) => {
                let (shown, more) = values.split_at(SHOWN);
                let shown: Vec<String> = shown.iter().map(Scalar::to_string).collect();
                write!(f, "{} or one of {} more", shown.join(", "), more.len())
            }
            Self::String => f.write_str("text"),
            Self::Number { lower, upper } => write!(f, "a number{}", within(lower, upper)),
            Self::Integer { lower, upper } => write!(f, "a whole number{}", within(lower, upper)),
            Self::Boolean => f.write_str("true or false"),
            Self::Array(items) => write!(f, "a list, each item {items}"),
            Self::Object => f.write_str("an object"),
            Self::Ruled(of, rule) => write!(f, "{of} {rule}"),
            Self::Either(types) => f.write_str(&alternatives(types)),
            Self::Unknown => f.write_str("anything"),
        }
    }
}

/// `a, b or c`; with a comma more where `and` stands in one of them.
fn alternatives<T: fmt::Display>(all: &[T]) -> String {
    let told: Vec<String> = all.iter().map(T::to_string).collect();
    let pause = match told.iter().any(|one| one.contains(" and ")) {
        true => ",",
        false => "",
    };
    match told.as_slice() {
        [first @ .., last] if !first.is_empty() => {
            format!("{}{pause} or {last}", first.join(", "))
        }
        one => one.concat(),
    }
}

fn within(lower: &Option<Bound>, upper: &Option<Bound>) -> String {
    let below = |upper: &Bound| match upper.inclusive {
        true => format!("at most {}", upper.value),
        false => format!("less than {}", upper.value),
    };
    let above = |lower: &Bound| match lower.inclusive {
        true => format!("at least {}", lower.value),
        false => format!("more than {}", lower.value),
    };
    match (lower, upper) {
        (None, None) => String::new(),
        (Some(lower), None) => format!(" of {}", above(lower)),
        (None, Some(upper)) => format!(" of {}", below(upper)),
        (Some(lower), Some(upper)) if lower.inclusive && upper.inclusive => {
            format!(" from {} to {}", lower.value, upper.value)
        }
        (Some(lower), Some(upper)) => format!(" of {} and {}", above(lower), below(upper)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Number;
    use super::*;
    use serde_json::json;

    fn text(value: &str) -> Scalar {
        Scalar::String(value.to_owned())
    }

    fn bound(value: &str, inclusive: bool) -> Option<Bound> {
        let value = Number::parse(value).unwrap();
        Some(Bound { value, inclusive })
    }

    #[test]
    fn a_type_is_told_with_its_bounds() {
        let currency = FieldType::Listed(vec![text("USD"), text("EUR")]);
        let whole = |lower, upper| FieldType::Integer { lower, upper };
        let list = |of| FieldType::Array(Box::new(of));
        let rule = Rule::new(
            "of at most 3 characters".to_owned(),
            Some(3),
            json!({ "maxLength": 3 }),
        );
        let short = FieldType::Ruled(Box::new(FieldType::String), rule);
        let null = FieldType::Listed(vec![Scalar::Null]);
        for (kind, told) in [
            (currency.clone(), "\"USD\" or \"EUR\""),
            (
                currency.clone().or(null.clone()),
                "\"USD\", \"EUR\" or null",
            ),
            (
                FieldType::Listed((0..9).map(|at| text(&at.to_string())).collect()),
                "\"0\", \"1\", \"2\", \"3\", \"4\", \"5\" or one of 3 more",
            ),
            (
                whole(bound("1", true), None),
                "a whole number of at least 1",
            ),
            (
                list(whole(bound("1", true), bound("5", true))),
                "a list, each item a whole number from 1 to 5",
            ),
            (
                FieldType::Number {
                    lower: bound("0", false),
                    upper: bound("9.5", true),
                },
                "a number of more than 0 and at most 9.5",
            ),
            (short.clone(), "text of at most 3 characters"),
            (
                list(short.clone()).or(short).or(null),
                "text of at most 3 characters, null or a list, each item text of at most 3 characters",
            ),
            (currency.unbounded(), "text"),
            (whole(None, None).or(NUMBER).unbounded(), "a number"),
            (NUMBER.or(FieldType::Unknown), "anything"),
        ] {
            assert_eq!(kind.to_string(), told);
        }
    }
}
