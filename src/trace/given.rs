//! A message attribute as a user gives it, and the type that it would be published with.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{promoted, text};
use crate::filter::field::FieldType;
use crate::filter::{Attribute, AttributeType, Number};

/// A message attribute as a user gives it: `currency=USD`, or `tags:String.Array=["a"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    name: String,
    kind: Option<AttributeType>,
    value: String,
}

/// Why something cannot be an attribute, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub help: String,
}

/// Reads attributes of one message, of which each has a name of its own.
///
/// # Errors
/// When one is none that SNS takes, or a second has a name of another.
pub fn all(written: &[String]) -> Result<Vec<Given>, Unfit> {
    let given: Vec<Given> = written
        .iter()
        .map(|one| Given::read(one))
        .collect::<Result<_, _>>()?;
    let mut names = BTreeSet::new();
    match given.iter().find(|one| !names.insert(one.name())) {
        None => Ok(given),
        Some(twice) => Err(unfit(
            format!("the attribute `{}` is given twice", twice.name),
            "a message has one value of a name: give the attribute once, and trace again with another value",
        )),
    }
}

impl Given {
    /// Reads `NAME=VALUE` or `NAME:TYPE=VALUE`; no name has a colon.
    fn read(written: &str) -> Result<Self, Unfit> {
        let (left, value) = written.split_once('=').ok_or_else(|| {
            unfit(
                format!("the attribute `{}` has no value", shown(written)),
                "write a name and a value, such as `currency=USD`",
            )
        })?;
        let (name, kind) = match left.split_once(':') {
            Some((name, kind)) => (name, Some(kind)),
            None => (left, None),
        };
        if let Some((what, help)) = fault_of_name(name) {
            let what = format!(
                "`{}` is no name of a message attribute: {what}",
                shown(name)
            );
            return Err(unfit(what, help));
        }
        let kind = match kind.map(str::parse::<AttributeType>).transpose() {
            Ok(kind) => kind,
            Err(what) => {
                return Err(unfit(
                    what,
                    &format!(
                        "write `{name}:String`, `{name}:String.Array` or `{name}:Number`, or no type at all"
                    ),
                ));
            }
        };
        if let Some((what, help)) = fault_of_value(kind, value) {
            return Err(unfit(format!("the attribute `{name}` {what}"), &help));
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            value: value.to_owned(),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value as a text.
    pub(super) fn as_text(&self) -> Attribute {
        text(&self.value)
    }

    /// As it would be published when it is made of such a field, and whether its type is certain. A value may be read as JSON,
    /// which is how the kit comes by numbers, booleans and lists, or as a text: the field says which.
    pub fn attribute(&self, field: &FieldType) -> (Attribute, bool) {
        if let Some(kind) = self.kind {
            let value = self.value.clone();
            return (Attribute { kind, value }, true);
        }
        let readings = self.readings();
        // A value that is not one of those listed, or of none of the types, still has to be taken for something.
        for field in [field, &field.unbounded(), &FieldType::Unknown] {
            let mut fitting = readings.iter().filter(|(value, _)| field.admits(value));
            if let Some((_, attribute)) = fitting.next() {
                return (attribute.clone(), fitting.next().is_none());
            }
        }
        (self.as_text(), true)
    }

    /// What the value may mean, and the attribute that each is.
    fn readings(&self) -> Vec<(Value, Attribute)> {
        let json = serde_json::from_str(&self.value)
            .ok()
            .filter(|value: &Value| !value.is_string())
            .and_then(|value| {
                let attribute = promoted(&value)?;
                // A number keeps its own digits: JSON's would be rounded.
                let digits = self.value.trim().to_owned();
                let attribute = match attribute.kind {
                    AttributeType::Number => Attribute {
                        value: digits,
                        ..attribute
                    },
                    AttributeType::String | AttributeType::StringArray | AttributeType::Binary => {
                        attribute
                    }
                };
                Some((value, attribute))
            });
        let text = (Value::String(self.value.clone()), self.as_text());
        json.into_iter().chain([text]).collect()
    }
}

fn unfit(what: String, help: &str) -> Unfit {
    Unfit {
        what,
        help: help.to_owned(),
    }
}

/// With control characters spelt out.
fn shown(text: &str) -> String {
    text.escape_debug().to_string()
}

/// What SNS would say of a name (sns-message-attributes.html), and what to write.
fn fault_of_name(name: &str) -> Option<(&'static str, &'static str)> {
    const LONGEST: usize = 256;
    let reserved = ["aws.", "amazon."];
    let lower = name.to_ascii_lowercase();
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() {
        Some((
            "it is empty",
            "write a name and a value, such as `currency=USD`",
        ))
    } else if !name.chars().all(is_letter) {
        Some((
            "SNS takes no such characters",
            "write letters from A to Z, digits, `_`, `-` and `.`",
        ))
    } else if name.len() > LONGEST {
        Some(("it is too long", "write at most 256 characters"))
    } else if reserved.iter().any(|prefix| lower.starts_with(prefix)) {
        Some((
            "AWS keeps such names for itself",
            "write a name that does not start with `AWS.` or `Amazon.`",
        ))
    } else if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        Some((
            "a dot stands between two other characters",
            "write no dot first, last, or beside another",
        ))
    } else {
        None
    }
}

/// What keeps a value from being published, or leaves it open what it is.
fn fault_of_value(kind: Option<AttributeType>, value: &str) -> Option<(&'static str, String)> {
    let is_empty_list =
        || serde_json::from_str(value).is_ok_and(|json: Vec<Value>| json.is_empty());
    match kind {
        _ if value.is_empty() => Some((
            "has no value",
            "SNS takes no empty attribute: write a value, such as `currency=USD`".to_owned(),
        )),
        Some(AttributeType::Number) if Number::parse(value).is_none() => Some((
            "has the type Number, and its value is no number",
            "write a number such as `99.5`, or another type".to_owned(),
        )),
        // With a guess the answer would differ from that for the same data.
        None if is_empty_list() => Some((
            "is an empty list, which no handler sends as an attribute",
            "give `--data` with the empty list in it, or name a type, such as `tags:String.Array=[]`"
                .to_owned(),
        )),
        Some(_) | None => None,
    }
}
