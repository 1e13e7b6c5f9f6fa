//! A policy as the JSON that SNS takes.

use serde_json::{Map, Value, json};

use super::number::Number;
use super::policy::{Clause, Condition, Exception, Policy, Range, Scalar, Test};

impl Policy {
    /// As SNS takes it. Numbers are the very ones that were written: those that JSON cannot hold are refused on reading.
    pub fn to_json(&self) -> Value {
        let entries = self.clauses.iter().map(|clause| match clause {
            Clause::Or(branches) => (
                "$or".to_owned(),
                branches.value.iter().map(Self::to_json).collect(),
            ),
            Clause::Key(key, Test::Nested(policy)) => (key.value.clone(), policy.to_json()),
            Clause::Key(key, Test::Any(conditions)) => (
                key.value.clone(),
                conditions.iter().map(|c| condition(&c.value)).collect(),
            ),
        });
        Value::Object(entries.collect::<Map<String, Value>>())
    }
}

fn condition(condition: &Condition) -> Value {
    match condition {
        Condition::Exactly(value) => scalar(value),
        Condition::Prefix(text) => json!({ "prefix": text }),
        Condition::Suffix(text) => json!({ "suffix": text }),
        Condition::EqualsIgnoreCase(text) => json!({ "equals-ignore-case": text }),
        Condition::Wildcard(text) => json!({ "wildcard": text }),
        Condition::AnythingBut(exception) => json!({ "anything-but": except(exception) }),
        Condition::Numeric(range) => json!({ "numeric": terms(range) }),
        Condition::Exists(wanted) => json!({ "exists": wanted }),
        Condition::Cidr(network) => json!({ "cidr": network.to_string() }),
    }
}

fn except(exception: &Exception) -> Value {
    match exception {
        Exception::Values(values) => values.iter().map(scalar).collect(),
        Exception::Prefix(text) => json!({ "prefix": text }),
        Exception::Suffix(text) => json!({ "suffix": text }),
        Exception::Wildcard(text) => json!({ "wildcard": text }),
    }
}

fn terms(range: &Range) -> Value {
    let terms = range.terms().into_iter();
    terms
        .flat_map(|(operator, value)| [operator.into(), number(value)])
        .collect()
}

fn scalar(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(*value),
        Scalar::Number(value) => number(value),
        Scalar::String(text) => Value::String(text.clone()),
    }
}

fn number(number: &Number) -> Value {
    number.to_json().map_or(Value::Null, Value::Number)
}
