//! Text to a raw tree with spans, and from there to typed words.
//!
//! Reading recovers from each mistake, so that one run reports them all.

pub mod merge;
pub mod places;
pub mod read;
pub mod suggest;
pub mod tree;

use toml::de::DeTable;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Source, Span};
use tree::Table;

/// Parses TOML 1.1; what could be understood of a broken file is returned along with the errors.
pub fn parse(source: &Source) -> (Table, Diagnostics) {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    let mut diagnostics = Diagnostics::default();
    for error in errors {
        let span = error.span().map_or_else(Span::default, Span::from);
        diagnostics.push(Diagnostic::error(
            codes::SYNTAX,
            span,
            error.message().to_owned(),
        ));
    }
    let table = tree::from_toml(table.get_ref());
    (table, diagnostics)
}
