//! The words of a schema: which are rules, which are for people, and what Rust makes of a name.

use heck::ToPascalCase;
use serde_json::Value;

/// What says nothing of values: words for people, and the frame of the file.
pub(crate) const NOTES: [&str; 11] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// Gives a lowered schema the words of the schema that it was made of.
pub(crate) fn describe(lowered: &mut Value, schema: &Value) {
    if let Some(words) = schema.get("description") {
        lowered["description"] = words.clone();
    }
}

/// A schema without words for people, but for its title, which tells one meaning from another.
pub(crate) fn rules(schema: &Value) -> Value {
    without(schema, |word| word != "title" && NOTES.contains(&word))
}

/// A schema without any words for people.
pub(crate) fn only_rules(schema: &Value) -> Value {
    without(schema, |word| NOTES.contains(&word))
}

fn without(schema: &Value, drop: impl Fn(&str) -> bool) -> Value {
    let mut schema = schema.clone();
    if let Some(words) = schema.as_object_mut() {
        words.retain(|word, _| !drop(word));
    }
    schema
}

/// Whether a text is `major.minor`.
pub(crate) fn is_version(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(major, minor)| number(major) && number(minor))
}

/// As typify calls a type of that name. Once more, since the first time may bring capitals together.
pub(crate) fn rust_name(name: &str) -> String {
    name.to_pascal_case().to_pascal_case()
}
