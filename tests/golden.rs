//! Goldens: the artefacts of the bundled topologies as real files, to be read in review. `TOPOGEN_BLESS=1` writes them.
//!
//! A changed line in a `logical-ids.txt` replaces live resources: it needs a line in CHANGELOG.md.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::Path;

use common::{GOLDENS, artefacts, plan, template};
use serde_json::Value;

#[test]
fn artefacts_are_as_kept() {
    let mut stale = Vec::new();
    for (name, file, environment) in GOLDENS {
        for artefact in artefacts(file, environment) {
            let kept = artefact.path.replacen(environment, name, 1);
            // The JSON is one long line of the value that the YAML shows; tests/yaml.rs compares the two.
            if !kept.ends_with(".json") || kept.ends_with("source-map.json") {
                compare(&kept, &artefact.bytes, &mut stale);
            }
        }
        let mut ids: Vec<String> = plan(file, environment)
            .resources()
            .map(|resource| format!("{} {}\n", resource.id, resource.properties.type_name()))
            .collect();
        ids.sort();
        compare(
            &format!("{name}/logical-ids.txt"),
            ids.concat().as_bytes(),
            &mut stale,
        );
    }
    assert!(
        stale.is_empty(),
        "differ: {}\nread the difference after `TOPOGEN_BLESS=1 cargo test --test golden`",
        stale.join(", ")
    );
}

/// Whatever is tried on goldens is tried on every example: the validators, SAM, checkov, the local cloud.
#[test]
fn every_example_is_a_golden() {
    for entry in std::fs::read_dir("examples").unwrap() {
        let file = entry.unwrap().path().join("topology.toml");
        let file = file.to_str().unwrap();
        assert!(
            GOLDENS.iter().any(|(_, golden, _)| *golden == file),
            "{file}"
        );
    }
}

fn compare(path: &str, bytes: &[u8], stale: &mut Vec<String>) {
    let path = Path::new("tests/golden").join(path);
    if std::env::var_os("TOPOGEN_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    if std::fs::read(&path).ok().as_deref() != Some(bytes) {
        stale.push(path.display().to_string());
    }
}

/// Every resource of the YAML view stands under a comment that names its line, and that line is where it comes from.
#[test]
fn every_resource_names_its_line() {
    let text = std::fs::read_to_string("topology.toml").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let artefacts = artefacts("topology.toml", "dev");
    let yaml = String::from_utf8(artefacts[1].bytes.clone()).unwrap();
    let line_of = |id: &str| {
        let at = yaml.find(&format!("\n  {id}:\n")).unwrap();
        let comment = yaml[..at].lines().next_back().unwrap();
        let line: usize = comment.rsplit(':').next().unwrap().parse().unwrap();
        lines[line - 1]
    };
    let plan = plan("topology.toml", "dev");
    for resource in plan.resources() {
        line_of(resource.id.as_str());
    }
    assert_eq!(line_of("PaymentQueue"), "[subscriptions.payment]");
    assert_eq!(line_of("PaymentFunction"), "[services.payment]");
    assert_eq!(
        line_of("OrdersTable"),
        "table = { name = \"Orders\", key = \"orderId\" }"
    );
    assert_eq!(line_of("PostOrdersRoute"), "http = [\"POST /orders\"]");
}

#[test]
fn the_same_input_makes_the_same_bytes_in_any_order_of_sections() {
    let text = std::fs::read_to_string("topology.toml").unwrap();
    let mut sections: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') || sections.is_empty() {
            sections.push(String::new());
        }
        sections.last_mut().unwrap().push_str(&format!("{line}\n"));
    }
    let expected = template(&plan("topology.toml", "dev"));
    for turn in 0..sections.len() {
        sections.rotate_left(1);
        if turn % 2 == 0 {
            sections.reverse();
        }
        let shuffled = template(&common::plan_of(&sections.concat(), "dev"));
        assert_eq!(shuffled.to_string(), expected.to_string());
    }
}

/// The promise of the language: a consumer is added and nothing else moves. The dashboard shows every consumer.
#[test]
fn adding_a_consumer_changes_no_other_resource() {
    let text = std::fs::read_to_string("topology.toml").unwrap();
    let consumer = "[services.fraud]\n[subscriptions.fraud]\nevents = [\"OrderCreated\"]\n";
    let before = template(&common::plan_of(&text, "dev"));
    // Before everything else, so that every line moves.
    let after = template(&common::plan_of(&format!("{consumer}{text}"), "dev"));
    let resources = |template: &Value| template["Resources"].as_object().unwrap().clone();
    let (before, after) = (resources(&before), resources(&after));
    for (id, body) in &before {
        if id != "Dashboard" {
            assert_eq!(after.get(id), Some(body), "{id}");
        }
    }
    for id in [
        "FraudQueue",
        "FraudDeadLetterQueue",
        "FraudFunction",
        "FraudRole",
        "FraudSubscription",
    ] {
        assert!(!before.contains_key(id) && after.contains_key(id), "{id}");
    }
    let new = after.keys().filter(|id| !before.contains_key(*id));
    assert!(
        new.clone().all(|id| id.starts_with("Fraud")),
        "{:?}",
        new.collect::<Vec<_>>()
    );
}
