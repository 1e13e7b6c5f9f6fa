//! Given an order and a table, when the order is delivered, then so many payments are stored and these events are out.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use payment::{LOG_FIELDS, PaymentService};
use serde_json::{Value, json};
use topogen_kit::config::Service;
use topogen_kit::deadline::Deadline;
use topogen_kit::memory::{MemoryPublisher, MemoryStore, SteppingClock};
use topogen_kit::publisher::MessageAttribute;
use topogen_kit::publishes::Publishes;
use topogen_kit::{Attribute, Item, batch};

type Payments = PaymentService<MemoryStore, MemoryPublisher, SteppingClock>;

const ONE_ORDER: &str = include_str!("../events/order-created.json");
const MIXED: &str = include_str!("../events/mixed-batch.json");

const PUBLISHES: &str = r#"{
    "PaymentCompleted": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:outcomes", "version": "1.0" },
    "PaymentFailed": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:outcomes", "version": "1.0" }
}"#;

fn service(test_controls: bool) -> Payments {
    PaymentService {
        store: MemoryStore::new("orderId"),
        publisher: MemoryPublisher::new(),
        clock: SteppingClock::new(),
        service: Service {
            name: "payment".into(),
            test_controls,
            publishes: PUBLISHES.parse().unwrap(),
        },
    }
}

/// Delivers a batch; returns the last digit of each failed record's id.
async fn deliver(service: &Payments, event: &str) -> String {
    let deadline = Deadline::after(Duration::from_secs(15));
    let event = serde_json::from_str(event).unwrap();
    let step = async |event| service.handle(event).await;
    let response = batch::process(event, deadline, LOG_FIELDS, step).await;
    let failures = response.batch_item_failures.iter();
    failures
        .filter_map(|failure| failure.item_identifier.chars().last())
        .collect()
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get_text(name).unwrap()
}

#[tokio::test]
async fn an_order_is_paid() {
    let service = service(false);
    assert_eq!(deliver(&service, ONE_ORDER).await, "");

    let event: Value = serde_json::from_str(&service.publisher.bodies()[0]).unwrap();
    let id = "0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e50";
    assert_eq!(
        event,
        json!({
            "eventId": format!("{id}:payment-outcome"),
            "eventType": "PaymentCompleted",
            "eventVersion": "1.0",
            "source": "payment-service",
            "occurredAt": "2026-01-01T00:00:00.000Z",
            "correlationId": id,
            "data": {
                "orderId": "0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e51",
                "customerEmail": "student@example.com",
                "amount": 899.9,
                "currency": "USD",
            },
        })
    );

    let item = &service.store.items()[0];
    assert_eq!(text(item, "status"), "APPROVED");
    assert_eq!(text(item, "eventId"), id);
    assert_eq!(text(item, "outcomeEventType"), "PaymentCompleted");
    assert_eq!(item.get("amount"), Some(&Attribute::Number("899.9".into())));
}

#[tokio::test]
async fn a_duplicate_writes_nothing_and_says_the_same_again() {
    let service = service(false);
    deliver(&service, ONE_ORDER).await;
    assert_eq!(deliver(&service, ONE_ORDER).await, "");

    let bodies = service.publisher.bodies();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1], "to the byte, the time included");
    assert_eq!(service.store.writes(), 1);
}

#[tokio::test]
async fn a_death_between_write_and_publish_loses_nothing() {
    let service = service(false);
    service.publisher.fail_next(1);
    assert_eq!(deliver(&service, ONE_ORDER).await, "1");
    let stored = text(&service.store.items()[0], "outcomeEvent").to_owned();

    assert_eq!(deliver(&service, ONE_ORDER).await, "");
    assert_eq!(service.publisher.bodies(), [stored]);
    assert_eq!(service.store.writes(), 1);
}

#[tokio::test]
async fn nothing_is_published_while_the_table_is_away() {
    let service = service(false);
    service.store.fail_next(1);
    assert_eq!(deliver(&service, ONE_ORDER).await, "1");
    assert!(service.publisher.bodies().is_empty());
}

#[tokio::test]
async fn in_a_mixed_batch_only_technical_failures_come_again() {
    let service = service(true);
    // Cut off in the middle, told to fail, of a type that is not for us.
    assert_eq!(deliver(&service, MIXED).await, "245");

    let types: Vec<Value> = service
        .publisher
        .bodies()
        .iter()
        .map(|body| serde_json::from_str::<Value>(body).unwrap()["eventType"].clone())
        .collect();
    assert_eq!(types, ["PaymentCompleted", "PaymentFailed"]);
    assert_eq!(
        service.store.writes(),
        2,
        "a record that was told to fail wrote nothing"
    );

    let declined = &service.store.items()[1];
    assert_eq!(text(declined, "status"), "DECLINED");
    let event: Value = serde_json::from_str(text(declined, "outcomeEvent")).unwrap();
    assert_eq!(event["data"]["reason"], "the payment was declined");
    assert_eq!(event["data"]["testControls"]["paymentOutcome"], "declined");
}

#[tokio::test]
async fn where_test_controls_are_off_events_cannot_ask_for_anything() {
    let service = service(false);
    assert_eq!(deliver(&service, MIXED).await, "25");
    for item in service.store.items() {
        assert_eq!(text(&item, "status"), "APPROVED");
        assert!(
            !text(&item, "outcomeEvent").contains("testControls"),
            "nor pass it on"
        );
    }
}

#[tokio::test]
async fn what_the_topology_says_of_an_event_is_what_happens() {
    let mut service = service(false);
    service.service.publishes = r#"{ "PaymentCompleted": {
        "topicArn": "arn:aws:sns:eu-west-1:123456789012:payments.fifo", "version": "1.3",
        "attributes": ["currency", "amount"], "messageGroup": "orderId", "fifo": true
    } }"#
        .parse()
        .unwrap();
    assert_eq!(deliver(&service, ONE_ORDER).await, "");

    let message = &service.publisher.messages()[0];
    assert!(message.topic_arn.ends_with(":payments.fifo"));
    let id = "0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e5";
    assert_eq!(message.group, Some(format!("{id}1")));
    assert_eq!(
        message.deduplication,
        Some(format!("{id}0:payment-outcome"))
    );
    let text = |value: &str| MessageAttribute::Text(value.into());
    assert_eq!(message.attributes["eventVersion"], text("1.3"));
    assert_eq!(message.attributes["currency"], text("USD"));
    assert_eq!(
        message.attributes["amount"],
        MessageAttribute::Number("899.9".into())
    );
    let event: Value = serde_json::from_str(&message.body).unwrap();
    assert_eq!(event["eventVersion"], "1.3");

    service.service.publishes = Publishes::default();
    service.store = MemoryStore::new("orderId");
    assert_eq!(deliver(&service, ONE_ORDER).await, "1");
    assert!(service.store.items().is_empty(), "nothing is half done");
}
