//! The types hold what the schemas say: neither says what the other does not.

use contracts::CONTRACTS;
use topogen_kit::judge::{Difference, Mutation, agree};

/// Nearly addresses, nearly currencies.
const TEXTS: &[&str] = &[
    "a@b",
    "secret@example.com",
    "secret@example",
    "@example.com",
    "secret@",
    "a b@example.com",
    "\"a b\"@example.com",
    "\"a@b\"@example.com",
    "\"\"@example.com",
    "a..b@example.com",
    ".a@example.com",
    "a@b@example.com",
    "a+b@example.com",
    "a(comment)@example.com",
    "a@example..com",
    "a@example.com.",
    "a@-example.com",
    "a@xn--bcher-kva.example",
    "a@xn--.example",
    "a@[127.0.0.1]",
    "a@[IPv6:::1]",
    "Ann <ann@example.com>",
    "ann@exa_mple.com",
    "ä@example.com",
    "a@exämple.com",
    "1234567890123456789012345678901234567890123456789012345678901234567890@example.com",
    "a@123456789012345678901234567890123456789012345678901234567890123.example",
    "a@1234567890123456789012345678901234567890123456789012345678901234.example",
    "USD",
    "US",
    "USDT",
    "ÜSD",
    "U5D",
];

const DIFFERENCES: &[Difference] = &[
    (
        "nobody is written to at a number or without a name, where a schema knows `a@[127.0.0.1]` and `\"\"@example.com`",
        |mutation| {
            address(mutation).is_some_and(|text| text.ends_with(']') || text.starts_with("\"\"@"))
        },
    ),
    (
        "a display name is no part of an address by RFC 5321, where the validator takes `Ann <ann@example.com>`",
        |mutation| address(mutation).is_some_and(|text| text.ends_with('>')),
    ),
    (
        "money has at most 28 digits: what cannot be held exactly is refused, where a schema knows no limit",
        |mutation| {
            let amount = mutation.value.as_ref().and_then(serde_json::Value::as_f64);
            let unheld = |amount: f64| amount > 7.9e28 || (amount > 0.0 && amount < 1e-28);
            mutation.schema["title"] == "Money" && amount.is_some_and(unheld)
        },
    ),
];

fn address(mutation: &Mutation) -> Option<&str> {
    let is = mutation.schema["title"] == "CustomerEmail";
    mutation.value.as_ref()?.as_str().filter(|_| is)
}

#[test]
fn types_and_schemas_agree_on_every_mistake() {
    let tried = agree(CONTRACTS, TEXTS, DIFFERENCES);
    println!(
        "{tried} mistakes in the examples of {} contracts",
        CONTRACTS.len()
    );
    assert!(tried > 10_000, "{tried}");
}

#[test]
fn every_contract_is_of_this_app() {
    for contract in CONTRACTS {
        let id = format!(
            "\"urn:topogen:orders:{}:{}\"",
            contract.name, contract.version
        );
        assert!(contract.schema.contains(&id), "{id}");
    }
    let names = CONTRACTS.iter().map(|contract| contract.name);
    let expected = [
        "InventoryFailed",
        "InventoryReserved",
        "OrderCreated",
        "PaymentCompleted",
        "PaymentFailed",
    ];
    assert!(names.eq(expected));
}
