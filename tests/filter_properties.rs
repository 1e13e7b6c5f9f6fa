//! Laws of the filter evaluator, and what it must agree upon with another matcher of such patterns.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod generate;

use generate::{FIELDS, attribute, body, condition, number, policy, single_range, text};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use topogen::filter::evaluate::evaluate;
use topogen::filter::field::{
    Field, FieldType, Rule, always_matches, is_of_type, may_match, never_matches,
};
use topogen::filter::policy::{Bound, Scalar};
use topogen::filter::{Attribute, Message, Number, Policy, Scope};

fn passes(policy: &Value, message: &Message, scope: Scope) -> bool {
    let policy = Policy::from_json(policy).unwrap_or_else(|faults| panic!("{policy}: {faults:?}"));
    evaluate(&policy, scope, message).passes
}

fn body_passes(policy: &Value, body: &str) -> bool {
    let message = Message {
        body: body.to_owned(),
        ..Message::default()
    };
    passes(policy, &message, Scope::MessageBody)
}

/// Every choice of alternatives, written out: policies without `$or` whose keys must all hold.
fn written_out(policy: &Value) -> Vec<Vec<(String, Value)>> {
    let mut choices: Vec<Vec<(String, Value)>> = vec![Vec::new()];
    for (key, value) in policy.as_object().unwrap() {
        let ways: Vec<Vec<(String, Value)>> = match (key.as_str(), value) {
            ("$or", Value::Array(branches)) => branches.iter().flat_map(written_out).collect(),
            (_, Value::Object(_)) => written_out(value)
                .into_iter()
                .map(|keys| {
                    let below = |(inner, list)| (format!("{key}.{inner}"), list);
                    keys.into_iter().map(below).collect()
                })
                .collect(),
            _ => vec![vec![(key.clone(), value.clone())]],
        };
        choices = choices
            .iter()
            .flat_map(|before| {
                ways.iter()
                    .map(move |way| [before.clone(), way.clone()].concat())
            })
            .collect();
    }
    choices
}

fn any_policy() -> BoxedStrategy<Value> {
    policy(&FIELDS, condition().boxed())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Alternatives are no more than a way to write several policies, whose keys are tested one by one.
    #[test]
    fn alternatives_and_keys_can_be_written_out(policy in any_policy(), body in body()) {
        let by_hand = written_out(&policy).iter().any(|keys| {
            keys.iter().all(|(key, list)| body_passes(&json!({ key: list }), &body))
        });
        prop_assert_eq!(body_passes(&policy, &body), by_hand);
    }

    /// The documented way to count combinations: write them out, and add up the products.
    #[test]
    fn combinations_are_those_of_the_policies_written_out(policy in any_policy()) {
        let length = |list: &Value| list.as_array().unwrap().len() as u64;
        let depth = |key: &str| if key.starts_with("n.") { 2 } else { 1 };
        let total: u64 = written_out(&policy).iter().map(|keys| {
            keys.iter().map(|(key, list)| length(list) * depth(key)).product::<u64>()
        }).sum();
        let read = Policy::from_json(&policy).unwrap();
        prop_assert_eq!(read.combinations(Scope::MessageBody), total);
    }

    /// A list holds when one of its conditions does.
    #[test]
    fn a_list_is_its_conditions_one_by_one(list in prop::collection::vec(condition(), 1..4), body in body()) {
        let one_by_one = list.iter().any(|one| body_passes(&json!({ "a": [one] }), &body));
        prop_assert_eq!(body_passes(&json!({ "a": list }), &body), one_by_one);
    }

    /// A path says the same with dots and with braces, in the policy and in the body.
    #[test]
    fn dots_and_braces_are_the_same(list in prop::collection::vec(condition(), 1..3), value in text()) {
        let verdicts: Vec<bool> = [json!({ "n.x": list }), json!({ "n": { "x": list } })]
            .iter()
            .flat_map(|policy| {
                [json!({ "n.x": value }), json!({ "n": { "x": value } }), json!({ "n": [{ "x": value }] })]
                    .map(|body| body_passes(policy, &body.to_string()))
            })
            .collect();
        prop_assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{:?}", verdicts);
    }

    /// What is written is read again as the same.
    #[test]
    fn json_goes_there_and_back(policy in any_policy(), body in body()) {
        let read = Policy::from_json(&policy).unwrap();
        let again = Policy::from_json(&read.to_json()).unwrap();
        prop_assert_eq!(read.to_json(), again.to_json());
        prop_assert_eq!(body_passes(&policy, &body), body_passes(&read.to_json(), &body));
    }

    /// A verdict names, for each key, a clause that holds, or why none does.
    #[test]
    fn the_reason_and_the_verdict_say_the_same(policy in policy(&["a", "b"], condition().boxed()), kinds in prop::collection::btree_map(select(vec!["a", "b"]), attribute(), 0..3)) {
        let message = message(&kinds);
        let read = Policy::from_json(&policy).unwrap();
        let verdict = evaluate(&read, Scope::MessageAttributes, &message);
        if policy.get("$or").is_none() {
            let lines = verdict.lines();
            prop_assert_eq!(lines.len(), read.leaf_keys());
            prop_assert_eq!(lines.iter().all(|line| line.contains(" matches ")), verdict.passes);
        }
    }

    /// What is said of a field's type holds for every value of it, in a body and as an attribute.
    #[test]
    fn what_a_type_promises_its_values_keep(
        (kind, value) in typed(),
        required in any::<bool>(),
        list in prop::collection::vec(condition(), 1..4),
    ) {
        let field = Field { kind, required };
        let policy = Policy::from_json(&json!({ "a": list })).unwrap();
        let leaves = policy.leaves();
        let conditions = leaves[0].conditions;
        for scope in [Scope::MessageBody, Scope::MessageAttributes] {
            let message = published(value.as_ref());
            let passes = evaluate(&policy, scope, &message).passes;
            let never = never_matches(&field, scope, conditions);
            let always = always_matches(&field, scope, conditions);
            if value.is_some() || !required {
                prop_assert!(!(passes && never), "never: {:?} {:?} {:?}", field, value, list);
                prop_assert!(passes || !always, "always: {:?} {:?} {:?}", field, value, list);
            }
            for condition in conditions {
                let of_type = is_of_type(&field.kind, scope, &condition.value);
                let may = may_match(&field, scope, &condition.value);
                prop_assert!(of_type || !may, "type: {:?} {:?}", field, condition);
            }
        }
    }

    /// Whatever JSON there is: it is refused, or it is read and written again.
    #[test]
    fn no_json_breaks_the_reader(json in any_json()) {
        if let Ok(policy) = Policy::from_json(&json) {
            prop_assert!(Policy::from_json(&policy.to_json()).is_ok());
        }
    }

    /// quamina matches the same patterns, and is asked where its rules are those of SNS and version 0.7 keeps them: not about
    /// null, empty strings and empty lists; strings are not compared with numbers, ranges have one bound, `exists` is true,
    /// and each list has one condition. The local cloud is asked about those (tests/filter_cloud.rs).
    #[test]
    fn quamina_agrees(policy in plain_policy(), body in plain_body()) {
        let mut other = quamina::Quamina::new();
        other.add_pattern("policy", &policy.to_string()).unwrap();
        let theirs = other.has_matches(body.to_string().as_bytes()).unwrap();
        prop_assert_eq!(body_passes(&policy, &body.to_string()), theirs);
    }
}

fn message(attributes: &std::collections::BTreeMap<&str, (&str, String)>) -> Message {
    let attributes = attributes.iter().map(|(name, (kind, value))| {
        let attribute = Attribute {
            kind: kind.parse().unwrap(),
            value: value.clone(),
        };
        ((*name).to_owned(), attribute)
    });
    Message {
        attributes: attributes.collect(),
        body: "x".to_owned(),
    }
}

fn bound(value: &Value, inclusive: bool) -> Option<Bound> {
    let value = Number::parse(&value.to_string()).unwrap();
    Some(Bound { value, inclusive })
}

fn ruled(of: FieldType, schema: Value) -> FieldType {
    let longest = schema["maxLength"].as_u64();
    FieldType::Ruled(Box::new(of), Rule::new(String::new(), longest, schema))
}

/// A type and a value of it; for one that is not there, none.
fn typed() -> BoxedStrategy<(FieldType, Option<Value>)> {
    let texts = prop::collection::vec(text(), 1..3).prop_flat_map(|values| {
        let listed = values.iter().cloned().map(Scalar::String).collect();
        let kind = FieldType::Listed(listed);
        (Just(kind), select(values).prop_map(Value::from))
    });
    let null = Just((FieldType::Listed(vec![Scalar::Null]), Value::Null));
    let free = prop_oneof![6 => text(), 1 => Just(String::new())];
    let free = (free, prop::option::of(0..3_usize)).prop_map(|(value, room)| {
        let length = value.chars().count();
        let kind = match room {
            None => FieldType::String,
            Some(0) => ruled(
                FieldType::String,
                json!({ "minLength": length, "maxLength": length }),
            ),
            Some(room) => ruled(FieldType::String, json!({ "maxLength": length + room })),
        };
        (kind, Value::from(value))
    });
    let numbers = (number(), any::<bool>(), any::<bool>()).prop_map(move |(value, least, most)| {
        let lower = least.then(|| bound(&value, true)).flatten();
        let upper = most.then(|| bound(&value, true)).flatten();
        (FieldType::Number { lower, upper }, value)
    });
    let whole = (0..9_i32, 0..9_i32, any::<bool>()).prop_map(move |(from, by, tight)| {
        let value = json!(from + by / 2);
        let (lower, upper) = (bound(&json!(from), true), bound(&json!(from + by), true));
        let even = (from + by / 2) % 2 == 0;
        let kind = match tight {
            true if even => ruled(
                FieldType::Integer { lower, upper },
                json!({ "multipleOf": 2 }),
            ),
            true => FieldType::Number {
                lower: bound(&json!(from - 1), false),
                upper: bound(&json!(from + by + 1), false),
            },
            false => FieldType::Integer { lower, upper },
        };
        (kind, value)
    });
    let flags = any::<bool>().prop_map(|value| (FieldType::Boolean, Value::from(value)));
    let scalar =
        prop_oneof![3 => texts, 4 => free, 3 => numbers, 3 => whole, 2 => flags, 1 => null];
    let scalar = scalar.boxed();
    let either = (scalar.clone(), scalar.clone(), any::<bool>())
        .prop_map(|((a, value), (b, _), first)| (if first { a.or(b) } else { b.or(a) }, value));
    let scalar = prop_oneof![4 => scalar, 1 => either].boxed();
    let lists = (scalar.clone(), 0..3_usize).prop_map(|((kind, value), count)| {
        (
            FieldType::Array(Box::new(kind)),
            Value::from(vec![value; count]),
        )
    });
    let object = Just((FieldType::Object, json!({ "b": "a" })));
    (
        prop_oneof![6 => scalar, 2 => lists, 1 => object],
        prop::bool::weighted(0.8),
    )
        .prop_map(|((kind, value), there)| (kind, there.then_some(value)))
        .boxed()
}

/// A message with that value in `a`, published as handlers do: see `functions/kit/src/publisher.rs`.
fn published(value: Option<&Value>) -> Message {
    let attribute = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(("String", text.clone())),
        Value::Number(number) => Some(("Number", number.to_string())),
        Value::Bool(flag) => Some(("String.Array", format!("[{flag}]"))),
        Value::Array(items) if !items.is_empty() => Some(("String.Array", value.to_string())),
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let kinds = [
        ("a", value.and_then(attribute)),
        ("eventType", Some(("String", "Sold".to_owned()))),
    ];
    let kinds = kinds
        .into_iter()
        .filter_map(|(name, kind)| Some((name, kind?)))
        .collect();
    let mut body = json!({ "eventType": "Sold" });
    if let Some(value) = value {
        body["a"] = value.clone();
    }
    Message {
        body: body.to_string(),
        ..message(&kinds)
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(vec![">", "=", "10.0.0.0/8", "x/y/z", "::/0", "a*"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let key = select(vec![
            "a",
            "$or",
            "numeric",
            "prefix",
            "anything-but",
            "exists",
            "cidr",
            "wildcard",
            "",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

/// What SNS and quamina have in common: strings in `a` and `b`, numbers in `c`.
fn plain_policy() -> BoxedStrategy<Value> {
    let presence = || Just(json!({ "exists": true }));
    let of_text = prop_oneof![
        3 => text().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => text().prop_map(|text| json!({ "prefix": text })),
        1 => text().prop_map(|text| json!({ "suffix": text })),
        1 => text().prop_map(|text| json!({ "equals-ignore-case": text })),
        1 => select(vec!["a*", "*b", "a*c", "*b*"]).prop_map(|text| json!({ "wildcard": text })),
        2 => prop::collection::vec(text(), 1..3).prop_map(|list| json!({ "anything-but": list })),
        1 => select(vec!["10.0.0.0/24", "10.0.0.0/8"]).prop_map(|net| json!({ "cidr": net })),
    ]
    .boxed();
    let of_number = prop_oneof![
        1 => number(),
        2 => single_range(),
        1 => prop::collection::vec(number(), 1..3).prop_map(|list| json!({ "anything-but": list })),
    ]
    .boxed();
    let list = |of: BoxedStrategy<Value>| {
        let one = prop_oneof![6 => of, 1 => presence()];
        one.prop_map(|condition| vec![condition]).boxed()
    };
    let (texts, numbers) = (list(of_text), list(of_number));
    (
        prop::option::of(texts.clone()),
        texts,
        prop::option::of(numbers),
    )
        .prop_map(|(a, b, c)| {
            let lists = [("a", a), ("b", Some(b)), ("c", c)];
            let some = lists
                .into_iter()
                .filter_map(|(key, list)| Some((key, list?)));
            let policy: Map<String, Value> = some
                .map(|(key, list)| (key.to_owned(), list.into()))
                .collect();
            Value::Object(policy)
        })
        .boxed()
}

fn plain_body() -> impl Strategy<Value = Value> {
    fn one_or_more(leaf: BoxedStrategy<Value>) -> impl Strategy<Value = Option<Value>> {
        let many = prop::collection::vec(leaf.clone(), 1..3).prop_map(Value::from);
        prop::option::weighted(0.8, prop_oneof![4 => leaf, 1 => many])
    }
    let word = prop_oneof![
        4 => text().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
    ]
    .boxed();
    let (a, b) = (one_or_more(word.clone()), one_or_more(word));
    (a, b, one_or_more(number().boxed())).prop_map(|(a, b, c)| {
        let values = [("a", a), ("b", b), ("c", c), ("other", Some(json!("x")))];
        let some = values
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(some.collect())
    })
}
