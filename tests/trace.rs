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
use topogen::filter::field::FieldType;
use topogen::filter::policy::Scalar;
use topogen::filter::{Attribute, AttributeType};
use topogen::trace::{Arrival, Given, Known, Trace, Unfit, trace};

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
    let written: Vec<String> = attributes.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let known = Known {
        data,
        attributes: topogen::trace::all(&written).unwrap(),
        ..Known::default()
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

const TYPED: &str = r#"
[app]
name = "shop"

[events.A]
attributes = ["flag", "currency", "tags"]

[services.desk]
http = ["POST /orders"]
publishes = ["A"]

[api.routes."POST /orders"]
public = true

[services.flagged]

[subscriptions.flagged]
events = ["A"]
filter = { flag = [true] }

[services.hundred]

[subscriptions.hundred]
events = ["A"]
filter = { currency = ["100"] }

[services.tagged]

[subscriptions.tagged]
events = ["A"]
filter = { tags = ["a"] }

[services.versioned]

[subscriptions.versioned]
events = ["A"]
filter = { eventVersion = ["1.0"] }
"#;

const CONTRACT: &str = r#"{
  "type": "object",
  "required": ["flag", "currency", "tags"],
  "properties": {
    "flag": { "type": "boolean" },
    "currency": { "type": "string", "maxLength": 3 },
    "tags": { "type": "array", "items": { "type": "string" } }
  }
}"#;

/// A folder with a topology, of which the event has a contract or not.
fn folder(has_contract: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let schema = "[events.A]\nschema = \"A.json\"";
    let topology = match has_contract {
        true => TYPED.replace("[events.A]", schema),
        false => TYPED.to_owned(),
    };
    std::fs::write(folder.path().join("topology.toml"), topology).unwrap();
    std::fs::write(folder.path().join("A.json"), CONTRACT).unwrap();
    folder
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

/// Each attribute as a user would write it, the data that says the same, and who receives that.
const SAME: [(&str, &str, &str); 3] = [
    ("flag=true", r#"{"flag":true}"#, "flagged"),
    ("currency=100", r#"{"currency":"100"}"#, "hundred"),
    (r#"tags=["a","b"]"#, r#"{"tags":["a","b"]}"#, "tagged"),
];

#[test]
fn an_attribute_has_the_type_of_its_field_in_the_contract() {
    let folder = folder(true);
    for (attribute, data, receiver) in SAME {
        let receives = format!("+ {receiver} receives it");
        let given = ["A", "--attribute", attribute];
        let (status, stdout, stderr) = run(folder.path(), b"", &given);
        assert_eq!((status, stderr.as_str()), (0, ""), "{attribute}");
        assert!(stdout.contains(&receives), "{attribute}: {stdout}");
        let (_, stdout, _) = run(folder.path(), data.as_bytes(), &["A", "--data", "-"]);
        assert!(stdout.contains(&receives), "{data}: {stdout}");
    }
}

#[test]
fn without_a_contract_a_value_is_what_the_kit_would_make_of_it_and_a_type_can_be_named() {
    let folder = folder(false);
    let trace = |attribute: &str| run(folder.path(), b"", &["A", "--attribute", attribute]);
    for attribute in [
        "flag=true",
        r#"tags=["a","b"]"#,
        "tags=a",
        r#"tags:String.Array=["a","b"]"#,
    ] {
        let (_, stdout, _) = trace(attribute);
        let receiver = if attribute.starts_with("flag") {
            "flagged"
        } else {
            "tagged"
        };
        let receives = format!("+ {receiver} receives it");
        assert!(stdout.contains(&receives), "{attribute}: {stdout}");
    }
    // A guess that the answer rests on is told, with what says otherwise.
    let (status, stdout, stderr) = trace("currency=100");
    assert_eq!(status, 0);
    assert!(stdout.contains("- hundred does not receive it"), "{stdout}");
    assert_eq!(
        stderr,
        "warning: `currency` is taken for a Number, and who receives the event rests on that\n  \
         help: name its type, such as `--attribute currency:String=…` for a text\n"
    );
    let (_, stdout, stderr) = trace("currency:String=100");
    assert!(stdout.contains("+ hundred receives it"), "{stdout}");
    assert_eq!(stderr, "");
    // One that changes nothing is not.
    assert_eq!(trace("other=100").2, "");
}

#[test]
fn the_version_is_a_text_as_the_kit_sends_it() {
    let folder = folder(false);
    let given = ["A", "--attribute", "eventVersion=1.0"];
    let (_, stdout, stderr) = run(folder.path(), b"", &given);
    assert!(stdout.contains("+ versioned receives it"), "{stdout}");
    assert_eq!(stderr, "");
}

#[test]
fn a_list_of_lists_is_no_attribute_as_in_the_kit() {
    let data = br#"{"tags":["a",["b"]]}"#;
    let (_, stdout, _) = run(folder(false).path(), data, &["A", "--data", "-"]);
    assert!(stdout.contains("tags: not in the message"), "{stdout}");
}

#[test]
fn data_that_breaks_the_contract_is_told_and_traced() {
    let folder = folder(true);
    let data = br#"{"flag":true,"currency":"EURO","tags":["a",5]}"#;
    let (status, stdout, stderr) = run(folder.path(), data, &["A", "--data", "-"]);
    assert_eq!(status, 0);
    assert!(stdout.contains("+ flagged receives it"), "{stdout}");
    assert_eq!(
        stderr,
        "warning: the data breaks the contract of A, A.json\n  \
         /currency: \"EURO\" is longer than 3 characters\n  \
         /tags/1: 5 is not of type \"string\"\n  \
         help: correct the data, or the contract: the trace goes on with the data as it is\n"
    );
    let (_, _, stderr) = run(folder.path(), b"{}", &["A", "--data", "-"]);
    assert!(
        stderr.contains("  the data itself: \"flag\" is a required property\n"),
        "{stderr}"
    );
    let many = json!({ "flag": true, "currency": "EUR", "tags": [1, 2, 3, 4, 5, 6] });
    let many = many.to_string();
    let (_, _, stderr) = run(folder.path(), many.as_bytes(), &["A", "--data", "-"]);
    assert!(
        stderr.contains("/tags/4")
            && !stderr.contains("/tags/5")
            && stderr.contains("  and more\n"),
        "{stderr}"
    );
    let good = br#"{"flag":true,"currency":"EUR","tags":[]}"#;
    let (_, _, stderr) = run(folder.path(), good, &["A", "--data", "-"]);
    assert_eq!(stderr, "");
    // Each level of the data is tried four times as often as the one around it.
    let tree = r##"{"anyOf": [{"minProperties": 1, "additionalProperties": {"$ref": "#/$defs/tree"}}, {"maxProperties": 3, "additionalProperties": {"$ref": "#/$defs/tree"}}, {"required": ["a"], "additionalProperties": {"$ref": "#/$defs/tree"}}, {"required": ["b"], "additionalProperties": {"$ref": "#/$defs/tree"}}]}"##;
    let branching = CONTRACT.replace("\"required\"", &format!("\"$defs\": {{\"tree\": {tree}}}, \"additionalProperties\": {{\"$ref\": \"#/$defs/tree\"}}, \"required\""));
    std::fs::write(folder.path().join("A.json"), branching).unwrap();
    let tree = (0..40).fold(json!(1), |inner, _| json!({ "a": inner }));
    let deep = json!({ "flag": true, "currency": "EUR", "tags": [], "tree": tree }).to_string();
    let (status, stdout, stderr) = run(folder.path(), deep.as_bytes(), &["A", "--data", "-"]);
    assert_eq!(status, 0);
    assert!(stdout.contains("+ flagged receives it"), "{stdout}");
    assert_eq!(
        stderr,
        "warning: the data is not held against the contract of A, A.json: that takes too long\n  \
         help: shorter data, or a contract with fewer alternatives, does not; the trace goes on with the data as it is\n"
    );
    // A contract that is not there keeps nobody from tracing.
    std::fs::remove_file(folder.path().join("A.json")).unwrap();
    let (status, stdout, stderr) = run(folder.path(), good, &["A", "--data", "-"]);
    assert_eq!(status, 0);
    assert!(stdout.contains("+ flagged receives it"), "{stdout}");
    assert!(
        stderr.starts_with("warning: cannot read the contract `A.json`: "),
        "{stderr}"
    );
}

#[test]
fn the_bundled_contract_is_held_against_data() {
    let data = br#"{"totalAmount":"not a number"}"#;
    let given = ["OrderCreated", "--data", "-"];
    let (status, _, stderr) = run(Path::new("."), data, &given);
    assert_eq!(status, 0);
    assert!(
        stderr.contains("  /totalAmount: \"not a number\" is not of type \"number\"\n"),
        "{stderr}"
    );
}

#[test]
fn data_has_an_end() {
    let folder = folder(false);
    let large = folder.path().join("large.json");
    let file = std::fs::File::create(&large).unwrap();
    file.set_len(16 * 1024 * 1024 + 1).unwrap();
    let refused = |stdin: &[u8], path: &str| {
        let (status, stdout, stderr) = run(folder.path(), stdin, &["A", "--data", path]);
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
            "error: cannot read /dev/zero: it is larger than 16 MiB\n  \
             help: give one event's `data`: no topic takes more than 1 MiB\n"
        );
    }
    assert!(refused(b"", "none.json").contains("pipe it into `--data -`"));
    assert!(refused(b"[]", "-").starts_with("error: stdin holds no JSON object\n"));
    assert!(refused(b"{", "-").starts_with("error: stdin is not JSON: "));
}

#[test]
fn attributes_that_sns_refuses_are_refused() {
    let folder = folder(false);
    let long = format!("{}=1", "a".repeat(257));
    for (given, what) in [
        (
            &["bad name=1"] as &[&str],
            "`bad name` is no name of a message attribute",
        ),
        (&["AWS.foo=1"], "AWS keeps such names for itself"),
        (&["amazon.foo=1"], "AWS keeps such names for itself"),
        (&["a..b=1"], "a dot stands between two other characters"),
        (&[&long], "it is too long"),
        (&["=1"], "it is empty"),
        (&["currency"], "the attribute `currency` has no value"),
        (&["currency="], "the attribute `currency` has no value"),
        (
            &["currency:Text=1"],
            "`Text` is no type of a message attribute",
        ),
        (&["currency:Number=a"], "its value is no number"),
        (&["tags=[]"], "is an empty list"),
        (
            &["currency=USD", "currency:String=EUR"],
            "the attribute `currency` is given twice",
        ),
    ] {
        let written = given.iter().flat_map(|one| ["--attribute", *one]);
        let arguments: Vec<&str> = ["A"].into_iter().chain(written).collect();
        let (status, stdout, stderr) = run(folder.path(), b"", &arguments);
        assert_eq!((status, stdout.as_str()), (2, ""), "{given:?}");
        assert!(
            stderr.starts_with("error: ") && stderr.contains(what) && stderr.contains("\n  help: "),
            "{given:?}: {stderr}"
        );
    }
}

#[test]
fn the_help_says_how_a_type_is_named() {
    let (status, stdout, _) = run(Path::new("."), b"", &["--help"]);
    assert_eq!(status, 0);
    for words in ["NAME[:TYPE]=VALUE", "String.Array", "zip:String=100"] {
        assert!(stdout.contains(words), "{stdout}");
    }
}

fn given(written: &str) -> Result<Given, Unfit> {
    let mut all = topogen::trace::all(&[written.to_owned()])?;
    Ok(all.remove(0))
}

#[test]
fn names_are_those_that_sns_takes() {
    let longest = "a".repeat(256);
    for name in ["currency", "a.b", "_a-1", "AWSome", "Amazonas", &longest] {
        assert!(given(&format!("{name}=1")).is_ok(), "{name}");
    }
    let longer = "a".repeat(257);
    for (name, what) in [
        ("", "it is empty"),
        ("bad name", "SNS takes no such characters"),
        ("größe", "SNS takes no such characters"),
        ("AWS.foo", "AWS keeps such names for itself"),
        ("aws.foo", "AWS keeps such names for itself"),
        ("Amazon.foo", "AWS keeps such names for itself"),
        ("a..b", "a dot stands between two other characters"),
        (".a", "a dot stands between two other characters"),
        ("a.", "a dot stands between two other characters"),
        (&longer, "it is too long"),
    ] {
        let refused = given(&format!("{name}=1")).unwrap_err();
        assert!(refused.what.ends_with(what), "{name}: {}", refused.what);
    }
}

#[test]
fn a_field_says_the_type_and_a_guess_says_that_it_is_one() {
    use AttributeType::{Number, String as Text, StringArray};
    let number = FieldType::Number {
        lower: None,
        upper: None,
    };
    let listed = FieldType::Listed(vec![Scalar::String("USD".to_owned())]);
    let texts = FieldType::Array(Box::new(FieldType::String));
    let either = FieldType::String.or(number.clone());
    for (written, field, kind, value, is_sure) in [
        ("a=100", &FieldType::String, Text, "100", true),
        ("a=true", &FieldType::String, Text, "true", true),
        ("a=[1]", &FieldType::String, Text, "[1]", true),
        ("a=100", &number, Number, "100", true),
        ("a=1.00", &number, Number, "1.00", true),
        ("a=true", &FieldType::Boolean, StringArray, "[true]", true),
        (
            "a=[true]",
            &FieldType::Boolean,
            StringArray,
            "[true]",
            false,
        ),
        ("a=[\"x\"]", &texts, StringArray, "[\"x\"]", true),
        ("a=x", &number, Text, "x", true),
        ("a=100", &listed, Text, "100", true),
        ("a=100", &either, Number, "100", false),
        ("a=x", &either, Text, "x", true),
        ("a=100", &FieldType::Unknown, Number, "100", false),
        ("a=true", &FieldType::Unknown, StringArray, "[true]", false),
        (
            "a=[1,\"x\"]",
            &FieldType::Unknown,
            StringArray,
            "[1,\"x\"]",
            false,
        ),
        ("a=USD", &FieldType::Unknown, Text, "USD", true),
        // No JSON number: of data it could only be a text.
        ("a=007", &FieldType::Unknown, Text, "007", true),
        ("a={}", &FieldType::Unknown, Text, "{}", true),
        ("a=[[1]]", &FieldType::Unknown, Text, "[[1]]", true),
        ("a:String=100", &number, Text, "100", true),
        ("a:Number=007", &FieldType::String, Number, "007", true),
        (
            "a:String.Array=[1]",
            &FieldType::String,
            StringArray,
            "[1]",
            true,
        ),
        ("a=b=c:d", &FieldType::Unknown, Text, "b=c:d", true),
    ] {
        let value = value.to_owned();
        let wanted = (Attribute { kind, value }, is_sure);
        assert_eq!(
            given(written).unwrap().attribute(field),
            wanted,
            "{written} {field:?}"
        );
    }
}
