//! A policy before it is understood: what TOML and JSON have in common, each value with its place.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::syntax::tree::{Node, Table, Value};

/// One value and its place.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// The key that introduced it; for a list's element, the element itself.
    pub name: Span,
    /// Where to point at when the whole value is meant.
    pub place: Span,
    pub form: Form,
}

/// What was written.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Null,
    Boolean(bool),
    /// As written; it may be no number at all, such as TOML's `nan`.
    Number(String),
    String(String),
    List(Vec<Written>),
    Object(Object),
    /// TOML's dates and times, which no filter knows.
    Date,
}

pub(super) type Object = BTreeMap<String, Written>;

impl Form {
    /// The text of a string or of a number.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Number(text) => Some(text),
            Self::Null | Self::Boolean(_) | Self::List(_) | Self::Object(_) | Self::Date => None,
        }
    }

    /// The type's name for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "a table",
            Self::Date => "a date",
        }
    }
}

impl Written {
    /// From TOML. A key with dots in it becomes a path: SNS documents nested objects alone.
    pub fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Self {
        let form = match &node.value {
            Value::String(text) => Form::String(text.clone()),
            Value::Integer(text) | Value::Float(text) => Form::Number(text.replace('_', "")),
            Value::Boolean(value) => Form::Boolean(*value),
            Value::Datetime => Form::Date,
            Value::Array(items) => Form::List(
                items
                    .iter()
                    .map(|item| Self::from_node(item, diagnostics))
                    .collect(),
            ),
            Value::Table(table) => Form::Object(object(table, diagnostics)),
        };
        Self {
            name: node.name,
            place: node.place(),
            form,
        }
    }

    /// From JSON, which has no places.
    pub fn from_json(value: &serde_json::Value) -> Self {
        let form = match value {
            serde_json::Value::Null => Form::Null,
            serde_json::Value::Bool(value) => Form::Boolean(*value),
            serde_json::Value::Number(number) => Form::Number(number.to_string()),
            serde_json::Value::String(text) => Form::String(text.clone()),
            serde_json::Value::Array(items) => {
                Form::List(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(entries) => Form::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::from_json(value)))
                    .collect(),
            ),
        };
        Self {
            name: Span::default(),
            place: Span::default(),
            form,
        }
    }
}

fn object(table: &Table, diagnostics: &mut Diagnostics) -> Object {
    let mut object = Object::new();
    for (key, node) in table {
        let value = Written::from_node(node, diagnostics);
        insert(&mut object, key, key, value, diagnostics);
    }
    object
}

fn insert(
    object: &mut Object,
    path: &str,
    whole: &str,
    value: Written,
    diagnostics: &mut Diagnostics,
) {
    let (key, rest) = match path.split_once('.') {
        Some((key, rest)) => (key, Some(rest)),
        None => (path, None),
    };
    let name = value.name;
    let Some(rest) = rest else {
        match object.get_mut(key) {
            None => {
                object.insert(key.to_owned(), value);
            }
            Some(before) => join(before, value, whole, diagnostics),
        }
        return;
    };
    let inner = object.entry(key.to_owned()).or_insert_with(|| Written {
        name,
        place: name,
        form: Form::Object(Object::new()),
    });
    match &mut inner.form {
        Form::Object(inner) => insert(inner, rest, whole, value, diagnostics),
        Form::Null
        | Form::Boolean(_)
        | Form::Number(_)
        | Form::String(_)
        | Form::List(_)
        | Form::Date => diagnostics.push(twice(whole, name, inner.name)),
    }
}

/// `customer.country` and `customer = { … }` are about the same object.
fn join(before: &mut Written, value: Written, whole: &str, diagnostics: &mut Diagnostics) {
    let first = before.name;
    if let (Form::Object(before), Form::Object(more)) = (&mut before.form, &value.form) {
        for (key, value) in more {
            insert(
                before,
                key,
                &format!("{whole}.{key}"),
                value.clone(),
                diagnostics,
            );
        }
        return;
    }
    diagnostics.push(twice(whole, value.name, first));
}

fn twice(path: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        codes::DUPLICATE,
        span,
        format!("`{path}` stands in the filter twice"),
    )
    .related(first, "first here")
    .help("write the conditions of a field in one list: one of them must hold")
}
