//! Raw tree to typed words: `words!` declares a section once, and its reader and its JSON Schema follow.
//!
//! Reading never stops at a mistake: a value that cannot be read is reported and left out.

mod values;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use super::tree::{Node, Table, Value};
use super::{merge, suggest};
use crate::diag::{Diagnostic, Diagnostics, Fix, codes};
use crate::source::Span;
pub use values::Required;

/// A type that can be read from the raw tree.
pub trait FromNode: Sized {
    /// Whether a key of this type must be written.
    const REQUIRED: bool = true;
    /// The keys of a section.
    const KEYS: &'static [&'static str] = &[];

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

/// Keys of a table that is looked through from its beginning.
const FEW: usize = 8;

/// Reads one key of a section.
pub fn field<T: FromNode>(
    table: &Table,
    key: &str,
    section: Span,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    // Most tables have two or three keys, and most keys another length: they are told apart without a look at their letters.
    let node = if table.len() <= FEW {
        let mut entries = table.iter();
        entries.find(|(name, _)| *name == key).map(|(_, node)| node)
    } else {
        table.get(key)
    };
    match node {
        Some(node) => T::from_node(node, diagnostics),
        None => T::missing(key, section, diagnostics),
    }
}

/// Reports every key of `table` that is not in `known`. What is surely a slip is read as what is meant, so that nothing is told of as
/// missing beside it.
///
/// `inner` are sections that may stand below this one, each with its keys: who writes one of them here is told where it belongs.
pub fn refuse_unknown_keys<'a>(
    table: &'a Table,
    known: &[&str],
    inner: &[(&str, &[&str])],
    diagnostics: &mut Diagnostics,
) -> Cow<'a, Table> {
    let mut read = Cow::Borrowed(table);
    let mut taken = BTreeSet::new();
    for (key, node) in table {
        if known.contains(&key.as_str()) {
            continue;
        }
        let free = known.iter().copied();
        let meant = suggest::certain(key, free.filter(|word| merge::can_rename(table, key, word)));
        // Two slips of one key cannot both become it.
        let meant = meant.filter(|meant| taken.insert(*meant));
        diagnostics.push(
            Diagnostic::error(
                codes::UNKNOWN_KEY,
                node.name,
                format!("unknown key `{key}`"),
            )
            .help(match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => belongs(table, key, inner)
                    .unwrap_or_else(|| suggest::help(key, known.iter().copied())),
            })
            .fix(meant.map(|meant| Fix::replace(node.name, meant))),
        );
        if let Some(meant) = meant
            && !read.contains_key(meant)
        {
            read.to_mut().insert(meant.to_owned(), node.clone());
        }
    }
    read
}

/// Where a key belongs that stands one level too high, when one of the `inner` sections alone has such a key.
fn belongs(table: &Table, key: &str, inner: &[(&str, &[&str])]) -> Option<String> {
    let mut owners = inner.iter().filter(|(_, keys)| keys.contains(&key));
    let (Some((section, _)), None) = (owners.next(), owners.next()) else {
        return None;
    };
    Some(match table.contains_key(*section) {
        true => format!("it belongs into `{section}`"),
        false => format!("it belongs into `{section}`: write `{section} = {{ {key} = … }}`"),
    })
}

/// The table that `node` holds; anything else is reported.
pub fn as_table<'a>(node: &'a Node, diagnostics: &mut Diagnostics) -> Option<&'a Table> {
    if let Value::Table(table) = &node.value {
        return Some(table);
    }
    diagnostics.push(wrong_type(node, "a table"));
    None
}

fn wrong_type(node: &Node, expected: &str) -> Diagnostic {
    Diagnostic::error(
        codes::WRONG_TYPE,
        node.place(),
        format!("expected {expected}, found {}", node.value.type_name()),
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
            const KEYS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn from_node(
                node: &$crate::syntax::tree::Node,
                diagnostics: &mut $crate::diag::Diagnostics,
            ) -> Option<Self> {
                use $crate::syntax::read;
                let table = read::as_table(node, diagnostics)?;
                let inner = [$((stringify!($field), <$type as read::FromNode>::KEYS)),*];
                let table = read::refuse_unknown_keys(table, Self::KEYS, &inner, diagnostics);
                $(let $field = read::field(&table, stringify!($field), node.name, diagnostics);)*
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
