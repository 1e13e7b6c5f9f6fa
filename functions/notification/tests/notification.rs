//! Given outcomes and a table, when they are delivered, then the customer has one note for each.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use notification::{LOG_FIELDS, NotificationService};
use topogen_kit::config::Service;
use topogen_kit::deadline::Deadline;
use topogen_kit::memory::{MemoryStore, SteppingClock};
use topogen_kit::publishes::Publishes;
use topogen_kit::{Item, batch};

type Notes = NotificationService<MemoryStore, SteppingClock>;

const OUTCOMES: &str = include_str!("../events/outcomes.json");

fn service(test_controls: bool) -> Notes {
    NotificationService {
        store: MemoryStore::new("eventId"),
        clock: SteppingClock::new(),
        service: Service {
            name: "notification".into(),
            test_controls,
            publishes: Publishes::default(),
        },
    }
}

/// Delivers a batch; returns the last digit of each failed record's id.
async fn deliver(service: &Notes, event: &str) -> String {
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
async fn each_outcome_has_its_note() {
    let service = service(false);
    assert_eq!(deliver(&service, OUTCOMES).await, "");

    let order = "0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e51";
    let expected = [
        (
            "InventoryReserved",
            format!("All items of order {order} are reserved for you."),
        ),
        (
            "InventoryFailed",
            format!("Order {order} cannot be filled: at least one item is out of stock."),
        ),
        (
            "PaymentCompleted",
            format!("Your payment of 899.90 USD for order {order} was received."),
        ),
        (
            "PaymentFailed",
            format!("Your payment of 1200 JPY for order {order} failed: the payment was declined."),
        ),
    ];
    let items = service.store.items();
    let notes: Vec<_> = items
        .iter()
        .map(|item| (text(item, "type"), text(item, "message").to_owned()))
        .collect();
    assert_eq!(notes, expected);
    assert_eq!(text(&items[0], "recipient"), "student@example.com");
    assert_eq!(text(&items[0], "orderId"), order);
}

#[tokio::test]
async fn a_second_delivery_is_no_second_note() {
    let service = service(false);
    deliver(&service, OUTCOMES).await;
    assert_eq!(deliver(&service, OUTCOMES).await, "");
    assert_eq!(service.store.writes(), 4);
}

#[tokio::test]
async fn one_failed_write_is_one_failed_record() {
    let service = service(false);
    service.store.fail_next(1);
    assert_eq!(deliver(&service, OUTCOMES).await, "1");
    assert_eq!(deliver(&service, OUTCOMES).await, "");
    assert_eq!(service.store.items().len(), 4);
}

#[tokio::test]
async fn an_event_without_a_note_is_a_fault() {
    let service = service(false);
    let shipped = OUTCOMES.replace("PaymentFailed", "OrderShipped");
    assert_eq!(deliver(&service, &shipped).await, "2");
}

#[tokio::test]
async fn a_simulated_fault_counts_only_where_test_controls_are_on() {
    let asking =
        r#"\"currency\":\"JPY\",\"testControls\":{\"simulateTechnicalFailure\":\"notification\"}"#
            .replace('\\', r"\\\");
    let plain = r#"\"currency\":\"JPY\""#.replace('\\', r"\\\");
    let outcomes = OUTCOMES.replace(&plain, &asking);
    assert_ne!(outcomes, OUTCOMES);

    let (on, off) = (service(true), service(false));
    assert_eq!(deliver(&on, &outcomes).await, "2");
    assert_eq!(on.store.items().len(), 3);
    assert_eq!(deliver(&off, &outcomes).await, "");
    assert_eq!(off.store.items().len(), 4);
}
