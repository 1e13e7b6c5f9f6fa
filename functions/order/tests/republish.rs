//! Given orders of which nobody knows, when an operator names them, then their events are published as they were stored.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use order::invocation::{self, Answer, Invocation};
use order::republish::Republished;
use serde_json::{Value, json};
use topogen_kit::Store;
use topogen_kit::cors::Cors;

use common::{Orders, PLAIN, post, request, service};

async fn republish(service: &Orders, ids: &[&str]) -> Republished {
    let invocation: Invocation = serde_json::from_value(json!({ "republish": ids })).unwrap();
    match invocation::answer(service, &Cors::default(), invocation).await {
        Answer::Republished(answer) => answer,
        other @ Answer::Response(_) => unreachable!("{other:?}"),
    }
}

async fn status(service: &Orders, id: &str) -> String {
    let order = service.store.get(id).await.unwrap().unwrap();
    order.get_text("status").unwrap().to_owned()
}

#[tokio::test]
async fn orders_that_were_not_published_are_published_once() {
    let service = service();
    service.publisher.fail_next(1);
    let (_, failed) = post(&service, &request(PLAIN)).await;
    post(&service, &request(PLAIN)).await;
    let failed = failed["orderId"].as_str().unwrap();
    assert_eq!(status(&service, failed).await, "EVENT_PUBLISH_FAILED");

    let answer = republish(&service, &[failed, "id-4", "id-9"]).await;
    assert_eq!(answer.published, [failed]);
    assert_eq!(answer.left, ["id-4"]);
    assert_eq!(answer.failed["id-9"], "there is no item `id-9`");
    assert_eq!(status(&service, failed).await, "EVENT_PUBLISHED");

    let bodies = service.publisher.bodies();
    let event: Value = serde_json::from_str(&bodies[1]).unwrap();
    assert_eq!((bodies.len(), &event["eventId"]), (2, &json!("id-1")));
    assert_eq!(republish(&service, &[failed]).await.left, [failed]);
    assert_eq!(service.publisher.bodies().len(), 2);
}

/// What is left of a process that dies between its two steps.
#[tokio::test]
async fn an_order_whose_function_died_before_it_published_is_healed() {
    let service = service();
    post(&service, &request(PLAIN)).await;
    service
        .store
        .set_status("id-2", "ORDER_RECEIVED")
        .await
        .unwrap();

    service.publisher.fail_next(1);
    let answer = republish(&service, &["id-2"]).await;
    assert_eq!(answer.failed["id-2"], "the topic is away");
    assert_eq!(status(&service, "id-2").await, "ORDER_RECEIVED");

    assert_eq!(republish(&service, &["id-2"]).await.published, ["id-2"]);
    let bodies = service.publisher.bodies();
    assert_eq!(bodies[0], bodies[1], "to the byte");
}

#[tokio::test]
async fn with_an_outbox_it_is_the_relays_part() {
    let mut service = service();
    service.publisher.fail_next(1);
    post(&service, &request(PLAIN)).await;
    let publishes = std::mem::take(&mut service.service.publishes);
    service.service.publishes = publishes.through_outbox();
    let answer = republish(&service, &["id-2"]).await;
    assert_eq!(
        answer.failed["id-2"],
        "this service has an outbox: its relay publishes"
    );
    assert!(service.publisher.bodies().is_empty());
}

#[test]
fn a_request_and_a_command_are_told_apart() {
    let read = |json: &str| serde_json::from_str::<Invocation>(json);
    assert!(matches!(read(PLAIN), Ok(Invocation::Request(_))));
    let error = read(r#"{"republish":"all"}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an HTTP request, or an object with the ids of orders in `republish`"
    );
}
