//! What a property may hold besides plain text: references that CloudFormation resolves.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A resource's or parameter's name inside the template: letters and digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct LogicalId(String);

impl LogicalId {
    /// Only `plan::logical_id` makes ids, so that the public contract stands in one file.
    pub(crate) fn new(id: String) -> Self {
        debug_assert!(id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
        Self(id)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text, or an intrinsic function that yields text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// As it stands.
    Literal(String),
    /// `Ref` of a resource or parameter of this template.
    Ref(LogicalId),
    /// `Ref` of a pseudo parameter, such as `AWS::Region`.
    Pseudo(&'static str),
    /// `Fn::GetAtt`.
    GetAtt(LogicalId, &'static str),
    /// `Fn::Sub`; `${…}` is replaced, `${!…}` stands for a literal one.
    Sub(String),
    /// `Fn::Sub` with values for further names.
    SubWith(String, BTreeMap<String, Text>),
    /// `Fn::ImportValue` of what another stack exports.
    ImportValue(String),
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Literal(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Literal(text)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Literal(text) = self {
            return serializer.serialize_str(text);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Literal(_) => {}
            Self::Ref(id) => map.serialize_entry("Ref", id)?,
            Self::Pseudo(name) => map.serialize_entry("Ref", name)?,
            Self::GetAtt(id, attribute) => {
                map.serialize_entry("Fn::GetAtt", &[id.as_str(), attribute])?
            }
            Self::Sub(pattern) => map.serialize_entry("Fn::Sub", pattern)?,
            Self::SubWith(pattern, values) => map.serialize_entry("Fn::Sub", &(pattern, values))?,
            Self::ImportValue(name) => map.serialize_entry("Fn::ImportValue", name)?,
        }
        map.end()
    }
}
