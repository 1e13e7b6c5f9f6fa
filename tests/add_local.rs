//! `topogen add service`, then `topogen local`: fraud and shipping, added with no change by hand, receive a placed order.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a user would write to see them at work.
const SCENARIO: &str = r#"
summary = "An order reaches fraud and shipping"

[request]
route = "POST /orders"

[request.body]
customerEmail = "student@example.com"
currency = "USD"
items = [{ sku = "LAPTOP-001", quantity = 1, price = 850 }]

[response]
status = 202
remember = ["eventId"]

[[item]]
service = "fraud"
key = "${eventId}"
has = { type = "OrderCreated", correlationId = "${eventId}" }

[[item]]
service = "shipping"
key = "${eventId}:payment-outcome"
has = { type = "PaymentCompleted", correlationId = "${eventId}" }

[[item]]
service = "shipping"
key = "${eventId}:inventory-outcome"
has = { type = "InventoryReserved", correlationId = "${eventId}" }

[[count]]
service = "shipping"
having = { correlationId = "${eventId}" }
is = 2
"#;

/// A folder that is there from run to run, so that dependencies are compiled once; all else in it is new.
fn project() -> &'static Path {
    let folder = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/added"));
    fs::create_dir_all(folder).unwrap();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_name() == "target" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            fs::remove_dir_all(entry.path()).unwrap();
        } else {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    common::copy_project(folder);
    folder
}

fn topogen(folder: &Path, line: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_topogen"))
        .args(line.split(' '))
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        // The binaries need not be small here, and are built in a fraction of the time.
        .env("CARGO_PROFILE_LAMBDA_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_LAMBDA_LTO", "off")
        .env("CARGO_PROFILE_LAMBDA_OPT_LEVEL", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{line}: {said}");
    said
}

#[test]
fn added_consumers_receive_what_they_were_added_for_in_the_local_cloud_at_once() {
    let folder = project();
    topogen(folder, "add service fraud --on OrderCreated --table Frauds");
    topogen(
        folder,
        "add service shipping --on PaymentCompleted InventoryReserved --table Shipments",
    );
    let scenarios = folder.join("tests/scenarios");
    fs::write(scenarios.join("4-added.toml"), SCENARIO).unwrap();
    let said = topogen(folder, "local test");
    for held in [
        "1-success",
        "2-business-failure",
        "3-technical-failure",
        "ok    fraud has stored",
        "ok    shipping has stored 2",
        " passed, 0 failed",
    ] {
        assert!(said.contains(held), "`{held}` is not in\n{said}");
    }
}
