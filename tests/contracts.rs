//! Contracts: what is said of one, what fields and size it has, and what a change of it does to consumers.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use serde_json::{Value, json};
use topogen::contracts::Contract;
use topogen::contracts::compatibility::Effect::{self, Breaks, Compatible, Declared, Unknown};
use topogen::contracts::compatibility::compare;
use topogen::contracts::fields::Lookup;
use topogen::filter::field::{Field, FieldType, never_matches};
use topogen::filter::policy::{Bound, Scalar};
use topogen::filter::{Number, Policy, Scope};

fn contract(schema: &Value) -> Contract {
    Contract::parse("X.json", schema.to_string().as_bytes()).unwrap()
}

/// A contract of these fields, which takes others.
fn open(fields: &Value) -> Value {
    json!({ "type": "object", "properties": fields })
}

/// A contract of these fields alone.
fn closed(fields: &Value) -> Value {
    json!({ "type": "object", "properties": fields, "additionalProperties": false })
}

fn bundled(name: &str) -> Contract {
    let path = format!("functions/contracts/schemas/{name}.json");
    Contract::parse(&path, &std::fs::read(&path).unwrap()).unwrap()
}

fn field(kind: FieldType, required: bool) -> Lookup {
    Lookup::Field(Field { kind, required })
}

const TEXT: FieldType = FieldType::String;

fn texts(values: &[&str]) -> FieldType {
    let values = values
        .iter()
        .map(|value| Scalar::String((*value).to_owned()));
    FieldType::Listed(values.collect())
}

fn end(value: &str, inclusive: bool) -> Option<Bound> {
    let value = Number::parse(value).unwrap();
    Some(Bound { value, inclusive })
}

#[test]
fn fields_of_the_order_are_found() {
    let order = bundled("OrderCreated");
    let above_zero = FieldType::Number {
        lower: end("0", false),
        upper: None,
    };
    let quantity = FieldType::Integer {
        lower: end("1", true),
        upper: end("10000", true),
    };
    let outcomes = texts(&["approved", "declined"]);
    for (path, wanted) in [
        ("totalAmount", field(above_zero, true)),
        ("items.quantity", field(quantity, true)),
        (
            "items",
            field(FieldType::Array(Box::new(FieldType::Object)), true),
        ),
        ("testControls.paymentOutcome", field(outcomes, false)),
        ("items.colour", Lookup::Undeclared),
        ("curency", Lookup::Undeclared),
        ("currency.code", Lookup::Absent),
    ] {
        assert_eq!(order.field(path), wanted, "{path}");
    }
    for (path, told) in [
        ("totalAmount", "a number of more than 0"),
        ("currency", "text like `^[A-Z]{3}$`"),
        ("items.sku", "text of 1 to 64 characters"),
    ] {
        assert_eq!(declared(&order, path).kind.to_string(), told, "{path}");
    }
}

fn declared(contract: &Contract, path: &str) -> Field {
    let Lookup::Field(field) = contract.field(path) else {
        panic!("{path}: {:?}", contract.field(path));
    };
    field
}

#[test]
fn fields_beside_a_path_are_listed() {
    let order = bundled("OrderCreated");
    let beside = |path: &str| order.declared_beside(path).into_iter().collect::<Vec<_>>();
    assert_eq!(beside("items.skuu"), ["price", "quantity", "sku"]);
    assert!(beside("curency").contains(&"currency".to_owned()));
    assert_eq!(beside("currency.code"), [""; 0]);
    let circle = contract(&json!({
        "type": "object",
        "$defs": { "Node": { "properties": { "next": { "$ref": "#/$defs/Node" }, "name": { "type": "string" } } } },
        "properties": { "node": { "oneOf": [{ "$ref": "#/$defs/Node" }, { "type": "null" }] } }
    }));
    let found = circle.declared_beside("node.next.next.nam");
    assert!(
        found.contains("name") && found.contains("next"),
        "{found:?}"
    );
}

#[test]
fn fields_are_found_through_references_and_alternatives() {
    let contract = contract(&json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["address", "payment", "either"],
        "$defs": {
            "Address": { "type": "object", "required": ["city"], "properties": { "city": { "type": "string" } } },
            "Located": { "type": "object", "properties": { "zone": { "enum": ["north", "south"] } }, "required": ["zone"] },
            "Node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" }, "name": { "type": "string" } } },
            "Nest": { "type": "array", "items": { "$ref": "#/$defs/Nest" } }
        },
        "properties": {
            "address": { "allOf": [{ "$ref": "#/$defs/Address" }, { "$ref": "#/$defs/Located" }] },
            "payment": { "oneOf": [
                { "type": "object", "required": ["kind", "card"], "properties": { "kind": { "const": "card" }, "card": { "type": "string" } }, "additionalProperties": false },
                { "type": "object", "required": ["kind", "iban"], "properties": { "kind": { "const": "bank" }, "iban": { "type": "string" } }, "additionalProperties": false }
            ] },
            "either": { "type": ["string", "integer"] },
            "note": { "type": ["string", "null"] },
            "tags": { "type": "array", "items": { "type": "string" } },
            "any": {},
            "node": { "$ref": "#/$defs/Node" },
            "nest": { "$ref": "#/$defs/Nest" }
        }
    }));
    let zones = texts(&["north", "south"]);
    let null = FieldType::Listed(vec![Scalar::Null]);
    let whole = FieldType::Integer {
        lower: None,
        upper: None,
    };
    for (path, wanted) in [
        ("address.city", field(TEXT, true)),
        ("address.zone", field(zones, true)),
        ("address.street", Lookup::Undeclared),
        // In one of the two alternatives.
        ("payment.card", field(TEXT, false)),
        ("payment.cash", Lookup::Absent),
        ("either", field(TEXT.or(whole), true)),
        ("note", field(TEXT.or(null), false)),
        ("tags", field(FieldType::Array(Box::new(TEXT)), false)),
        ("any.thing", Lookup::Unsure),
        ("other", Lookup::Absent),
        ("node.next.next.name", field(TEXT, false)),
        ("nest.name", Lookup::Unsure),
    ] {
        assert_eq!(contract.field(path), wanted, "{path}");
    }
    // A list of lists of itself has no end, and a type all the same.
    assert!(matches!(
        declared(&contract, "nest").kind,
        FieldType::Array(_)
    ));
}

/// Whether no body matches a filter that asks for `value` in the field.
fn is_never(field: &Field, value: &Value) -> bool {
    let policy = Policy::from_json(&json!({ "a": [value] })).unwrap();
    never_matches(field, Scope::MessageBody, policy.leaves()[0].conditions)
}

/// What a field is, in words, and whether a filter on the body may ask for a value of it.
#[test]
fn a_contract_rules_out_what_it_says() {
    for (schema, told, may, never) in [
        (
            json!({ "allOf": [{ "type": "string", "pattern": "^a" }, { "pattern": "z$" }] }),
            "text like `^a` and like `z$`",
            json!("abcz"),
            json!("abc"),
        ),
        (
            json!({ "oneOf": [{ "type": "string", "maxLength": 5 }, { "type": "string", "minLength": 3 }] }),
            "text of at most 2 characters or text of at least 6 characters",
            json!("ab"),
            json!("abcd"),
        ),
        (
            json!({ "type": "string", "not": { "enum": ["none"] }, "maxLength": 4 }),
            "text of at most 4 characters and other than `none`",
            json!("one"),
            json!("none"),
        ),
        (
            json!({ "type": "string", "minLength": 2, "maxLength": 2 }),
            "text of 2 characters",
            json!("🇦🇹"),
            json!("🇦🇹🇩🇪"),
        ),
        (json!({ "const": null }), "null", json!(null), json!("null")),
        (
            json!({ "enum": [1, "one", true] }),
            "\"one\", 1 or true",
            json!(1.0),
            json!(false),
        ),
        (
            json!({ "type": ["string", "null", "array"], "maxLength": 1, "items": { "type": "array", "items": { "const": 5 } } }),
            "text of at most 1 character, null or a list, each item a list, each item 5",
            json!(5),
            json!("ab"),
        ),
        (
            json!({ "$ref": "#/$defs/even" }),
            "a whole number divisible by 2",
            json!(4),
            json!(5),
        ),
        (
            json!({ "type": "string", "if": { "pattern": "^A" }, "then": { "maxLength": 4 }, "else": { "maxLength": 2 } }),
            "text of at most 2 characters and not like `^A`, or text of at most 4 characters and like `^A`",
            json!("ABCD"),
            json!("BCD"),
        ),
    ] {
        let contract = contract(&json!({
            "type": "object",
            "$defs": { "even": { "$ref": "#/$defs/two" }, "two": { "type": "integer", "multipleOf": 2 } },
            "properties": { "a": schema }
        }));
        let field = declared(&contract, "a");
        assert_eq!(field.kind.to_string(), told, "{schema}");
        for (value, wanted) in [(may, false), (never, true)] {
            let found = is_never(&field, &value);
            assert_eq!(found, wanted, "{schema} {value}");
        }
    }
}

/// Where drafts differ, the contract's own draft says what a value is.
/// An alternative without a rule takes everything: the other one says nothing then, and yet declares a field.
#[test]
fn a_field_of_an_alternative_may_be_there() {
    let text = r#"{"type": "object", "properties": {"id": {"type": "string"}}, "anyOf": [{"title": "guest"},
        {"title": "member", "properties": {"tier": {"enum": ["gold"]}}, "required": ["tier"]}]}"#;
    let contract = Contract::parse("X.json", text.as_bytes()).unwrap();
    assert_eq!(contract.field("tier"), Lookup::Unsure);
    assert_eq!(contract.field("teir"), Lookup::Undeclared);
}

#[test]
fn a_rule_is_read_by_its_draft() {
    for (draft, rules, value, wanted) in [
        (
            "http://json-schema.org/draft-04/schema#",
            json!({ "type": "number", "minimum": 5, "exclusiveMinimum": true }),
            json!(5),
            true,
        ),
        (
            "http://json-schema.org/draft-04/schema#",
            json!({ "type": "integer", "multipleOf": 2 }),
            json!(2.0),
            false,
        ),
        (
            "http://json-schema.org/draft-04/schema#",
            json!({ "type": "number", "not": { "type": "integer" } }),
            json!(2),
            false,
        ),
        (
            "http://json-schema.org/draft-07/schema#",
            json!({ "type": "integer", "exclusiveMinimum": 5, "multipleOf": 2 }),
            json!(2),
            true,
        ),
        (
            "http://json-schema.org/draft-07/schema#",
            json!({ "$ref": "#/definitions/short", "maxLength": 1 }),
            json!("ab"),
            false,
        ),
        (
            "https://json-schema.org/draft/2020-12/schema",
            json!({ "$ref": "#/definitions/short", "maxLength": 1 }),
            json!("ab"),
            true,
        ),
        (
            "http://json-schema.org/draft-07/schema#",
            json!({ "type": "string", "format": "date" }),
            json!("soon"),
            true,
        ),
        (
            "https://json-schema.org/draft/2020-12/schema",
            json!({ "type": "string", "format": "what" }),
            json!("soon"),
            false,
        ),
    ] {
        let contract = contract(&json!({
            "$schema": draft,
            "type": "object",
            "definitions": { "short": { "type": "string", "maxLength": 2 } },
            "properties": { "a": rules }
        }));
        let field = declared(&contract, "a");
        let found = is_never(&field, &value);
        assert_eq!(found, wanted, "{draft} {rules} {value}");
    }
}

/// A field that is declared as anything is declared.
#[test]
fn nobody_is_sure_of_a_field_without_a_rule() {
    let contract = contract(&open(&json!({ "any": {}, "a": { "type": "string" } })));
    assert_eq!(contract.field("any"), Lookup::Unsure);
    assert_eq!(contract.field("b"), Lookup::Undeclared);
}

#[test]
fn a_size_is_there_when_everything_is_bounded() {
    let size = |schema: &Value| contract(schema).size().map(|size| (size.bytes, size.open));
    // {"a":"xxx"} with every x as \u0000, {"b":12345…}, braces, and a comma for each field.
    assert_eq!(
        size(&closed(
            &json!({ "a": { "type": "string", "maxLength": 3 } })
        )),
        Some((2 + 4 + 20 + 1, false))
    );
    assert_eq!(
        size(&closed(
            &json!({ "a": { "enum": ["one", "three"] }, "b": { "type": "boolean" } })
        )),
        Some((2 + 4 + 7 + 1 + 4 + 5 + 1, false))
    );
    let list = json!({ "a": { "type": "array", "maxItems": 10, "items": { "type": "integer" } } });
    assert_eq!(size(&closed(&list)), Some((2 + 4 + 2 + 10 * 26 + 1, false)));
    assert_eq!(size(&open(&list)), Some((2 + 4 + 2 + 10 * 26 + 1, true)));
    for unbounded in [
        closed(&json!({ "a": { "type": "string" } })),
        closed(&json!({ "a": { "type": "array", "items": { "type": "null" } } })),
        closed(&json!({ "a": { "type": "object" } })),
        closed(&json!({ "a": {} })),
        json!({ "type": "object", "additionalProperties": { "type": "null" } }),
        json!({ "type": "object", "properties": { "a": { "$ref": "#" } }, "additionalProperties": false }),
    ] {
        assert_eq!(size(&unbounded), None, "{unbounded}");
    }
    // The largest that a contract lets through is not above its bound.
    let long = closed(
        &json!({ "a": { "type": "string", "maxLength": 4 }, "n": { "type": "number" }, "d": { "format": "date", "type": "string" } }),
    );
    let data = json!({ "a": "\u{1}\u{1}\u{1}\u{1}", "n": f64::MIN_POSITIVE * -1.000_000_1, "d": "2026-01-02" });
    let contract = contract(&long);
    assert_eq!(contract.first_faults_of(&data, 1), Some(Vec::new()));
    assert!(data.to_string().len() as u64 <= contract.size().unwrap().bytes);
}

/// Old and new field `a`, what is said, backward, forward.
type Case = (Value, Value, &'static str, Effect, Effect);

#[test]
fn changes_of_a_field_are_named_and_judged() {
    let text = || json!({ "type": "string" });
    let cases: Vec<Case> = vec![
        (
            json!({ "type": "integer" }),
            json!({ "type": "number" }),
            "takes `number` instead of `integer`",
            Compatible,
            Breaks,
        ),
        (
            text(),
            json!({ "type": "integer" }),
            "takes `integer` instead of `string`",
            Breaks,
            Breaks,
        ),
        (
            text(),
            json!({ "type": ["string", "null"] }),
            "takes `null` or `string` instead of `string`",
            Compatible,
            Breaks,
        ),
        (
            json!({ "enum": ["a", "b"] }),
            json!({ "enum": ["a"] }),
            "no longer takes \"b\"",
            Breaks,
            Compatible,
        ),
        (
            json!({ "enum": ["a"] }),
            json!({ "enum": ["a", "b"] }),
            "also takes \"b\"",
            Compatible,
            Breaks,
        ),
        (
            json!({ "enum": ["a"] }),
            text(),
            "takes more than \"a\" now",
            Compatible,
            Breaks,
        ),
        (
            text(),
            json!({ "enum": ["a"] }),
            "takes only \"a\" now",
            Breaks,
            Compatible,
        ),
        (
            json!({ "enum": ["USD"] }),
            json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
            "takes more than \"USD\" now",
            Compatible,
            Breaks,
        ),
        (
            json!({ "type": "integer", "minimum": 1 }),
            json!({ "type": "integer", "minimum": 0 }),
            "has the minimum 0 instead of 1",
            Compatible,
            Breaks,
        ),
        (
            json!({ "type": "number", "exclusiveMaximum": 5 }),
            json!({ "type": "number", "maximum": 5 }),
            "has the maximum 5 instead of 5 (not itself)",
            Compatible,
            Breaks,
        ),
        (
            text(),
            json!({ "type": "string", "maxLength": 9 }),
            "has the greatest length 9 now",
            Breaks,
            Compatible,
        ),
        (
            json!({ "type": "string", "minLength": 2 }),
            text(),
            "has no least length any more, it was 2",
            Compatible,
            Breaks,
        ),
        (
            text(),
            json!({ "type": "string", "format": "email" }),
            "has the format `email` now",
            Breaks,
            Compatible,
        ),
        (
            json!({ "type": "string", "pattern": "^a" }),
            text(),
            "has the pattern `^a` no longer",
            Compatible,
            Breaks,
        ),
        (
            json!({ "type": "string", "pattern": "^a" }),
            json!({ "type": "string", "pattern": "^[ab]" }),
            "has the pattern `^[ab]` instead of `^a`",
            Unknown,
            Unknown,
        ),
        (
            json!({ "type": "string", "pattern": "^a" }),
            json!({ "type": "string", "pattern": "^b" }),
            "has the pattern `^b` instead of `^a`",
            Breaks,
            Breaks,
        ),
        (
            json!({ "type": "number", "multipleOf": 0.01 }),
            json!({ "type": "number", "multipleOf": 0.005 }),
            "has the divisor `0.005` instead of `0.01`",
            Compatible,
            Unknown,
        ),
        (
            json!({ "type": "array", "maxItems": 5 }),
            json!({ "type": "array", "maxItems": 4 }),
            "has the greatest number of elements 4 instead of 5",
            Breaks,
            Compatible,
        ),
        (
            json!({ "type": "array" }),
            json!({ "type": "array", "uniqueItems": true }),
            "has a rule on repeated elements now",
            Breaks,
            Compatible,
        ),
    ];
    for (old, new, what, backward, forward) in cases {
        let (old, new) = (
            contract(&closed(&json!({ "a": old }))),
            contract(&closed(&json!({ "a": new }))),
        );
        let found = compare(&old, &new).changes;
        let [change] = found.as_slice() else {
            panic!("{what}: {found:#?}");
        };
        assert_eq!(
            (
                change.path.as_str(),
                change.what.as_str(),
                change.backward,
                change.forward
            ),
            ("a", what, backward, forward)
        );
        // The way back does to the one what the way forth does to the other.
        let back = compare(&new, &old);
        assert_eq!(
            (back.forward(), back.backward()),
            (backward, forward),
            "{what}"
        );
    }
}

#[test]
fn fields_come_and_go() {
    let one = json!({ "a": { "type": "string" } });
    let two = json!({ "a": { "type": "string" }, "b": { "type": "string" } });
    let judged = |old: &Value, new: &Value| {
        let comparison = compare(&contract(old), &contract(new));
        (comparison.backward(), comparison.forward())
    };
    // A contract that takes further fields: producers send what they declare, and consumers pass over the rest.
    assert_eq!(judged(&open(&one), &open(&two)), (Declared, Compatible));
    assert_eq!(judged(&open(&two), &open(&one)), (Compatible, Declared));
    // One that does not.
    assert_eq!(judged(&closed(&one), &closed(&two)), (Compatible, Breaks));
    assert_eq!(judged(&closed(&two), &closed(&one)), (Breaks, Compatible));
    // Opened and closed.
    assert_eq!(judged(&closed(&one), &open(&one)), (Compatible, Breaks));
    assert_eq!(judged(&open(&one), &closed(&one)), (Breaks, Compatible));
    // A map means its undeclared fields.
    let map = json!({ "type": "object" });
    assert_eq!(judged(&map, &open(&one)), (Breaks, Compatible));
    let ruled = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    assert_eq!(judged(&ruled, &open(&one)), (Compatible, Breaks));
    // What was declared as anything is not taken for new.
    assert_eq!(
        judged(
            &open(&json!({ "a": {}, "b": { "type": "string" } })),
            &open(&two)
        )
        .0,
        Breaks
    );
    // Required or not.
    let mut requiring = open(&two);
    requiring["required"] = json!(["b"]);
    assert_eq!(judged(&open(&two), &requiring), (Breaks, Compatible));
    assert_eq!(judged(&open(&one), &requiring), (Breaks, Compatible));
    assert_eq!(judged(&requiring, &open(&one)), (Compatible, Breaks));
}

#[test]
fn the_same_in_other_words_is_no_change() {
    let plain = json!({
        "type": "object",
        "required": ["a", "b"],
        "properties": { "a": { "type": "integer", "minimum": 1 }, "b": { "enum": ["x", "y"] } }
    });
    let other = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Reworded",
        "examples": [{ "a": 1, "b": "x" }],
        "$defs": { "Counted": { "required": ["a"], "properties": { "a": { "$ref": "#/$defs/Count" } } }, "Count": { "type": "integer", "exclusiveMinimum": 0 } },
        "allOf": [{ "$ref": "#/$defs/Counted" }],
        "type": "object",
        "required": ["b"],
        "properties": { "b": { "description": "A letter.", "anyOf": [{ "const": "y" }, { "const": "x" }] } }
    });
    assert_eq!(compare(&contract(&plain), &contract(&other)).changes, []);
}

#[test]
fn changes_deep_down_are_found() {
    let nested = |kind: &str| {
        json!({
            "type": "object",
            "$defs": { "Node": { "type": "object", "properties": {
                "price": { "type": kind },
                "children": { "type": "array", "items": { "$ref": "#/$defs/Node" } }
            } } },
            "properties": { "items": { "type": "array", "items": { "$ref": "#/$defs/Node" } } }
        })
    };
    let found = compare(&contract(&nested("integer")), &contract(&nested("number"))).changes;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (found[0].path.as_str(), found[0].backward, found[0].forward),
        ("items[].price", Compatible, Breaks)
    );
    // What has no shape is left to the proof, and else to doubt.
    let kinds = |kinds: &Value| open(&json!({ "a": { "oneOf": kinds } }));
    let (card, bank) = (
        closed(&json!({ "card": { "type": "string" } })),
        closed(&json!({ "iban": { "type": "string", "pattern": "^[A-Z]" } })),
    );
    let (old, new) = (
        contract(&kinds(&json!([card]))),
        contract(&kinds(&json!([card, bank]))),
    );
    let comparison = compare(&old, &new);
    assert_ne!(comparison.forward(), Compatible);
    assert_eq!(comparison.changes[0].path, "a");
}

#[test]
fn every_bundled_contract_is_good_and_its_examples_keep_it() {
    for name in [
        "InventoryFailed",
        "InventoryReserved",
        "OrderCreated",
        "PaymentCompleted",
        "PaymentFailed",
    ] {
        let contract = bundled(name);
        let examples = contract.value()["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            assert_eq!(
                contract.first_faults_of(example, 1),
                Some(Vec::new()),
                "{name}"
            );
        }
        assert_eq!(compare(&contract, &contract).changes, []);
    }
}
