//! What notification owes the contracts of the events that it receives.

use contracts::{InventoryFailed, InventoryReserved, PaymentCompleted, PaymentFailed};
use notification::NotificationService;
use topogen_kit::config::Service;
use topogen_kit::memory::{MemoryStore, SteppingClock};
use topogen_kit::publishes::Publishes;
use topogen_kit::{Failure, Handled, RawEnvelope, testing};

async fn handle(event: RawEnvelope) -> Result<Handled, Failure> {
    let service = NotificationService {
        store: MemoryStore::new("eventId"),
        clock: SteppingClock::new(),
        service: Service {
            name: "notification".into(),
            test_controls: false,
            publishes: Publishes::default(),
        },
    };
    service.handle(event).await
}

#[tokio::test]
async fn payment_completed_is_taken_as_its_contract_says() {
    testing::consumes::<PaymentCompleted>(handle).await;
}

#[tokio::test]
async fn payment_failed_is_taken_as_its_contract_says() {
    testing::consumes::<PaymentFailed>(handle).await;
}

#[tokio::test]
async fn inventory_reserved_is_taken_as_its_contract_says() {
    testing::consumes::<InventoryReserved>(handle).await;
}

#[tokio::test]
async fn inventory_failed_is_taken_as_its_contract_says() {
    testing::consumes::<InventoryFailed>(handle).await;
}
