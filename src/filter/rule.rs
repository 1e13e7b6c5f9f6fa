//! A rule that a contract sets to texts or numbers beyond their type and bounds: a length, a pattern, a format, a divisor.
//!
//! Single values are put to the validator of JSON Schema, which judges events by the same rule: nothing is decided here.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::number::Number;
use super::policy::{Condition, Range, Scalar};

/// A rule. Clones share its validator, which is built when it is first asked.
#[derive(Clone)]
pub struct Rule(Arc<Inner>);

struct Inner {
    words: String,
    longest: Option<u64>,
    schema: Value,
    validator: OnceLock<Option<Validator>>,
}

impl Rule {
    /// The rule of `schema`, which refers to nothing outside it. `words` say it after the type; `longest` is how many
    /// characters a text has at most.
    pub fn new(words: String, longest: Option<u64>, schema: Value) -> Self {
        Self(Arc::new(Inner {
            words,
            longest,
            schema,
            validator: OnceLock::new(),
        }))
    }

    /// Whether a value that follows the rule may fulfil `condition`.
    pub(super) fn may_match(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Exactly(Scalar::String(text)) => self.admits(&Value::from(text.as_str())),
            Condition::Exactly(Scalar::Number(number))
            | Condition::Numeric(Range::Equal(number)) => {
                plain(number).is_none_or(|number| self.admits(&number))
            }
            Condition::Prefix(text) | Condition::Suffix(text) => self.has_room(text.chars()),
            Condition::Wildcard(pattern) => self.has_room(pattern.chars().filter(|c| *c != '*')),
            // Some capitals have more or fewer characters than their small letters.
            Condition::EqualsIgnoreCase(text) => !text.is_ascii() || self.has_room(text.chars()),
            Condition::Exactly(Scalar::Null | Scalar::Boolean(_))
            | Condition::Numeric(Range::Between { .. })
            | Condition::AnythingBut(_)
            | Condition::Exists(_)
            | Condition::Cidr(_) => true,
        }
    }

    /// A length is one of Unicode characters.
    fn has_room(&self, text: impl Iterator<Item = char>) -> bool {
        let length = u64::try_from(text.count()).ok();
        self.0.longest.is_none_or(|longest| length <= Some(longest))
    }

    /// Where the validator gives no answer, it does.
    fn admits(&self, value: &Value) -> bool {
        let validator = self.0.validator.get_or_init(|| {
            let options = jsonschema::options()
                .offline()
                .should_validate_formats(true);
            options.build(&self.0.schema).ok()
        });
        let gave_up = |kind: &ValidationErrorKind| {
            matches!(kind, ValidationErrorKind::BacktrackLimitExceeded { .. })
        };
        validator.as_ref().is_none_or(|validator| {
            let mut errors = validator.iter_errors(value);
            errors.all(|error| gave_up(error.kind()))
        })
    }
}

/// The number in JSON. To draft 4 alone 1.0 is no whole number; SNS takes it for 1.
fn plain(number: &Number) -> Option<Value> {
    let json = number.to_json()?;
    match json.as_f64() {
        Some(double) if json.is_f64() && !number.has_fraction() => {
            Number::parse(&format!("{double:.0}"))?.to_json()
        }
        _ => Some(json),
    }
    .map(Value::Number)
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.schema == other.0.schema
    }
}

impl Eq for Rule {}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.schema.fmt(f)
    }
}

impl fmt::Display for Rule {
    /// What stands after the type: `of at most 3 characters`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.words)
    }
}
