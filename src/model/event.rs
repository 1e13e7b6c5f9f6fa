//! `[events.*]`: facts that services publish.

use super::names::{AttributeName, EventName};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::words;

words! {
    /// A fact in the past tense, and its contract.
    pub struct EventWords {
        /// Version of the contract, such as `1.0`; the envelope carries it. Default `1.0`.
        pub version: Option<Spanned<String>>,
        /// The team that owns the contract.
        pub owner: Option<String>,
        /// JSON Schema of the event's `data`: a path from the folder of topology.toml.
        pub schema: Option<Spanned<String>>,
        /// Fields of `data` that also travel as message attributes, free to filter on.
        pub attributes: Vec<Spanned<AttributeName>>,
    }
}

/// A fact in the past tense, and its contract.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name; the envelope's `eventType`.
    pub name: EventName,
    /// Its header in the file.
    pub span: Span,
    /// Version of the contract.
    pub version: String,
    /// The team that owns the contract.
    pub owner: Option<String>,
    /// JSON Schema of `data`: a path from the folder of topology.toml.
    pub schema: Option<Spanned<String>>,
    /// Fields of `data` that also travel as message attributes.
    pub attributes: Vec<AttributeName>,
}

impl Event {
    pub(super) fn resolve(
        name: EventName,
        words: Spanned<EventWords>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let Spanned { value: words, span } = words;
        if let Some(version) = &words.version
            && !is_version(&version.value)
        {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    version.span,
                    format!("`{}` is not a version", version.value),
                )
                .help("write two numbers, such as \"1.0\": a new first one breaks consumers, a new second one does not"),
            );
        }
        Self {
            name,
            span,
            version: words.version.map_or_else(|| "1.0".to_owned(), |v| v.value),
            owner: words.owner,
            schema: words.schema,
            attributes: words.attributes.into_iter().map(|a| a.value).collect(),
        }
    }
}

fn is_version(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(major, minor)| number(major) && number(minor))
}
