//! Filter policies and messages as they might be written, small enough to meet often; and whole apps.

#![allow(dead_code, reason = "each test binary uses a part")]

pub mod topology;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Fields of a body, the plain ones more often; `n.x` is nested, `d.k` has a dot in its name.
pub const FIELDS: [&str; 9] = ["a", "b", "a", "b", "a", "b", "n.x", "n.y", "d.k"];

pub fn text() -> impl Strategy<Value = String> {
    select(vec![
        "a",
        "ab",
        "abc",
        "Ab",
        "b",
        "ba",
        "true",
        "5",
        "5",
        "5",
        "10.0.0.7",
        "10.0.1.7",
        "say \"a\"",
    ])
    .prop_map(str::to_owned)
}

pub fn number() -> impl Strategy<Value = Value> {
    select(vec![
        json!(0),
        json!(1),
        json!(5),
        json!(-3),
        json!(2.5),
        json!(100),
    ])
}

fn pattern() -> impl Strategy<Value = String> {
    select(vec!["a*", "*b", "a*c", "*b*", "ab"]).prop_map(str::to_owned)
}

/// `numeric` with one bound.
pub fn single_range() -> impl Strategy<Value = Value> {
    let bound = prop_oneof![Just(json!(-5)), number()];
    (select(vec!["=", "<", "<=", ">", ">="]), bound)
        .prop_map(|(operator, value)| json!({ "numeric": [operator, value] }))
}

/// `numeric` in all its forms.
pub fn range() -> impl Strategy<Value = Value> {
    let double = (
        select(vec![">", ">="]),
        select(vec!["<", "<="]),
        0..5_i32,
        1..5_i32,
    )
        .prop_map(|(low, high, from, width)| json!({ "numeric": [low, from, high, from + width] }));
    prop_oneof![single_range(), double]
}

/// One element of a key's list.
pub fn condition() -> impl Strategy<Value = Value> {
    let scalar = || prop_oneof![3 => text().prop_map(Value::from), 2 => number()];
    prop_oneof![
        4 => scalar(),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => text().prop_map(|text| json!({ "prefix": text })),
        1 => text().prop_map(|text| json!({ "suffix": text })),
        1 => text().prop_map(|text| json!({ "equals-ignore-case": text })),
        1 => pattern().prop_map(|text| json!({ "wildcard": text })),
        2 => prop::collection::vec(scalar(), 1..4).prop_map(|list| json!({ "anything-but": list })),
        1 => (select(vec!["prefix", "suffix", "wildcard"]), pattern())
            .prop_map(|(operator, text)| json!({ "anything-but": { operator: text } })),
        3 => range(),
        2 => any::<bool>().prop_map(|wanted| json!({ "exists": wanted })),
        1 => select(vec!["10.0.0.0/24", "10.0.0.0/8"]).prop_map(|net| json!({ "cidr": net })),
    ]
}

/// A policy over some of `fields`, with alternatives.
pub fn policy(
    fields: &'static [&'static str],
    condition: BoxedStrategy<Value>,
) -> BoxedStrategy<Value> {
    let flat = move |most: usize| {
        let list = prop::collection::vec(condition.clone(), 1..3);
        prop::collection::btree_map(select(fields.to_vec()), list, 1..=most)
    };
    let alternatives = prop::collection::vec(
        (
            flat(2),
            prop::option::weighted(0.2, prop::collection::vec(flat(1), 2..3)),
        ),
        2..4,
    );
    (flat(2), prop::option::weighted(0.3, alternatives))
        .prop_map(|(keys, or)| {
            let mut policy = object(keys);
            if let Some(branches) = or {
                let branches = branches.into_iter().map(|(keys, inner)| {
                    let mut branch = object(keys);
                    if let Some(inner) = inner {
                        branch.insert("$or".to_owned(), inner.into_iter().map(object).collect());
                    }
                    Value::Object(branch)
                });
                policy.insert("$or".to_owned(), branches.collect());
            }
            Value::Object(policy)
        })
        .boxed()
}

/// `n.x` as an object in `n`; a key with any other dot keeps it.
fn object(keys: impl IntoIterator<Item = (&'static str, Vec<Value>)>) -> Map<String, Value> {
    let mut object = Map::new();
    for (key, list) in keys {
        match key.strip_prefix("n.") {
            Some(inner) => object.entry("n").or_insert_with(|| json!({}))[inner] = list.into(),
            None => drop(object.insert(key.to_owned(), list.into())),
        }
    }
    object
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text().prop_map(Value::from),
        4 => number(),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!("")),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => leaf(),
        2 => prop::collection::vec(leaf(), 0..3).prop_map(Value::from),
        1 => Just(json!({ "deep": "a" })),
    ]
}

/// A body: mostly a JSON object.
pub fn body() -> BoxedStrategy<String> {
    let nested = prop::collection::btree_map(select(vec!["x", "y"]), values(), 0..3)
        .prop_map(|map| json!(map))
        .boxed();
    let below = prop_oneof![
        5 => nested.clone(),
        1 => prop::collection::vec(nested, 1..3).prop_map(Value::from),
        1 => leaf(),
    ];
    let of = |name: &'static str, values: BoxedStrategy<Value>| {
        prop::option::weighted(0.7, values).prop_map(move |value| value.map(|value| (name, value)))
    };
    let object = (
        of("a", values().boxed()),
        of("b", values().boxed()),
        of("n", below.boxed()),
        of(
            "d",
            values().prop_map(|value| json!({ "k": value })).boxed(),
        ),
        of("d.k", Just(json!("a")).boxed()),
    )
        .prop_map(|(a, b, n, d, dotted)| {
            // Both forms of one path at once are nobody's intention.
            let dotted = dotted.filter(|_| d.is_none());
            let entries = [a, b, n, d, dotted].into_iter().flatten();
            let object: Map<String, Value> = entries
                .map(|(key, value)| (key.to_owned(), value))
                .collect();
            Value::Object(object).to_string()
        });
    prop_oneof![
        30 => object,
        1 => select(vec!["not JSON", "[{\"a\": \"a\"}]", "5", "\"a\"", "{}"]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// Types and texts of attributes.
pub fn attribute() -> BoxedStrategy<(&'static str, String)> {
    let array = prop::collection::vec(leaf(), 0..3).prop_map(|list| Value::from(list).to_string());
    prop_oneof![
        8 => text().prop_map(|text| ("String", text)),
        4 => number().prop_map(|number| ("Number", number.to_string())),
        4 => array.prop_map(|text| ("String.Array", text)),
        1 => select(vec!["[a", "\"a\"", "5"]).prop_map(|text| ("String.Array", text.to_owned())),
        1 => Just(("String", "say \\\"a\\\"".to_owned())),
        1 => Just(("Binary", "YQ==".to_owned())),
    ]
    .boxed()
}
