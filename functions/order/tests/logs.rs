//! Given requests that end in every way, when they are served, then the logs tell of the orders and of no customer.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use serde_json::{Value, json};
use topogen_kit::memory::MemoryLog;

use common::{PLAIN, post, request, service};

const INVALID: &str = include_str!("../events/post-orders-invalid.json");

#[tokio::test]
async fn the_logs_tell_of_the_order_and_not_of_the_customer() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let service = service();
    post(&service, &request(PLAIN)).await;
    service.publisher.fail_next(1);
    post(&service, &request(PLAIN)).await;
    post(&service, &request(INVALID)).await;

    let lines = log.lines();
    let said: Vec<_> = lines
        .iter()
        .map(|line| (&line["level"], &line["message"]))
        .collect();
    assert_eq!(
        json!(said),
        json!([
            ["INFO", "order published"],
            ["ERROR", "order not published"],
            ["INFO", "order rejected"],
        ])
    );
    assert_eq!(lines[0]["eventId"], "id-1");
    assert_eq!(lines[0]["orderId"], "id-2");
    assert_eq!(lines[0]["route"], "POST /orders");
    assert_eq!(lines[0]["source"], "order-service");
    assert_eq!(lines[1]["failure"], "unavailable");
    assert_eq!(lines[1]["orderId"], "id-4");
    assert_eq!(lines[2]["faults"], 5);
    assert!(!log.text().contains("student"));
}

/// Whatever stands wherever in a request: it is answered, and not logged.
#[tokio::test]
async fn nothing_that_a_request_says_is_logged() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let body: Value = serde_json::from_str(&request(PLAIN).body.unwrap()).unwrap();
    let places = [
        "/customerEmail",
        "/currency",
        "/items",
        "/items/0",
        "/items/0/sku",
        "/items/1/quantity",
        "/items/1/price",
    ];
    const WHO: &str = "ann.lee@example.com";
    let service = service();
    for place in places {
        for intruder in [
            json!(WHO),
            json!(4_111_111_111_111_111_u64),
            json!([WHO]),
            json!({ WHO: WHO }),
        ] {
            let mut body = body.clone();
            *body.pointer_mut(place).unwrap() = intruder;
            let mut request = request(PLAIN);
            request.body = Some(body.to_string());
            for fails in [0, 1] {
                service.publisher.fail_next(fails);
                service.store.fail_next(0);
                post(&service, &request).await;
                service.store.fail_next(fails);
                post(&service, &request).await;
            }
        }
    }
    // Some clocks show any number.
    let mut lines = log.lines();
    for line in &mut lines {
        line["timestamp"].take();
    }
    let text = json!(lines).to_string();
    for secret in [
        WHO,
        "ann.lee",
        "4111111111111111",
        "student",
        "LAPTOP",
        "850",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(lines.len(), places.len() * 4 * 4);
}
