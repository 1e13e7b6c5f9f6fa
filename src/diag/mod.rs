//! Findings: what is wrong, where, and what to type instead.
//!
//! Every stage adds to one [`Diagnostics`], so a user sees all mistakes of a file in one run. Drawing them is the last
//! step ([`human`], [`json`], [`sarif`]) and knows nothing of how they were found.

pub mod codes;
pub mod fix;
pub mod human;
pub mod json;
mod page;
pub mod sarif;
mod snippet;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::source::Span;
pub use fix::Fix;
pub use page::Page;
pub use snippet::one_line;
pub(crate) use snippet::words;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is rendered or deployed while it stands.
    Error,
    /// It works, but a careful team would change it.
    Warning,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// The stable identity of a kind of finding: `TG201`, with a name that reads after "allow".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// `TG` and three digits; the first digit is the family (see [`codes`]).
    pub id: &'static str,
    /// Kebab-case name, such as `visibility-below-timeout`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
}

impl Code {
    /// Whether `written` is this code or its name.
    pub fn is_called(&self, written: &str) -> bool {
        self.id.eq_ignore_ascii_case(written) || self.name == written
    }

    /// What its findings are about, in a few words; the first digit says it.
    pub fn family(&self) -> &'static str {
        match self.id.as_bytes().get(2) {
            Some(b'0') => "the file",
            Some(b'1') => "names and the flow of events",
            Some(b'2') => "reliability",
            Some(b'3') => "security",
            Some(b'4') => "cost and quotas",
            Some(b'5') => "contracts",
            _ => "building and deploying",
        }
    }
}

/// A second place that explains the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words for under the caret.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Diagnostic {
    /// Where; findings are sorted by it.
    pub span: Span,
    /// Which kind.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One line: lower case, no full stop, names in backticks, both numbers.
    pub message: String,
    /// Words for under the caret; may be empty.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// What to type.
    pub help: Option<String>,
    /// What must not be shown to anybody: a secret that stands in the file.
    pub secret: Option<Span>,
    /// What mends it for certain. Last, so that of two that are alike the one without comes first.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// A warning at `span`.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    fn new(severity: Severity, code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            code,
            severity,
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            help: None,
            secret: None,
            fix: None,
        }
    }

    /// Whether it says the same as `other`, whatever mends them.
    fn says_the_same(&self, other: &Self) -> bool {
        let all = |d: &Self| (d.span, d.code, d.severity, d.secret);
        all(self) == all(other)
            && self.message == other.message
            && self.label == other.label
            && self.related == other.related
            && self.help == other.help
    }

    /// Its places, the first one first.
    pub fn places(&self) -> impl Iterator<Item = Span> {
        std::iter::once(self.span).chain(self.related.iter().map(|label| label.span))
    }

    /// All that is said in it.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        let own = [&self.message, &self.label].into_iter().chain(&self.help);
        own.chain(self.related.iter().map(|label| &label.text))
    }

    /// As [`Self::words`], to say it otherwise.
    pub fn words_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let own = [&mut self.message, &mut self.label].into_iter();
        let related = self.related.iter_mut().map(|label| &mut label.text);
        own.chain(&mut self.help).chain(related)
    }

    /// Words for under the caret.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// A second place that explains the first.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// What to type.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Keeps the text at `secret` out of everything that is drawn.
    #[must_use]
    pub fn conceal(mut self, secret: Span) -> Self {
        self.secret = Some(secret);
        self
    }

    /// What mends it for certain, when there is such a thing.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// A warning that the file itself silences.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Silenced {
    /// The warning.
    pub finding: Diagnostic,
    /// Why it does not matter.
    pub reason: String,
    /// The key of the entry that says so.
    pub entry: String,
    /// The environment that it was found in.
    pub environment: String,
}

/// Findings of one severity that are kept. A file of megabytes that is none can have millions, and nobody reads them; they are
/// counted.
const KEPT: usize = 200_000;

/// All findings of one run.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    silenced: Vec<Silenced>,
    /// How many there are beyond those.
    left_out: BTreeMap<Severity, usize>,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        // Warnings never take the room of errors.
        let room = match diagnostic.severity {
            Severity::Error => 2 * KEPT,
            Severity::Warning => KEPT,
        };
        if self.found.len() < room {
            self.found.push(diagnostic);
        } else {
            *self.left_out.entry(diagnostic.severity).or_default() += 1;
        }
    }

    /// Adds all findings of another stage.
    pub fn extend(&mut self, other: Self) {
        other.found.into_iter().for_each(|found| self.push(found));
        self.silenced.extend(other.silenced);
        for (severity, count) in other.left_out {
            *self.left_out.entry(severity).or_default() += count;
        }
    }

    /// The findings of all environments, each once. One that is not of all says which it is of, unless `exempt` alone has
    /// nothing of its kind there: not everything is asked of that one.
    #[must_use]
    pub fn of_environments<'a>(
        each: impl IntoIterator<Item = (&'a str, Self)>,
        exempt: &str,
    ) -> Self {
        let mut all = Self::default();
        let mut every: BTreeSet<&str> = BTreeSet::new();
        let mut found: BTreeMap<Diagnostic, (BTreeSet<&str>, Option<Fix>)> = BTreeMap::new();
        let mut at: BTreeMap<(Span, Code), BTreeSet<&str>> = BTreeMap::new();
        for (environment, mut diagnostics) in each {
            every.insert(environment);
            for mut finding in std::mem::take(&mut diagnostics.found) {
                let place = (finding.span, finding.code);
                at.entry(place).or_default().insert(environment);
                let fix = finding.fix.take();
                let (environments, certain) = found
                    .entry(finding)
                    .or_insert_with(|| (BTreeSet::new(), fix.clone()));
                environments.insert(environment);
                // What one of them is not certain to mend, none is.
                *certain = certain
                    .take()
                    .filter(|certain| fix.as_ref() == Some(certain));
            }
            all.extend(diagnostics);
        }
        for (mut finding, (environments, fix)) in found {
            finding.fix = fix;
            let asked = at.get(&(finding.span, finding.code)).into_iter().flatten();
            let asked = every
                .iter()
                .filter(|environment| **environment != exempt)
                .chain(asked);
            if !asked
                .copied()
                .collect::<BTreeSet<_>>()
                .is_subset(&environments)
            {
                let names: Vec<String> = environments.iter().map(|e| format!("`{e}`")).collect();
                finding.message += &format!(" (in {})", names.join(", "));
            }
            all.push(finding);
        }
        all.sorted()
    }

    /// Sets aside every finding that `judge` knows a reason to silence.
    pub fn silence(&mut self, judge: impl Fn(&Diagnostic) -> Option<Silenced>) {
        self.found.retain(|finding| match judge(finding) {
            Some(silenced) => {
                self.silenced.push(silenced);
                false
            }
            None => true,
        });
    }

    /// What was set aside, in each environment.
    pub fn silenced(&self) -> impl Iterator<Item = &Silenced> {
        self.silenced.iter()
    }

    /// What was set aside and why, each finding once however many environments have it.
    pub fn reasons(&self) -> BTreeMap<&Diagnostic, &str> {
        let reasons = self.silenced.iter();
        reasons
            .map(|silenced| (&silenced.finding, silenced.reason.as_str()))
            .collect()
    }

    /// Takes away what would mend them: where not all could be read, nothing is certain of what is missing.
    #[must_use]
    pub fn without_fixes(mut self) -> Self {
        self.found.iter_mut().for_each(|found| found.fix = None);
        self
    }

    /// Takes away all findings of a kind.
    #[must_use]
    pub fn without(mut self, kind: impl Fn(&Diagnostic) -> bool) -> Self {
        self.found.retain(|found| !kind(found));
        self
    }

    /// In the order of the file, each once: the same line may be read for several environments. What one of them is not certain
    /// to mend, none is.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.found.sort();
        self.found
            .dedup_by(|later, first| later.says_the_same(first));
        self.silenced.sort();
        self.silenced.dedup();
        self
    }

    /// All findings that are kept and not silenced, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter()
    }

    /// As [`Self::iter`], to say something else of one.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.found.iter_mut()
    }

    /// All of them that are kept, silenced or not.
    pub fn all(&self) -> impl Iterator<Item = &Diagnostic> {
        let silenced = self.silenced.iter().map(|silenced| &silenced.finding);
        self.found.iter().chain(silenced)
    }

    /// As [`Self::all`], to say something else of one.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        let silenced = self.silenced.iter_mut();
        let silenced = silenced.map(|silenced| &mut silenced.finding);
        self.found.iter_mut().chain(silenced)
    }

    /// How many there are that are not silenced.
    pub fn len(&self) -> usize {
        self.found.len() + self.left_out()
    }

    /// How many of them are not kept.
    pub fn left_out(&self) -> usize {
        self.left_out.values().sum()
    }

    /// The kinds of finding among them, by code, each once.
    pub fn codes(&self) -> BTreeSet<Code> {
        self.found.iter().map(|d| d.code).collect()
    }

    /// How many there are of `severity`.
    pub fn count(&self, severity: Severity) -> usize {
        let kept = self.found.iter().filter(|d| d.severity == severity);
        kept.count() + self.left_out.get(&severity).copied().unwrap_or_default()
    }

    /// Whether anything stands in the way of rendering.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_that_differ_name_their_environments() {
        let of = |messages: &[(usize, &str)]| {
            let mut found = Diagnostics::default();
            for (at, message) in messages {
                let span = Span::from(*at..at + 1);
                found.push(Diagnostic::warning(codes::UNUSED_SILENCE, span, *message));
            }
            found
        };
        let all = Diagnostics::of_environments(
            [
                ("prod", of(&[(1, "same"), (2, "has 7"), (3, "both")])),
                (
                    "dev",
                    of(&[(1, "same"), (2, "has 6"), (3, "both"), (3, "one")]),
                ),
                ("local", of(&[(1, "same"), (2, "has 6"), (4, "alone")])),
            ],
            "local",
        );
        let told: Vec<&str> = all.iter().map(|found| found.message.as_str()).collect();
        let wanted = [
            "same",
            "has 6 (in `dev`, `local`)",
            "has 7 (in `prod`)",
            "both",
            "one (in `dev`)",
            "alone (in `local`)",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn what_one_environment_is_not_certain_to_mend_none_is() {
        let place = Span::from(1..2);
        let of = |fix: Option<&str>| {
            let finding = Diagnostic::warning(codes::UNUSED_SILENCE, place, "same");
            let mut found = Diagnostics::default();
            found.push(finding.fix(fix.map(|text| Fix::replace(place, text))));
            found
        };
        for (dev, prod, kept) in [
            (Some("a"), Some("a"), true),
            (Some("a"), None, false),
            (None, Some("a"), false),
            (Some("a"), Some("b"), false),
        ] {
            let all = Diagnostics::of_environments([("dev", of(dev)), ("prod", of(prod))], "local");
            let found: Vec<&Diagnostic> = all.iter().collect();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].message, "same");
            assert_eq!(found[0].fix.is_some(), kept, "{dev:?} {prod:?}");
        }
    }

    #[test]
    fn of_endless_findings_all_are_counted_and_errors_are_kept() {
        let mut all = Diagnostics::default();
        for at in 0..3 * KEPT {
            let span = Span::from(at..at + 1);
            all.push(Diagnostic::warning(codes::UNUSED_SILENCE, span, "idle"));
        }
        let mut errors = Diagnostics::default();
        errors.push(Diagnostic::error(codes::SYNTAX, Span::default(), "broken"));
        all.extend(errors);
        let all = all.sorted();
        assert_eq!(all.iter().next().map(|d| d.code), Some(codes::SYNTAX));
        assert_eq!((all.len(), all.left_out()), (3 * KEPT + 1, 2 * KEPT));
        assert_eq!(all.count(Severity::Warning), 3 * KEPT);
        assert!(all.has_errors());
    }
}
