//! Findings for people: a snippet of the file with carets, then the help.

use annotate_snippets::Renderer;

use super::{Diagnostic, Diagnostics, Page, Severity, snippet};
use crate::source::{Source, Span};

/// Findings that are drawn; nobody reads more at a time.
const MAX_DRAWN: usize = 100;

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Draws the findings, in order, with a blank line after each; ANSI colours are included. Of more than a hundred some are
/// left out, warnings before errors, and counted.
pub fn render(source: &Source, diagnostics: &Diagnostics) -> String {
    let renderer = Renderer::styled();
    // Another finding may be drawn with the same line: what one conceals, none shows.
    let secrets: Vec<Span> = diagnostics.iter().filter_map(|d| d.secret).collect();
    let source = source.concealing(&secrets);
    let mut drawn: String = chosen(diagnostics)
        .into_iter()
        .map(|diagnostic| snippet::draw(&renderer, &source, diagnostic) + "\n\n")
        .collect();
    let left_out = diagnostics.len().saturating_sub(MAX_DRAWN);
    if left_out > 0 {
        drawn.push_str(&format!(
            "and {left_out} more; `topogen check --format json` lists them all\n\n"
        ));
    }
    drawn
}

/// The parts of the file that [`render`] draws of, some of them in more than one.
pub fn drawn(source: &Source, diagnostics: &Diagnostics) -> Vec<Span> {
    let lines = |diagnostic| {
        let (text, start) = snippet::lines(source, diagnostic);
        Span::from(start..start + text.len())
    };
    chosen(diagnostics).into_iter().map(lines).collect()
}

fn chosen(diagnostics: &Diagnostics) -> Vec<&Diagnostic> {
    let mut room = [Severity::Error, Severity::Warning].map(|severity| diagnostics.count(severity));
    room[0] = room[0].min(MAX_DRAWN);
    room[1] = room[1].min(MAX_DRAWN - room[0]);
    diagnostics
        .iter()
        .filter(|diagnostic| {
            let room = match diagnostic.severity {
                Severity::Error => &mut room[0],
                Severity::Warning => &mut room[1],
            };
            let fits = *room > 0;
            *room = room.saturating_sub(1);
            fits
        })
        .collect()
}

/// "2 errors, 1 warning, 1 silenced": the last line of a run, or nothing when there is nothing to say.
pub fn summary(diagnostics: &Diagnostics) -> Option<String> {
    if diagnostics.is_empty() {
        return None;
    }
    let count = |severity| match diagnostics.count(severity) {
        0 => None,
        1 => Some(format!("1 {severity}")),
        n => Some(format!("{n} {severity}s")),
    };
    let parts = [
        count(Severity::Error),
        count(Severity::Warning),
        silenced(diagnostics),
    ];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// "1 silenced", or nothing when none is. One that is found in several environments counts once.
pub fn silenced(diagnostics: &Diagnostics) -> Option<String> {
    match diagnostics.reasons().len() {
        0 => None,
        count => Some(format!("{count} silenced")),
    }
}

/// "2 of them can be mended with `topogen check --fix`", or nothing when none can.
pub fn fixable(diagnostics: &Diagnostics) -> Option<String> {
    let count = diagnostics.iter().filter(|d| d.fix.is_some()).count();
    (count > 0).then(|| format!("{count} of them can be mended: topogen check --fix"))
}

/// The command that says more about these findings, or nothing when there are none.
pub fn more(diagnostics: &Diagnostics) -> Option<String> {
    let codes: Vec<&str> = diagnostics
        .codes()
        .into_iter()
        .map(|code| code.id)
        .collect();
    (!codes.is_empty()).then(|| {
        format!(
            "more about these findings: topogen explain {}",
            codes.join(" ")
        )
    })
}

/// One page: its Markdown with bold letters for its stars and an indent for its fences.
pub fn page(page: &Page) -> String {
    let code = page.code;
    let mut drawn = format!(
        "{BOLD}{} {}{PLAIN} ({}, {})\n\n",
        code.id,
        code.name,
        code.severity,
        code.family()
    );
    let mut fenced = false;
    for line in page.text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced && !line.is_empty() {
            drawn.push_str(&format!("    {line}\n"));
        } else {
            // Stars come in pairs: every second piece stands between two.
            let pieces = line
                .split("**")
                .enumerate()
                .map(|(at, piece)| match at % 2 {
                    1 => format!("{BOLD}{piece}{PLAIN}"),
                    _ => piece.to_owned(),
                });
            drawn.extend(pieces);
            drawn.push('\n');
        }
    }
    drawn
}

/// A line for each page.
pub fn list(pages: &[Page]) -> String {
    let width = pages.iter().map(|page| page.code.name.len()).max();
    let width = width.unwrap_or_default();
    let line = |page: &Page| {
        let code = page.code;
        let severity = code.severity.to_string();
        let (id, name, summary) = (code.id, code.name, page.summary());
        format!("{BOLD}{id}{PLAIN}  {severity:7}  {name:width$}  {summary}\n")
    };
    pages.iter().map(line).collect()
}
