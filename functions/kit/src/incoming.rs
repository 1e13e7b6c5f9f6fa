//! One SQS record as an event: unwrapped from SNS's own envelope, or as it is where delivery is raw.
//!
//! The body alone tells which: a queue may get both while a subscription changes over. Message attributes tell nothing
//! that the event does not, so it does not matter that raw delivery puts them elsewhere.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aws_lambda_events::sqs::SqsMessage;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::trace::Trace;
use crate::{Failure, RawEnvelope, logs};

/// What SNS wraps around the published text unless the subscription asks for raw delivery. An event that happens to have
/// one of these fields is not taken for it: it takes all three, and what SNS says in the first.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notification {
    r#type: Kind,
    #[serde(rename = "TopicArn")]
    _topic_arn: String,
    message: String,
}

#[derive(Deserialize)]
enum Kind {
    Notification,
}

/// How often SQS has handed this message out, this time included.
pub(crate) fn receive_count(record: &SqsMessage) -> Option<u64> {
    record
        .attributes
        .get("ApproximateReceiveCount")?
        .parse()
        .ok()
}

/// The X-Ray trace that the message came with.
pub(crate) fn trace(record: &SqsMessage) -> Option<Trace> {
    Trace::parse(record.attributes.get("AWSTraceHeader")?)
}

/// Reads the record's event, and annotates the current span with its identity and with those fields of its payload
/// that `log_fields` names. What can be read of a malformed event is annotated too: that is when it is needed.
pub(crate) fn event(record: &SqsMessage, log_fields: &[&str]) -> Result<RawEnvelope, Failure> {
    let body = record.body.as_deref().unwrap_or_default();
    let text = match serde_json::from_str::<Notification>(body) {
        Ok(Notification {
            r#type: Kind::Notification,
            message,
            ..
        }) => Cow::Owned(message),
        Err(_) => Cow::Borrowed(body),
    };
    let text = text.as_ref();
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        const IDENTITY: [&str; 5] = [
            "eventId",
            "correlationId",
            "source",
            "eventType",
            "occurredAt",
        ];
        logs::annotate(scalars(&members, &IDENTITY));
        if let Some(data) = members.get("data")
            && let Ok(data) = serde_json::from_str(data.get())
        {
            logs::annotate(scalars(&data, log_fields));
        }
    }
    RawEnvelope::parse(text)
}

/// Longer than any id: what is longer is something else, and is cut.
const LONGEST: usize = 128;

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
