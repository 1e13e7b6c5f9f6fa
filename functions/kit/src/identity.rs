//! What a log line says of the event that it is about: its identity, and what its handler shows of its payload.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::logs;

/// The fields of an envelope that every line about it carries.
const IDENTITY: [&str; 5] = [
    "eventId",
    "correlationId",
    "source",
    "eventType",
    "occurredAt",
];

/// Longer than any id: what is longer is something else, and is cut.
const LONGEST: usize = 128;

/// Annotates the current span with the identity of the event in `text`, and with those fields of its payload that
/// `log_fields` names. What can be read of a malformed event is annotated too: that is when it is needed.
pub fn annotate(text: &str, log_fields: &[&str]) {
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        logs::annotate(scalars(&members, &IDENTITY));
        if let Some(data) = members.get("data")
            && let Ok(data) = serde_json::from_str(data.get())
        {
            logs::annotate(scalars(&data, log_fields));
        }
    }
}

fn scalars(members: &BTreeMap<String, &RawValue>, names: &[&str]) -> Vec<(String, Value)> {
    let scalar = |name: &&str| {
        let value = match serde_json::from_str(members.get(*name)?.get()).ok()? {
            Value::String(text) => Value::from(shortened(text)),
            value @ (Value::Null | Value::Bool(_) | Value::Number(_)) => value,
            Value::Array(_) | Value::Object(_) => return None,
        };
        Some(((*name).to_owned(), value))
    };
    names.iter().filter_map(scalar).collect()
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
