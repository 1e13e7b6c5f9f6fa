//! What is an order and what is not, field by field.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use order::validate::validate;
use serde_json::{Value, json};

fn request() -> Value {
    json!({
        "customerEmail": "student@example.com",
        "currency": "USD",
        "items": [
            { "sku": "LAPTOP-001", "quantity": 1, "price": 850 },
            { "sku": "MOUSE-002", "quantity": 2, "price": 25 },
        ],
    })
}

/// The faults of a body where test controls are on, as `field: message`.
fn faults(body: &str) -> Vec<String> {
    let rejection = validate(body, true).unwrap_err();
    let errors = rejection.errors.iter();
    errors
        .map(|fault| format!("{}: {}", fault.field, fault.message))
        .collect()
}

fn total(body: &str) -> String {
    validate(body, false).unwrap().total_amount.to_string()
}

fn one_item(currency: &str, quantity: &str, price: &str) -> String {
    format!(
        r#"{{"customerEmail":"a@example.com","currency":"{currency}","items":[{{"sku":"A","quantity":{quantity},"price":{price}}}]}}"#
    )
}

#[test]
fn the_total_is_computed_here() {
    assert_eq!(total(&request().to_string()), "900");
}

#[test]
fn money_is_exact() {
    let items = r#"[{"sku":"A","quantity":1,"price":0.1},{"sku":"B","quantity":1,"price":0.2}]"#;
    let body = format!(r#"{{"customerEmail":"a@example.com","currency":"USD","items":{items}}}"#);
    assert_eq!(total(&body), "0.3");
    assert_eq!(total(&one_item("USD", "10000", "99999.99")), "999999900");
    assert_eq!(total(&one_item("USD", "3", "12.50")), "37.5");
    assert_eq!(total(&one_item("USD", "1", "1e2")), "100");
}

#[test]
fn a_fault_of_one_field_names_it_and_says_what_must_hold() {
    let quantity = "items[0].quantity: must be a whole number from 1 to 10000";
    let price = "items[0].price: must be more than 0 and at most 1000000000";
    let number = "items[0].price: must be a number, such as 12.50";
    let sku = "items[0].sku: must be 1 to 64 letters, digits, `-`, `_` or `.`, and begin with a letter or digit";
    let email = "customerEmail: must be an e-mail address";
    let currency = "currency: must be an ISO 4217 currency code, such as EUR";
    let long = "A".repeat(65);
    let cases = [
        ("/items/0/quantity", json!(0), quantity),
        ("/items/0/quantity", json!(10_001), quantity),
        ("/items/0/quantity", json!(-1), quantity),
        ("/items/0/quantity", json!(1.5), quantity),
        ("/items/0/quantity", json!(1.0), quantity),
        ("/items/0/quantity", json!("1"), quantity),
        ("/items/0/quantity", json!(null), quantity),
        ("/items/0/price", json!(0), price),
        ("/items/0/price", json!(-5), price),
        ("/items/0/price", json!(1_000_000_001), price),
        ("/items/0/price", json!("12.50"), number),
        ("/items/0/price", json!(true), number),
        (
            "/items/0/price",
            json!(12.505),
            "items[0].price: must have at most 2 decimals, as USD has",
        ),
        ("/items/0/sku", json!(""), sku),
        ("/items/0/sku", json!("-A"), sku),
        ("/items/0/sku", json!("A B"), sku),
        ("/items/0/sku", json!(long), sku),
        ("/items/0/sku", json!(7), "items[0].sku: must be a text"),
        ("/items/0", json!("LAPTOP"), "items[0]: must be an object"),
        (
            "/items",
            json!([]),
            "items: must have from 1 to 100 entries",
        ),
        ("/items", json!({}), "items: must be a list"),
        ("/customerEmail", json!("student"), email),
        ("/customerEmail", json!("student@example"), email),
        ("/customerEmail", json!("a b@example.com"), email),
        ("/customerEmail", json!("Ann <ann@example.com>"), email),
        ("/customerEmail", json!(7), "customerEmail: must be a text"),
        ("/currency", json!("usd"), currency),
        ("/currency", json!("ZZZ"), currency),
        ("/currency", json!("XAU"), currency),
    ];
    for (place, value, fault) in cases {
        let mut body = request();
        *body.pointer_mut(place).unwrap() = value.clone();
        assert_eq!(faults(&body.to_string()), [fault], "{place} = {value}");
    }
}

#[test]
fn all_faults_are_named_at_once_and_in_order() {
    let body = r#"{
        "curency": "USD",
        "currency": "JPY",
        "items": [
            { "sku": "A", "quantity": 0, "price": 10.5 },
            { "quantity": 1, "price": "1", "colour": "red" }
        ],
        "paymentOutcome": "maybe"
    }"#;
    assert_eq!(
        faults(body),
        [
            "customerEmail: is missing",
            "items[0].quantity: must be a whole number from 1 to 10000",
            "items[0].price: must have at most 0 decimals, as JPY has",
            "items[1].sku: is missing",
            "items[1].price: must be a number, such as 12.50",
            "items[1].colour: is not a known field",
            "paymentOutcome: must be `approved` or `declined`",
            "curency: is not a known field",
        ]
    );
}

#[test]
fn a_hostile_body_is_not_answered_without_end() {
    let members: Vec<String> = (0..5_000).map(|n| format!(r#""x{n}":1"#)).collect();
    assert_eq!(faults(&format!("{{{}}}", members.join(","))).len(), 1_000);
}

#[test]
fn an_order_has_at_most_a_hundred_lines() {
    let with = |count: usize| {
        let mut body = request();
        body["items"] = vec![json!({ "sku": "A", "quantity": 1, "price": 1 }); count].into();
        body.to_string()
    };
    assert_eq!(total(&with(100)), "100");
    assert_eq!(
        faults(&with(101)),
        ["items: must have from 1 to 100 entries"]
    );
}

#[test]
fn a_total_that_is_too_large_is_a_fault() {
    assert_eq!(
        faults(&one_item("USD", "10000", "1000000000")),
        ["items: must not come to more than 1000000000 in total"]
    );
}

#[test]
fn a_body_that_is_no_object_is_told_what_it_is() {
    let message = |body| validate(body, true).unwrap_err().message;
    assert_eq!(message("[1]"), "the body must be a JSON object");
    assert_eq!(message(r#""order""#), "the body must be a JSON object");
    assert_eq!(
        message(r#"{"items":"#),
        "the body is not JSON: EOF while parsing a value at line 1 column 9"
    );
}

#[test]
fn test_controls_are_read_where_they_are_on() {
    let mut body = request();
    body["paymentOutcome"] = "declined".into();
    body["inventoryOutcome"] = "out_of_stock".into();
    body["simulateTechnicalFailure"] = "payment".into();
    let controls = validate(&body.to_string(), true)
        .unwrap()
        .test_controls
        .unwrap();
    assert_eq!(
        serde_json::to_value(controls).unwrap(),
        json!({
            "paymentOutcome": "declined",
            "inventoryOutcome": "out_of_stock",
            "simulateTechnicalFailure": "payment",
        })
    );
    assert_eq!(
        validate(&request().to_string(), true)
            .unwrap()
            .test_controls,
        None
    );
}

#[test]
fn test_controls_are_faults_where_they_are_off() {
    let names = [
        "paymentOutcome",
        "inventoryOutcome",
        "simulateTechnicalFailure",
    ];
    let mut body = request();
    for name in names {
        body[name] = "approved".into();
    }
    let rejection = validate(&body.to_string(), false).unwrap_err();
    assert_eq!(rejection.errors.len(), 3);
    for (fault, name) in rejection.errors.iter().zip(names) {
        assert_eq!(fault.field, name);
        assert_eq!(
            fault.message,
            "is a test control, and test controls are off here"
        );
    }
}
