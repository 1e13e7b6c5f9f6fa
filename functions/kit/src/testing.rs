//! What a consumer owes each contract that it reads, as one call in its tests.
//!
//! ```no_run
//! # use topogen_kit::{Contract, Failure, Handled, RawEnvelope};
//! # async fn handle(_: RawEnvelope) -> Result<Handled, Failure> { Ok(Handled::Processed) }
//! # async fn example<OrderCreated: Contract>() {
//! topogen_kit::testing::consumes::<OrderCreated>(handle).await;
//! # }
//! ```

use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::{Value, json};

use crate::deadline::Deadline;
use crate::{Contract, Failure, Handled, RawEnvelope, batch};

/// Delivers, as one batch, each example of `T`'s contract in these forms, and expects what stands beside them:
///
/// - as it is: done;
/// - of a later minor version, with a field more in every object: done;
/// - without one of its required fields, for each: that record fails, alone;
/// - of the next major version: that record fails, alone.
///
/// `step` is the consumer's handler. Where its ports remember, give each event fresh ones: the examples may be about one
/// and the same thing.
///
/// # Panics
/// When the consumer does otherwise, or the contract has no examples.
pub async fn consumes<T: Contract>(step: impl AsyncFn(RawEnvelope) -> Result<Handled, Failure>) {
    let schema: Value = serde_json::from_str(T::SCHEMA).unwrap_or_default();
    let examples = schema["examples"].as_array();
    let examples = examples.map(Vec::as_slice).unwrap_or_default();
    assert!(!examples.is_empty(), "`{}` has no examples", T::TYPE);

    let mut records = Vec::new();
    let mut must_fail = Vec::new();
    let major = T::VERSION.split('.').next().unwrap_or_default();
    let next: u64 = major.parse::<u64>().unwrap_or_default() + 1;
    for (number, example) in (1..).zip(examples) {
        let mut add = |what: &str, version: &str, data: &Value, fails: bool| {
            let id = format!("example {number}{what}");
            records.push(record::<T>(&id, version, data));
            must_fail.extend(fails.then_some(id));
        };
        add("", T::VERSION, example, false);
        add(
            " of a later minor version",
            &format!("{major}.999"),
            &with_more(example),
            false,
        );
        for field in required(&schema) {
            let mut without = example.clone();
            if let Some(fields) = without.as_object_mut() {
                fields.remove(field);
            }
            add(&format!(" without `{field}`"), T::VERSION, &without, true);
        }
        add(
            " of the next major version",
            &format!("{next}.0"),
            example,
            true,
        );
    }

    let mut event = SqsEvent::default();
    event.records = records;
    let deadline = Deadline::after(Duration::from_secs(60));
    let response = batch::process(event, deadline, &[], step).await;
    let failed = response.batch_item_failures.into_iter();
    let failed: Vec<String> = failed.map(|failure| failure.item_identifier).collect();
    assert_eq!(
        failed,
        must_fail,
        "records of `{}` that failed, and that must fail",
        T::TYPE
    );
}

fn record<T: Contract>(id: &str, version: &str, data: &Value) -> SqsMessage {
    let body = json!({
        "eventId": id,
        "eventType": T::TYPE,
        "eventVersion": version,
        "source": "contract",
        "occurredAt": "2026-01-01T00:00:00.000Z",
        "correlationId": id,
        "data": data,
    });
    let mut record = SqsMessage::default();
    record.message_id = Some(id.to_owned());
    record.body = Some(body.to_string());
    record
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let names = schema["required"].as_array();
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// What a producer of a later version may send: readers ignore what they do not know.
fn with_more(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            let mut more: serde_json::Map<String, Value> = fields
                .map(|(name, value)| (name.clone(), with_more(value)))
                .collect();
            more.insert(
                "addedByALaterVersion".to_owned(),
                json!({ "of": [1.5, null] }),
            );
            Value::Object(more)
        }
        Value::Array(entries) => entries.iter().map(with_more).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
