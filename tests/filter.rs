//! Filter policies: which message passes, and by which clause it is told.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use topogen::Project;
use topogen::filter::evaluate::{Verdict, evaluate};
use topogen::filter::{Attribute, AttributeType, Message, Policy, Scope};
use topogen::source::Source;

fn policy(json: &Value) -> Policy {
    Policy::from_json(json).unwrap_or_else(|faults| panic!("{json}: {faults:?}"))
}

fn body(policy_json: &Value, body: &Value) -> Verdict {
    let message = Message {
        attributes: BTreeMap::new(),
        body: body
            .as_str()
            .map_or_else(|| body.to_string(), str::to_owned),
    };
    evaluate(&policy(policy_json), Scope::MessageBody, &message)
}

fn message(attributes: &[(&str, AttributeType, &str)]) -> Message {
    let attributes = attributes.iter().map(|(name, kind, value)| {
        let attribute = Attribute {
            kind: *kind,
            value: (*value).to_owned(),
        };
        ((*name).to_owned(), attribute)
    });
    Message {
        attributes: attributes.collect(),
        body: "not JSON".to_owned(),
    }
}

fn attributes(policy_json: &Value, of: &[(&str, AttributeType, &str)]) -> Verdict {
    evaluate(&policy(policy_json), Scope::MessageAttributes, &message(of))
}

/// Each row: the list of one key, values that pass, values that do not.
#[test]
fn conditions_on_a_field_of_the_body() {
    let rows = [
        (
            json!(["a", 5, true, null]),
            json!(["a", 5, 5.0, true, null, ["x", "a"], [[5]]]),
            json!(["A", "5", 6, false, [], {"a": 1}]),
        ),
        (
            json!([{"prefix": "ab"}]),
            json!(["ab", "abc", ["x", "ab"]]),
            json!(["a", "xab", "AB", 5, null]),
        ),
        (
            json!([{"suffix": "yz"}]),
            json!(["yz", "xyz"]),
            json!(["z", "yza"]),
        ),
        (
            json!([{"equals-ignore-case": "Tennis"}]),
            json!(["tennis", "TENNIS"]),
            json!(["tennis ", "ten"]),
        ),
        (
            json!([{"wildcard": "a*c*e"}]),
            json!(["ace", "abcde", "acce", "aceXe"]),
            json!(["ac", "ae", "aceX", "Xace"]),
        ),
        (
            json!([{"wildcard": "a*a"}]),
            json!(["aa", "aba"]),
            json!(["a"]),
        ),
        (
            json!([{"anything-but": ["rugby", "tennis"]}]),
            json!(["x", ["rugby", "baseball"], 5, null]),
            json!(["rugby", ["rugby", "tennis"], []]),
        ),
        (
            json!([{"anything-but": {"prefix": "a"}}]),
            json!(["b", ["a", "b"]]),
            json!(["a", "ab", ["a"]]),
        ),
        (
            json!([{"anything-but": {"suffix": "a"}}]),
            json!(["ab"]),
            json!(["ba"]),
        ),
        (
            json!([{"anything-but": {"wildcard": "*b*"}}]),
            json!(["ac"]),
            json!(["abc", "b"]),
        ),
        (
            json!([{"anything-but": 5}]),
            json!([6, "5"]),
            json!([5, 5.0]),
        ),
        (
            json!([{"numeric": ["=", 301.5]}]),
            json!([301.5, 3015e-1]),
            json!([301.50001, "301.5"]),
        ),
        (
            json!([{"numeric": [">", 0, "<=", 150]}]),
            json!([0.00001, 150, [200, 100]]),
            json!([0, 150.1, -1, true]),
        ),
        (
            json!([{"numeric": ["<", -1]}]),
            json!([-1.5]),
            json!([-1, 0]),
        ),
        (
            json!([{"exists": true}]),
            json!(["x", 0, false, [null, 1]]),
            json!(["", null, [], {"a": 1}]),
        ),
        (
            json!([{"cidr": "10.0.0.0/24"}]),
            json!(["10.0.0.0", "10.0.0.255"]),
            json!(["10.0.1.0", "x", "::1"]),
        ),
        (
            json!([{"cidr": "2001:db8::/32"}]),
            json!(["2001:db8:1::1"]),
            json!(["2001:db9::1"]),
        ),
        (
            json!([{"cidr": "0.0.0.0/0"}]),
            json!(["255.1.2.3"]),
            json!(["::"]),
        ),
    ];
    for (list, good, bad) in rows {
        for (values, passes) in [(good, true), (bad, false)] {
            for value in values.as_array().unwrap() {
                let verdict = body(
                    &json!({ "key": list }),
                    &json!({ "key": value, "other": 1 }),
                );
                assert_eq!(
                    verdict.passes,
                    passes,
                    "{list} on {value}: {:?}",
                    verdict.lines()
                );
            }
        }
    }
}

#[test]
fn a_field_that_is_not_there_matches_exists_false_alone() {
    let absent = json!({ "key": [{ "exists": false }] });
    assert!(body(&absent, &json!({ "other": 1 })).passes);
    assert!(!body(&absent, &json!({ "key": 1, "other": 1 })).passes);
    assert!(
        !body(&absent, &json!({})).passes,
        "a message that carries nothing"
    );
    assert!(attributes(&absent, &[("other", AttributeType::String, "x")]).passes);
    assert!(!attributes(&absent, &[]).passes);
    assert!(!attributes(&absent, &[("other", AttributeType::Binary, "eA==")]).passes);
    let unless = json!({ "key": [{ "anything-but": "x" }] });
    assert!(!body(&unless, &json!({ "other": 1 })).passes);
    let either = json!({ "key": [{ "anything-but": "x" }, { "exists": false }] });
    assert!(body(&either, &json!({ "other": 1 })).passes);
    assert!(!body(&either, &json!({ "key": "x" })).passes);
}

#[test]
fn attributes_are_compared_by_their_type() {
    use AttributeType::{Binary, Number, String, StringArray};
    for (list, kind, value, passes) in [
        (json!(["a"]), String, "a", true),
        (json!(["a"]), Binary, "a", false),
        (json!([100]), Number, "1e2", true),
        (json!(["100"]), Number, "100", false),
        (
            json!([{"numeric": [">=", 9007199254740993_u64]}]),
            Number,
            "9007199254740992",
            false,
        ),
        (
            json!([{"numeric": [">=", 9007199254740993_u64]}]),
            Number,
            "9007199254740993",
            true,
        ),
        (json!([{"numeric": [">", 5]}]), String, "6", true),
        (json!([{"numeric": [">", 5]}]), String, "six", false),
        (json!(["b", 2]), StringArray, r#"["a", 2]"#, true),
        (json!([true]), StringArray, "[true]", true),
        (json!([null]), StringArray, "[null]", true),
        (json!(["a"]), StringArray, "[a]", false),
        (json!(["a"]), StringArray, "\"a\"", false),
        (json!([{"exists": true}]), StringArray, "[a]", false),
        (
            json!([{"anything-but": ["rugby", "tennis"]}]),
            StringArray,
            r#"["rugby", "baseball"]"#,
            true,
        ),
        (
            json!([{"anything-but": ["rugby", "tennis"]}]),
            StringArray,
            r#"["rugby", "tennis"]"#,
            false,
        ),
        // Quotes and backslashes must be escaped twice, or nothing matches.
        (json!(["say \"hi\""]), String, r#"say \"hi\""#, true),
        (json!(["say \"hi\""]), String, r#"say "hi""#, false),
        (json!([{"exists": true}]), String, r"a\b\c", false),
    ] {
        let verdict = attributes(&json!({ "key": list }), &[("key", kind, value)]);
        assert_eq!(
            verdict.passes,
            passes,
            "{list} on {kind:?} {value}: {:?}",
            verdict.lines()
        );
    }
}

#[test]
fn paths_are_flat_on_both_sides_and_arrays_are_walked_through() {
    let nested = json!({ "a": { "b": ["x"] } });
    let dotted = json!({ "a.b": ["x"] });
    for policy in [&nested, &dotted] {
        assert!(body(policy, &json!({ "a": { "b": "x" } })).passes);
        assert!(body(policy, &json!({ "a.b": "x" })).passes);
        assert!(body(policy, &json!({ "a": [{ "b": "y" }, { "b": ["x"] }] })).passes);
        assert!(!body(policy, &json!({ "a": { "b": { "c": "x" } } })).passes);
    }
    // Each key is tested by itself: two elements may satisfy one each.
    let two = json!({ "items": { "sku": ["A"], "count": [2] } });
    assert!(
        body(
            &two,
            &json!({ "items": [{ "sku": "A", "count": 1 }, { "sku": "B", "count": 2 }] })
        )
        .passes
    );
}

#[test]
fn keys_are_and_alternatives_are_or() {
    let policy = json!({
        "source": ["cloudwatch"],
        "$or": [
            { "metric": ["cpu"] },
            { "space": ["x"], "$or": [{ "id": [1] }, { "id": [2], "deep": { "er": ["y"] } }] }
        ]
    });
    for (text, passes) in [
        (json!({ "source": "cloudwatch", "metric": "cpu" }), true),
        (json!({ "metric": "cpu" }), false),
        (json!({ "source": "cloudwatch", "space": "x" }), false),
        (
            json!({ "source": "cloudwatch", "space": "x", "id": 1 }),
            true,
        ),
        (
            json!({ "source": "cloudwatch", "space": "x", "id": 2 }),
            false,
        ),
        (
            json!({ "source": "cloudwatch", "space": "x", "id": 2, "deep": { "er": "y" } }),
            true,
        ),
    ] {
        assert_eq!(body(&policy, &text).passes, passes, "{text}");
    }
}

#[test]
fn a_body_that_is_no_object_is_filtered_out_and_an_empty_policy_filters_nothing() {
    for text in ["not JSON", "[1]", "\"a\"", "5", ""] {
        let verdict = body(&json!({ "a": ["x"] }), &json!(text));
        assert!(!verdict.passes);
        assert_eq!(verdict.lines(), ["the body is not a JSON object"]);
        assert!(body(&json!({}), &json!(text)).passes);
    }
}

#[test]
fn the_clause_that_decides_is_named() {
    let policy = json!({
        "currency": ["EUR", { "prefix": "U" }],
        "total": [{ "numeric": [">=", 100, "<", 1000] }],
        "$or": [{ "vip": [true] }, { "country": [{ "anything-but": ["DE", "AT"] }] }]
    });
    let verdict = body(
        &policy,
        &json!({ "currency": "USD", "total": 50, "vip": false, "country": "DE" }),
    );
    assert!(!verdict.passes);
    assert_eq!(
        verdict.lines(),
        [
            "$or, alternative 1 of 2:",
            "  vip: false does not match true",
            "$or, alternative 2 of 2:",
            "  country: \"DE\" does not match anything-but \"DE\", \"AT\"",
            "currency: \"USD\" matches prefix \"U\"",
            "total: 50 does not match numeric >= 100 and < 1000",
        ]
    );
    let verdict = body(
        &policy,
        &json!({ "currency": "EUR", "total": 500, "country": "FR" }),
    );
    assert!(verdict.passes);
    assert_eq!(
        verdict.lines(),
        [
            "$or, alternative 2 of 2:",
            "  country: \"FR\" matches anything-but \"DE\", \"AT\"",
            "currency: \"EUR\" matches \"EUR\"",
            "total: 500 matches numeric >= 100 and < 1000",
        ]
    );
    let absent = json!({ "a": [{ "exists": false }], "b": ["x"], "c": ["y"] });
    assert_eq!(
        attributes(&absent, &[("c", AttributeType::StringArray, "oops")]).lines(),
        [
            "a: not in the message, which matches exists false",
            "b: not in the message",
            "c: cannot be compared: its text is not JSON",
        ]
    );
}

#[test]
fn json_is_read_and_written_without_loss() {
    let everything = json!({
        "$or": [{ "a": ["x"] }, { "b": [{ "numeric": ["=", -0.5] }] }],
        "c": { "d": [null, true, 1, 2.5, 18446744073709551615_u64, "s"] },
        "e": [{ "prefix": "p" }, { "suffix": "s" }, { "equals-ignore-case": "i" }, { "wildcard": "w*" }],
        "f": [{ "anything-but": ["x", 1] }, { "anything-but": { "prefix": "p" } }, { "exists": false }],
        "g": [{ "numeric": [">", 0, "<=", 1.25] }, { "cidr": "10.0.0.0/8" }]
    });
    assert_eq!(policy(&everything).to_json(), everything);
}

#[test]
fn json_that_sns_refuses_is_refused() {
    for bad in [
        json!([]),
        json!({ "a": "x" }),
        json!({ "a": [] }),
        json!({ "a": [{ "numeric": [">", 5, "<", 1] }] }),
        json!({ "a": [{ "starts-with": "x" }] }),
        json!({ "$or": [{ "a": ["x"] }] }),
    ] {
        assert!(Policy::from_json(&bad).is_err(), "{bad}");
    }
}

/// What no fixture has room for.
#[test]
fn a_filter_has_so_many_bytes() {
    let found = |length| {
        let value = "x".repeat(length);
        let text = format!(
            r#"
[app]
name = "shop"
[events.OrderCreated]
[services.order]
http = ["POST /orders"]
publishes = ["OrderCreated"]
[services.payment]
[subscriptions.payment]
events = ["OrderCreated"]
filter = {{ note = ["{value}"] }}
"#
        );
        let project = Project::parse(Source::new("topology.toml", text));
        let (_, found) = project.compile(&"dev".parse().unwrap());
        let of_size = found.iter().filter(|found| found.code.id == "TG412");
        of_size
            .map(|found| found.message.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(256_000), [""; 0]);
    assert_eq!(
        found(262_144),
        ["the filter of `payment` has 262195 bytes, SNS takes 262144"]
    );
}
