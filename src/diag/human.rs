//! Findings for people: a snippet of the file with carets, then the help.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Severity};
use crate::source::{Source, Span};

/// Lines shown around a finding's places; only these reach the renderer, so a huge file costs nothing.
const CONTEXT_LINES: usize = 1;

/// Draws all findings, in order, with a blank line after each; ANSI colours are included.
pub fn render(source: &Source, diagnostics: &Diagnostics) -> String {
    let renderer = Renderer::styled();
    diagnostics
        .iter()
        .map(|diagnostic| renderer.render(&[group(source, diagnostic)]) + "\n\n")
        .collect()
}

/// "2 errors, 1 warning": the last line of a run, or nothing when there is nothing to say.
pub fn summary(diagnostics: &Diagnostics) -> Option<String> {
    let parts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning")]
        .into_iter()
        .filter_map(|(severity, word)| match diagnostics.count(severity) {
            0 => None,
            1 => Some(format!("1 {word}")),
            n => Some(format!("{n} {word}s")),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn group<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let spans =
        || std::iter::once(diagnostic.span).chain(diagnostic.related.iter().map(|l| l.span));
    let first = spans().map(|s| source.line(s.start)).min().unwrap_or(1);
    let last = spans().map(|s| source.line(s.end)).max().unwrap_or(1);
    let first = first.saturating_sub(CONTEXT_LINES).max(1);
    let (text, offset) = source.lines(first, last);

    let cut = |span: Span| span.start.saturating_sub(offset)..span.end.saturating_sub(offset);
    let primary = AnnotationKind::Primary
        .span(cut(diagnostic.span))
        .label((!diagnostic.label.is_empty()).then_some(diagnostic.label.as_str()));
    let related = diagnostic.related.iter().map(|label| {
        AnnotationKind::Context
            .span(cut(label.span))
            .label(label.text.as_str())
    });
    let snippet = Snippet::source(text)
        .path(source.path())
        .line_start(first)
        .annotation(primary)
        .annotations(related);

    let group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id)
        .element(snippet);
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}
