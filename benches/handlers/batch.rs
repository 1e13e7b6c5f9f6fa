//! The services that are measured, the batches that they get, and what they must do with them.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde_json::Value;

use crate::stub::{Call, Calls};

/// A service of the order workflow.
pub struct Service {
    pub name: &'static str,
    /// Key of its table.
    pub key: &'static str,
    /// As the rendered template says.
    pub publishes: &'static str,
    /// Calls to SNS for each record, beside one to DynamoDB.
    pub publications: usize,
    /// A batch as AWS delivers it.
    sample: &'static str,
}

pub const PAYMENT: Service = Service {
    name: "payment",
    key: "orderId",
    publishes: r#"{"PaymentCompleted":{"topicArn":"arn:aws:sns:eu-west-1:123456789012:orders-dev-topic","version":"1.0"},"PaymentFailed":{"topicArn":"arn:aws:sns:eu-west-1:123456789012:orders-dev-topic","version":"1.0"}}"#,
    publications: 1,
    sample: include_str!("../../functions/payment/events/order-created.json"),
};

pub const NOTIFICATION: Service = Service {
    name: "notification",
    key: "eventId",
    publishes: "",
    publications: 0,
    sample: include_str!("../../functions/notification/events/outcomes.json"),
};

/// Batches of records that differ in all their ids.
pub struct Batches {
    records: Vec<String>,
    made: usize,
}

impl Batches {
    pub fn new(service: &Service) -> Self {
        let sample: Value = serde_json::from_str(service.sample).unwrap();
        let records = sample["Records"].as_array().unwrap().iter();
        Self {
            records: records.map(Value::to_string).collect(),
            made: 0,
        }
    }

    /// The next batch of so many records.
    pub fn next(&mut self, records: usize) -> Bytes {
        let records: Vec<String> = (0..records).map(|_| self.record()).collect();
        format!(r#"{{"Records":[{}]}}"#, records.join(",")).into()
    }

    fn record(&mut self) -> String {
        let at = self.made;
        self.made += 1;
        self.records[at % self.records.len()]
            .replace("0198c5a2-7c1e-", &format!("{at:08x}-7c1e-"))
            .replace("00000000-0000-4000-", &format!("{at:08x}-0000-4000-"))
    }
}

/// The calls as values, by the ids that they are about, without the times in them: what two handlers of one service must
/// have in common.
pub fn meaning(calls: &Calls) -> BTreeMap<String, Value> {
    let meanings = calls.bodies.iter().map(|(call, body)| {
        let mut value: Value = match call {
            Call::PutItem => serde_json::from_slice(body).unwrap(),
            Call::Publish => form(body),
        };
        let id = match call {
            Call::PutItem => value["Item"]["eventId"]["S"].to_string(),
            Call::Publish => value["Message"].to_string(),
        };
        without_times(&mut value);
        (format!("{call:?} {}", id_of(&id)), value)
    });
    meanings.collect()
}

/// The parameters of a call to SNS. Attributes are numbered in no order, and are found by their names here.
fn form(body: &[u8]) -> Value {
    let pairs: BTreeMap<_, _> = form_urlencoded::parse(body).collect();
    let named = pairs.iter().map(|(name, value)| {
        let attribute = name.strip_prefix("MessageAttributes.entry.");
        let name = match attribute.and_then(|rest| rest.split_once('.')) {
            Some((number, part)) => {
                let name = format!("MessageAttributes.entry.{number}.Name");
                format!("{} {part}", pairs[name.as_str()])
            }
            None => name.to_string(),
        };
        (name, Value::from(value.as_ref()))
    });
    named.collect()
}

/// The first UUID in a text.
fn id_of(text: &str) -> &str {
    let start = text.find("-7c1e-").unwrap() - 8;
    &text[start..start + 36]
}

/// Times differ between two runs. Events travel as text, and have a time too.
fn without_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "occurredAt" || name == "createdAt" {
                    *value = Value::Null;
                } else {
                    without_times(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(without_times),
        Value::String(text) if text.starts_with('{') => {
            let mut inner: Value = serde_json::from_str(text).unwrap();
            without_times(&mut inner);
            *value = inner;
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
