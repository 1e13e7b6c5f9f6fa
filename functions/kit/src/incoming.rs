//! One SQS record as an event: unwrapped from SNS's own envelope, or as it is where delivery is raw.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::SqsMessage;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Failure, RawEnvelope, logs};

/// What SNS wraps around the published text unless the subscription asks for raw delivery.
#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Message")]
    message: String,
}

/// How often SQS has handed this message out, this time included.
pub(crate) fn receive_count(record: &SqsMessage) -> Option<u64> {
    record
        .attributes
        .get("ApproximateReceiveCount")?
        .parse()
        .ok()
}

/// Reads the record's event, and annotates the current span with its identity and with those fields of its payload
/// that `log_fields` names. What can be read of a malformed event is annotated too: that is when it is needed.
pub(crate) fn event(record: &SqsMessage, log_fields: &[&str]) -> Result<RawEnvelope, Failure> {
    let body = record.body.as_deref().unwrap_or_default();
    let notification = serde_json::from_str::<Notification>(body).ok();
    let text = match &notification {
        Some(wrapped) if wrapped.kind == "Notification" => &wrapped.message,
        _ => body,
    };
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

fn scalars(members: &BTreeMap<String, &RawValue>, names: &[&str]) -> Vec<(String, Value)> {
    let scalar = |name: &&str| {
        let value: Value = serde_json::from_str(members.get(*name)?.get()).ok()?;
        (!value.is_object() && !value.is_array()).then(|| ((*name).to_owned(), value))
    };
    names.iter().filter_map(scalar).collect()
}
