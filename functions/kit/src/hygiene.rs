//! For a handler's tests: its logs tell which event they are about, and nothing of what the event says.
//!
//! ```no_run
//! # use topogen_kit::{Failure, Handled, RawEnvelope};
//! # async fn handle(_: RawEnvelope) -> Result<Handled, Failure> { Ok(Handled::Processed) }
//! # const EVENTS: &str = "";
//! # async fn example() {
//! topogen_kit::hygiene::check(EVENTS, &["orderId"], &[], handle).await;
//! # }
//! ```
//!
//! Keep such tests in a file of their own, see [`MemoryLog`].

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::deadline::Deadline;
use crate::memory::MemoryLog;
use crate::{Failure, Handled, RawEnvelope, batch};

/// What a line about a readable event must carry, besides the fields of its payload that the handler shows.
const IDENTITY: [&str; 5] = [
    "eventId",
    "correlationId",
    "source",
    "eventType",
    "occurredAt",
];

/// Shorter texts and numbers are everywhere, and give nobody away.
const LONG_ENOUGH: usize = 4;

/// Delivers `batch`, an SQS event as JSON, as it is, and again and again with one value of one payload replaced by something
/// that does not belong there: a name and an address, a long number, an object, a list.
///
/// `log_fields` are the fields of the payload that the handler shows, `harmless` those whose values may be in any line.
///
/// # Panics
/// When a line holds a text or a long number of any other field, or a line about a readable event does not say which.
pub async fn check(
    batch: &str,
    log_fields: &[&str],
    harmless: &[&str],
    step: impl AsyncFn(RawEnvelope) -> Result<Handled, Failure>,
) {
    let batch: Value = serde_json::from_str(batch).unwrap_or_default();
    let open: Vec<&str> = log_fields.iter().chain(harmless).copied().collect();
    let mut tried = 0;
    for variant in variants(&batch, &open) {
        let log = MemoryLog::default();
        let guard = tracing::subscriber::set_default(log.subscriber());
        let event = serde_json::from_str(&variant.to_string()).unwrap_or_default();
        let deadline = Deadline::after(Duration::from_secs(60));
        batch::process(event, deadline, log_fields, &step).await;
        drop(guard);
        assert_discreet(&log, &variant, &open);
        assert_identified(&log, &variant, log_fields);
        tried += 1;
    }
    assert!(tried > 1, "no record of the batch has a payload");
}

fn assert_discreet(log: &MemoryLog, batch: &Value, open: &[&str]) {
    let mut secrets = Vec::new();
    for event in records(batch).filter_map(event) {
        secrets_of(&event["data"], open, &mut secrets);
    }
    for mut line in log.lines() {
        // Its digits look like anything.
        line["timestamp"] = Value::Null;
        let text = line.to_string();
        let leaked = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert!(leaked.is_none(), "`{}` is logged: {text}", secret(leaked));
    }
}

fn secret(found: Option<&String>) -> &str {
    found.map(String::as_str).unwrap_or_default()
}

fn assert_identified(log: &MemoryLog, batch: &Value, log_fields: &[&str]) {
    for record in records(batch) {
        let id = &record["messageId"];
        let event = event(record).unwrap_or_default();
        let lines = log.lines();
        let mut about = lines
            .iter()
            .filter(|line| line["messageId"] == *id)
            .peekable();
        assert!(about.peek().is_some(), "no line is about the record {id}");
        for line in about {
            for (fields, from) in [(&IDENTITY[..], &event), (log_fields, &event["data"])] {
                for field in fields {
                    let known = from[field].is_string() || from[field].is_number();
                    assert!(!known || !line[field].is_null(), "no `{field}` in {line}");
                }
            }
        }
    }
}

fn records(batch: &Value) -> impl Iterator<Item = &Value> {
    batch["Records"].as_array().into_iter().flatten()
}

/// The event of a record, if it can be read.
fn event(record: &Value) -> Option<Value> {
    let body = parsed(&record["body"])?;
    match body.get("Message") {
        Some(message) => parsed(message),
        None => Some(body),
    }
}

fn parsed(text: &Value) -> Option<Value> {
    serde_json::from_str(text.as_str()?).ok()
}

/// What personal data looks like, where a payload has something else.
fn intruders() -> [Value; 5] {
    const WHO: &str = "Ann Lee <ann.lee@example.com>";
    [
        json!(WHO),
        json!(4_111_111_111_111_111_u64),
        json!(48.137_154),
        json!([WHO]),
        json!({ WHO: WHO }),
    ]
}

/// The batch as it is, and with each intruder in the place of each value.
fn variants(batch: &Value, open: &[&str]) -> Vec<Value> {
    let mut variants = vec![batch.clone()];
    for (at, record) in records(batch).enumerate() {
        let Some(event) = event(record) else {
            continue;
        };
        let mut places = Vec::new();
        places_of(&event["data"], "/data", open, &mut places);
        for place in places {
            for intruder in intruders() {
                let mut event = event.clone();
                if let Some(value) = event.pointer_mut(&place) {
                    *value = intruder;
                }
                let mut variant = batch.clone();
                variant["Records"][at]["body"] = event.to_string().into();
                variants.push(variant);
            }
        }
    }
    variants
}

fn places_of(value: &Value, at: &str, open: &[&str], places: &mut Vec<String>) {
    let members = |members: &Map<String, Value>, places: &mut Vec<String>| {
        for (name, value) in members {
            if !open.contains(&name.as_str()) {
                places_of(value, &format!("{at}/{name}"), open, places);
            }
        }
    };
    match value {
        Value::Object(object) => members(object, places),
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                places_of(value, &format!("{at}/{index}"), open, places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    places.push(at.to_owned());
}

fn secrets_of(value: &Value, open: &[&str], secrets: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (_, value) in members
                .iter()
                .filter(|(name, _)| !open.contains(&name.as_str()))
            {
                secrets_of(value, open, secrets);
            }
        }
        Value::Array(values) => {
            for value in values {
                secrets_of(value, open, secrets);
            }
        }
        Value::String(text) if text.len() >= LONG_ENOUGH => secrets.push(text.clone()),
        Value::Number(number) if number.to_string().len() >= LONG_ENOUGH => {
            secrets.push(number.to_string());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
