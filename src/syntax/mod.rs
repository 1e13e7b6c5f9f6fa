//! Text to a raw tree with spans, and from there to typed words.
//!
//! Reading recovers from each mistake, so that one run reports them all.

mod duplicates;
pub mod merge;
mod pieces;
pub mod places;
mod precheck;
pub mod read;
pub mod section;
pub mod strings;
pub mod suggest;
pub mod tree;

use std::collections::BTreeSet;

use toml::de::DeTable;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Source, Span};
use tree::Table;

/// Syntax errors that are told of. What comes after so many only follows from them.
const MAX_ERRORS: usize = 1000;
/// Bytes of a text that is read at once, and of the parts of a longer one that are tried.
const PLENTY: usize = 1024 * 1024;
const PART: usize = 64 * 1024;
/// What the TOML reader says of a key or a section that stands twice.
const DUPLICATE: &str = "duplicate key";
/// What it says of a word that is no value.
const UNQUOTED: &str = "string values must be quoted";

/// Parses TOML 1.1; what could be understood of a broken file is returned along with the errors.
pub fn parse(source: &Source) -> (Table, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    if let Some(table) = pieces::read(source.text()) {
        return (table, diagnostics);
    }
    if let Some(fault) = precheck::fault(source.text()) {
        diagnostics.push(fault);
        return (Table::new(), diagnostics);
    }
    let (table, mut errors) = read(source.text());
    errors.truncate(MAX_ERRORS);
    if !errors.is_empty()
        && let Some(conflict) = merge_conflict(source.text())
    {
        diagnostics.push(conflict);
        return (Table::new(), diagnostics);
    }
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
            None => Diagnostic::error(codes::SYNTAX, span, message(error, span)),
        });
    }
    (tree::from_toml(table.get_ref(), 0), diagnostics)
}

/// What the TOML reader makes of a text, and what it finds wrong there.
type Read<'a> = (toml::Spanned<DeTable<'a>>, Vec<toml::de::Error>);

/// What the TOML reader makes of `text`. It gathers every error that there is: the beginning of a long text, and then what comes behind
/// its first error, tell whether it is no TOML at all; then they are all that is read.
fn read(text: &str) -> Read<'_> {
    if text.len() > PLENTY {
        if let Some(broken) = broken_behind(text, 0) {
            return broken;
        }
        // This keeps the first error alone.
        let first = match DeTable::parse(text) {
            Ok(table) => return (table, Vec::new()),
            Err(error) => error.span().map_or(0, |span| span.end),
        };
        if let Some(broken) = broken_behind(text, first) {
            return broken;
        }
    }
    DeTable::parse_recoverable(text)
}

/// The text up to a part behind byte `at`, when that has as many errors as are told.
fn broken_behind(text: &str, at: usize) -> Option<Read<'_>> {
    let part = &text[..text.floor_char_boundary(at + PART)];
    let read = DeTable::parse_recoverable(part);
    (read.1.len() >= MAX_ERRORS).then_some(read)
}

/// The mark that git leaves where two sides of a merge do not fit: every line of it would be an error of its own.
fn merge_conflict(text: &str) -> Option<Diagnostic> {
    const MARK: &str = "<<<<<<< ";
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let at = starts.find(|at| text[*at..].starts_with(MARK))?;
    let span = Span::from(at..at + MARK.len() - 1);
    let message = "the file holds a merge conflict";
    Some(
        Diagnostic::error(codes::SYNTAX, span, message)
            .help("choose between the two sides, and delete the three marks"),
    )
}

/// What the TOML reader says; it takes a missing value for one without quotes.
fn message(error: &toml::de::Error, span: Span) -> &str {
    match error.message() {
        message if message.starts_with(UNQUOTED) && span.start == span.end => "a value is missing",
        message => message,
    }
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
