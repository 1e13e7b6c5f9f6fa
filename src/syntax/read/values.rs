//! How plain values, lists and maps are read.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use super::{FromNode, as_table, wrong_type};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::tree::{Node, Value};

impl FromNode for String {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Value::String(text) = &node.value {
            return Some(text.clone());
        }
        let help = match matches!(node.value, Value::Array(_)) {
            true => "write one value in double quotes, without the brackets",
            false => "put the value in double quotes",
        };
        diagnostics.push(wrong_type(node, "a string").help(help));
        None
    }
}

impl FromNode for bool {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Value::Boolean(value) = &node.value {
            return Some(*value);
        }
        diagnostics.push(wrong_type(node, "a boolean").help("write `true` or `false`, bare"));
        None
    }
}

impl FromNode for u32 {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Value::Integer(value) = &node.value else {
            diagnostics.push(wrong_type(node, "a number").help("write a whole number, bare"));
            return None;
        };
        let number = value.parse().ok();
        if number.is_none() {
            let message = match value.starts_with('-') {
                true => format!("`{value}` is less than nothing"),
                false => format!("`{value}` is larger than anything that AWS takes"),
            };
            diagnostics.push(Diagnostic::error(codes::INVALID_VALUE, node.span, message));
        }
        number
    }
}

impl<T: FromNode> FromNode for Option<T> {
    const REQUIRED: bool = false;
    const KEYS: &'static [&'static str] = T::KEYS;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        Some(T::from_node(node, diagnostics))
    }

    fn missing(_: &str, _: Span, _: &mut Diagnostics) -> Option<Self> {
        Some(None)
    }
}

/// A key that must be written, or an item of a list that must be good. What is not is a finding, and reading goes on without
/// it, so that the rest is checked too.
#[derive(Debug, Clone)]
pub struct Required<T>(pub Option<T>);

impl<T: FromNode> FromNode for Required<T> {
    const KEYS: &'static [&'static str] = T::KEYS;

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
    const KEYS: &'static [&'static str] = T::KEYS;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::from_node(node, diagnostics).map(|value| Self::new(value, node.place()))
    }

    fn missing(key: &str, section: Span, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::missing(key, section, diagnostics).map(|value| Self::new(value, section))
    }
}

/// Large sections: a map that grows moves none of them.
impl<T: FromNode> FromNode for Box<T> {
    const REQUIRED: bool = T::REQUIRED;
    const KEYS: &'static [&'static str] = T::KEYS;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::from_node(node, diagnostics).map(Self::new)
    }

    fn missing(key: &str, section: Span, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::missing(key, section, diagnostics).map(Self::new)
    }
}

impl<T: FromNode> FromNode for Vec<T> {
    const REQUIRED: bool = false;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Value::Array(items) = &node.value {
            let items = items
                .iter()
                .filter_map(|item| T::from_node(item, diagnostics));
            return Some(items.collect());
        }
        diagnostics.push(wrong_type(node, "a list").help("put the value in brackets: `[…]`"));
        // Taken for its only item, so that the rest of the file is not blamed for what is not in the list.
        let only = T::from_node(node, &mut Diagnostics::default());
        Some(only.into_iter().collect())
    }

    fn missing(_: &str, _: Span, _: &mut Diagnostics) -> Option<Self> {
        Some(Self::new())
    }
}

impl<K: FromStr<Err: Display> + Ord, T: FromNode> FromNode for BTreeMap<K, T> {
    const REQUIRED: bool = false;

    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut map = Self::new();
        for (key, node) in as_table(node, diagnostics)? {
            let name = key.parse().map_err(|error: K::Err| {
                let message = error.to_string();
                diagnostics.push(Diagnostic::error(codes::INVALID_NAME, node.name, message));
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
