//! The schemas are the contract, the types are how Rust speaks it: neither may say what the other does not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use contracts::{
    InventoryFailed, InventoryReserved, OrderCreated, PaymentCompleted, PaymentFailed,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use topogen_kit::Fact;

/// What holds for one contract.
fn check<T: Fact + Serialize + DeserializeOwned>() {
    let schema = schema(T::TYPE);
    let validator = jsonschema::draft202012::new(&schema).unwrap();

    assert_eq!(schema["title"], T::TYPE);
    assert_eq!(
        schema["additionalProperties"], true,
        "a reader ignores what it does not know"
    );
    let examples = schema["examples"].as_array().unwrap();
    assert!(!examples.is_empty());
    for example in examples {
        assert!(validator.is_valid(example), "{}: {example}", T::TYPE);

        let typed: T = serde_json::from_str(&example.to_string()).unwrap();
        let written: Value = serde_json::from_str(&serde_json::to_string(&typed).unwrap()).unwrap();
        assert!(validator.is_valid(&written), "{}: {written}", T::TYPE);
        assert_eq!(
            &written, example,
            "the type keeps all that the contract says"
        );

        refuses_what_the_schema_refuses::<T>(example, &schema, &validator);
        ignores_what_is_new::<T>(example);
    }
}

fn refuses_what_the_schema_refuses<T: DeserializeOwned>(
    example: &Value,
    schema: &Value,
    validator: &jsonschema::Validator,
) {
    for field in schema["required"].as_array().unwrap() {
        let field = field.as_str().unwrap();
        let mut without = example.clone();
        without.as_object_mut().unwrap().remove(field);
        assert!(!validator.is_valid(&without), "{field}");
        assert!(
            serde_json::from_str::<T>(&without.to_string()).is_err(),
            "{field}"
        );

        // Text for a number, a list or a number for a text: each field has one type in both.
        let mut changed = example.clone();
        changed[field] = if example[field].is_string() {
            7.into()
        } else {
            "7".into()
        };
        assert!(!validator.is_valid(&changed), "{field}");
        assert!(
            serde_json::from_str::<T>(&changed.to_string()).is_err(),
            "{field}"
        );
    }
}

fn ignores_what_is_new<T: DeserializeOwned>(example: &Value) {
    let mut newer = example.clone();
    newer["loyaltyPoints"] = 12.into();
    assert!(serde_json::from_str::<T>(&newer.to_string()).is_ok());
}

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn order_created() {
    check::<OrderCreated>();
}

#[test]
fn payment_completed() {
    check::<PaymentCompleted>();
}

#[test]
fn payment_failed() {
    check::<PaymentFailed>();
}

#[test]
fn inventory_reserved() {
    check::<InventoryReserved>();
}

#[test]
fn inventory_failed() {
    check::<InventoryFailed>();
}

#[test]
fn every_schema_has_a_type() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let checked = [
        InventoryFailed::TYPE,
        InventoryReserved::TYPE,
        OrderCreated::TYPE,
        PaymentCompleted::TYPE,
        PaymentFailed::TYPE,
    ];
    assert_eq!(names, checked.map(|name| format!("{name}.json")));
}
