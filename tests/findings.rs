//! The findings' pages, whose examples are run and which `docs/findings.md` holds, and reports for programs.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "common/typed.rs"]
mod typed;

use std::collections::BTreeSet;
use std::fs;

use topogen::contracts::codes::OF_HISTORY;
use topogen::diag::{Page, codes};
use topogen::lints;
use typed::topogen;

/// What a page's example leaves out: each of these sections is added unless the example has it.
const FRAME: &[&str] = &[
    "[app]\nname = \"shop\"\n",
    "[events.OrderCreated]\n",
    "[services.order]\nhttp = [\"POST /orders\"]\npublishes = [\"OrderCreated\"]\n",
    "[services.payment]\n",
    "[subscriptions.payment]\nevents = [\"OrderCreated\"]\n",
];

fn framed(example: &str) -> String {
    let missing = FRAME.iter().filter(|section| {
        let header = section.lines().next().unwrap();
        !example.lines().any(|line| line == header)
    });
    missing.fold(example.to_owned(), |text, section| text + "\n" + section)
}

/// Contracts that examples name: a good one, and one for each mistake.
const CONTRACTS: &[(&str, &str)] = &[
    (
        "OrderCreated",
        r#"{"type": "object", "required": ["orderId", "currency", "total"], "properties": {
            "orderId": {"type": "string"}, "currency": {"enum": ["EUR", "USD"]},
            "total": {"type": "number", "minimum": 0}, "coupon": {"type": "string"}}}"#,
    ),
    (
        "OrderCancelled",
        r#"{"type": "object", "required": ["orderId"], "properties": {"orderId": {"type": "string"}}}"#,
    ),
    (
        "Letter",
        r#"{"type": "object", "properties": {"text": {"type": "string", "maxLength": 50000}}}"#,
    ),
    (
        "Misspelt",
        r#"{"type": "object", "properties": {"orderId": {"type": "strin"}}}"#,
    ),
    ("Text", r#"{"type": "string"}"#),
    (
        "BadExample",
        r#"{"type": "object", "required": ["orderId"], "examples": [{}]}"#,
    ),
    (
        "DeepExample",
        include_str!("diagnostics/schemas/DeepExample.json"),
    ),
];

/// Codes and severities of what `topogen check` finds in `text`, in a folder with contracts.
fn found(text: &str) -> BTreeSet<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("schemas")).unwrap();
    for (name, schema) in CONTRACTS {
        fs::write(folder.path().join(format!("schemas/{name}.json")), schema).unwrap();
    }
    fs::write(folder.path().join("topology.toml"), text).unwrap();
    let (_, stdout, _) = topogen(folder.path(), &["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (text(&finding["code"]), text(&finding["severity"])))
        .collect()
}

/// On every page the first `toml` block fires the page's code, with its severity, and the second is free of it and of errors.
#[test]
fn the_examples_of_every_page_hold() {
    // What these find needs more resources than a page has room for, handlers, or a contract with a history: fixtures mark
    // where they stay quiet (tests/diagnostics.rs).
    let without = [
        codes::TEMPLATE_SIZE.id,
        codes::ENVIRONMENT_SIZE.id,
        codes::POLICY_SIZE.id,
        codes::HANDLER_MISSING.id,
        "TG407",
        "TG414",
    ];
    let mut faults = Vec::new();
    for page in lints::pages() {
        let id = page.code.id;
        let examples = page.examples();
        let [wrong, right] = examples.as_slice() else {
            if !without.contains(&id) && !OF_HISTORY.contains(&page.code) {
                faults.push(format!(
                    "{id}: {} toml blocks instead of two",
                    examples.len()
                ));
            }
            continue;
        };
        let wanted = (id.to_owned(), page.code.severity.to_string());
        let fired = found(&framed(wrong));
        if !fired.contains(&wanted) {
            faults.push(format!("{id}: the first block gives {fired:?}"));
        }
        let quiet = found(&framed(right));
        if quiet
            .iter()
            .any(|(code, severity)| code == id || severity == "error")
        {
            faults.push(format!("{id}: the second block gives {quiet:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_page_has_the_same_parts() {
    for page in lints::pages() {
        let Page { code, text } = &page;
        let id = code.id;
        let parts = ["**Why it matters.** ", "**Instead.** "].map(|part| text.find(part));
        assert!(
            matches!(parts, [Some(why), Some(instead)] if 0 < why && why < instead),
            "{id}: {text}"
        );
        assert!(
            !text.starts_with('#'),
            "{id}: the heading is not the code's name"
        );
        let summary = page.summary();
        assert!(
            summary.len() < 120 && summary.ends_with('.'),
            "{id}: {summary}"
        );
        assert!(
            id.starts_with("TG") && id.len() == 5 && id[2..].parse::<u32>().is_ok(),
            "{id}"
        );
    }
    let names: BTreeSet<&str> = lints::pages().iter().map(|page| page.code.name).collect();
    assert_eq!(
        names.len(),
        lints::pages().len(),
        "two codes have the same name"
    );
}

#[test]
fn explain_prints_a_page_by_code_or_name() {
    let folder = tempfile::tempdir().unwrap();
    let (status, by_code, stderr) = topogen(folder.path(), &["explain", "tg201"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let start = "TG201 visibility-below-timeout (error, reliability)\n\nA queue shows a message";
    assert!(by_code.starts_with(start), "{by_code}");
    assert!(
        by_code.contains("\n    visibility_timeout = \"30s\"\n"),
        "{by_code}"
    );
    assert!(!by_code.contains("```") && !by_code.contains("**") && !by_code.contains('\u{1b}'));
    let (_, by_name, _) = topogen(folder.path(), &["explain", "visibility-below-timeout"]);
    assert_eq!(by_code, by_name);

    let (status, several, _) = topogen(folder.path(), &["explain", "TG201", "unknown-key"]);
    assert_eq!(status, 0);
    assert!(several.starts_with(&by_code) && several.contains("\nTG002 unknown-key"));
}

#[test]
fn explain_lists_all_and_helps_with_a_slip() {
    let folder = tempfile::tempdir().unwrap();
    let (status, list, _) = topogen(folder.path(), &["explain"]);
    assert_eq!((status, list.lines().count()), (0, lints::pages().len()));
    for (line, page) in list.lines().zip(lints::pages()) {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some(page.code.id));
        assert_eq!(words.next(), Some(page.code.severity.to_string().as_str()));
        assert_eq!(words.next(), Some(page.code.name));
    }
    let (status, stdout, stderr) = topogen(folder.path(), &["explain", "visibility-below-timout"]);
    assert_eq!((status, stdout.as_str()), (2, ""));
    assert_eq!(
        stderr,
        "error: there is no finding `visibility-below-timout`\n  help: did you mean `visibility-below-timeout`?\n"
    );
    let (status, _, stderr) = topogen(folder.path(), &["explain", "TG999999"]);
    assert!(
        status == 2 && stderr.contains("`topogen explain` lists them all"),
        "{stderr}"
    );
}

const REPORTED: &str = r#"[app]
name = "shop"

[alarms]
notify = ["email:oncall@example.com"]

[events.OrderCreated]

[services.order]
http = ["POST /orders"]
publishes = ["OrderCreated"]

[services.payment]
environment = { A_WORD = "żółć" }
function = { timeout = "60s" }

[subscriptions.payment]
events = ["OrderCreated"]
visibility_timeout = "30s"
retention = "7d"
dead_letter_retention = "7d"

[api.routes."POST /orders"]
public = true

[lints]
TG204 = "seen every day"
"#;

fn reported(format: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    let below = here.join("my shop");
    fs::create_dir(&below).unwrap();
    let file = below.join("topology.toml");
    fs::write(&file, REPORTED).unwrap();
    let arguments = [
        "check",
        "--format",
        format,
        "--file",
        file.to_str().unwrap(),
    ];
    let (status, stdout, stderr) = topogen(&here, &arguments);
    assert_eq!((status, stderr.as_str()), (1, ""));
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn a_report_for_code_scanning_names_no_folder_of_this_machine() {
    let report = reported("sarif");
    let run = &report["runs"][0];
    assert_eq!(
        (&report["version"], &run["columnKind"]),
        (&"2.1.0".into(), &"unicodeCodePoints".into())
    );
    let results = run["results"].as_array().unwrap();
    let [error, silenced] = results.as_slice() else {
        panic!("{results:?}");
    };
    assert_eq!(
        (&error["ruleId"], &error["level"], &error["suppressions"]),
        (&"TG201".into(), &"error".into(), &serde_json::json!([]))
    );
    let rule = &run["tool"]["driver"]["rules"][error["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(
        (&rule["id"], &rule["name"]),
        (&"TG201".into(), &"visibility-below-timeout".into())
    );
    assert!(
        rule["help"]["markdown"]
            .as_str()
            .unwrap()
            .contains("**Why it matters.**")
    );
    let place = &error["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"],
        serde_json::json!({ "uri": "my%20shop/topology.toml", "uriBaseId": "%SRCROOT%" })
    );
    assert_eq!(
        place["region"],
        serde_json::json!({ "startLine": 19, "startColumn": 22, "endLine": 19, "endColumn": 27 })
    );
    assert_eq!(
        error["relatedLocations"][0]["message"]["text"],
        "the function's time-out"
    );
    let replacement = &error["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["deletedRegion"], place["region"]);
    assert_eq!(replacement["insertedContent"]["text"], "\"6m\"");
    assert_eq!(
        (&silenced["ruleId"], &silenced["suppressions"]),
        (
            &"TG204".into(),
            &serde_json::json!([{ "kind": "external", "justification": "seen every day" }])
        )
    );
}

#[test]
fn what_is_silenced_is_counted_and_what_is_not_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("topology.toml");
    let text = REPORTED.replace("visibility_timeout = \"30s\"\n", "");
    fs::write(&file, &text).unwrap();
    let check = |arguments: &[&str]| topogen(folder.path(), &[&["check"], arguments].concat());
    let clean = "topology.toml: no findings, 1 silenced (dev, local)\n";
    assert_eq!(check(&[]), (0, String::new(), clean.to_owned()));

    fs::write(&file, text + "TG111 = \"nobody listens\"\n").unwrap();
    let (status, _, stderr) = check(&[]);
    assert_eq!(status, 0);
    assert!(
        stderr.contains("warning[TG009]: `TG111` silences nothing")
            && stderr.contains("topology.toml: 1 warning, 1 silenced\n"),
        "{stderr}"
    );
    let (_, _, stderr) = check(&["--environment", "dev"]);
    assert!(!stderr.contains("TG009"), "others may need it: {stderr}");
}

/// The keys that `docs/findings.md` promises to programs.
#[test]
fn a_report_as_json_has_the_fix_and_what_is_silenced() {
    let report = reported("json");
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&report), ["findings", "silenced"]);
    let finding = &report["findings"][0];
    let place = ["file", "line", "column", "endLine", "endColumn"];
    let wanted = [
        &["code", "name", "severity", "message", "help"],
        &place[..],
        &["related", "fix"],
    ];
    assert_eq!(keys(finding), wanted.concat());
    assert_eq!(
        (&finding["code"], &finding["fix"]["title"]),
        (&"TG201".into(), &"write `\"6m\"`".into())
    );
    let edit = &finding["fix"]["edits"][0];
    assert_eq!(keys(edit), [&place[..], &["replacement"]].concat());
    assert_eq!(
        (&edit["line"], &edit["column"], &edit["replacement"]),
        (&19.into(), &22.into(), &"\"6m\"".into())
    );
    let silenced = &report["silenced"][0];
    assert_eq!(
        (&silenced["code"], &silenced["reason"]),
        (&"TG204".into(), &"seen every day".into())
    );
    let page = fs::read_to_string("docs/findings.md").unwrap();
    for key in keys(silenced).iter().chain(&keys(edit)) {
        assert!(
            page.contains(&format!("| `{key}` |")),
            "{key} is not documented"
        );
    }
}

/// Above the mark people write; below it stand the pages. `TOPOGEN_BLESS=1` rewrites them.
const MARK: &str = "<!-- Everything below is written by tests/findings.rs. -->\n";

#[test]
fn the_page_of_all_findings_is_true() {
    let path = "docs/findings.md";
    let kept = fs::read_to_string(path).unwrap();
    let (head, _) = kept.split_once(MARK).expect("the mark stands in the file");
    let wanted = format!("{head}{MARK}{}", book(&lints::pages()));
    if std::env::var_os("TOPOGEN_BLESS").is_some() {
        fs::write(path, wanted).unwrap();
    } else {
        assert!(
            kept == wanted,
            "{path} is stale: run `TOPOGEN_BLESS=1 cargo test --test findings`"
        );
    }
}

/// A table of all codes, then their pages, family by family.
fn book(pages: &[Page]) -> String {
    let mut families: Vec<&str> = Vec::new();
    for page in pages {
        if !families.contains(&page.code.family()) {
            families.push(page.code.family());
        }
    }
    let mut text = "\n| code | name | | finds |\n| --- | --- | --- | --- |\n".to_owned();
    for page in pages {
        let code = page.code;
        let (id, name, summary) = (code.id, code.name, page.summary().replace('|', "\\|"));
        text += &format!(
            "| [{id}](#{name}) | `{name}` | {} | {summary} |\n",
            code.severity
        );
    }
    for family in families {
        let mut title = family.to_owned();
        title[..1].make_ascii_uppercase();
        text += &format!("\n## {title}\n");
        for page in pages.iter().filter(|page| page.code.family() == family) {
            let code = page.code;
            text += &format!(
                "\n### {}\n\n`{}`, {}. {}\n",
                code.name, code.id, code.severity, page.text
            );
        }
    }
    text
}
