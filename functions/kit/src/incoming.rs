//! One SQS record as an event: unwrapped from SNS's own envelope, or as it is where delivery is raw.
//!
//! The body alone tells which: a queue may get both while a subscription changes over. Message attributes tell nothing
//! that the event does not, so it does not matter that raw delivery puts them elsewhere.

use std::borrow::Cow;

use aws_lambda_events::sqs::SqsMessage;
use serde::Deserialize;

use crate::trace::Trace;
use crate::{Failure, RawEnvelope, identity};

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

/// Reads the record's event, and annotates the current span with its [`identity`].
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
    identity::annotate(&text, log_fields);
    RawEnvelope::parse(&text)
}
