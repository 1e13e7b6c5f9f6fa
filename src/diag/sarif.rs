//! Findings for code scanning: SARIF 2.1.0, with every code as a rule.

use serde_json::{Value, json};

use super::{Diagnostic, Diagnostics, Fix, Page, Severity};
use crate::source::{Source, Span};

/// The report as pretty-printed JSON, without a trailing newline. `path` is that of the file from the folder of the
/// repository, so that it means the same on every machine.
pub fn render(path: &str, source: &Source, pages: &[Page], diagnostics: &Diagnostics) -> String {
    let file = File {
        uri: uri(path),
        source,
    };
    let rule_of = |finding: &Diagnostic| pages.iter().position(|page| page.code == finding.code);
    let found = diagnostics
        .iter()
        .map(|finding| file.result(finding, rule_of(finding), json!([])));
    let reasons = diagnostics.reasons().into_iter();
    let silenced = reasons.map(|(finding, reason)| {
        let suppression = json!({ "kind": "external", "justification": reason });
        file.result(finding, rule_of(finding), json!([suppression]))
    });
    let report = json!({
        "version": "2.1.0",
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "runs": [{
            "tool": { "driver": {
                "name": "topogen",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": pages.iter().map(rule).collect::<Vec<Value>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": found.chain(silenced).collect::<Vec<Value>>(),
        }],
    });
    format!("{report:#}")
}

fn rule(page: &Page) -> Value {
    let summary = page.summary();
    json!({
        "id": page.code.id,
        "name": page.code.name,
        "shortDescription": { "text": summary },
        "fullDescription": { "text": summary },
        "help": { "text": page.text, "markdown": page.text },
        "defaultConfiguration": { "level": level(page.code.severity) },
        "properties": { "tags": [page.code.family()] },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

struct File<'a> {
    uri: String,
    source: &'a Source,
}

impl File<'_> {
    fn result(&self, finding: &Diagnostic, rule: Option<usize>, suppressions: Value) -> Value {
        let text = match &finding.help {
            Some(help) => format!("{}\nhelp: {help}", finding.message),
            None => finding.message.clone(),
        };
        let related = finding.related.iter().enumerate().map(|(id, label)| {
            let mut place = self.location(label.span);
            place["id"] = id.into();
            place["message"] = json!({ "text": label.text });
            place
        });
        let mut result = json!({
            "ruleId": finding.code.id,
            "level": level(finding.severity),
            "message": { "text": text },
            "locations": [self.location(finding.span)],
            "relatedLocations": related.collect::<Vec<Value>>(),
            "suppressions": suppressions,
        });
        if let Some(rule) = rule {
            result["ruleIndex"] = rule.into();
        }
        if let Some(fix) = &finding.fix {
            result["fixes"] = json!([self.fix(fix)]);
        }
        result
    }

    fn fix(&self, fix: &Fix) -> Value {
        let edit = fix.edit(self.source);
        json!({
            "description": { "text": fix.title },
            "artifactChanges": [{
                "artifactLocation": self.artefact(),
                "replacements": [{
                    "deletedRegion": self.region(edit.span),
                    "insertedContent": { "text": edit.replacement },
                }],
            }],
        })
    }

    fn location(&self, span: Span) -> Value {
        json!({ "physicalLocation": {
            "artifactLocation": self.artefact(),
            "region": self.region(span),
        } })
    }

    fn artefact(&self) -> Value {
        json!({ "uri": self.uri, "uriBaseId": "%SRCROOT%" })
    }

    fn region(&self, span: Span) -> Value {
        let (start, end) = (
            self.source.position(span.start),
            self.source.position(span.end),
        );
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        })
    }
}

/// A relative path as a URI: forward slashes, and everything that a URI gives a meaning to in percent.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("./a b/topology.toml"), "a%20b/topology.toml");
        assert_eq!(uri("..\\ü\\t.toml"), "../%C3%BC/t.toml");
    }
}
