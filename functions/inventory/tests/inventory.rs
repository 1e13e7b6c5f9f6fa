//! Given an order and a table, when the order is delivered, then so many reservations are stored and these events are
//! out.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use inventory::{InventoryService, LOG_FIELDS};
use serde_json::{Value, json};
use topogen_kit::config::Service;
use topogen_kit::deadline::Deadline;
use topogen_kit::memory::{MemoryPublisher, MemoryStore, SteppingClock};
use topogen_kit::{Attribute, Item, batch};

type Reservations = InventoryService<MemoryStore, MemoryPublisher, SteppingClock>;

const ONE_ORDER: &str = include_str!("../events/order-created.json");
const MIXED: &str = include_str!("../events/mixed-batch.json");

const PUBLISHES: &str = r#"{
    "InventoryReserved": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:outcomes", "version": "1.0" },
    "InventoryFailed": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:outcomes", "version": "1.0" }
}"#;

fn service(test_controls: bool) -> Reservations {
    InventoryService {
        store: MemoryStore::new("orderId"),
        publisher: MemoryPublisher::new(),
        clock: SteppingClock::new(),
        service: Service {
            name: "inventory".into(),
            test_controls,
            publishes: PUBLISHES.parse().unwrap(),
        },
    }
}

/// Delivers a batch; returns the last digit of each failed record's id.
async fn deliver(service: &Reservations, event: &str) -> String {
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
async fn the_goods_of_an_order_are_reserved_without_their_prices() {
    let service = service(false);
    assert_eq!(deliver(&service, ONE_ORDER).await, "");

    let event: Value = serde_json::from_str(&service.publisher.bodies()[0]).unwrap();
    assert_eq!(
        event["eventId"],
        "0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e50:inventory-outcome"
    );
    assert_eq!(event["eventType"], "InventoryReserved");
    assert_eq!(event["source"], "inventory-service");
    assert_eq!(
        event["correlationId"],
        "0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e50"
    );
    let lines = json!([{"sku": "LAPTOP-001", "quantity": 1}, {"sku": "MOUSE-002", "quantity": 2}]);
    assert_eq!(event["data"]["items"], lines);

    let item = &service.store.items()[0];
    assert_eq!(text(item, "status"), "RESERVED");
    let line = Item::new().text("sku", "LAPTOP-001").number("quantity", 1);
    let Some(Attribute::List(stored)) = item.get("items") else {
        unreachable!("{item:?}")
    };
    assert_eq!(stored[0], Attribute::from(line));
}

#[tokio::test]
async fn a_death_between_write_and_publish_loses_nothing_and_repeats_nothing() {
    let service = service(false);
    service.publisher.fail_next(1);
    assert_eq!(deliver(&service, ONE_ORDER).await, "1");
    assert_eq!(deliver(&service, ONE_ORDER).await, "");
    assert_eq!(deliver(&service, ONE_ORDER).await, "");

    let stored = text(&service.store.items()[0], "outcomeEvent").to_owned();
    assert_eq!(service.publisher.bodies(), [stored.clone(), stored]);
    assert_eq!(service.store.writes(), 1);
}

#[tokio::test]
async fn an_empty_shelf_is_an_outcome_and_a_simulated_fault_is_not() {
    let service = service(true);
    assert_eq!(deliver(&service, MIXED).await, "245");

    let statuses: Vec<String> = service
        .store
        .items()
        .iter()
        .map(|item| text(item, "status").to_owned())
        .collect();
    assert_eq!(statuses, ["RESERVED", "OUT_OF_STOCK"]);
    let event: Value = serde_json::from_str(&service.publisher.bodies()[1]).unwrap();
    assert_eq!(event["eventType"], "InventoryFailed");
    assert_eq!(event["data"]["reason"], "at least one item is out of stock");
}

#[tokio::test]
async fn where_test_controls_are_off_events_cannot_ask_for_anything() {
    let service = service(false);
    assert_eq!(deliver(&service, MIXED).await, "25");
    let items = service.store.items();
    assert!(items.iter().all(|item| text(item, "status") == "RESERVED"));
}
