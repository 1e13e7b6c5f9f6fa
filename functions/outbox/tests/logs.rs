//! Given events that are and are not published, when the relay is through, then the logs tell which, and nothing they say.

use std::time::Duration;

use outbox::{Batch, Relay};
use topogen_kit::deadline::Deadline;
use topogen_kit::memory::{MemoryLog, MemoryPublisher, MemoryStore, SteppingClock};

const ORDERS: &str = include_str!("../events/orders.json");

#[tokio::test]
async fn each_event_is_a_line_that_says_which() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let relay = Relay {
        outbox: MemoryStore::new("orderId"),
        publisher: MemoryPublisher::new(),
        clock: SteppingClock::new(),
        publishes: r#"{"OrderCreated":{"topicArn":"arn","version":"1.0"}}"#
            .parse()
            .unwrap(),
    };
    relay.outbox.fail_next(1);
    relay
        .publisher
        .refuse("0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e20");
    let batch: Batch = serde_json::from_str(ORDERS).unwrap();
    let deadline = Deadline::after(Duration::from_secs(30));
    relay.relay(batch, deadline).await.unwrap();

    let lines = log.lines();
    let said: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
    assert_eq!(
        said,
        [
            "event published, but not marked",
            "event published",
            "event not published",
            "event published",
            "event published",
        ]
    );
    for line in &lines[1..] {
        for field in [
            "eventId",
            "correlationId",
            "source",
            "eventType",
            "occurredAt",
            "sequenceNumber",
        ] {
            assert!(line[field].is_string(), "{field} in {line}");
        }
    }
    assert_eq!(lines[2]["failure"], "malformed");
    for secret in [
        "student",
        "example.com",
        "LAPTOP",
        "0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e11",
    ] {
        assert!(!log.text().contains(secret), "{secret}");
    }
}
