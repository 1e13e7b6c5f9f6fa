//! What can be wrong with an example: at every place of it, whatever its schema makes worth trying.

use serde_json::{Value, json};

/// Values that no message may repeat.
pub(super) const SECRETS: [&str; 3] = ["987654321", "s3cr3t-value", "secret@example"];

/// One change of an example.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// Where, as a JSON pointer.
    pub at: String,
    /// What shall stand there; `None` leaves the field out.
    pub value: Option<Value>,
    /// What the contract says of that place.
    pub schema: Value,
}

impl Mutation {
    /// Makes the change, unless an earlier one has taken its place away.
    pub(super) fn apply(&self, data: &mut Value) {
        let Some((parent, key)) = self.at.rsplit_once('/') else {
            *data = self.value.clone().unwrap_or_default();
            return;
        };
        let Some(parent) = data.pointer_mut(parent) else {
            return;
        };
        if let Value::Object(fields) = parent {
            match &self.value {
                Some(value) => fields.insert(key.to_owned(), value.clone()),
                None => fields.remove(key),
            };
        } else if let (Value::Array(entries), Some(value), Ok(at)) =
            (parent, &self.value, key.parse::<usize>())
            && let Some(entry) = entries.get_mut(at)
        {
            entry.clone_from(value);
        }
    }
}

/// Every single change that is worth trying.
pub(super) fn mutations(schema: &Value, example: &Value, texts: &[&str]) -> Vec<Mutation> {
    let mut walk = Walk {
        root: schema,
        texts,
        all: Vec::new(),
    };
    walk.place(schema, Some(example), "");
    walk.all
}

struct Walk<'a> {
    root: &'a Value,
    texts: &'a [&'a str],
    all: Vec<Mutation>,
}

impl Walk<'_> {
    fn place(&mut self, schema: &Value, value: Option<&Value>, at: &str) {
        let root = self.root;
        let target = schema["$ref"]
            .as_str()
            .and_then(|target| root.pointer(&target[1..]));
        let schema = target.unwrap_or(schema);
        let mut values = anything();
        values.extend(near(schema));
        values.extend(value.into_iter().flat_map(|value| askew(schema, value)));
        if schema["type"] == "string" {
            values.extend(self.texts.iter().map(|text| Value::from(*text)));
        }
        let out = (!at.is_empty()).then_some(None);
        let all = out.into_iter().chain(values.into_iter().map(Some));
        self.all.extend(all.map(|value| Mutation {
            at: at.to_owned(),
            value,
            schema: schema.clone(),
        }));

        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let field = value.map(|value| value.get(name));
            // Below what is not there nothing can be changed.
            if let Some(field) = field {
                self.place(schema, field, &format!("{at}/{name}"));
            }
        }
        let entries = value.and_then(Value::as_array);
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            self.place(&schema["items"], Some(entry), &format!("{at}/{index}"));
        }
    }
}

/// Of every kind one, and then those that readers stumble over.
fn anything() -> Vec<Value> {
    const NUMBERS: &str =
        "[0, -0.0, 1, -1, 1.0, 1.5, -1.5, 2e0, 1e30, 1e-30, 1e300, 9007199254740993, 987654321,
        987654321.5, 9223372036854775807, -9223372036854775808, 18446744073709551615]";
    let mut values: Vec<Value> = serde_json::from_str(NUMBERS).unwrap();
    values.extend([Value::Null, true.into(), false.into()]);
    let texts = [
        "",
        " ",
        "a",
        "1",
        "null",
        "s3cr3t-value",
        "secret@example.com",
        "\0",
        "ä",
        "😀",
    ];
    values.extend(texts.map(Value::from));
    values.extend([
        json!([]),
        json!([null]),
        json!(["s3cr3t-value"]),
        json!([[]]),
    ]);
    values.extend([json!({}), json!({ "s3cr3t-value": null })]);
    values
}

/// What lies on either side of each rule.
fn near(schema: &Value) -> Vec<Value> {
    let mut values = Vec::new();
    for length in lengths(schema, "minLength", "maxLength") {
        values.extend(["a", "ä", "😀"].map(|letter| Value::from(letter.repeat(length))));
    }
    for word in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        if let Some(bound) = schema[word].as_i64() {
            values.extend([bound - 1, bound, bound + 1].map(Value::from));
            let bound = schema[word].as_f64().unwrap();
            values.extend([-1.0, -0.01, 0.0, 0.01, 1.0].map(|step| Value::from(bound + step)));
        }
    }
    let words = schema["enum"].as_array().into_iter().flatten();
    for text in words.chain(schema.get("const")).filter_map(Value::as_str) {
        let nearly = [text.to_owned(), text.to_uppercase(), format!("{text} ")];
        values.extend(nearly.map(Value::from));
        values.extend([json!([text]), json!({ text: null }), json!({ text: {} })]);
    }
    values
}

/// The value itself, not quite as it should be.
fn askew(schema: &Value, value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => {
            // All its values, without their names.
            let mut values = vec![fields.values().cloned().collect()];
            for (name, value) in fields {
                let mut renamed = fields.clone();
                renamed.remove(name);
                renamed.insert(name.to_uppercase(), value.clone());
                values.push(renamed.into());
            }
            let mut more = fields.clone();
            more.insert("s3cr3t-value".into(), json!({ "of": [null, 1.5] }));
            values.push(more.into());
            values
        }
        Value::Array(entries) => {
            let entry = entries.first().cloned().unwrap_or_default();
            let lengths = lengths(schema, "minItems", "maxItems").into_iter();
            let mut values: Vec<Value> = lengths
                .map(|length| vec![entry.clone(); length].into())
                .collect();
            let mut one_wrong = entries.clone();
            one_wrong.push("s3cr3t-value".into());
            values.push(one_wrong.into());
            values
        }
        Value::String(text) => [
            format!("{text}\n"),
            format!("\n{text}"),
            format!(" {text}"),
            text.to_lowercase(),
        ]
        .map(Value::from)
        .into(),
        Value::Number(number) => [
            format!("\"{number}\""),
            format!("[{number}]"),
            format!("{number}.0"),
        ]
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect(),
        Value::Bool(_) | Value::Null => Vec::new(),
    }
}

fn lengths(schema: &Value, min: &str, max: &str) -> Vec<usize> {
    let bounds = [&schema[min], &schema[max]];
    let bounds = bounds.into_iter().filter_map(Value::as_u64);
    bounds
        .flat_map(|bound| [bound.saturating_sub(1), bound, bound + 1])
        .filter_map(|length| usize::try_from(length).ok())
        .collect()
}
