//! Findings: every file of `tests/diagnostics/` says in comments what must be found in it, and nothing else may be.
//!
//! - `# ^^^^ TG201 words` under a line wants a finding with that code at exactly those columns of the line above, whose
//!   message or help holds the words. A `#` that touches its carets counts as one. Further such comments want further
//!   findings in the same line.
//! - `# ^^^^ no TG201` says that the code's subject is there, and good.
//! - `# was: words` under a line says how it read in the revision before, for what `topogen contracts check` finds. Several
//!   stand for several lines.
//! - `# 46 times:` alone in a line: what follows is there so often, with a number each time where it says `000`.
//! - `# beside: TG112 TG209` in the first line names codes that the file is not about: they may be found anywhere in it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use serde::Deserialize;
use topogen::contracts::Library;
use topogen::diag::{Diagnostics, codes, human, json, sarif};
use topogen::lints;
use topogen::model::environment::LOCAL;
use topogen::source::Source;
use topogen::{Project, build};

/// A place that a comment with carets points at.
#[derive(Debug)]
struct Mark {
    line: usize,
    columns: (usize, usize),
    /// Whether the code must not be found there.
    quiet: bool,
    code: String,
    words: String,
}

fn marks(text: &str) -> Vec<Mark> {
    let mut all = Vec::new();
    let mut subject = 0;
    for (at, line) in text.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix('#') else {
            subject = at + 1;
            continue;
        };
        let indent = line.len() - comment.len();
        let carets = comment.trim_start();
        if !carets.starts_with('^') {
            continue;
        }
        let width = carets.chars().take_while(|c| *c == '^').count();
        let touching = usize::from(comment.starts_with('^'));
        let start = indent + comment.len() - carets.len() + 1 - touching;
        let rest = carets[width..].trim();
        let without = rest.strip_prefix("no ");
        let rest = without.unwrap_or(rest);
        let (code, words) = rest.split_once([' ', ':']).unwrap_or((rest, ""));
        all.push(Mark {
            line: subject,
            columns: (start, start + width + touching),
            quiet: without.is_some(),
            code: code.to_owned(),
            words: words.trim().to_owned(),
        });
    }
    all
}

/// What a file is in the revision before, if it says so anywhere.
fn before(text: &str) -> Option<String> {
    let mut lines: Vec<&str> = Vec::new();
    // The last line that is no comment, until what it was has taken its place.
    let mut subject = None;
    for line in text.lines() {
        if let Some(was) = line.strip_prefix("# was: ") {
            if let Some(subject) = subject.take() {
                lines.truncate(subject);
            }
            lines.push(was);
        } else if !line.starts_with('#') {
            subject = Some(lines.len());
            lines.push(line);
        }
    }
    text.contains("\n# was: ").then(|| lines.join("\n"))
}

/// The file as it is checked.
fn expanded(text: &str) -> String {
    let line = text.lines().find(|line| line.ends_with(" times:"));
    let Some((line, count)) = line.and_then(|line| {
        let count = line.strip_prefix("# ")?.strip_suffix(" times:")?;
        Some((line, count.parse::<usize>().unwrap()))
    }) else {
        return text.to_owned();
    };
    let (head, block) = text.split_once(line).unwrap();
    let blocks = (1..=count).map(|number| block.replace("000", &format!("{number:03}")));
    head.to_owned() + &blocks.collect::<String>()
}

/// Codes that a file is not about.
fn beside(text: &str) -> Vec<&str> {
    let first = text.lines().next().unwrap_or_default();
    // A file without a section for the API is about something else than who may call it.
    let api = (!text.contains("[api")).then_some("TG301");
    first
        .strip_prefix("# beside: ")
        .unwrap_or_default()
        .split_whitespace()
        .chain(api)
        .collect()
}

/// `folder` is where the contracts are.
fn findings(project: &Project, folder: &Path) -> Diagnostics {
    let library =
        Library::new(|path| fs::read(folder.join(path)).map_err(|error| error.to_string()));
    let environments = project.environments();
    let each = environments.iter().map(|environment| {
        let (_, found) = project.compile_with(environment, Some(&library));
        (environment.as_str(), found)
    });
    let mut all = Diagnostics::of_environments(each, LOCAL);
    let unused = project.unused(&all);
    all.extend(unused);
    all.sorted()
}

/// Contracts of fixtures stand in `schemas/` of it.
const FOLDER: &str = "tests/diagnostics";

fn fixtures() -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    assert!(files.len() > 15, "only {} fixtures were found", files.len());
    let read = |path: &std::path::PathBuf| fs::read_to_string(path).unwrap();
    files
        .iter()
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                read(path),
            )
        })
        .collect()
}

/// A finding as programs read it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    code: String,
    severity: String,
    message: String,
    help: Option<String>,
    line: usize,
    column: usize,
    end_column: usize,
}

fn reported(report: &str) -> Vec<Found> {
    let mut report: serde_json::Value = serde_json::from_str(report).unwrap();
    serde_json::from_value(report["findings"].take()).unwrap()
}

/// What every command finds in a fixture, and what those find that are there for one kind of finding.
fn found(name: &str, text: &str) -> Vec<Found> {
    let project = Project::parse(Source::new(name, text));
    let mut all = findings(&project, FOLDER.as_ref());
    if name.starts_with(codes::HANDLER_MISSING.id) {
        let (plan, _) = project.compile(&"dev".parse().unwrap());
        let plan = plan.unwrap_or_else(|| panic!("{name}: nothing can be built"));
        let services: Vec<_> = plan.handlers.keys().cloned().collect();
        // The handlers of this repository.
        all.extend(build::missing(&plan, &services, ".".as_ref()));
    }
    let mut all = reported(&json::render(&project.source, &all));
    if let Some(before) = before(text) {
        all.extend(of_history(&before, text));
    }
    all
}

/// What `topogen contracts check` finds in a repository whose only revision is `before`.
fn of_history(before: &str, now: &str) -> Vec<Found> {
    let repository = tempfile::tempdir().unwrap();
    let run = |command: &mut Command| {
        let output = command.current_dir(repository.path()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), output.stdout, error)
    };
    let git = |arguments: &[&str]| {
        let (status, _, error) = run(Command::new("git").args(arguments));
        assert_eq!(status, Some(0), "{arguments:?}: {error}");
    };
    let write = |text: &str| fs::write(repository.path().join("topology.toml"), text).unwrap();
    let schemas = repository.path().join("schemas");
    fs::create_dir(&schemas).unwrap();
    for entry in fs::read_dir(Path::new(FOLDER).join("schemas")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), schemas.join(entry.file_name())).unwrap();
    }
    write(before);
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    // Whatever the settings of this machine are.
    let settings = "-c user.name=t -c user.email=t@example.com -c commit.gpgsign=false";
    let commit = ["commit", "--quiet", "--message", "before"];
    git(&settings.split(' ').chain(commit).collect::<Vec<_>>());
    write(now);
    let check = "contracts check --against HEAD --format json".split(' ');
    let (_, report, error) = run(Command::new(cargo_bin("topogen")).args(check));
    assert_eq!(error, "");
    reported(&String::from_utf8(report).unwrap())
}

#[test]
fn every_fixture_has_its_findings_and_no_other() {
    let severities: BTreeMap<&str, String> = lints::pages()
        .iter()
        .map(|page| (page.code.id, page.code.severity.to_string()))
        .collect();
    let mut faults = Vec::new();
    for (name, text) in fixtures() {
        let text = expanded(&text);
        let (quiet, mut wanted): (Vec<Mark>, Vec<Mark>) =
            marks(&text).into_iter().partition(|mark| mark.quiet);
        for found in found(&name, &text) {
            let (code, columns) = (found.code.as_str(), (found.column, found.end_column));
            if severities[code] != found.severity {
                faults.push(format!(
                    "{name}: {code} is of another severity than its code"
                ));
            }
            let said = format!("{} {}", found.message, found.help.unwrap_or_default());
            let is_of = |mark: &Mark| mark.line == found.line && mark.code == code;
            let matching = wanted.iter().position(|mark| {
                is_of(mark) && mark.columns == columns && said.contains(&mark.words)
            });
            match matching {
                Some(at) => drop(wanted.remove(at)),
                None if beside(&text).contains(&code) && !quiet.iter().any(is_of) => {}
                None => faults.push(format!(
                    "{name}:{}:{}-{}: {code} {said}",
                    found.line, columns.0, columns.1
                )),
            }
        }
        let length = |mark: &Mark| {
            text.lines()
                .nth(mark.line - 1)
                .map(|line| line.chars().count())
        };
        let outside = quiet
            .iter()
            .filter(|mark| length(mark) < Some(mark.columns.1 - 1));
        faults.extend(outside.map(|mark| format!("{name}: nothing stands there: {mark:?}")));
        faults.extend(
            wanted
                .iter()
                .map(|mark| format!("{name}: not found: {mark:?}")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Each code has a fixture where it is found, and a place where its subject is and it is not: one that a fixture marks, or
/// what its page says to write instead (tests/findings.rs checks all of these). Each fixture is named for a code.
#[test]
fn every_code_is_seen_to_fire_and_to_stay_quiet() {
    let (mut fired, mut quiet) = (BTreeSet::new(), BTreeSet::new());
    for (name, text) in fixtures() {
        let marks = marks(&text);
        assert!(
            marks
                .iter()
                .any(|mark| !mark.quiet && name.starts_with(&mark.code)),
            "{name} is about another code"
        );
        for mark in marks {
            if mark.quiet { &mut quiet } else { &mut fired }.insert(mark.code);
        }
    }
    for page in lints::pages() {
        let code = page.code.id;
        assert!(
            fired.remove(code),
            "{code} has no fixture, or another code has its number"
        );
        let instead = page.examples().len() == 2;
        assert!(
            quiet.remove(code) || instead,
            "nothing shows where {code} is not found: mark it with `no {code}` in a fixture"
        );
    }
    let unknown: Vec<&String> = fired.union(&quiet).collect();
    assert!(unknown.is_empty(), "there are no such codes: {unknown:?}");
}

#[test]
fn bundled_topologies_have_no_findings() {
    let examples = fs::read_dir("examples").unwrap();
    let mut files: Vec<String> = examples
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .join("topology.toml")
                .display()
                .to_string()
        })
        .chain(["topology.toml".to_owned()])
        .collect();
    files.sort();
    assert!(files.len() > 2, "{files:?}");
    for file in &files {
        let project = Project::parse(Source::new(file, fs::read_to_string(file).unwrap()));
        let found = findings(&project, Path::new(file).parent().unwrap());
        assert!(
            found.is_empty(),
            "{file}: {}",
            human::render(&project.source, &found)
        );
    }
}

const SAMPLE: &str = r#"[app]
name = "shop"

[events.OrderCreated]

[services.order]
handler = "functions/shop"
publishes = ["OrderCreatd"]
function = { timeout = "60s" }

[subscriptions.order]
events = ["OrderCreated"]
visibility_timeout = "30s"
"#;

/// What a user sees, caret for caret.
#[test]
fn findings_are_drawn_under_the_line() {
    let project = Project::parse(Source::new("topology.toml", SAMPLE));
    let found = findings(&project, FOLDER.as_ref());
    let drawn = anstream::adapter::strip_str(&human::render(&project.source, &found)).to_string();
    insta::assert_snapshot!(drawn, @r#"
    error[TG101]: the event `OrderCreatd` is not declared
     --> topology.toml:8:14
      |
    8 | publishes = ["OrderCreatd"]
      |              ^^^^^^^^^^^^^
      |
      = help: did you mean `OrderCreated`?

    error[TG201]: the queue of `order` shows a message again after 30s, its function may run 1m
      --> topology.toml:13:22
       |
     9 | function = { timeout = "60s" }
       |                        ----- the function's time-out
    ...
    13 | visibility_timeout = "30s"
       |                      ^^^^^
       |
       = help: delete the line, or write `visibility_timeout = "6m"`
    "#);
    assert_eq!(human::summary(&found).as_deref(), Some("2 errors"));
}

#[test]
fn findings_are_json_for_programs() {
    let project = Project::parse(Source::new("topology.toml", SAMPLE));
    let report: serde_json::Value = serde_json::from_str(&json::render(
        &project.source,
        &findings(&project, FOLDER.as_ref()),
    ))
    .unwrap();
    let first = &report["findings"][0];
    assert_eq!(first["code"], "TG101");
    assert_eq!(first["name"], "unknown-event");
    assert_eq!(first["severity"], "error");
    assert_eq!(
        (&first["file"], &first["line"], &first["column"]),
        (&"topology.toml".into(), &8.into(), &14.into())
    );
    assert_eq!(first["help"], "did you mean `OrderCreated`?");
}

/// A secret is in no line that is drawn, not even for another finding, and in no report.
#[test]
fn a_secret_in_a_tag_is_never_shown() {
    // The name is wrong too, and stands in the same line.
    let text =
        "app = { name = \"shop!\", tags = { database = \"postgres://app:hunter2@db/x\" } }\n";
    let project = Project::parse(Source::new("topology.toml", text));
    let found = findings(&project, FOLDER.as_ref());
    let drawn = human::render(&project.source, &found);
    for code in ["TG005", "TG309"] {
        assert!(drawn.contains(code), "{drawn}");
    }
    assert!(!drawn.contains("hunter2"), "{drawn}");
}

#[test]
fn a_secret_in_the_file_is_never_shown() {
    let text = "[app]\nname = \"shop\"\n\n[services.order]\nhttp = [\"POST /orders\"]\n\
                environment = { API_TOKEN = \"Zk3vQ9sLx2Wm7Rt5\", TABLE_NAME = \"x\" }\n\
                permissions = [{ actions = [\"*\"], resources = [\"*\"] }]\n";
    let project = Project::parse(Source::new("topology.toml", text));
    let found = findings(&project, FOLDER.as_ref());
    let drawn = human::render(&project.source, &found);
    for code in ["TG309", "TG108"] {
        assert!(drawn.contains(code), "{drawn}");
    }
    let reports = [
        drawn,
        json::render(&project.source, &found),
        sarif::render("topology.toml", &project.source, &lints::pages(), &found),
    ];
    for report in reports {
        assert!(!report.contains("Zk3vQ9sLx2Wm7Rt5"), "{report}");
        assert!(report.contains("API_TOKEN"), "{report}");
    }
}
