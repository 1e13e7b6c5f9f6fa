//! Text to a raw tree with spans, and from there to typed words.
//!
//! Reading recovers from each mistake, so that one run reports them all.

mod duplicates;
pub mod merge;
pub mod places;
mod precheck;
pub mod read;
pub mod suggest;
pub mod tree;

use std::collections::BTreeSet;

use toml::de::DeTable;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Source, Span};
use tree::Table;

/// Syntax errors that are told of. What comes after so many only follows from them.
const MAX_ERRORS: usize = 1000;
/// What the TOML reader says of a key or a section that stands twice.
const DUPLICATE: &str = "duplicate key";

/// Parses TOML 1.1; what could be understood of a broken file is returned along with the errors.
pub fn parse(source: &Source) -> (Table, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    if let Some(fault) = precheck::fault(source.text()) {
        diagnostics.push(fault);
        return (Table::new(), diagnostics);
    }
    let (table, mut errors) = DeTable::parse_recoverable(source.text());
    errors.truncate(MAX_ERRORS);
    let span = |error: &toml::de::Error| error.span().map_or_else(Span::default, Span::from);
    let seconds: BTreeSet<Span> = errors
        .iter()
        .filter(|error| error.message() == DUPLICATE)
        .map(span)
        .collect();
    let firsts = match seconds.is_empty() {
        true => Default::default(),
        false => duplicates::firsts(source.text(), &seconds),
    };
    for error in &errors {
        let span = span(error);
        diagnostics.push(match firsts.get(&span) {
            Some(first) => twice(source, span, *first),
            None => Diagnostic::error(codes::SYNTAX, span, error.message()),
        });
    }
    (tree::from_toml(table.get_ref()), diagnostics)
}

fn twice(source: &Source, second: Span, first: Span) -> Diagnostic {
    let name = source
        .text()
        .get(second.start..second.end)
        .unwrap_or_default();
    Diagnostic::error(codes::SYNTAX, second, format!("`{name}` stands here again"))
        .related(first, "first here")
        .help("delete one of the two, or merge them")
}
