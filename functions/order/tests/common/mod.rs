//! Requests to try, and the service to try them on.

use order::http;
use order::service::OrderService;
use serde_json::Value;
use topogen_kit::config::Service;
use topogen_kit::http::Request;
use topogen_kit::memory::{CountingIds, MemoryPublisher, MemoryStore, SteppingClock};

pub(crate) type Orders = OrderService<MemoryStore, MemoryPublisher, SteppingClock, CountingIds>;

pub(crate) const PLAIN: &str = include_str!("../../events/post-orders.json");

const PUBLISHES: &str = r#"{
    "OrderCreated": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:orders", "version": "1.0", "attributes": ["currency"] }
}"#;

pub(crate) fn service() -> Orders {
    OrderService {
        store: MemoryStore::new("orderId"),
        publisher: MemoryPublisher::new(),
        clock: SteppingClock::new(),
        ids: CountingIds::default(),
        service: Service {
            name: "order".into(),
            test_controls: true,
            publishes: PUBLISHES.parse().unwrap(),
        },
    }
}

pub(crate) fn request(event: &str) -> Request {
    serde_json::from_str(event).unwrap()
}

pub(crate) async fn post(service: &Orders, request: &Request) -> (u16, Value) {
    let response = http::respond(service, request).await;
    assert_eq!(response.headers["content-type"], "application/json");
    let body = serde_json::from_str(&response.body).unwrap();
    (response.status_code, body)
}
