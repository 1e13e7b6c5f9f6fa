//! Findings for programs: one JSON object with two lists, stable keys, lines and columns from 1. `docs/findings.md` tells
//! users what the keys mean.

use serde::Serialize;

use super::{Diagnostic, Diagnostics, Severity};
use crate::source::{Source, Span};

#[derive(Serialize)]
struct Report<'a> {
    findings: Vec<Finding<'a>>,
    silenced: Vec<Silence<'a>>,
    #[serde(rename = "leftOut", skip_serializing_if = "Option::is_none")]
    left_out: Option<usize>,
}

#[derive(Serialize)]
struct Silence<'a> {
    #[serde(flatten)]
    finding: Finding<'a>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    name: &'a str,
    severity: Severity,
    message: &'a str,
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
    related: Vec<Related<'a>>,
    fix: Option<FixReport<'a>>,
}

#[derive(Serialize)]
struct FixReport<'a> {
    title: &'a str,
    edits: Vec<EditReport<'a>>,
}

#[derive(Serialize)]
struct EditReport<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: String,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// The report as pretty-printed JSON, without a trailing newline.
pub fn render(source: &Source, diagnostics: &Diagnostics) -> String {
    let report = Report {
        findings: diagnostics.iter().map(|d| finding(source, d)).collect(),
        silenced: diagnostics
            .reasons()
            .into_iter()
            .map(|(silenced, reason)| Silence {
                finding: finding(source, silenced),
                reason,
            })
            .collect(),
        left_out: Some(diagnostics.left_out()).filter(|count| *count > 0),
    };
    // Serialising plain strings and numbers into memory has no way to fail.
    let json = serde_json::to_string_pretty(&report).unwrap_or_default();
    // JSON leaves the controls that terminals read in U+0080 to U+009F as they are. In it they stand only in strings.
    let control = |c: char| matches!(c, '\u{7f}'..='\u{9f}');
    match json.contains(control) {
        true => json
            .chars()
            .map(|c| {
                if control(c) {
                    format!("\\u{:04x}", u32::from(c))
                } else {
                    c.to_string()
                }
            })
            .collect(),
        false => json,
    }
}

fn finding<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> Finding<'a> {
    Finding {
        code: diagnostic.code.id,
        name: diagnostic.code.name,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        place: place(source, diagnostic.span),
        related: diagnostic
            .related
            .iter()
            .map(|label| Related {
                message: &label.text,
                place: place(source, label.span),
            })
            .collect(),
        fix: diagnostic.fix.as_ref().map(|fix| {
            let edit = fix.edit(source);
            FixReport {
                title: &fix.title,
                edits: vec![EditReport {
                    place: place(source, edit.span),
                    replacement: edit.replacement,
                }],
            }
        }),
    }
}

fn place(source: &Source, span: Span) -> Place<'_> {
    let (start, end) = (source.position(span.start), source.position(span.end));
    Place {
        file: source.path(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
