//! Batches to try, and the run of one.

use std::time::Duration;

use serde_json::{Value, json};
use topogen_kit::deadline::Deadline;
use topogen_kit::{Failure, Handled, RawEnvelope, batch};

pub(crate) fn event(id: &str) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"OrderCreated","eventVersion":"1.0","source":"order-service","occurredAt":"2026-01-31T09:30:00.000Z","correlationId":"c-1","data":{{"orderId":"o-{id}","customerEmail":"ann@example.com","total":0.30}}}}"#
    )
}

pub(crate) fn wrapped(message: &str) -> String {
    let topic = "arn:aws:sns:eu-west-1:123456789012:topic";
    json!({ "Type": "Notification", "MessageId": "m", "TopicArn": topic, "Message": message })
        .to_string()
}

pub(crate) fn record(id: &str, body: &str) -> Value {
    json!({
        "messageId": id,
        "body": body,
        "attributes": { "ApproximateReceiveCount": "2" },
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue",
    })
}

pub(crate) async fn run(
    records: &[Value],
    step: impl AsyncFn(RawEnvelope) -> Result<Handled, Failure>,
) -> Vec<String> {
    let event = json!({ "Records": records }).to_string();
    let event = serde_json::from_str(&event).unwrap();
    let deadline = Deadline::after(Duration::from_secs(15));
    let response = batch::process(event, deadline, &["orderId"], step).await;
    let ids = response.batch_item_failures.into_iter();
    ids.map(|failure| failure.item_identifier).collect()
}

pub(crate) async fn succeed(_: RawEnvelope) -> Result<Handled, Failure> {
    Ok(Handled::Processed)
}
