//! Given deliveries that end in every way, when they are handled, then the logs tell of the order and of no customer.

use notification::{LOG_FIELDS, NotificationService};
use topogen_kit::config::Service;
use topogen_kit::hygiene;
use topogen_kit::memory::{MemoryStore, SteppingClock};
use topogen_kit::publishes::Publishes;

#[tokio::test]
async fn the_logs_tell_of_the_order_and_not_of_the_customer() {
    for fails in [0, 1] {
        let service = NotificationService {
            store: MemoryStore::new("eventId"),
            clock: SteppingClock::new(),
            service: Service {
                name: "notification".into(),
                test_controls: true,
                publishes: Publishes::default(),
            },
        };
        let batch = include_str!("../events/outcomes.json");
        hygiene::check(batch, LOG_FIELDS, &["testControls"], async |event| {
            service.store.fail_next(fails);
            service.handle(event).await
        })
        .await;
    }
}
