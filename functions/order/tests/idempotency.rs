//! Given a request with a key, when it is repeated, then it is one order, and the answer is the first one's.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use serde_json::{Value, json};
use topogen_kit::Store;
use topogen_kit::http::Request;
use topogen_kit::idempotency;

use common::{Orders, PLAIN, post, request, service};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

fn with_key(key: &str) -> Request {
    let mut request = request(PLAIN);
    request
        .headers
        .insert(idempotency::HEADER.into(), key.into());
    request
}

fn orders(service: &Orders) -> usize {
    let items = service.store.items();
    items
        .iter()
        .filter(|item| item.get_text("status").is_some())
        .count()
}

#[tokio::test]
async fn a_repeated_request_is_one_order_and_has_the_first_answer() {
    let service = service();
    let first = post(&service, &with_key(KEY)).await;
    assert_eq!(first.0, 202);
    assert_eq!(first.1["status"], "EVENT_PUBLISHED");
    for _ in 0..3 {
        assert_eq!(post(&service, &with_key(KEY)).await, first);
    }
    assert_eq!(orders(&service), 1);
    let bodies = service.publisher.bodies();
    let event: Value = serde_json::from_str(&bodies[0]).unwrap();
    assert_eq!(bodies.len(), 1);
    assert_eq!(
        (&event["eventId"], &event["data"]["orderId"]),
        (&first.1["eventId"], &first.1["orderId"])
    );
}

#[tokio::test]
async fn another_key_or_none_is_another_order() {
    let service = service();
    post(&service, &with_key(KEY)).await;
    post(&service, &with_key("another")).await;
    post(&service, &request(PLAIN)).await;
    post(&service, &request(PLAIN)).await;
    assert_eq!(orders(&service), 4);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let service = service();
    post(&service, &with_key(KEY)).await;
    let mut other = with_key(KEY);
    other.body = other.body.map(|body| body.replace("24.95", "25.95"));
    assert_eq!(
        post(&service, &other).await,
        (
            422,
            json!({ "message": "the key in `Idempotency-Key` was used for another request", "errors": [] })
        )
    );
    assert_eq!((orders(&service), service.publisher.bodies().len()), (1, 1));
}

/// Whatever the first attempt came to, the second brings it to its end.
#[tokio::test]
async fn a_request_that_ended_half_way_is_taken_over() {
    let service = service();
    service.store.fail_next(1);
    assert_eq!(post(&service, &with_key(KEY)).await.0, 503);
    assert_eq!(orders(&service), 0);

    service.publisher.fail_next(1);
    let (status, failed) = post(&service, &with_key(KEY)).await;
    assert_eq!(
        (status, &failed["status"]),
        (503, &json!("EVENT_PUBLISH_FAILED"))
    );

    let (status, answer) = post(&service, &with_key(KEY)).await;
    assert_eq!((status, &answer["orderId"]), (202, &failed["orderId"]));
    // The process died before it could tell.
    let id = answer["orderId"].as_str().unwrap();
    service
        .store
        .set_status(id, "ORDER_RECEIVED")
        .await
        .unwrap();
    assert_eq!(post(&service, &with_key(KEY)).await, (202, answer));

    assert_eq!(orders(&service), 1);
    let bodies = service.publisher.bodies();
    assert_eq!((bodies.len(), &bodies[0]), (2, &bodies[1]));
}

#[tokio::test]
async fn with_an_outbox_it_is_no_different() {
    let mut service = service();
    let publishes = std::mem::take(&mut service.service.publishes);
    service.service.publishes = publishes.through_outbox();
    let first = post(&service, &with_key(KEY)).await;
    assert_eq!(
        (first.0, &first.1["status"]),
        (202, &json!("ORDER_RECEIVED"))
    );
    assert_eq!(post(&service, &with_key(KEY)).await, first);
    assert_eq!(service.store.items().len(), 2, "an order and its event");
}

#[tokio::test]
async fn a_key_stands_for_its_request_for_a_day() {
    let service = service();
    let first = post(&service, &with_key(KEY)).await;
    service
        .clock
        .skip(idempotency::LIFETIME - Duration::from_secs(60));
    assert_eq!(post(&service, &with_key(KEY)).await, first);

    service.clock.skip(Duration::from_secs(60));
    let second = post(&service, &with_key(KEY)).await;
    assert_eq!(second.0, 202);
    assert_ne!(second.1["orderId"], first.1["orderId"]);
    assert_eq!(post(&service, &with_key(KEY)).await, second);

    service.clock.skip(idempotency::LIFETIME);
    let third = post(&service, &with_key(KEY)).await;
    assert_eq!(post(&service, &with_key(KEY)).await, third);
    assert_eq!((orders(&service), service.publisher.bodies().len()), (3, 3));
}

#[tokio::test]
async fn what_cannot_be_a_key_is_a_bad_request() {
    let service = service();
    for key in ["", "two words", &"x".repeat(256)] {
        let (status, body) = post(&service, &with_key(key)).await;
        assert_eq!(status, 400);
        let message = body["message"].as_str().unwrap();
        assert!(
            message.starts_with("the header `Idempotency-Key` must have"),
            "{message}"
        );
    }
    assert_eq!(service.store.writes(), 0);
}

#[tokio::test]
async fn a_request_that_was_refused_may_be_mended_under_its_key() {
    let service = service();
    let mut bad = with_key(KEY);
    bad.body = bad
        .body
        .map(|body| body.replace("student@example.com", "student"));
    assert_eq!(post(&service, &bad).await.0, 400);
    assert_eq!(post(&service, &with_key(KEY)).await.0, 202);
}
