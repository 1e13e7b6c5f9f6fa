//! Given deliveries that end in every way, when they are handled, then the logs tell of the order and of no customer.

use payment::{LOG_FIELDS, PaymentService};
use topogen_kit::config::Service;
use topogen_kit::hygiene;
use topogen_kit::memory::{MemoryPublisher, MemoryStore, SteppingClock};

const PUBLISHES: &str = r#"{
    "PaymentCompleted": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:outcomes", "version": "1.0" },
    "PaymentFailed": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:outcomes", "version": "1.0" }
}"#;

#[tokio::test]
async fn the_logs_tell_of_the_order_and_not_of_the_customer() {
    let batches = [
        include_str!("../events/order-created.json"),
        include_str!("../events/mixed-batch.json"),
    ];
    for (batch, fails) in batches.into_iter().flat_map(|b| [(b, 0), (b, 1), (b, 2)]) {
        let service = PaymentService {
            store: MemoryStore::new("orderId"),
            publisher: MemoryPublisher::new(),
            clock: SteppingClock::new(),
            service: Service {
                name: "payment".into(),
                test_controls: true,
                publishes: PUBLISHES.parse().unwrap(),
            },
        };
        // Now and then the table or the topic is away.
        hygiene::check(batch, LOG_FIELDS, &["testControls"], async |event| {
            service.store.fail_next(fails % 2);
            service.publisher.fail_next(fails / 2);
            service.handle(event).await
        })
        .await;
    }
}
