//! Given a table and an outbox, when a request comes in, then the order and its event are stored together, and nothing is
//! published here.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use serde_json::{Value, json};
use topogen_kit::Item;

use common::{Orders, PLAIN, post, request, service};

fn with_outbox() -> Orders {
    let mut service = service();
    let publishes = std::mem::take(&mut service.service.publishes);
    service.service.publishes = publishes.through_outbox();
    service
}

fn text(items: &[Item], name: &str) -> Vec<String> {
    let texts = items.iter().filter_map(|item| item.get_text(name));
    texts.map(str::to_owned).collect()
}

#[tokio::test]
async fn an_order_and_its_event_are_stored_together_and_the_order_stays_received() {
    let service = with_outbox();
    let (status, body) = post(&service, &request(PLAIN)).await;
    assert_eq!(status, 202);
    assert_eq!(body["status"], "ORDER_RECEIVED");

    let items = service.store.items();
    assert_eq!(text(&items, "orderId"), ["id-2", "outbox#id-1"]);
    assert_eq!(text(&items, "status"), ["ORDER_RECEIVED"]);
    let event: Value = serde_json::from_str(&text(&items, "event")[0]).unwrap();
    assert_eq!(event["eventId"], body["eventId"]);
    assert_eq!(event["data"]["orderId"], body["orderId"]);
    assert!(service.publisher.bodies().is_empty());
}

#[tokio::test]
async fn what_fails_leaves_neither() {
    let service = with_outbox();
    service.store.fail_next(1);
    assert_eq!(post(&service, &request(PLAIN)).await.0, 503);

    let mut asking = request(PLAIN);
    let body = asking.body.take().unwrap();
    let body = body.strip_suffix('}').unwrap().to_owned();
    asking.body = Some(body + r#","simulateTechnicalFailure":"order"}"#);
    let (status, body) = post(&service, &asking).await;
    assert_eq!(status, 503);
    assert_eq!(
        body,
        json!({ "message": "the order could not be stored; try again" })
    );
    assert!(service.store.items().is_empty());
}
