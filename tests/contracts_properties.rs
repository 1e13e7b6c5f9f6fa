//! Verdicts on pairs of contracts, held against the validator: whatever is called compatible is tried with data.
//!
//! Schemas and data are drawn from a small vocabulary, so that they meet. The draw is fixed: a failure names its number.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use topogen::contracts::Contract;
use topogen::contracts::compatibility::{Effect, compare};
use topogen::contracts::fields::Lookup;
use topogen::filter::evaluate::evaluate;
use topogen::filter::field::{FieldType, is_of_type, never_matches};
use topogen::filter::policy::Bound;
use topogen::filter::{Attribute, AttributeType, Message, Policy, Scope};

/// Data that are drawn for each schema.
const DATA: usize = 60;

/// Pairs that are drawn: few enough for every day, `TOPOGEN_PAIRS=10000` for a change of the comparison.
fn pairs() -> u64 {
    let wanted = std::env::var("TOPOGEN_PAIRS");
    wanted.map_or(150, |wanted| wanted.parse().unwrap())
}

/// A small generator of numbers (splitmix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

const NAMES: &[&str] = &["a", "b", "ab", "c"];
const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "ab",
    "USD",
    "2026-01-02",
    "x@example.com",
    "aaaaaa",
];
const PATTERNS: &[&str] = &["^a", "^[ab]", "^[A-Z]{3}$", "b"];
const FORMATS: &[&str] = &["date", "email"];

fn schema(draw: &mut Draw, depth: u64) -> Value {
    if depth > 0 && draw.one_in(3) {
        return object(draw, depth);
    }
    match draw.below(if depth > 0 { 13 } else { 8 }) {
        0 | 1 => text(draw),
        2 | 3 => number(draw),
        4 => json!({ "type": *draw.of(&["boolean", "null"]) }),
        5 => {
            json!({ "enum": some(draw, &[json!("a"), json!("b"), json!("USD"), json!(1), json!(2), json!(null), json!(1.5), json!({ "a": 1 })]) })
        }
        6 => {
            json!({ "type": some(draw, &[json!("string"), json!("integer"), json!("number"), json!("null"), json!("object"), json!("array")]) })
        }
        7 => draw
            .of(&[
                json!(true),
                json!(false),
                json!({}),
                json!({ "$ref": "#/$defs/X" }),
                json!({ "$ref": "#/$defs/Y" }),
                json!({ "const": "a" }),
            ])
            .clone(),
        8 | 9 => array(draw, depth - 1),
        10 => json!({ "anyOf": [schema(draw, depth - 1), schema(draw, depth - 1)] }),
        11 => json!({ "allOf": [schema(draw, depth - 1), schema(draw, depth - 1)] }),
        _ => match draw.below(3) {
            0 => json!({ "oneOf": [schema(draw, depth - 1), schema(draw, depth - 1)] }),
            1 => json!({ "not": schema(draw, depth - 1) }),
            _ => json!({ "if": schema(draw, depth - 1), "then": schema(draw, depth - 1) }),
        },
    }
}

fn some(draw: &mut Draw, all: &[Value]) -> Vec<Value> {
    let mut chosen: Vec<Value> = all.iter().filter(|_| draw.one_in(2)).cloned().collect();
    if chosen.is_empty() {
        chosen.push(draw.of(all).clone());
    }
    chosen
}

fn text(draw: &mut Draw) -> Value {
    let mut rules = json!({ "type": "string" });
    if draw.one_in(3) {
        rules["minLength"] = draw.below(4).into();
    }
    if draw.one_in(3) {
        rules["maxLength"] = (draw.below(4) + 2).into();
    }
    if draw.one_in(4) {
        rules["pattern"] = (*draw.of(PATTERNS)).into();
    }
    if draw.one_in(6) {
        rules["format"] = (*draw.of(FORMATS)).into();
    }
    rules
}

fn number(draw: &mut Draw) -> Value {
    let mut rules = json!({ "type": *draw.of(&["integer", "number"]) });
    for (name, least) in [
        ("minimum", 0),
        ("maximum", 2),
        ("exclusiveMinimum", 0),
        ("exclusiveMaximum", 2),
    ] {
        if draw.one_in(4) {
            let at = draw.below(4) + least;
            rules[name] = if draw.one_in(3) {
                json!(at as f64 + 0.5)
            } else {
                json!(at)
            };
        }
    }
    if draw.one_in(5) {
        rules["multipleOf"] = draw.of(&[json!(1), json!(2), json!(0.5), json!(3)]).clone();
    }
    rules
}

fn array(draw: &mut Draw, depth: u64) -> Value {
    let mut rules = json!({ "type": "array" });
    if !draw.one_in(4) {
        rules["items"] = schema(draw, depth);
    }
    if draw.one_in(3) {
        rules["minItems"] = draw.below(3).into();
    }
    if draw.one_in(3) {
        rules["maxItems"] = (draw.below(3) + 1).into();
    }
    if draw.one_in(5) {
        rules["uniqueItems"] = true.into();
    }
    if draw.one_in(6) {
        rules["prefixItems"] = json!([schema(draw, depth)]);
    }
    if draw.one_in(8) {
        rules["contains"] = schema(draw, depth);
    }
    rules
}

fn object(draw: &mut Draw, depth: u64) -> Value {
    let mut properties = Map::new();
    for name in NAMES {
        if draw.one_in(2) {
            properties.insert((*name).to_owned(), schema(draw, depth - 1));
        }
    }
    let mut rules = json!({ "type": "object", "properties": properties });
    if draw.one_in(2) {
        let names: Vec<Value> = NAMES.iter().map(|name| json!(name)).collect();
        let names = some(draw, &names);
        rules["required"] = names.into_iter().take(2).collect();
    }
    match draw.below(6) {
        0 | 1 => rules["additionalProperties"] = false.into(),
        2 => rules["additionalProperties"] = schema(draw, 0),
        _ => {}
    }
    if draw.one_in(8) {
        rules["patternProperties"] = json!({ *draw.of(&["^a", "b$"]): schema(draw, 0) });
    }
    if draw.one_in(8) {
        rules["maxProperties"] = (draw.below(3) + 1).into();
    }
    if draw.one_in(10) {
        rules["propertyNames"] = json!({ "maxLength": draw.below(2) + 1 });
    }
    rules
}

fn contract(draw: &mut Draw) -> Value {
    let mut root = object(draw, 3);
    root["$defs"] = json!({ "X": schema(draw, 1), "Y": { "type": "object", "properties": { "a": { "$ref": "#/$defs/Y" }, "b": number(draw) } } });
    root
}

/// A few places of `value` changed: most real versions differ by little.
fn changed(draw: &mut Draw, value: &Value) -> Value {
    let mut value = value.clone();
    for _ in 0..=draw.below(2) {
        change(draw, &mut value, 3);
    }
    value["type"] = "object".into();
    value
}

fn change(draw: &mut Draw, value: &mut Value, depth: u64) {
    let Value::Object(entries) = value else {
        *value = schema(draw, 0);
        return;
    };
    let inner: Vec<String> = entries
        .iter()
        .filter(|(_, child)| child.is_object() || child.is_array())
        .map(|(key, _)| key.clone())
        .collect();
    if depth > 0 && !inner.is_empty() && !draw.one_in(4) {
        let key = draw.of(&inner).clone();
        let child = entries.get_mut(&key).unwrap();
        match child {
            Value::Array(items) if key == "required" || key == "enum" || key == "type" => {
                if items.len() > 1 {
                    items.pop();
                }
            }
            Value::Array(items) => {
                if let Some(item) = items.first_mut() {
                    change(draw, item, depth - 1);
                }
            }
            Value::Object(named) if key == "properties" && draw.one_in(2) => {
                let name = (*draw.of(NAMES)).to_owned();
                if named.remove(&name).is_none() {
                    named.insert(name, schema(draw, 1));
                }
            }
            Value::Object(named)
                if ["properties", "$defs", "patternProperties"].contains(&key.as_str()) =>
            {
                let names: Vec<String> = named.keys().cloned().collect();
                if !names.is_empty() {
                    let name = draw.of(&names).clone();
                    change(draw, named.get_mut(&name).unwrap(), depth - 1);
                }
            }
            Value::Object(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_) => {
                change(draw, child, depth - 1);
            }
        }
        return;
    }
    let keys: Vec<String> = entries
        .keys()
        .filter(|key| *key != "$defs")
        .cloned()
        .collect();
    match draw.below(4) {
        0 if !keys.is_empty() => {
            entries.remove(draw.of(&keys));
        }
        1 => {
            entries.insert("additionalProperties".to_owned(), draw.one_in(2).into());
        }
        2 => {
            let Value::Object(more) = number(draw) else {
                return;
            };
            let wanted =
                entries.contains_key("minimum") || entries.get("type") == Some(&json!("integer"));
            if wanted {
                entries.extend(more);
            }
        }
        _ if depth < 3 => *value = schema(draw, 1),
        _ => {}
    }
}

/// Data that follows `schema` where it can, and now and then does not.
fn data(draw: &mut Draw, schema: &Value, root: &Value, depth: u64, stray: bool) -> Value {
    if stray && draw.one_in(12) || depth == 0 {
        return anything(draw, 1);
    }
    if let Some(pointer) = schema["$ref"].as_str() {
        return data(
            draw,
            root.pointer(&pointer[1..]).unwrap(),
            root,
            depth - 1,
            stray,
        );
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(branches) = schema[key].as_array() {
            return data(draw, draw_branch(branches, depth), root, depth - 1, stray);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return draw.of(values).clone();
    }
    let mut types: Vec<&str> = schema["type"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    types.extend(schema["type"].as_str());
    if types.is_empty() {
        return anything(draw, 1);
    }
    match *draw.of(&types) {
        "object" => {
            let mut fields = Map::new();
            let required: Vec<&str> = schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            for name in NAMES {
                let named = schema["properties"].get(name);
                let wanted = required.contains(name)
                    || named.is_some() && draw.one_in(2)
                    || stray && draw.one_in(8);
                if wanted {
                    let value = match named {
                        Some(rules) => data(draw, rules, root, depth - 1, stray),
                        None => anything(draw, 1),
                    };
                    fields.insert((*name).to_owned(), value);
                }
            }
            Value::Object(fields)
        }
        "array" => {
            let count = draw.below(4);
            (0..count)
                .map(|_| data(draw, &schema["items"], root, depth - 1, stray))
                .collect()
        }
        "string" => json!(*draw.of(TEXTS)),
        "integer" => json!(draw.below(7)),
        "number" => json!(draw.below(14) as f64 / 2.0),
        "boolean" => json!(draw.one_in(2)),
        _ => Value::Null,
    }
}

fn draw_branch(branches: &[Value], depth: u64) -> &Value {
    &branches[usize::try_from(depth).unwrap() % branches.len()]
}

fn anything(draw: &mut Draw, depth: u64) -> Value {
    match draw.below(if depth > 0 { 8 } else { 6 }) {
        0 => Value::Null,
        1 => json!(draw.one_in(2)),
        2 => json!(draw.below(7)),
        3 => json!(draw.below(14) as f64 / 2.0),
        4 | 5 => json!(*draw.of(TEXTS)),
        6 => (0..draw.below(3))
            .map(|_| anything(draw, depth - 1))
            .collect(),
        _ => NAMES
            .iter()
            .filter(|_| draw.0.is_multiple_of(3))
            .map(|name| ((*name).to_owned(), json!(1)))
            .collect(),
    }
}

/// The schema with every object that declares fields closed: what a producer that sends only declared fields sends.
fn declared_only(schema: &Value) -> Value {
    match schema {
        Value::Object(entries) => {
            let mut closed: Map<String, Value> = entries
                .iter()
                .map(|(key, child)| (key.clone(), declared_only(child)))
                .collect();
            let declares = entries
                .get("properties")
                .and_then(Value::as_object)
                .is_some_and(|named| !named.is_empty());
            let open = entries
                .get("additionalProperties")
                .is_none_or(|rule| *rule == json!(true));
            if declares && open && !entries.contains_key("patternProperties") {
                closed.insert("additionalProperties".to_owned(), false.into());
            }
            Value::Object(closed)
        }
        Value::Array(items) => items.iter().map(declared_only).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema.clone(),
    }
}

fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap()
}

#[test]
fn what_is_called_compatible_is() {
    let pairs = pairs();
    let mut seen = [0_u64; 4];
    let mut tried = 0_u64;
    for number in 0..pairs {
        let mut draw = Draw(number);
        let old = contract(&mut draw);
        let new = if draw.one_in(4) {
            contract(&mut draw)
        } else {
            changed(&mut draw, &old)
        };
        let read = |value: &Value| Contract::parse("X.json", value.to_string().as_bytes());
        let (Ok(before), Ok(after)) = (read(&old), read(&new)) else {
            continue;
        };
        let comparison = compare(&before, &after);
        for (effect, writer, reader, way) in [
            (comparison.backward(), &old, &new, "backward"),
            (comparison.forward(), &new, &old, "forward"),
        ] {
            seen[effect as usize] += 1;
            if effect > Effect::Declared {
                continue;
            }
            let written = validator(writer);
            // Closing an object inside a condition opens the condition: valid by both is what is sent.
            let sent = validator(&match effect {
                Effect::Declared => declared_only(writer),
                Effect::Compatible | Effect::Unknown | Effect::Breaks => json!(true),
            });
            let understood = validator(reader);
            for at in 0..DATA {
                let source = if at % 2 == 0 { &old } else { &new };
                let stray = at % 3 != 0;
                let data = data(&mut draw, source, source, 5, stray);
                if written.is_valid(&data) && sent.is_valid(&data) {
                    tried += 1;
                    assert!(
                        understood.is_valid(&data),
                        "pair {number} is not {way} compatible ({effect:?})\nold {old}\nnew {new}\ndata {data}\n{:#?}",
                        comparison.changes
                    );
                }
            }
        }
    }
    println!("compatible, declared, unknown, breaks: {seen:?}; {tried} data tried");
    // Verdicts of every kind, and data that put them to the test.
    assert!(seen.iter().all(|count| *count > pairs / 50), "{seen:?}");
    assert!(tried > pairs * 5, "{tried}");
}

/// Whether `data` is what the contract's fields and size say of it.
fn agrees(contract: &Contract, data: &Value) -> Result<(), String> {
    if let Some(size) = contract.size().filter(|size| !size.open) {
        let length = data.to_string().len() as u64;
        if length > size.bytes {
            return Err(format!("{length} bytes, the bound is {}", size.bytes));
        }
    }
    for path in ["a", "b", "ab", "c", "a.a", "a.b", "b.a", "c.ab"] {
        let lookup = contract.field(path);
        let mut found = Vec::new();
        walk(data, &path.split('.').collect::<Vec<_>>(), &mut found);
        let holds = match &lookup {
            Lookup::Unsure | Lookup::Undeclared => true,
            Lookup::Absent => found.is_empty(),
            Lookup::Field(field) => {
                (!field.required || !found.is_empty())
                    && found.iter().all(|value| fits(&field.kind, value))
            }
        };
        if !holds {
            return Err(format!("{path} is {found:?}, not {lookup:?}"));
        }
    }
    Ok(())
}

/// The values at a dotted path, through lists.
fn walk<'a>(value: &'a Value, steps: &[&str], found: &mut Vec<&'a Value>) {
    match (value, steps) {
        (value, []) => found.push(value),
        (Value::Array(items), steps) => items.iter().for_each(|item| walk(item, steps, found)),
        (Value::Object(fields), [step, rest @ ..]) => {
            if let Some(value) = fields.get(*step) {
                walk(value, rest, found);
            }
        }
        _ => {}
    }
}

fn fits(kind: &FieldType, value: &Value) -> bool {
    match kind {
        FieldType::String => value.is_string(),
        FieldType::Listed(values) => values.iter().any(|one| {
            let one: Value = serde_json::from_str(&one.to_string()).unwrap();
            !value.is_array() && passes(&json!({ "a": [one] }), &json!({ "a": value }))
        }),
        FieldType::Number { lower, upper } | FieldType::Integer { lower, upper } => {
            let whole = matches!(kind, FieldType::Integer { .. });
            let range = |bound: &Option<Bound>, operators: [&str; 2]| {
                bound.iter().all(|bound| {
                    let operator = operators[usize::from(bound.inclusive)];
                    let numeric = json!({ "numeric": [operator, bound.value.to_json()] });
                    passes(&json!({ "a": [numeric] }), &json!({ "a": value }))
                })
            };
            let between = range(lower, [">", ">="]) && range(upper, ["<", "<="]);
            value.is_number() && between && !(whole && value.as_f64().unwrap().fract() != 0.0)
        }
        FieldType::Boolean => value.is_boolean(),
        FieldType::Array(items) => value
            .as_array()
            .is_some_and(|values| values.iter().all(|value| fits(items, value))),
        FieldType::Object => value.is_object(),
        FieldType::Ruled(of, _) => fits(of, value),
        FieldType::Either(types) => types.iter().any(|of| fits(of, value)),
        FieldType::Unknown => true,
    }
}

fn passes(policy: &Value, body: &Value) -> bool {
    let policy = Policy::from_json(policy).unwrap();
    let message = Message {
        body: body.to_string(),
        ..Message::default()
    };
    evaluate(&policy, Scope::MessageBody, &message).passes
}

#[test]
fn fields_and_sizes_are_as_said() {
    let pairs = pairs();
    let (mut tried, mut bounded, mut kinds) = (0_u64, 0_u64, [0_u64; 4]);
    for number in 0..pairs {
        let mut draw = Draw(number.wrapping_mul(0x1_0001));
        let mut schema = contract(&mut draw);
        if draw.one_in(2) {
            schema["properties"] = json!({ "a": text(&mut draw), "b": object(&mut draw, 1) });
            schema["additionalProperties"] = false.into();
        }
        let Ok(contract) = Contract::parse("X.json", schema.to_string().as_bytes()) else {
            continue;
        };
        bounded += u64::from(contract.size().is_some());
        for name in NAMES {
            kinds[match contract.field(name) {
                Lookup::Field(_) => 0,
                Lookup::Undeclared => 1,
                Lookup::Absent => 2,
                Lookup::Unsure => 3,
            }] += 1;
        }
        for _ in 0..DATA {
            let data = data(&mut draw, &schema, &schema, 5, true);
            if contract.first_faults_of(&data, 1) == Some(Vec::new()) {
                tried += 1;
                if let Err(why) = agrees(&contract, &data) {
                    panic!("contract {number}: {why}\n{schema}\n{data}");
                }
            }
        }
    }
    println!(
        "{tried} data tried, {bounded} contracts bounded, field, undeclared, absent, unsure: {kinds:?}"
    );
    assert!(
        tried > pairs * 5 && bounded > pairs / 50 && kinds.iter().all(|count| *count > pairs / 20)
    );
}

/// What a filter may ask for.
fn asked() -> Vec<Value> {
    let texts = TEXTS.iter().map(|text| json!(text));
    let numbers = (0..14).map(|half| json!(f64::from(half) / 2.0));
    let patterns = ["ab", "aaaa"].into_iter().flat_map(|text| {
        ["prefix", "suffix", "equals-ignore-case"].map(|operator| json!({ operator: text }))
    });
    let others = [
        json!(true),
        json!(false),
        json!({ "wildcard": "*a*a" }),
        json!({ "numeric": ["=", 3] }),
        json!({ "numeric": [">", 2, "<", 4] }),
        json!({ "numeric": ["<=", 0] }),
        json!({ "exists": true }),
        json!({ "exists": false }),
        json!({ "anything-but": ["a", 1] }),
    ];
    let whole = (0..7).map(|whole| json!(whole));
    texts
        .chain(numbers)
        .chain(whole)
        .chain(patterns)
        .chain(others)
        .collect()
}

/// `data` as handlers publish it: its fields in the body, and those that can be as attributes.
fn published(data: &Value) -> Message {
    let attribute = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some((AttributeType::String, text.clone())),
        Value::Number(number) => Some((AttributeType::Number, number.to_string())),
        Value::Bool(flag) => Some((AttributeType::StringArray, format!("[{flag}]"))),
        Value::Array(items) if !items.is_empty() => {
            Some((AttributeType::StringArray, value.to_string()))
        }
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let fields = data.as_object().unwrap().iter();
    let mut attributes: BTreeMap<String, Attribute> = fields
        .filter_map(|(name, value)| {
            let (kind, value) = attribute(value)?;
            Some((name.clone(), Attribute { kind, value }))
        })
        .collect();
    let kind = AttributeType::String;
    let value = "Sold".to_owned();
    attributes.insert("eventType".to_owned(), Attribute { kind, value });
    let mut body = data.clone();
    body["eventType"] = "Sold".into();
    Message {
        attributes,
        body: body.to_string(),
    }
}

/// A condition of which it is said that no event fulfils it: no event does.
#[test]
fn what_never_matches_does_not() {
    let pairs = pairs();
    let (mut tried, mut never) = (0_u64, 0_u64);
    // Of those, how many are of the field's type: what the rules of its values say.
    let mut ruled = 0_u64;
    let paths = ["a", "b", "ab", "c", "a.a", "b.ab"];
    let asked = asked();
    for number in 0..pairs {
        let mut draw = Draw(number.wrapping_mul(0x2_0003));
        let mut schema = contract(&mut draw);
        if draw.one_in(2) {
            schema["properties"] = json!({
                "a": text(&mut draw),
                "b": self::number(&mut draw),
                "ab": self::schema(&mut draw, 0),
                "c": { "type": "array", "items": self::schema(&mut draw, 1) },
            });
        }
        let Ok(contract) = Contract::parse("X.json", schema.to_string().as_bytes()) else {
            continue;
        };
        let mut claims = Vec::new();
        for path in paths {
            let Lookup::Field(field) = contract.field(path) else {
                continue;
            };
            for wanted in &asked {
                let policy = Policy::from_json(&json!({ path: [wanted] })).unwrap();
                for scope in [Scope::MessageBody, Scope::MessageAttributes] {
                    // No field of a field is an attribute.
                    let sent = scope == Scope::MessageBody || !path.contains('.');
                    let conditions = policy.leaves()[0].conditions.to_vec();
                    if sent && never_matches(&field, scope, &conditions) {
                        let of_type = is_of_type(&field.kind, scope, &conditions[0].value);
                        ruled += u64::from(of_type);
                        claims.push((path, wanted, policy.clone(), scope));
                    }
                }
            }
        }
        never += claims.len() as u64;
        for _ in 0..DATA {
            let data = data(&mut draw, &schema, &schema, 5, true);
            if contract.first_faults_of(&data, 1) != Some(Vec::new()) {
                continue;
            }
            let message = published(&data);
            for (path, wanted, policy, scope) in &claims {
                tried += 1;
                assert!(
                    !evaluate(policy, *scope, &message).passes,
                    "contract {number}: {path} matches {wanted} in {scope}\n{schema}\n{data}\n{:?}",
                    contract.field(path)
                );
            }
        }
    }
    println!("{never} conditions never match, {ruled} of them of the type; {tried} times tried");
    assert!(ruled > pairs * 10 && tried > pairs * 100);
}
