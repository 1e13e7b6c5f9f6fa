//! `topogen trace`: who receives an event, by which clause, and where it can end.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::Path;

use assert_cmd::Command;
use serde_json::json;
use topogen::trace::{Arrival, Known, Trace, trace};

const TOPOLOGY: &str = r#"
[app]
name = "shop"

[events.Ordered]
attributes = ["currency", "total"]

[events.Paid]

[services.desk]
http = ["POST /orders"]
publishes = ["Ordered", "Paid"]

[api.routes."POST /orders"]
public = true

[services.ledger]

[subscriptions.ledger]
events = ["Ordered", "Paid"]

[services.fraud]

[subscriptions.fraud]
events = ["Ordered"]
filter = { currency = ["USD"], total = [{ numeric = [">=", 100] }] }

[services.gifts]

[subscriptions.gifts]
events = ["Ordered"]
filter = { "customer.country" = ["DE"] }
max_receive_count = 4
visibility_timeout = "2m"
"#;

fn traced(event: &str, data: Option<serde_json::Value>, attributes: &[(&str, &str)]) -> Trace {
    traced_in(TOPOLOGY, event, data, attributes)
}

fn traced_in(
    topology: &str,
    event: &str,
    data: Option<serde_json::Value>,
    attributes: &[(&str, &str)],
) -> Trace {
    let source = topogen::source::Source::new("topology.toml", topology);
    let project = topogen::Project::parse(source);
    let (topology, findings) = project.topology(&"dev".parse().unwrap());
    let messages: Vec<&str> = findings.iter().map(|d| d.message.as_str()).collect();
    let topology = topology.unwrap_or_else(|| panic!("{messages:?}"));
    let known = Known {
        data,
        attributes: attributes
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
    };
    trace(&topology, &event.parse().unwrap(), &known).unwrap()
}

fn arrivals(traced: &Trace) -> Vec<(&str, Arrival)> {
    traced
        .subscriptions
        .iter()
        .map(|route| (route.subscription.as_str(), route.arrives))
        .collect()
}

#[test]
fn without_data_a_filter_on_data_is_undecided_and_never_guessed() {
    let found = traced("Ordered", None, &[]);
    assert_eq!(found.publishers, ["desk"]);
    assert_eq!(
        arrivals(&found),
        [
            ("fraud", Arrival::Depends),
            ("gifts", Arrival::Depends),
            ("ledger", Arrival::Yes)
        ]
    );
    // Its type alone decides this one.
    let found = traced("Paid", None, &[]);
    assert_eq!(
        arrivals(&found),
        [
            ("fraud", Arrival::No),
            ("gifts", Arrival::No),
            ("ledger", Arrival::Yes)
        ]
    );
}

#[test]
fn data_decides_by_attributes_and_by_the_body() {
    let data = json!({ "currency": "USD", "total": 100, "customer": { "country": "FR" } });
    let found = traced("Ordered", Some(data), &[]);
    assert_eq!(
        arrivals(&found),
        [
            ("fraud", Arrival::Yes),
            ("gifts", Arrival::No),
            ("ledger", Arrival::Yes)
        ]
    );
    let fraud = &found.subscriptions[0];
    assert_eq!(fraud.scope, "MessageAttributes");
    assert_eq!(
        fraud.filter,
        [
            "eventType: \"Ordered\" matches \"Ordered\"",
            "currency: \"USD\" matches \"USD\"",
            "total: 100 matches numeric >= 100"
        ]
    );
    let gifts = &found.subscriptions[1];
    assert_eq!(gifts.scope, "MessageBody");
    assert_eq!(
        gifts.filter[1],
        "data.customer.country: \"FR\" does not match \"DE\""
    );
}

#[test]
fn attributes_may_be_given_alone() {
    let found = traced("Ordered", None, &[("currency", "USD"), ("total", "99.99")]);
    assert_eq!(arrivals(&found)[0], ("fraud", Arrival::No));
    let found = traced("Ordered", None, &[("currency", "USD"), ("total", "100.5")]);
    assert_eq!(arrivals(&found)[0], ("fraud", Arrival::Yes));
}

/// What the filter of `subscription` says of the event.
fn filtered<'a>(traced: &'a Trace, subscription: &str) -> (Arrival, Vec<&'a str>) {
    let mut routes = traced.subscriptions.iter();
    let route = routes
        .find(|route| route.subscription == subscription)
        .unwrap();
    let lines = route.filter.iter().map(String::as_str).collect();
    (route.arrives, lines)
}

#[test]
fn a_clause_that_surely_fails_decides_whatever_the_data_is() {
    let found = traced("Ordered", None, &[("currency", "EUR")]);
    assert_eq!(
        filtered(&found, "fraud"),
        (
            Arrival::No,
            vec![
                "eventType: \"Ordered\" matches \"Ordered\"",
                "currency: \"EUR\" does not match \"USD\"",
                "total: depends on the data: numeric >= 100",
            ]
        )
    );
    // One that surely holds leaves the answer to the others.
    let found = traced("Ordered", None, &[("currency", "USD")]);
    assert_eq!(filtered(&found, "fraud").0, Arrival::Depends);
    // A filter on the body asks the data, not the attributes.
    let found = traced("Ordered", None, &[("customer.country", "DE")]);
    assert_eq!(
        filtered(&found, "gifts"),
        (
            Arrival::Depends,
            vec![
                "eventType: \"Ordered\" matches \"Ordered\"",
                "data.customer.country: depends on the data: \"DE\"",
            ]
        )
    );
}

#[test]
fn one_alternative_that_surely_holds_is_enough_and_all_must_fail() {
    let topology = TOPOLOGY.replace(
        "filter = { currency = [\"USD\"], total = [{ numeric = [\">=\", 100] }] }",
        "filter = { \"$or\" = [{ currency = [\"USD\"] }, { total = [{ numeric = [\">=\", 100] }] }] }",
    );
    for (attributes, arrives) in [
        (&[("currency", "USD")] as &[_], Arrival::Yes),
        (&[("currency", "EUR")], Arrival::Depends),
        (&[("total", "99")], Arrival::Depends),
        (&[("currency", "EUR"), ("total", "99")], Arrival::No),
        (&[], Arrival::Depends),
    ] {
        let found = traced_in(&topology, "Ordered", None, attributes);
        assert_eq!(filtered(&found, "fraud").0, arrives, "{attributes:?}");
    }
}

#[test]
fn every_end_is_named() {
    let found = traced("Ordered", None, &[]);
    let ends = &found.subscriptions[1].ends;
    assert_eq!(ends.queue.0, "GiftsQueue");
    assert_eq!(ends.tries, (4, 480));
    assert_eq!(
        ends.dead_letter_queue,
        ("GiftsDeadLetterQueue".to_owned(), 14 * 86_400)
    );
    assert_eq!(ends.undelivered_queue, "GiftsUndeliveredQueue");
    // What is named is in the template.
    let plan = common::plan_of(TOPOLOGY, "dev");
    for id in [
        &ends.queue.0,
        &ends.function.0,
        &ends.dead_letter_queue.0,
        &ends.undelivered_queue,
    ] {
        assert!(
            plan.resources().any(|resource| resource.id.as_str() == id),
            "{id}"
        );
    }
}

/// Exit status, stdout and stderr of `topogen trace` with something on its stdin.
fn run(folder: &Path, stdin: &[u8], arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("topogen")
        .unwrap()
        .current_dir(folder)
        .arg("trace")
        .args(arguments)
        .write_stdin(stdin)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn data_has_an_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("topology.toml"), TOPOLOGY).unwrap();
    let large = folder.path().join("large.json");
    let file = std::fs::File::create(&large).unwrap();
    file.set_len(16 * 1024 * 1024 + 1).unwrap();
    let refused = |stdin: &[u8], path: &str| {
        let (status, stdout, stderr) = run(folder.path(), stdin, &["Ordered", "--data", path]);
        assert_eq!((status, stdout.as_str()), (2, ""), "{path}");
        stderr
    };
    let too_large = "it is larger than 16 MiB\n  \
                     help: give one event's `data`: no topic takes more than 1 MiB\n";
    assert_eq!(
        refused(b"", "large.json"),
        format!("error: cannot read large.json: {too_large}")
    );
    let bytes = std::fs::read(&large).unwrap();
    assert_eq!(
        refused(&bytes, "-"),
        format!("error: cannot read stdin: {too_large}")
    );
    assert_eq!(
        refused(b"", "."),
        "error: cannot read .: it is a folder\n  help: name the file in it\n"
    );
    if cfg!(unix) {
        assert_eq!(
            refused(b"", "/dev/zero"),
            "error: cannot read /dev/zero: it is not a file\n  \
             help: write the data to a file first, or pipe it into `--data -`\n"
        );
    }
    assert!(refused(b"", "none.json").contains("pipe it into `--data -`"));
    assert!(refused(b"[]", "-").starts_with("error: stdin holds no JSON object\n"));
    assert!(refused(b"{", "-").starts_with("error: stdin is not JSON: "));
}
