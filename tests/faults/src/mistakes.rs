//! Handlers done wrong, each in a way that looks right as long as nothing fails.

use payment::PaymentService;
use serde_json::Value;
use topogen_kit::memory::MemoryStore;
use topogen_kit::once::Outcome;
use topogen_kit::{Clock, Failure, Handled, Item, Publisher, Put, RawEnvelope, Store};

/// What the payment service does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// It publishes first, and stores then.
    PublishesFirst,
    /// It publishes what it decides now, and not what an earlier attempt has stored.
    DecidesAgain,
    /// It takes a payment that is stored for one that is published too.
    SkipsDuplicates,
}

/// The payment service with that mistake.
pub(crate) async fn handle(
    mistake: Mistake,
    payments: PaymentService<impl Store, impl Publisher, impl Clock>,
    event: RawEnvelope,
) -> Result<Handled, Failure> {
    let PaymentService {
        store,
        publisher,
        clock,
        service,
    } = payments;
    match mistake {
        Mistake::PublishesFirst => {
            let payments = PaymentService {
                store: MemoryStore::new("orderId"),
                publisher,
                clock,
                service,
            };
            let handled = payments.handle(event).await?;
            for item in payments.store.items() {
                store.put_if_absent(item).await?;
            }
            Ok(handled)
        }
        Mistake::DecidesAgain => {
            let store = AlwaysFirst(store);
            let payments = PaymentService {
                store,
                publisher,
                clock,
                service,
            };
            payments.handle(event).await
        }
        Mistake::SkipsDuplicates => {
            let data: Value = serde_json::from_str(event.data.get()).unwrap_or_default();
            let order_id = data["orderId"].as_str().unwrap_or_default();
            if store.get(order_id).await?.is_some() {
                return Ok(Handled::Duplicate);
            }
            let payments = PaymentService {
                store,
                publisher,
                clock,
                service,
            };
            payments.handle(event).await
        }
    }
}

/// A store that says of every write that it was the first.
struct AlwaysFirst<S>(S);

impl<S: Store> Store for AlwaysFirst<S> {
    async fn put_if_absent(&self, item: Item) -> Result<Put, Failure> {
        self.0.put_if_absent(item).await.map(|_| Put::Stored)
    }

    async fn put_with_event(&self, item: Item, event: &Outcome) -> Result<Put, Failure> {
        let put = self.0.put_with_event(item, event).await;
        put.map(|_| Put::Stored)
    }

    async fn get(&self, key: &str) -> Result<Option<Item>, Failure> {
        self.0.get(key).await
    }

    async fn set_status(&self, key: &str, status: &str) -> Result<(), Failure> {
        self.0.set_status(key, status).await
    }
}
