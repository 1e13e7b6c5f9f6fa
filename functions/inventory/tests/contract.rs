//! What inventory owes the contracts of the events that it receives.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::OrderCreated;
use inventory::InventoryService;
use topogen_kit::config::Service;
use topogen_kit::memory::{MemoryPublisher, MemoryStore, SteppingClock};
use topogen_kit::{Failure, Handled, RawEnvelope, testing};

const PUBLISHES: &str = r#"{
    "InventoryReserved": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:outcomes", "version": "1.0" },
    "InventoryFailed": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:outcomes", "version": "1.0" }
}"#;

async fn handle(event: RawEnvelope) -> Result<Handled, Failure> {
    let service = InventoryService {
        store: MemoryStore::new("orderId"),
        publisher: MemoryPublisher::new(),
        clock: SteppingClock::new(),
        service: Service {
            name: "inventory".into(),
            test_controls: false,
            publishes: PUBLISHES.parse().unwrap(),
        },
    };
    service.handle(event).await
}

#[tokio::test]
async fn order_created_is_taken_as_its_contract_says() {
    testing::consumes::<OrderCreated>(handle).await;
}
