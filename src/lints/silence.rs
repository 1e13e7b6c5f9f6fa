//! Applies `[lints]`: which warnings are silenced, and whether each entry may be there.

use std::collections::BTreeSet;

use crate::contracts;
use crate::diag::{Code, Diagnostic, Diagnostics, Page, Severity, Silenced, codes};
use crate::model::Topology;
use crate::model::lints::{Entry, Silence};
use crate::syntax::places::Places;
use crate::syntax::suggest;
use crate::syntax::tree::Table;

/// Sets aside the warnings that the topology silences, and reports the entries that cannot hold.
pub fn apply(topology: &Topology, tree: &Table, diagnostics: &mut Diagnostics) {
    if topology.lints.is_empty() {
        return;
    }
    let pages = super::pages();
    let places = Places::of(tree);
    let paths: BTreeSet<&str> = places.paths().collect();
    let mut faults = Diagnostics::default();
    for (name, silence) in &topology.lints {
        let Some(code) = silenceable(name, silence, &pages, &mut faults) else {
            continue;
        };
        refuse_unknown_sections(silence, &paths, &mut faults);
        diagnostics.silence(|finding| {
            let covered = finding.code == code && covers(silence, places.path(finding.span));
            covered.then(|| Silenced {
                finding: finding.clone(),
                reason: silence.reason.clone(),
                entry: name.clone(),
                environment: topology.environment.name.to_string(),
            })
        });
    }
    diagnostics.extend(faults);
}

/// Entries that silence nothing, in any environment that they hold for. `diagnostics` are those of all environments; with
/// errors among them some warnings may not have been looked for, and nothing is said.
pub fn unused(entries: &[Entry], diagnostics: &Diagnostics) -> Diagnostics {
    let mut found = Diagnostics::default();
    if diagnostics.has_errors() {
        return found;
    }
    for Entry { name, environment } in entries {
        if contracts::codes::OF_HISTORY
            .iter()
            .any(|code| code.is_called(&name.value))
        {
            continue;
        }
        let used = diagnostics.silenced().any(|silenced| {
            let here = environment.as_ref();
            silenced.entry == name.value && here.is_none_or(|here| *here == silenced.environment)
        });
        if !used {
            found.push(
                Diagnostic::warning(
                    codes::UNUSED_SILENCE,
                    name.span,
                    format!("`{name}` silences nothing"),
                )
                .help("delete the line: the warning is gone, or stands in another section"),
            );
        }
    }
    found
}

fn silenceable(
    name: &str,
    silence: &Silence,
    pages: &[Page],
    faults: &mut Diagnostics,
) -> Option<Code> {
    let Some(page) = pages.iter().find(|page| page.code.is_called(name)) else {
        let warnings = pages
            .iter()
            .filter(|page| page.code.severity == Severity::Warning);
        let words = warnings.flat_map(|page| [page.code.name, page.code.id]);
        let words = suggest::while_few(faults, words);
        faults.push(
            Diagnostic::error(
                codes::UNKNOWN_FINDING,
                silence.key,
                format!("there is no finding `{name}`"),
            )
            .help(match suggest::nearest(name, words.clone()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => "`topogen explain` lists them all".to_owned(),
            })
            .fix(suggest::mend_key(silence.key, name, words)),
        );
        return None;
    };
    if page.code.severity == Severity::Error {
        faults.push(
            Diagnostic::error(
                codes::SILENCED_ERROR,
                silence.key,
                format!("`{name}` is an error, and only warnings can be silenced"),
            )
            .help(format!(
                "delete the line, and mend what `topogen explain {}` is about",
                page.code.id
            )),
        );
        return None;
    }
    Some(page.code)
}

fn refuse_unknown_sections(silence: &Silence, paths: &BTreeSet<&str>, faults: &mut Diagnostics) {
    for section in &silence.only {
        let written = section.value.as_str();
        if paths.contains(written) {
            continue;
        }
        faults.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                section.span,
                format!("there is no section `{written}`"),
            )
            .help(
                match suggest::nearest(written, suggest::while_few(faults, paths.iter().copied())) {
                    Some(path) => format!("did you mean `{path}`?"),
                    None => {
                        "write the path of a section, such as `subscriptions.payment`".to_owned()
                    }
                },
            ),
        );
    }
}

/// Whether `silence` holds for a finding at `path`. What an environment sets belongs to the section that it changes, too.
fn covers(silence: &Silence, path: &str) -> bool {
    let inner = path
        .strip_prefix("environments.")
        .and_then(|rest| rest.split_once('.'))
        .map_or("", |(_, inner)| inner);
    let within = |path: &str, section: &str| {
        path.strip_prefix(section)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    silence.only.is_empty()
        || silence
            .only
            .iter()
            .any(|section| within(path, &section.value) || within(inner, &section.value))
}
