//! `topogen add service`: what it writes, that it compiles and passes its tests, and that it writes all or nothing.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "common/typed.rs"]
mod typed;

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use typed::topogen;

fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    common::copy_project(folder.path());
    folder
}

fn done(folder: &Path, line: &str) -> String {
    let arguments: Vec<&str> = line.split(' ').collect();
    let (status, _, said) = topogen(folder, &arguments);
    assert_eq!(status, 0, "{line}: {said}");
    said
}

fn topology(folder: &Path) -> String {
    fs::read_to_string(folder.join("topology.toml")).unwrap()
}

/// Refused with that exit status and those words, and nothing was written.
fn refused(folder: &Path, line: &str, status: i32, words: &[&str]) {
    let handlers = || fs::read_dir(folder.join("functions")).unwrap().count();
    let before = (topology(folder), handlers());
    let arguments: Vec<&str> = line.split(' ').collect();
    let (found, _, said) = topogen(folder, &arguments);
    assert_eq!(found, status, "{line}: {said}");
    for word in words {
        assert!(said.contains(word), "{line}: {said}");
    }
    assert_eq!((topology(folder), handlers()), before, "{line}");
}

/// Fraud and shipping, and consumers of what has no contract, as a user would add them: with no change by hand.
#[test]
fn added_consumers_compile_and_pass_their_tests() {
    let folder = workspace();
    let at = folder.path();
    let clean = topogen(at, &["check"]).2;
    done(at, "add service fraud --on OrderCreated --table Frauds");
    done(
        at,
        "add service shipping --on PaymentCompleted --on InventoryReserved",
    );
    assert_eq!(topogen(at, &["check"]).2, clean);

    // An event without a contract, of a later version.
    let text = topology(at).replace(
        "publishes = [\"OrderCreated\"]",
        "publishes = [\"OrderCreated\", \"OrderSeen\"]",
    );
    let text = format!("{text}\n[events.OrderSeen]\nversion = \"2.1\"\n");
    fs::write(at.join("topology.toml"), text).unwrap();
    done(at, "add service follow-up --on OrderSeen OrderCreated");

    // Dependencies are those that this test was built with; only crates of the copy are compiled.
    let binary = assert_cmd::cargo::cargo_bin("topogen");
    let target = binary.parent().unwrap().parent().unwrap();
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(at)
            .env("CARGO_TARGET_DIR", target)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{said}");
        said
    };
    let tests = [
        "--test",
        "fraud",
        "--test",
        "shipping",
        "--test",
        "follow_up",
    ];
    let said = cargo(&[&["test", "--offline", "--workspace"][..], &tests].concat());
    for (count, tests) in [(2, "fraud"), (4, "shipping"), (3, "follow_up")] {
        assert!(
            said.contains(&format!("Running tests/{tests}.rs")),
            "{said}"
        );
        let passed = format!("test result: ok. {count} passed; 0 failed");
        assert!(said.contains(&passed), "{tests}: {said}");
    }
    for service in ["fraud", "shipping", "follow-up"] {
        let manifest = format!("functions/{service}/Cargo.toml");
        cargo(&["fmt", "--check", "--manifest-path", &manifest]);
    }
}

#[test]
fn comments_and_layout_are_kept() {
    let folder = workspace();
    let before = topology(folder.path());
    done(
        folder.path(),
        "add service fraud --on OrderCreated --table Frauds",
    );
    let after = topology(folder.path());
    let service = "[services.fraud]\ntable = { name = \"Frauds\", key = \"eventId\" }\n\n";
    let subscription = "[subscriptions.fraud]\nevents = [\"OrderCreated\"]\n\n";
    assert!(after.contains(&format!("{service}# ---- subscriptions")));
    assert!(after.contains(&format!("{subscription}# ---- warnings")));
    assert_eq!(
        after.replace(service, "").replace(subscription, ""),
        before,
        "nothing else has changed"
    );
}

#[test]
fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let folder = workspace();
    let before = topology(folder.path());
    let (status, printed, _) = topogen(
        folder.path(),
        &[
            "add",
            "service",
            "fraud",
            "--on",
            "OrderCreated",
            "--dry-run",
        ],
    );
    assert_eq!(status, 0);
    assert_eq!(
        printed,
        "change topology.toml\n  +\n  + [services.fraud]\n  +\n  + [subscriptions.fraud]\n  + events = [\"OrderCreated\"]\n\
         create functions/fraud/Cargo.toml\ncreate functions/fraud/src/lib.rs\ncreate functions/fraud/src/main.rs\n\
         create functions/fraud/tests/fraud.rs\ncreate functions/fraud/events/OrderCreated.json\n"
    );
    assert_eq!(topology(folder.path()), before);
    assert!(!folder.path().join("functions/fraud").exists());
}

#[test]
fn what_cannot_be_added_is_refused_and_nothing_is_written() {
    let folder = workspace();
    let at = folder.path();
    fs::create_dir(at.join("functions/there")).unwrap();
    for (line, words) in [
        (
            "add service payment --on OrderCreated",
            &["the service `payment` is there already"][..],
        ),
        (
            "add service there --on OrderCreated",
            &["`functions/there` is there already"],
        ),
        (
            "add service fraud --on OrderCreatd",
            &[
                "the event `OrderCreatd` is not declared",
                "did you mean `OrderCreated`?",
            ],
        ),
        (
            "add service fraud --on OrderCreated Nonsense",
            &["the event `Nonsense` is not declared"],
        ),
        (
            "add service Fraud --on OrderCreated",
            &["`Fraud` is not a valid service name"],
        ),
        (
            "add service match --on OrderCreated",
            &["no crate can be called `match`"],
        ),
        (
            "add service fraud --on OrderCreated --table frauds",
            &["`frauds` is not a valid table name"],
        ),
        (
            "add service fraud",
            &["there is no service `fraud`", "`--on OrderCreated`"],
        ),
        (
            "add service order",
            &["the service `order` receives no events"],
        ),
        (
            "add service payment",
            &["`functions/payment` is there already"],
        ),
    ] {
        refused(at, line, 2, words);
    }
}

#[test]
fn a_topology_with_errors_is_not_added_to() {
    let folder = workspace();
    let at = folder.path();
    let good = topology(at);
    let path = at.join("topology.toml");
    let add = "add service fraud --on OrderCreated";

    fs::write(&path, good.replace("batch_size = 10 ", "batch_size = -1 ")).unwrap();
    refused(at, add, 1, &["error[", "nothing was added"]);

    // An event that nobody publishes.
    fs::write(&path, format!("{good}\n[events.OrderSeen]\n")).unwrap();
    let add_seen = "add service fraud --on OrderSeen";
    refused(at, add_seen, 1, &["TG110", "nothing was added"]);

    // A file that takes no new section.
    let inline = "subscriptions = { b = { service = \"a\", events = [\"Seen\"] } }\n[app]\nname = \"x\"\nowner = \"o\"\n\
        [alarms]\nnotify = [\"email:a@example.com\"]\n[events.Seen]\n[services.a]\npublishes = [\"Seen\"]\n";
    fs::write(&path, inline).unwrap();
    let words = [
        "nothing was added",
        "in the file's own way",
        "[subscriptions.fraud]",
    ];
    refused(at, "add service fraud --on Seen", 1, &words);
}

#[test]
fn a_service_without_its_crate_gets_one() {
    let folder = workspace();
    let at = folder.path();
    let text = format!(
        "{}\n[services.fraud]\n[subscriptions.fraud-orders]\nservice = \"fraud\"\nevents = [\"OrderCreated\"]\n",
        topology(at)
    );
    fs::write(at.join("topology.toml"), &text).unwrap();
    let said = topogen(at, &["build", "fraud"]).2;
    assert!(said.contains("`topogen add service fraud`"), "{said}");
    let said = done(at, "add service fraud");
    assert!(said.contains("wrote functions/fraud/src/lib.rs"), "{said}");
    assert!(said.contains("`topogen build fraud`"), "{said}");
    assert!(said.contains("`topogen local`"), "{said}");
    assert_eq!(topology(at), text);
}

#[test]
fn a_project_that_lacks_what_handlers_need_is_told() {
    let folder = workspace();
    let at = folder.path();
    let manifest = fs::read_to_string(at.join("Cargo.toml")).unwrap();
    let manifest = manifest.replace("\"functions/*\"", "\"functions/kit\"");
    fs::write(at.join("Cargo.toml"), manifest).unwrap();
    let said = done(at, "add service fraud --on OrderCreated");
    assert!(said.contains("members = [\"functions/*\"]"), "{said}");

    fs::remove_dir_all(at.join("functions/kit")).unwrap();
    let line = "add service shipping --on PaymentCompleted";
    refused(at, line, 2, &["there is no `functions/kit`"]);
}
