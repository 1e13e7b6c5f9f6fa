//! What a filter sees of a message: for each path the values there.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::number::Number;
use super::policy::{Scalar, below};

/// A message as it is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// The body's text.
    pub body: String,
}

/// One attribute of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its type.
    pub kind: AttributeType,
    /// Its text.
    pub value: String,
}

/// The types that SNS knows (sns-message-attributes.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// A string.
    String,
    /// A JSON array of strings, numbers, `true`, `false` and `null`.
    StringArray,
    /// A number.
    Number,
    /// Bytes; no filter sees them.
    Binary,
}

impl AttributeType {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringArray => "String.Array",
            Self::Number => "Number",
            Self::Binary => "Binary",
        }
    }
}

impl FromStr for AttributeType {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        [Self::String, Self::StringArray, Self::Number, Self::Binary]
            .into_iter()
            .find(|kind| kind.as_str() == written)
            .ok_or_else(|| format!("`{written}` is no type of a message attribute"))
    }
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    /// One value, or the elements of an array.
    Values(Vec<Scalar>),
    /// Something that SNS cannot compare; why.
    Unreadable(&'static str),
}

/// Everything that a filter can see.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    /// By path, joined with dots: a key `a.b` and a key `b` in an object `a` are the same.
    pub by_path: BTreeMap<String, Field>,
    /// Whether strings may be compared as numbers: attributes have their type beside their text.
    pub numbers_are_text: bool,
}

impl Fields {
    /// The attributes of `message`.
    pub fn of_attributes(message: &Message) -> Self {
        let fields = message.attributes.iter().filter_map(|(name, attribute)| {
            let text = attribute.value.as_str();
            let field = match attribute.kind {
                AttributeType::Binary => return None,
                AttributeType::String => string(text),
                AttributeType::Number => match Number::parse(text) {
                    Some(number) => Field::Values(vec![Scalar::Number(number)]),
                    None => Field::Unreadable("its text is not a number"),
                },
                AttributeType::StringArray => array(text),
            };
            Some((name.clone(), field))
        });
        Self {
            by_path: fields.collect(),
            numbers_are_text: true,
        }
    }

    /// The body of `message`; none when it is not a JSON object.
    pub fn of_body(message: &Message) -> Option<Self> {
        let Ok(Value::Object(body)) = serde_json::from_str(&message.body) else {
            return None;
        };
        let mut fields = Self::default();
        for (key, value) in &body {
            fields.walk(key, value);
        }
        Some(fields)
    }

    /// Arrays are walked through, those of objects too: what is in them stands at the path of the array.
    fn walk(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    self.walk(&below(path, key), value);
                }
            }
            Value::Array(items) if items.is_empty() => self.add(path, None),
            Value::Array(items) => items.iter().for_each(|item| self.walk(path, item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.add(path, scalar(value));
            }
        }
    }

    fn add(&mut self, path: &str, value: Option<Scalar>) {
        let empty = || Field::Values(Vec::new());
        let field = self.by_path.entry(path.to_owned()).or_insert_with(empty);
        if let Field::Values(values) = field {
            values.extend(value);
        }
    }
}

/// Quotes and backslashes must be escaped once more in an attribute, or nothing matches
/// (subscription-filter-policy-constraints.html): its text is what stands between the quotes of a JSON string.
fn string(text: &str) -> Field {
    if !text.contains(['"', '\\']) {
        return Field::Values(vec![Scalar::String(text.to_owned())]);
    }
    match serde_json::from_str(&format!("\"{text}\"")) {
        Ok(decoded) => Field::Values(vec![Scalar::String(decoded)]),
        Err(_) => Field::Unreadable("a quote or a backslash in it is not escaped"),
    }
}

fn array(text: &str) -> Field {
    match serde_json::from_str(text) {
        Ok(Value::Array(items)) => Field::Values(items.iter().filter_map(scalar).collect()),
        Ok(_) => Field::Unreadable("its text is not a JSON array"),
        Err(_) => Field::Unreadable("its text is not JSON"),
    }
}

/// A value without parts; none for an array or an object.
pub(super) fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Null => Some(Scalar::Null),
        Value::Bool(value) => Some(Scalar::Boolean(*value)),
        Value::Number(number) => Number::parse(&number.to_string()).map(Scalar::Number),
        Value::String(text) => Some(Scalar::String(text.clone())),
        Value::Array(_) | Value::Object(_) => None,
    }
}
