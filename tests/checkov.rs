//! checkov over every golden, with a reason for each rule that is not kept: tests/checkov.toml.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::{GOLDENS, broken, golden_files, json_of, plan, tool};

/// The goldens of apps whose every resource is under a customer key: they need fewer excuses.
const CUSTOMER_KEY: &[&str] = &["appointments", "portal"];

/// Section to rule to reason.
type Excuses = BTreeMap<String, BTreeMap<String, String>>;

fn excuses() -> Excuses {
    toml::from_str(&std::fs::read_to_string("tests/checkov.toml").unwrap()).unwrap()
}

/// Where the goldens are.
const GOLDEN: &str = "tests/golden";

/// A rule that a resource breaks.
struct Finding {
    file: String,
    rule: String,
    resource: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {}: {}", self.resource, self.file, self.rule)
    }
}

impl Finding {
    fn is_excused(&self, excused: &BTreeSet<String>) -> bool {
        excused.contains(&self.rule)
    }
}

/// Everything that checkov finds by default; a template that it cannot read fails.
fn checkov(templates: &[PathBuf]) -> Vec<Finding> {
    let mut command = tool("test-tools-checkov", "checkov");
    // It puts a file's path where a template refers to a resource, and takes forty letters and slashes for a key of AWS.
    let near = |template: &Path| template.strip_prefix(GOLDEN).unwrap_or(template).to_owned();
    command.current_dir(GOLDEN);
    command.args(["--framework", "cloudformation", "--compact", "--quiet"]);
    command.args(["--skip-download", "--output", "json"]);
    for template in templates {
        command.arg("--file").arg(near(template));
    }
    let report = json_of(&mut command);
    let summary = &report["summary"];
    assert_eq!(summary["parsing_errors"], 0, "{summary}");
    assert_eq!(summary["skipped"], 0, "{summary}");
    // A count of what was looked at: a run that looks at nothing finds nothing.
    let enough = 15 * templates.len() as u64;
    assert!(summary["passed"].as_u64() > Some(enough), "{summary}");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    report["results"]["failed_checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| Finding {
            file: text(&check["file_abs_path"]),
            rule: text(&check["check_id"]),
            resource: text(&check["resource"]),
        })
        .collect()
}

#[test]
fn checkov_finds_nothing_without_an_excuse_and_every_excuse_is_needed() {
    let excuses = excuses();
    let rules = |sections: &[&str]| -> BTreeSet<String> {
        sections
            .iter()
            .flat_map(|name| excuses[*name].keys().cloned())
            .collect()
    };
    let templates: Vec<PathBuf> = GOLDENS
        .iter()
        .flat_map(|(name, file, environment)| {
            golden_files(name, &plan(file, environment), "template.yaml")
        })
        .collect();
    let found = checkov(&templates);
    let mut unneeded = rules(&["always", "without-customer-key"]);
    for finding in &found {
        let is_kms = CUSTOMER_KEY
            .iter()
            .any(|name| finding.file.contains(&format!("/{name}/")));
        let excused = match is_kms {
            true => rules(&["always"]),
            false => rules(&["always", "without-customer-key"]),
        };
        assert!(finding.is_excused(&excused), "{finding}");
        unneeded.remove(&finding.rule);
    }
    assert!(
        unneeded.is_empty(),
        "no template breaks {unneeded:?} any more"
    );
    for (rule, reason) in excuses.values().flatten() {
        assert!(reason.len() > 60, "{rule} needs a reason");
    }
}

/// A role that may do anything, a log group that is kept forever, a topic, a table and a key less safe.
#[test]
fn checkov_sees_what_is_broken() {
    let broken_rules = [
        ("CKV_AWS_107", "- dynamodb:PutItem", "- \"*\""),
        (
            "CKV_AWS_66",
            "RetentionInDays: 30",
            "LogGroupClass: STANDARD",
        ),
        (
            "CKV_AWS_26",
            "-events\"\n      KmsMasterKeyId: !GetAtt EncryptionKey.Arn",
            "-events\"",
        ),
        (
            "CKV_AWS_28",
            "PointInTimeRecoveryEnabled: true",
            "PointInTimeRecoveryEnabled: false",
        ),
        (
            "CKV_AWS_7",
            "EnableKeyRotation: true",
            "EnableKeyRotation: false",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut path = PathBuf::from("tests/golden/appointments/template.yaml");
    for (_, from, to) in broken_rules {
        path = broken(folder.path(), &path, from, to);
    }
    let found = checkov(&[path]);
    for (rule, ..) in broken_rules {
        assert!(found.iter().any(|found| found.rule == rule), "{rule}");
    }
}
