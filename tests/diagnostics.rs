//! Findings: every file of `tests/diagnostics/` says in comments what must be found in it, and nothing else may be.
//!
//! A comment `# ^^^^ TG201 words` under a line wants a finding with that code at exactly those columns of the line above,
//! whose message or help holds the words. A first line `# beside: TG112 TG209` names codes that the file is not about: they
//! may be found anywhere in it. A `#` that touches its carets counts as one. Further such comments want further
//! findings in the same line.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::Path;

use topogen::Project;
use topogen::contracts::Library;
use topogen::diag::{Diagnostics, codes, human, json, sarif};
use topogen::lints;
use topogen::source::Source;

#[derive(Debug)]
struct Wanted {
    line: usize,
    columns: (usize, usize),
    code: String,
    words: String,
}

fn wanted(text: &str) -> Vec<Wanted> {
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
        let (code, words) = rest.split_once(' ').unwrap_or((rest, ""));
        all.push(Wanted {
            line: subject,
            columns: (start, start + width + touching),
            code: code.to_owned(),
            words: words.trim().to_owned(),
        });
    }
    all
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
    let library = Library::new(|path| {
        std::fs::read(folder.join(path)).map_err(|error| format!("{path}: {error}"))
    });
    let mut all = Diagnostics::default();
    for environment in project.environments() {
        all.extend(project.compile_with(&environment, Some(&library)).1);
    }
    let unused = project.unused(&all);
    all.extend(unused);
    all.sorted()
}

/// Contracts of fixtures stand in `schemas/` of it.
const FOLDER: &str = "tests/diagnostics";

fn fixtures() -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    assert!(files.len() > 15, "only {} fixtures were found", files.len());
    let read = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap();
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

#[test]
fn every_fixture_has_its_findings_and_no_other() {
    let mut faults = Vec::new();
    for (name, text) in fixtures() {
        let project = Project::parse(Source::new(name.clone(), text.clone()));
        let found = findings(&project, FOLDER.as_ref());
        let mut wanted = wanted(&text);
        for diagnostic in found.iter() {
            if diagnostic.severity != diagnostic.code.severity {
                faults.push(format!(
                    "{name}: {} is of another severity than its code",
                    diagnostic.code.id
                ));
            }
            let (start, end) = (
                project.source.position(diagnostic.span.start),
                project.source.position(diagnostic.span.end),
            );
            let said = format!(
                "{} {}",
                diagnostic.message,
                diagnostic.help.as_deref().unwrap_or_default()
            );
            let matching = wanted.iter().position(|w| {
                w.line == start.line
                    && w.columns == (start.column, end.column)
                    && w.code == diagnostic.code.id
                    && said.contains(&w.words)
            });
            match matching {
                Some(at) => drop(wanted.remove(at)),
                None if beside(&text).contains(&diagnostic.code.id) => {}
                None => faults.push(format!(
                    "{name}:{}:{}-{}: {} {said}",
                    start.line, start.column, end.column, diagnostic.code.id
                )),
            }
        }
        faults.extend(wanted.iter().map(|w| format!("{name}: not found: {w:?}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Each code has a fixture that fires, and each fixture is named for a code.
#[test]
fn every_code_has_a_fixture() {
    let fired: BTreeSet<String> = fixtures()
        .iter()
        .flat_map(|(_, text)| wanted(text))
        .map(|w| w.code)
        .collect();
    // These need files or a size that a fixture cannot have: tests/cli.rs, tests/filter.rs, tests/limits.rs and
    // tests/contracts.rs cover them.
    let elsewhere = |code: &str| {
        [
            codes::CONTRACT_FILE.id,
            codes::HANDLER_MISSING.id,
            codes::TEMPLATE_SIZE.id,
            "TG407",
            "TG414",
        ]
        .contains(&code)
            || code.starts_with("TG5")
    };
    let known: Vec<&str> = lints::pages().iter().map(|page| page.code.id).collect();
    for code in &known {
        assert!(
            fired.contains(*code) || elsewhere(code),
            "{code} has no fixture"
        );
    }
    let unique: BTreeSet<&&str> = known.iter().collect();
    assert_eq!(unique.len(), known.len(), "two codes are the same");
}

#[test]
fn bundled_topologies_have_no_findings() {
    let examples = std::fs::read_dir("examples").unwrap();
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
        let project = Project::parse(Source::new(file, std::fs::read_to_string(file).unwrap()));
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
