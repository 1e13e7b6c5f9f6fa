//! Schemas in, text of types out; or every reason why not. That the types hold the rules is tested in `every-rule`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use topogen_typegen::{Source, generate};

const OWN: &[(&str, &str)] = &[(
    r#"{ "title": "Money", "type": "number", "exclusiveMinimum": 0 }"#,
    "crate::Money",
)];

fn event(name: &str, fields: &Value) -> Source {
    let required: Vec<&String> = fields.as_object().unwrap().keys().collect();
    let schema = json!({
        "$id": format!("urn:test:{name}:1.0"),
        "title": name,
        "type": "object",
        "required": required,
        "properties": fields,
    });
    Source {
        name: name.to_owned(),
        text: schema.to_string(),
    }
}

fn types(sources: &[Source]) -> String {
    generate("schemas", sources, OWN).unwrap()
}

/// The faults of a contract whose field `x` is like that.
fn faults(field: &Value) -> Vec<String> {
    generate("schemas", &[event("Happened", &json!({ "x": field }))], OWN).unwrap_err()
}

#[test]
fn a_changed_rule_is_a_changed_type() {
    let field = |rules: &Value| {
        let types = types(&[event("Happened", &json!({ "x": rules }))]);
        let line = types.lines().find(|line| line.contains("pub x:")).unwrap();
        line.trim().replace("::topogen_kit::bounded::", "")
    };
    let cases = [
        (json!({ "type": "string" }), "pub x: ::std::string::String,"),
        (
            json!({ "type": "string", "minLength": 1 }),
            "pub x: Text<1>,",
        ),
        (
            json!({ "type": "string", "maxLength": 64 }),
            "pub x: Text<0, 64>,",
        ),
        (
            json!({ "type": "integer", "minimum": 1 }),
            "pub x: Whole<1, { i64::MAX }>,",
        ),
        (
            json!({ "type": "integer", "minimum": -1, "maximum": 9 }),
            "pub x: Whole<{ -1 }, 9>,",
        ),
        (
            json!({ "type": "array", "minItems": 1, "items": { "type": "boolean" } }),
            "pub x: List<bool, 1>,",
        ),
        (
            json!({ "type": "array", "items": { "type": "string", "maxLength": 2 } }),
            "pub x: ::std::vec::Vec<Text<0, 2>>,",
        ),
        (
            json!({ "title": "Money", "type": "number", "exclusiveMinimum": 0, "description": "…" }),
            "pub x: crate::Money,",
        ),
        (json!({ "enum": ["a"] }), "pub x: HappenedX,"),
        (
            json!({ "title": "Choice", "enum": ["a"] }),
            "pub x: Choice,",
        ),
        (
            json!({ "title": "IO", "type": "object", "properties": {} }),
            "pub x: Io,",
        ),
    ];
    for (rules, wanted) in cases {
        assert_eq!(field(&rules), wanted, "{rules}");
    }
}

#[test]
fn what_no_type_would_hold_stops_the_build_and_says_where() {
    let table = "name one in the table of build.rs, or leave the rule out";
    let cases = [
        (
            json!({ "type": "integer", "multipleOf": 5 }),
            format!(": no type holds `multipleOf` of an integer: {table}"),
        ),
        (
            json!({ "type": "number", "minimum": 0 }),
            format!(": no type holds `minimum` of a number: {table}"),
        ),
        (
            json!({ "type": "string", "format": "email" }),
            format!(": no type holds `format` of a string: {table}"),
        ),
        (
            json!({ "type": "array", "uniqueItems": true, "items": { "type": "string" } }),
            format!(": no type holds `uniqueItems` of an array: {table}"),
        ),
        (
            json!({ "title": "Money", "type": "number", "exclusiveMinimum": 1 }),
            r#": "Money" has other rules than `crate::Money` holds: {"title":"Money","type":"number","exclusiveMinimum":0} in the table of build.rs"#.to_owned(),
        ),
        (
            json!({ "type": ["string", "null"] }),
            ": must have one `type`, and not `null`: a field that may be missing is left out of `required`".to_owned(),
        ),
        (
            json!({ "enum": ["a", 1] }),
            ": must be one `enum` or `const`, and of strings: only of those types are made".to_owned(),
        ),
        (
            json!({ "$ref": "Money.json" }),
            ": refers to `Money.json`, which is not in the file".to_owned(),
        ),
        (
            json!({ "type": "integer", "minimum": 0.5 }),
            "/minimum: must be a whole number of 64 bits".to_owned(),
        ),
        (
            json!({ "enum": ["a-b", "a_b"] }),
            ": `a_b` and another are one name in Rust: name a type of yours in the table of build.rs".to_owned(),
        ),
        (
            json!({ "type": "object", "properties": { "a-b": { "type": "string" }, "aB": { "type": "string" } } }),
            ": `aB` and another are one name in Rust: name a type of yours in the table of build.rs".to_owned(),
        ),
        (
            json!({ "title": "9 lives", "enum": ["a"] }),
            ": `9lives` is no name for a type: give it another `title`".to_owned(),
        ),
        (json!({ "type": "array" }), ": must say what its `items` are".to_owned()),
        (
            json!({ "type": "object", "additionalProperties": false, "properties": {} }),
            "/additionalProperties: must be `true`: readers take what a later version adds".to_owned(),
        ),
        (
            json!({ "type": "object", "properties": {}, "required": ["y"] }),
            "/required: `y` is not among the properties".to_owned(),
        ),
    ];
    for (field, wanted) in cases {
        // Where the fault is inside the field, the path goes on before it is closed.
        let (inside, what) = wanted.split_once(':').unwrap();
        let wanted = format!("`schemas/Happened.json` at `/properties/x{inside}`:{what}");
        assert_eq!(faults(&field), [wanted]);
    }
}

#[test]
fn all_faults_of_all_contracts_are_named_at_once() {
    let bad = json!({ "a": { "type": "string", "format": "uuid" }, "b": {} });
    let no_id = Source {
        name: "Third".to_owned(),
        text: json!({ "title": "Other", "type": "object", "properties": {} }).to_string(),
    };
    let broken = Source {
        name: "Fourth".to_owned(),
        text: "{".to_owned(),
    };
    let sources = [event("First", &bad), event("Second", &bad), no_id, broken];
    let faults = generate("schemas", &sources, &[("{", "Broken")]).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let faults = generate("schemas", &sources, OWN).unwrap_err();
    let starts = [
        "`schemas/First.json` at `/properties/a`: no type holds `format`",
        "`schemas/First.json` at `/properties/b`: must have one `type`",
        "`schemas/Second.json` at `/properties/a`: no type holds `format`",
        "`schemas/Second.json` at `/properties/b`: must have one `type`",
        "`schemas/Third.json` at `/title`: must be \"Third\", as the file is called",
        "`schemas/Third.json` at `/$id`: must end in `Third:` and a version, such as `urn:events:Third:1.0`",
        "`schemas/Fourth.json`: is not JSON: EOF",
    ];
    assert_eq!(faults.len(), starts.len(), "{faults:#?}");
    for (fault, start) in faults.iter().zip(starts) {
        assert!(fault.starts_with(start), "{fault}");
    }
}

#[test]
fn objects_of_one_title_are_one_type_and_must_be_alike() {
    let part = |most: u32| {
        let fields = json!({ "n": { "type": "integer", "maximum": most } });
        json!({ "part": { "title": "Part", "description": "…", "type": "object", "properties": fields } })
    };
    let text = types(&[event("First", &part(9)), event("Second", &part(9))]);
    assert_eq!(text.matches("pub struct Part {").count(), 1);

    let faults = generate(
        "schemas",
        &[event("First", &part(9)), event("Second", &part(8))],
        OWN,
    );
    assert_eq!(
        faults.unwrap_err(),
        [
            "`schemas/Second.json` at `/properties/part`: `Part` is something else in another place; give one of them another `title`"
        ]
    );
}

#[test]
fn fields_keep_the_contracts_order_and_its_words() {
    let fields = json!({
        "zone": { "type": "string", "description": "Where it is." },
        "type": { "type": "boolean" },
        "amountDue": { "type": "integer" },
    });
    let text = types(&[event("Happened", &fields)]);
    let places: Vec<usize> = [
        "///Where it is.",
        "pub zone:",
        "pub type_:",
        "pub amount_due:",
    ]
    .iter()
    .map(|line| text.find(line).unwrap())
    .collect();
    assert!(places.is_sorted(), "{text}");
}
