//! Requests to try, and the service to try them on.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::encodings::Body;
use order::http;
use order::service::OrderService;
use serde_json::Value;
use topogen_kit::config::Service;
use topogen_kit::memory::{CountingIds, MemoryPublisher, MemoryStore, SteppingClock};

pub(crate) type Orders = OrderService<MemoryStore, MemoryPublisher, SteppingClock, CountingIds>;

pub(crate) const PLAIN: &str = include_str!("../../events/post-orders.json");
pub(crate) const INVALID: &str = include_str!("../../events/post-orders-invalid.json");

pub(crate) fn service() -> Orders {
    OrderService {
        store: MemoryStore::new("orderId"),
        publisher: MemoryPublisher::new(),
        clock: SteppingClock::new(),
        ids: CountingIds::default(),
        service: Service {
            name: "order".into(),
            test_controls: true,
        },
    }
}

pub(crate) fn request(event: &str) -> ApiGatewayV2httpRequest {
    serde_json::from_str(event).unwrap()
}

pub(crate) async fn post(service: &Orders, request: &ApiGatewayV2httpRequest) -> (i64, Value) {
    let response = http::respond(service, request).await;
    assert_eq!(response.headers["content-type"], "application/json");
    let Some(Body::Text(body)) = response.body else {
        unreachable!("{:?}", response.body)
    };
    (response.status_code, serde_json::from_str(&body).unwrap())
}
