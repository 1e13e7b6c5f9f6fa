//! One finding drawn: the lines of its places with carets under them.
//!
//! Whatever the file holds, little of it is drawn and nothing of it steers the terminal.

use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::source::{Source, Span};

/// Lines shown before a finding's places.
const CONTEXT_LINES: usize = 1;
/// Bytes that are handed to the renderer in one piece; it walks through all of them for each finding.
const MAX_BYTES: usize = 64 * 1024;
/// Bytes shown before and after the beginning of a place when the whole is too long.
const BEFORE: usize = 60;
const AFTER: usize = 100;
/// Characters of a message; a longer one holds a name without end.
const MAX_WORDS: usize = 400;

/// What is drawn of the file, and where that begins: whole lines, from the first of the finding's places to the last.
pub(super) fn lines<'a>(source: &'a Source, diagnostic: &Diagnostic) -> (&'a str, usize) {
    let (first, last) = numbers(source, diagnostic);
    source.lines(first, last)
}

fn numbers(source: &Source, diagnostic: &Diagnostic) -> (usize, usize) {
    let starts = diagnostic.places().map(|place| source.line(place.start));
    let ends = diagnostic.places().map(|place| source.line(place.end));
    let (first, last) = (starts.min().unwrap_or(1), ends.max().unwrap_or(1));
    (first.saturating_sub(CONTEXT_LINES).max(1), last)
}

pub(super) fn draw(renderer: &Renderer, source: &Source, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(words(&diagnostic.message))
        .id(diagnostic.code.id);
    let (first, last) = numbers(source, diagnostic);
    let (text, offset) = source.lines(first, last);
    let group = if text.len() <= MAX_BYTES {
        let cut = |span: Span| span.start.saturating_sub(offset)..span.end.saturating_sub(offset);
        let primary = AnnotationKind::Primary
            .span(cut(diagnostic.span))
            .label(label(&diagnostic.label));
        let related = diagnostic.related.iter().map(|other| {
            AnnotationKind::Context
                .span(cut(other.span))
                .label(label(&other.text))
        });
        title.element(
            Snippet::source(harmless(text))
                .path(words(source.path()))
                .line_start(first)
                .annotation(primary)
                .annotations(related),
        )
    } else {
        let group = Group::with_title(title);
        let primary = piece(
            group,
            source,
            diagnostic.span,
            &diagnostic.label,
            AnnotationKind::Primary,
        );
        diagnostic.related.iter().fold(primary, |group, other| {
            piece(
                group,
                source,
                other.span,
                &other.text,
                AnnotationKind::Context,
            )
        })
    };
    let group = match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(words(help))),
        None => group,
    };
    renderer.render(&[group])
}

/// Adds the part of one line that holds the beginning of `span`.
fn piece<'a>(
    group: Group<'a>,
    source: &'a Source,
    span: Span,
    text: &'a str,
    kind: AnnotationKind,
) -> Group<'a> {
    let place = source.position(span.start);
    let (line, start) = source.lines(place.line, place.line);
    let line = line.trim_end_matches(['\n', '\r']);
    let at = line.floor_char_boundary(span.start.saturating_sub(start));
    let from = line.floor_char_boundary(at.saturating_sub(BEFORE));
    let to = line.floor_char_boundary(at + AFTER);
    let end = line
        .floor_char_boundary(span.end.saturating_sub(start))
        .clamp(at, to);
    let mark = |cut: bool| if cut { "…" } else { "" };
    let shown = format!(
        "{}{}{}",
        mark(from > 0),
        harmless(&line[from..to]),
        mark(to < line.len())
    );
    let shift = |at: usize| at - from + mark(from > 0).len();
    let snippet = Snippet::source(shown)
        .line_start(place.line)
        .annotation(kind.span(shift(at)..shift(end)).label(label(text)));
    let path = words(source.path());
    match from {
        0 => group.element(snippet.path(path)),
        // The renderer would count the columns of the part.
        _ => {
            let origin = Origin::path(path)
                .line(place.line)
                .char_column(place.column);
            group.element(origin).element(snippet)
        }
    }
}

fn label(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then(|| words(text))
}

/// Whether a character would steer the terminal.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is said in one line and may repeat a file's name, with whatever would steer the terminal spelt out.
pub fn one_line(text: &str) -> Cow<'_, str> {
    match text.contains(steers) {
        false => Cow::Borrowed(text),
        true => Cow::Owned(spell(text.chars())),
    }
}

fn spell(letters: impl Iterator<Item = char>) -> String {
    letters
        .map(|c| match steers(c) {
            true => c.escape_default().to_string(),
            false => c.to_string(),
        })
        .collect()
}

/// Text that may repeat a name of the file: shortened in the middle, and as [`one_line`] makes it.
pub(crate) fn words(text: &str) -> Cow<'_, str> {
    let length = text.chars().count();
    if length <= MAX_WORDS {
        return one_line(text);
    }
    let half = MAX_WORDS / 2;
    let head = spell(text.chars().take(half));
    let tail = spell(text.chars().skip(length - half));
    Cow::Owned(format!("{head} … {tail}"))
}

/// The renderer makes ASCII's control characters visible, and those that turn the direction of writing, but not the
/// controls that terminals read in U+0080 to U+009F. The stand-in has as many bytes.
fn harmless(text: &str) -> Cow<'_, str> {
    let control = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    match text.contains(control) {
        true => Cow::Owned(text.replace(control, "·")),
        false => Cow::Borrowed(text),
    }
}
