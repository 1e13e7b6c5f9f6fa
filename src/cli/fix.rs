//! `topogen check --fix`: makes the fixes of all findings that have one, in the file where they stand.

use std::collections::BTreeSet;
use std::path::Path;

use super::project::Opened;
use super::terminal::eprintln;
use super::{CliError, Exit};
use crate::diag::fix::Edit;
use crate::diag::{Diagnostic, Diagnostics, Fix, fix};
use crate::source::Source;
use crate::{Project, out, syntax};

/// One fix may uncover the next, such as a value behind a misspelt key; no file needs many such rounds.
const ROUNDS: usize = 20;

/// Times that a file is read to tell which fixes do no good.
const MOST_TRIED: usize = 200;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Fixes what `find` finds until nothing can be fixed, and writes the file once. Returns the project as it is then.
pub fn run(
    mut opened: Opened,
    file: &Path,
    find: impl Fn(&Opened) -> Diagnostics,
) -> Result<Opened, CliError> {
    refuse_broken(&opened)?;
    let mut done = Vec::new();
    for _ in 0..ROUNDS {
        let source = &opened.project.source;
        let findings = find(&opened);
        let fixes = good(source, fix::compatible(source, &findings));
        if fixes.is_empty() {
            break;
        }
        let text = fix::apply(source.text(), fixes.iter().map(|(_, _, edit)| edit));
        for (finding, fix, _) in &fixes {
            let line = source.line(finding.span.start);
            let (path, code) = (opened.shown(), finding.code.id);
            done.push(format!("fixed {path}:{line}: {} ({code})", fix.title));
        }
        let fixed = Source::new(source.path(), text);
        opened.project = Project::parse(fixed);
        refuse_broken(&opened)?;
    }
    write(&opened, file)?;
    for line in done {
        eprintln!("{line}");
    }
    Ok(opened)
}

/// A fix, where it comes from, and what it changes.
type Chosen<'a> = (&'a Diagnostic, &'a Fix, Edit);

/// Those of `fixes` that leave the file TOML: two of them may make one key, and what is written over lines may want a comma.
fn good<'a>(source: &Source, fixes: Vec<Chosen<'a>>) -> Vec<Chosen<'a>> {
    let (mut kept, mut tries) = (Vec::new(), MOST_TRIED);
    keep_good(source, fixes, &mut kept, &mut tries);
    kept
}

/// Adds to `kept` what is good besides; halves, and halves of these, tell which are not.
fn keep_good<'a>(
    source: &Source,
    mut fixes: Vec<Chosen<'a>>,
    kept: &mut Vec<Chosen<'a>>,
    tries: &mut usize,
) {
    let (before, count) = (kept.len(), fixes.len());
    if count == 0 || *tries == 0 {
        return;
    }
    *tries -= 1;
    kept.extend(fixes.iter().cloned());
    if is_toml(source, kept) {
        return;
    }
    kept.truncate(before);
    if count > 1 {
        let second = fixes.split_off(count / 2);
        keep_good(source, fixes, kept, tries);
        keep_good(source, second, kept, tries);
    }
}

/// Takes away what would not leave the file TOML, so that nobody makes it by hand.
pub(super) fn without_bad(source: &Source, mut findings: Diagnostics) -> Diagnostics {
    let all = fix::compatible(source, &findings);
    if all.is_empty() || is_toml(source, &all) {
        return findings;
    }
    let fixes = |chosen: &[Chosen<'_>]| -> BTreeSet<Fix> {
        chosen.iter().map(|(_, fix, _)| (*fix).clone()).collect()
    };
    let mut bad = fixes(&all);
    for fix in fixes(&good(source, all)) {
        bad.remove(&fix);
    }
    for finding in findings.iter_mut() {
        finding.fix = finding.fix.take().filter(|fix| !bad.contains(fix));
    }
    findings
}

fn is_toml(source: &Source, fixes: &[Chosen<'_>]) -> bool {
    reads(source, fixes.iter().map(|(_, _, edit)| edit))
}

fn reads<'a>(source: &Source, edits: impl Iterator<Item = &'a Edit>) -> bool {
    let fixed = Source::new(source.path(), fix::apply(source.text(), edits));
    !syntax::parse(&fixed).1.has_errors()
}

/// Spans of a file that is not TOML cannot be relied on. Nothing has been written yet.
fn refuse_broken(opened: &Opened) -> Result<(), CliError> {
    if !opened.project.is_broken() {
        return Ok(());
    }
    opened.show(&opened.project.syntax_findings());
    Err(
        CliError::new(Exit::Findings, "nothing was fixed: the file is not TOML")
            .help("mend that by hand first"),
    )
}

/// Writes the text of the project. Through a link to the file itself, which would otherwise be replaced.
pub(super) fn write(opened: &Opened, file: &Path) -> Result<(), CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::new(Exit::Usage, error);
    let target = std::fs::canonicalize(file).map_err(|error| failed(&error))?;
    let present = std::fs::read(&target).map_err(|error| failed(&error))?;
    // The mark is no part of the text, and stays with the file.
    let mark: &[u8] = if present.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK
    } else {
        &[]
    };
    let text = [mark, opened.project.source.text().as_bytes()].concat();
    out::replace(&target, &text)?;
    Ok(())
}
