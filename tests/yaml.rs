//! The printer before two readers of YAML that are not ours: serde_yaml, and PyYAML, which reads YAML 1.1 as CloudFormation
//! does. What is printed must be what they read, for every golden and for values that nobody would think of; and the JSON beside it
//! what serde_json prints.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::Write;
use std::process::Stdio;

use common::{GOLDENS, expanded, golden_files, plan, tool};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use serde_yaml::Value as Yaml;
use topogen::emit::{self, views::Views};

/// What PyYAML reads in each text: `{"value": …}`, or `{"error": …}`.
fn pyyaml(texts: &[String]) -> Vec<Value> {
    let mut child = tool("test-tools", "python")
        .arg("tests/yaml_read.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(json!(texts).to_string().as_bytes())
        .unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The native view against the JSON that is deployed, and the SAM view against its value.
#[test]
fn every_golden_is_the_same_value_to_both_readers() {
    let mut texts = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    for (name, file, environment) in GOLDENS {
        let plan = plan(file, environment);
        let files = ["template.yaml", "sam.yaml"].map(|file| golden_files(name, &plan, file));
        for (at, stack) in plan.stacks.iter().enumerate() {
            values.push(serde_json::from_str(&emit::cfn::json(&plan, stack)).unwrap());
            values.push(emit::sam::template(&plan, stack));
            for files in &files {
                texts.push(std::fs::read_to_string(&files[at]).unwrap());
            }
        }
    }
    assert!(values.len() > 2 * GOLDENS.len());
    for ((read, value), text) in pyyaml(&texts).iter().zip(&values).zip(&texts) {
        let title = text.lines().next().unwrap();
        assert!(read["value"] == *value, "{title}");
        let read: Yaml = serde_yaml::from_str(text).unwrap();
        assert!(expanded(&read) == *value, "{title}");
    }
}

/// The readers themselves: what a careless printer would leave bare is not the string that it was.
#[test]
fn yaml_1_1_misreads_bare_words() {
    let texts = [
        "a: yes",
        "a: 12:30:45",
        "a: 1_000",
        "a: 2010-09-09",
        "a: 0o7\nb: 010",
        "a: !GetAtt Q.Arn",
    ]
    .map(str::to_owned);
    let read = pyyaml(&texts);
    assert_eq!(read[0]["value"], json!({ "a": true }));
    assert_eq!(read[1]["value"], json!({ "a": 45045 }));
    assert_eq!(read[2]["value"], json!({ "a": 1000 }));
    assert_eq!(read[4]["value"], json!({ "a": "0o7", "b": 8 }));
    assert_eq!(
        read[5]["value"],
        json!({ "a": { "Fn::GetAtt": ["Q", "Arn"] } })
    );
}

/// Strings that some reader of YAML takes for something else, and any other text.
fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "",
        " ",
        "~",
        "null",
        "Null",
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "N",
        "true",
        "FALSE",
        "=",
        "<<",
        "-",
        "--",
        "---",
        "...",
        "?",
        ":",
        "- a",
        "? a",
        ": a",
        "a:",
        "a: b",
        "a #b",
        "#",
        "&a",
        "*a",
        "!a",
        "!Ref a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "'a'",
        "\"a\"",
        "{a}",
        "[a]",
        "a,b",
        "0",
        "-1",
        "+1",
        "010",
        "0x1F",
        "0b1",
        "0o7",
        "1_000",
        "1e3",
        "1.5",
        ".5",
        ".inf",
        "-.INF",
        ".nan",
        "12:30",
        "12:30:45",
        "190:20:30.15",
        "2010-09-09",
        "2001-12-14t21:59:43.10-05:00",
        "Ref",
        "Fn::GetAtt",
        "Fn::Sub",
        "Fn::ImportValue",
        "a.b",
        ".",
        "a.",
        "\n",
        "a\nb",
        "a\n",
        "\t",
        "a\tb",
        "\r\n",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{2029}",
        "\u{feff}",
        "\u{fffe}",
        "\u{ffff}",
        "é",
        "\u{1f980}",
        "\\",
        "a\\",
        "a  b",
        " a",
        "a ",
        "$",
        "/",
        "(",
        "..",
    ])
    .prop_map(str::to_owned);
    let pairs = (nasty.clone(), nasty.clone()).prop_map(|(a, b)| a + &b);
    // As a key it has to be announced from 1,024 characters on, with quotes and escapes.
    let long = (
        prop::sample::select(vec!["k", "1", "é"]),
        prop::sample::select(vec![511, 512, 1022, 1023, 1024, 1025]),
    )
        .prop_map(|(letter, times)| letter.repeat(times));
    prop_oneof![6 => nasty, 4 => pairs, 2 => any::<String>(), 4 => "[ -~]{0,12}", 1 => long]
}

fn value() -> impl Strategy<Value = Value> {
    // Whole numbers and eighths are the same in every notation of a double.
    let float = prop_oneof![
        any::<i32>().prop_map(|eighths| f64::from(eighths) / 8.0),
        prop::sample::select(vec![1e16, -1e16, 1e22, 2.5e20, 0.0, -0.0]),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        float.prop_map(Value::from),
        text().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let function =
            (text(), inner.clone()).prop_map(|(name, argument)| json!({ name: argument }));
        let attribute = (text(), text()).prop_map(|pair| json!({ "Fn::GetAtt": pair }));
        let map = vec((text(), inner.clone()), 0..6)
            .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>()));
        prop_oneof![
            vec(inner, 0..6).prop_map(Value::from),
            map,
            function,
            attribute
        ]
    })
}

proptest! {
    // A gate that tries other values each time would fail for whoever comes by.
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn serde_yaml_reads_what_was_printed(value in value()) {
        let text = Views::of(&value).yaml;
        let read: Yaml = serde_yaml::from_str(&text)
            .map_err(|error| TestCaseError::fail(format!("{error}:\n{text}")))?;
        prop_assert_eq!(expanded(&read), value, "{}", text);
    }

    #[test]
    fn the_json_beside_it_is_that_of_serde_json(value in value()) {
        prop_assert_eq!(Views::of(&value).json, value.to_string());
    }
}

/// Many values and one process: it takes longer to start than to read them all.
#[test]
fn pyyaml_reads_what_was_printed() {
    let mut runner = TestRunner::deterministic();
    let values: Vec<Value> = (0..2_000)
        .map(|_| value().new_tree(&mut runner).unwrap().current())
        .collect();
    let texts: Vec<String> = values.iter().map(|value| Views::of(value).yaml).collect();
    for ((read, value), text) in pyyaml(&texts).iter().zip(&values).zip(&texts) {
        assert_eq!(read["value"], *value, "{}\n{text}", read["error"]);
    }
}
