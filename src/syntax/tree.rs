//! The raw tree: TOML values, each with the place it was written.

use std::ops::Range;
use std::sync::Arc;

use litemap::LiteMap;
use toml::Spanned;
use toml::de::{DeInteger, DeString, DeTable, DeValue};

use crate::source::Span;

/// A table's entries by key: order of writing never matters. Most have two or three, and lie in a list of just that length; many at
/// once are added with `extend`, for each single one moves those behind it.
pub type Table = LiteMap<String, Node>;

/// One value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// The key that introduced it; for a list's element, the element itself.
    pub name: Span,
    /// The value; for a section, its header.
    pub span: Span,
    /// What was written.
    pub value: Value,
}

impl Node {
    /// How many single values it holds; an empty table or list is one.
    pub fn values(&self) -> usize {
        let inside: usize = match &self.value {
            Value::Array(items) => items.iter().map(Self::values).sum(),
            Value::Table(table) => table.values().map(Self::values).sum(),
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime => 1,
        };
        inside.max(1)
    }

    /// Where to point at when the whole value is meant: the name of a table, the text of anything else.
    pub fn place(&self) -> Span {
        match self.value {
            Value::Table(_) => self.name,
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime
            | Value::Array(_) => self.span,
        }
    }
}

/// A TOML value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Any of TOML's four kinds of string.
    String(String),
    /// A whole number of any size, in decimal digits.
    Integer(String),
    /// A number with a fraction or exponent, as written.
    Float(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or time; no word takes one.
    Datetime,
    /// A list.
    Array(Vec<Node>),
    /// A section or an inline table, shared by the copies of a tree until one of them changes it.
    Table(Arc<Table>),
}

impl Value {
    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Integer(_)
            | Self::Float(_)
            | Self::Boolean(_)
            | Self::Datetime
            | Self::Array(_)
            | Self::Table(_) => None,
        }
    }

    /// The type's name for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Integer(_) => "a number",
            Self::Float(_) => "a fraction",
            Self::Boolean(_) => "a boolean",
            Self::Datetime => "a date",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// The tree of a text that begins at byte `start` of its file.
pub(super) fn from_toml(table: &DeTable<'_>, start: usize) -> Table {
    let entry = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
        let node = node_from_toml(key.span(), value, start);
        (key.get_ref().to_string(), node)
    };
    table.iter().map(entry).collect()
}

fn node_from_toml(name: Range<usize>, value: &Spanned<DeValue<'_>>, start: usize) -> Node {
    let place = |span: Range<usize>| Span::from(start + span.start..start + span.end);
    let span = value.span();
    let value = match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => Value::Integer(decimal(integer)),
        DeValue::Float(float) => Value::Float(float.as_str().to_owned()),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Datetime(_) => Value::Datetime,
        DeValue::Array(items) => {
            let items = items.iter();
            Value::Array(
                items
                    .map(|item| node_from_toml(item.span(), item, start))
                    .collect(),
            )
        }
        DeValue::Table(table) => Value::Table(Arc::new(from_toml(table, start))),
    };
    Node {
        name: place(name),
        span: place(span),
        value,
    }
}

/// Hexadecimal, octal and binary numbers are told in decimal; one too large for that stays as it is, and is refused by
/// whoever reads it.
fn decimal(integer: &DeInteger<'_>) -> String {
    i128::from_str_radix(integer.as_str(), integer.radix())
        .map_or_else(|_| integer.as_str().to_owned(), |number| number.to_string())
}
