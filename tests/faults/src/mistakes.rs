//! Handlers done wrong, each in a way that looks right as long as nothing fails.

use order::order::State;
use order::service::OrderService;
use payment::PaymentService;
use serde_json::Value;
use topogen_kit::http::{Request, Response};
use topogen_kit::idempotency::{HEADER, Idempotency};
use topogen_kit::memory::MemoryStore;
use topogen_kit::once::Outcome;
use topogen_kit::{Clock, Failure, Handled, Ids, Item, Publisher, Put, RawEnvelope, Store};

/// What a service does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Payment publishes first, and stores then.
    PublishesFirst,
    /// Payment publishes what it decides now, and not what an earlier attempt has stored.
    DecidesAgain,
    /// Payment takes a payment that is stored for one that is published too.
    SkipsDuplicates,
    /// Order takes an order that is not published for one that failed, and a request with its key for a new one.
    OrdersAnew,
}

/// The order service that orders anew.
pub(crate) async fn respond(
    orders: &OrderService<impl Store, impl Publisher, impl Clock, impl Ids>,
    mut request: Request,
) -> Response {
    let body = request.text().unwrap_or_default();
    if let Ok(Some(key)) = Idempotency::of(&request, &body)
        && let Ok(Some(earlier)) = orders.store.get(&key.id("order", 0)).await
        && earlier.get_text("status") != Some(State::EventPublished.as_str())
    {
        request.headers.remove(HEADER);
    }
    order::http::respond(orders, &request).await
}

/// The payment service, with that mistake if it is one of its own.
pub(crate) async fn handle(
    mistake: Option<Mistake>,
    payments: PaymentService<impl Store, impl Publisher, impl Clock>,
    event: RawEnvelope,
) -> Result<Handled, Failure> {
    match mistake {
        None | Some(Mistake::OrdersAnew) => payments.handle(event).await,
        Some(Mistake::PublishesFirst) => {
            let store = payments.store;
            let payments = PaymentService {
                store: MemoryStore::new("orderId"),
                publisher: payments.publisher,
                clock: payments.clock,
                service: payments.service,
            };
            let handled = payments.handle(event).await?;
            for item in payments.store.items() {
                store.put_if_absent(item).await?;
            }
            Ok(handled)
        }
        Some(Mistake::DecidesAgain) => {
            let payments = PaymentService {
                store: AlwaysFirst(payments.store),
                publisher: payments.publisher,
                clock: payments.clock,
                service: payments.service,
            };
            payments.handle(event).await
        }
        Some(Mistake::SkipsDuplicates) => {
            let data: Value = serde_json::from_str(event.data.get()).unwrap_or_default();
            let order_id = data["orderId"].as_str().unwrap_or_default();
            if payments.store.get(order_id).await?.is_some() {
                return Ok(Handled::Duplicate);
            }
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
