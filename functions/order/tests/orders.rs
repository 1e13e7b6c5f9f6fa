//! Given a table and a topic, when a request comes in, then this is answered, stored and published.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use serde_json::{Value, json};
use topogen_kit::publisher::MessageAttribute;
use topogen_kit::{Attribute, Store};

use common::{Orders, PLAIN, post, request, service};

const INVALID: &str = include_str!("../events/post-orders-invalid.json");
const BASE64: &str = include_str!("../events/post-orders-base64.json");
const REST: &str = include_str!("../events/post-orders-rest.json");

async fn status(service: &Orders) -> String {
    let order = service.store.get("id-2").await.unwrap().unwrap();
    order.get_text("status").unwrap().to_owned()
}

#[tokio::test]
async fn an_order_is_stored_published_and_accepted() {
    let service = service();
    let answer = post(&service, &request(PLAIN)).await;
    assert_eq!(
        answer,
        (
            202,
            json!({ "orderId": "id-2", "eventId": "id-1", "status": "EVENT_PUBLISHED" })
        )
    );

    let order = &service.store.items()[0];
    assert_eq!(order.get_text("status"), Some("EVENT_PUBLISHED"));
    assert_eq!(order.get_text("customerEmail"), Some("student@example.com"));
    assert_eq!(
        order.get_text("createdAt"),
        Some("2026-01-01T00:00:00.000Z")
    );
    assert_eq!(order.get_text("correlationId"), Some("id-1"));
    assert_eq!(
        order.get("totalAmount"),
        Some(&Attribute::Number("899.9".into()))
    );

    let message = &service.publisher.messages()[0];
    let text = |value: &str| Some(MessageAttribute::Text(value.into()));
    assert_eq!(
        message.attributes.get("eventType").cloned(),
        text("OrderCreated")
    );
    assert_eq!(message.attributes.get("eventVersion").cloned(), text("1.0"));
    assert_eq!(message.attributes.get("currency").cloned(), text("USD"));
    assert_eq!(
        message.body,
        concat!(
            r#"{"eventId":"id-1","eventType":"OrderCreated","eventVersion":"1.0","#,
            r#""source":"order-service","occurredAt":"2026-01-01T00:00:00.000Z","#,
            r#""correlationId":"id-1","data":{"orderId":"id-2","#,
            r#""customerEmail":"student@example.com","items":["#,
            r#"{"sku":"LAPTOP-001","quantity":1,"price":850},"#,
            r#"{"sku":"MOUSE-002","quantity":2,"price":24.95}],"#,
            r#""totalAmount":899.9,"currency":"USD"}}"#,
        )
    );
}

#[tokio::test]
async fn a_base64_body_is_the_same_order_and_the_caller_names_the_conversation() {
    let service = service();
    assert_eq!(post(&service, &request(BASE64)).await.0, 202);
    let order = &service.store.items()[0];
    assert_eq!(order.get_text("correlationId"), Some("checkout-42"));
    let event: Value = serde_json::from_str(&service.publisher.bodies()[0]).unwrap();
    assert_eq!(event["correlationId"], "checkout-42");
}

#[tokio::test]
async fn behind_a_rest_api_it_is_the_same_order() {
    let (http, rest) = (service(), service());
    let answer = post(&rest, &request(REST)).await;
    assert_eq!(answer, post(&http, &request(BASE64)).await);
    assert_eq!(answer.0, 202);
    assert_eq!(rest.store.items(), http.store.items());
    assert_eq!(rest.publisher.messages(), http.publisher.messages());

    let empty = REST.replace(r#""body": ""#, r#""body": null, "was": ""#);
    let (status, body) = post(&service(), &request(&empty)).await;
    assert_eq!(status, 400);
    assert_eq!(body["message"], "the body is missing");
}

#[tokio::test]
async fn a_bad_order_is_answered_with_every_fault_and_leaves_no_trace() {
    let service = service();
    let answer = post(&service, &request(INVALID)).await;
    assert_eq!(
        answer,
        (
            400,
            json!({
                "message": "the order is not valid",
                "errors": [
                    { "field": "customerEmail", "message": "must be an e-mail address" },
                    { "field": "currency", "message": "must be an ISO 4217 currency code, such as EUR" },
                    { "field": "items[0].quantity", "message": "must be a whole number from 1 to 10000" },
                    { "field": "items[0].price", "message": "must be a number, such as 12.50" },
                    { "field": "curency", "message": "is not a known field" },
                ],
            })
        )
    );
    assert_eq!(service.store.writes(), 0);
    assert!(service.publisher.bodies().is_empty());
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_a_bad_request() {
    let cases = [
        (None, false, "the body is missing"),
        (Some("%%%"), true, "the body is not base64"),
        (Some("/w=="), true, "the body is not UTF-8"),
        (
            Some(""),
            false,
            "the body is not JSON: EOF while parsing a value at line 1 column 0",
        ),
    ];
    for (body, base64, message) in cases {
        let mut request = request(PLAIN);
        request.body = body.map(str::to_owned);
        request.is_base64_encoded = base64;
        let answer = post(&service(), &request).await;
        assert_eq!(answer, (400, json!({ "message": message, "errors": [] })));
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_stored_is_not_published() {
    let service = service();
    service.store.fail_next(1);
    let (status, body) = post(&service, &request(PLAIN)).await;
    assert_eq!(status, 503);
    assert_eq!(
        body,
        json!({ "message": "the order could not be stored; try again" })
    );
    assert!(service.publisher.bodies().is_empty());
}

#[tokio::test]
async fn an_order_that_cannot_be_published_says_so() {
    let service = service();
    service.publisher.fail_next(1);
    let (code, body) = post(&service, &request(PLAIN)).await;
    assert_eq!(code, 503);
    assert_eq!(body["orderId"], "id-2");
    assert_eq!(body["status"], "EVENT_PUBLISH_FAILED");
    assert_eq!(status(&service).await, "EVENT_PUBLISH_FAILED");
}

#[tokio::test]
async fn a_test_can_make_publishing_fail_here_and_elsewhere() {
    let asking = |name: &str| {
        let mut request = request(PLAIN);
        let extra = format!(r#","simulateTechnicalFailure":"{name}"}}"#);
        let body = request.body.unwrap();
        request.body = Some(body.strip_suffix('}').unwrap().to_owned() + &extra);
        request
    };
    let here = service();
    assert_eq!(post(&here, &asking("order")).await.0, 503);
    assert_eq!(status(&here).await, "EVENT_PUBLISH_FAILED");
    assert!(here.publisher.bodies().is_empty());

    let elsewhere = service();
    assert_eq!(post(&elsewhere, &asking("payment")).await.0, 202);
    let event: Value = serde_json::from_str(&elsewhere.publisher.bodies()[0]).unwrap();
    assert_eq!(
        event["data"]["testControls"],
        json!({ "simulateTechnicalFailure": "payment" })
    );
}
