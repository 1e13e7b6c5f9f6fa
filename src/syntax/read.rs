//! Raw tree to typed words: [`words!`] declares a section once, and its reader and its JSON Schema follow.
//!
//! Reading never stops at a mistake: a value that cannot be read is reported and left out.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use super::suggest;
use super::tree::{Node, Table, Value};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};

/// A type that can be read from the raw tree.
pub trait FromNode: Sized {
    /// Whether a key of this type must be written.
    const REQUIRED: bool = true;

    /// Reads `node`; on a mistake reports it and returns `None`.
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self>;

    /// What stands for the key when it is not written: for most types a finding, for optional ones a value.
    fn missing(key: &str, section: Span, diagnostics: &mut Diagnostics) -> Option<Self> {
        report_missing(key, section, format!("add a line `{key} = …`"), diagnostics);
        None
    }
}

/// Reports that `key` is not written in the section at `section`.
pub fn report_missing(key: &str, section: Span, help: String, diagnostics: &mut Diagnostics) {
    diagnostics.push(
        Diagnostic::error(codes::MISSING_KEY, section, format!("`{key}` is missing"))
            .label("in this section")
            .help(help),
    );
}

/// Reads one key of a section.
pub fn field<T: FromNode>(
    table: &Table,
    key: &str,
    section: Span,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    match table.get(key) {
        Some(node) => T::from_node(node, diagnostics),
        None => T::missing(key, section, diagnostics),
    }
}

/// Reports every key of `table` that is not in `known`.
pub fn refuse_unknown_keys(table: &Table, known: &[&str], diagnostics: &mut Diagnostics) {
    for (key, node) in table {
        if !known.contains(&key.as_str()) {
            diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    node.name,
                    format!("unknown key `{key}`"),
                )
                .help(suggest::help(key, known.iter().copied())),
            );
        }
    }
}

/// The table that `node` holds; anything else is reported.
pub fn as_table<'a>(node: &'a Node, diagnostics: &mut Diagnostics) -> Option<&'a Table> {
    match &node.value {
        Value::Table(table) => Some(table),
        other => {
            diagnostics.push(wrong_type(node, "a table", other));
            None
        }
    }
}

fn wrong_type(node: &Node, expected: &str, found: &Value) -> Diagnostic {
    Diagnostic::error(
        codes::WRONG_TYPE,
        node.place(),
        format!("expected {expected}, found {}", found.type_name()),
    )
}

/// Declares sections of the language. Each field's type says whether it must be there (`Option`, lists and maps need
/// not); its doc comment is what an editor shows.
macro_rules! words {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$doc:meta])* pub $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields, transform = Self::require)]
        pub struct $name { $($(#[$doc])* pub $field: $type),* }

        impl $name {
            /// The schema asks for the same keys as the reader.
            fn require(schema: &mut schemars::Schema) {
                let keys = [$((stringify!($field), <$type as $crate::syntax::read::FromNode>::REQUIRED)),*];
                let required: Vec<&str> = keys.iter().filter(|(_, required)| *required).map(|(key, _)| *key).collect();
                if required.is_empty() {
                    schema.remove("required");
                } else {
                    schema.insert("required".to_owned(), required.into());
                }
            }
        }

        impl $crate::syntax::read::FromNode for $name {
            fn from_node(
                node: &$crate::syntax::tree::Node,
                diagnostics: &mut $crate::diag::Diagnostics,
            ) -> Option<Self> {
                use $crate::syntax::read;
                let table = read::as_table(node, diagnostics)?;
                read::refuse_unknown_keys(table, &[$(stringify!($field)),*], diagnostics);
                $(let $field = read::field(table, stringify!($field), node.name, diagnostics);)*
                Some(Self { $($field: $field?),* })
            }

            fn missing(
                key: &str,
                section: $crate::source::Span,
                diagnostics: &mut $crate::diag::Diagnostics,
            ) -> Option<Self> {
                let help = format!("add a section `[{key}]`");
                $crate::syntax::read::report_missing(key, section, help, diagnostics);
                None
            }
        }
    )*};
}
pub(crate) use words;

/// Makes a type readable from a string through its `FromStr`, whose error says what is wrong with the text.
macro_rules! from_text {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::syntax::read::FromNode for $type {
            fn from_node(
                node: &$crate::syntax::tree::Node,
                diagnostics: &mut $crate::diag::Diagnostics,
            ) -> Option<Self> {
                $crate::syntax::read::text(node, diagnostics)
            }
        }
    )*};
}
pub(crate) use from_text;

/// Reads a string and parses it.
pub fn text<T: FromStr<Err: Display>>(node: &Node, diagnostics: &mut Diagnostics) -> Option<T> {
    let written = String::from_node(node, diagnostics)?;
    match written.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            diagnostics.push(Diagnostic::error(
                codes::INVALID_VALUE,
                node.span,
                error.to_string(),
            ));
            None
        }
    }
}

impl FromNode for String {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::String(text) => Some(text.clone()),
            other => {
                diagnostics.push(
                    wrong_type(node, "a string", other).help("put the value in double quotes"),
                );
                None
            }
        }
    }
}

impl FromNode for bool {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Boolean(value) => Some(*value),
            other => {
                diagnostics.push(
                    wrong_type(node, "a boolean", other).help("write `true` or `false`, bare"),
                );
                None
            }
        }
    }
}

impl FromNode for u32 {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Integer(value) => Self::try_from(*value)
                .inspect_err(|_| {
                    diagnostics.push(Diagnostic::error(
                        codes::INVALID_VALUE,
                        node.span,
                        format!("`{value}` is not between 0 and {}", Self::MAX),
                    ));
                })
                .ok(),
            other => {
                diagnostics
                    .push(wrong_type(node, "a number", other).help("write a whole number, bare"));
                None
            }
        }
    }
}

impl<T: FromNode> FromNode for Option<T> {
    const REQUIRED: bool = false;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        Some(T::from_node(node, diagnostics))
    }

    fn missing(_: &str, _: Span, _: &mut Diagnostics) -> Option<Self> {
        Some(None)
    }
}

/// A key that must be written. Its absence is a finding, and reading goes on without it, so that the rest is checked too.
#[derive(Debug, Clone)]
pub struct Required<T>(pub Option<T>);

impl<T: FromNode> FromNode for Required<T> {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        Some(Self(T::from_node(node, diagnostics)))
    }

    fn missing(key: &str, section: Span, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::missing(key, section, diagnostics);
        Some(Self(None))
    }
}

impl<T: FromNode> FromNode for Spanned<T> {
    const REQUIRED: bool = T::REQUIRED;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::from_node(node, diagnostics).map(|value| Self::new(value, node.place()))
    }

    fn missing(key: &str, section: Span, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::missing(key, section, diagnostics).map(|value| Self::new(value, section))
    }
}

impl<T: FromNode> FromNode for Vec<T> {
    const REQUIRED: bool = false;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Array(items) => Some(
                items
                    .iter()
                    .filter_map(|item| T::from_node(item, diagnostics))
                    .collect(),
            ),
            other => {
                diagnostics.push(
                    wrong_type(node, "a list", other).help("put the value in brackets: `[…]`"),
                );
                // Taken for its only item, so that the rest of the file is not blamed for what is not in the list.
                Some(
                    T::from_node(node, &mut Diagnostics::default())
                        .into_iter()
                        .collect(),
                )
            }
        }
    }

    fn missing(_: &str, _: Span, _: &mut Diagnostics) -> Option<Self> {
        Some(Self::new())
    }
}

impl<K: FromStr<Err: Display> + Ord, T: FromNode> FromNode for BTreeMap<K, T> {
    const REQUIRED: bool = false;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let table = as_table(node, diagnostics)?;
        let mut map = Self::new();
        for (key, node) in table {
            let name = key.parse().map_err(|error: K::Err| {
                diagnostics.push(Diagnostic::error(
                    codes::INVALID_NAME,
                    node.name,
                    error.to_string(),
                ));
            });
            let value = T::from_node(node, diagnostics);
            if let (Ok(name), Some(value)) = (name, value) {
                map.insert(name, value);
            }
        }
        Some(map)
    }

    fn missing(_: &str, _: Span, _: &mut Diagnostics) -> Option<Self> {
        Some(Self::new())
    }
}

/// Wrappers look like what they wrap.
macro_rules! transparent_schema {
    ($($wrapper:ident),*) => {$(
        impl<T: schemars::JsonSchema> schemars::JsonSchema for $wrapper<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                T::schema_name()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                T::schema_id()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                T::json_schema(generator)
            }
        }
    )*};
}

transparent_schema!(Spanned, Required);
