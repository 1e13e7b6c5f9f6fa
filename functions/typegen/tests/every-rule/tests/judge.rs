//! Whatever rule a contract has, its type holds it.

use every_rule::CONTRACTS;
use serde_json::Value;
use topogen_kit::judge::{Difference, agree};

/// Nearly what a pattern or a format asks.
const TEXTS: &[&str] = &[
    "AB-12",
    "AB-1234",
    "ABC-1",
    "A-1",
    "AB-",
    "ab-1",
    "AB-1\u{0663}",
    "2026-01-31T09:30:00Z",
    "2026-01-31T09:30:00.123456Z",
    "2026-01-31T09:30:00+02:00",
    "2026-01-31t09:30:00z",
    "2026-01-31 09:30:00Z",
    "2026-01-31T09:30Z",
    "2026-01-31T09:30:00",
    "2026-01-31",
    "2026-02-30T09:30:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T23:59:60Z",
    "2016-12-31T23:59:60Z",
    "2026-01-31T09:30:00+0200",
    "2026-01-31T09:30:00[UTC]",
    "20260131T093000Z",
    "+002026-01-31T09:30:00Z",
];

const DIFFERENCES: &[Difference] = &[(
    "whole numbers have 64 bits, where a schema knows no limit",
    |mutation| {
        let number = mutation.value.as_ref().and_then(Value::as_f64);
        mutation.schema["type"] == "integer" && number.is_some_and(|number| number.abs() > 9.0e15)
    },
)];

#[test]
fn types_and_schemas_agree_on_every_mistake() {
    let tried = agree(CONTRACTS, TEXTS, DIFFERENCES);
    println!("{tried} mistakes");
    assert!(tried > 10_000, "{tried}");
}

#[test]
fn the_type_says_the_event_and_its_version_as_the_contract_does() {
    let names: Vec<_> = CONTRACTS
        .iter()
        .map(|contract| (contract.name, contract.version))
        .collect();
    assert_eq!(
        names,
        [("EveryRuleKept", "1.0"), ("IOTReadingTaken", "2.11")]
    );
}
