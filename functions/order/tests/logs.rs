//! Given requests that end in every way, when they are served, then the logs tell of the orders and of no customer.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use serde_json::json;
use topogen_kit::memory::MemoryLog;

use common::{INVALID, PLAIN, post, request, service};

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
