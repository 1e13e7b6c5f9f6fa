//! The order workflow: its handlers, wired to ports in memory, and run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use inventory::InventoryService;
use notification::NotificationService;
use order::order::State;
use order::republish::Republish;
use order::service::OrderService;
use outbox::{Batch, Relay};
use payment::PaymentService;
use serde_json::json;
use topogen_kit::config;
use topogen_kit::deadline::Deadline;
use topogen_kit::http::{Request, Response};
use topogen_kit::idempotency::HEADER;
use topogen_kit::memory::{MemoryPublisher, MemoryStore};
use topogen_kit::{
    Clock, Failure, Handled, Ids, Item, RawEnvelope, Store, Timestamp, batch, outbox as records,
};

use crate::exploration::Exploration;
use crate::explorer::{Explored, Violation, explore};
use crate::line::{Break, Line, Wired};
use crate::mistakes::{self, Mistake};
use crate::step::What;
use crate::world::{Delivery, Event, Items, Service};

/// What always fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// The service itself, as the test control asks.
    Itself,
    /// Its table.
    Table,
    /// Its topic.
    Topic,
}

/// What is explored.
#[derive(Clone, Debug, Default)]
pub struct Workflow {
    /// How many clients order something.
    pub clients: usize,
    /// How many things may go wrong on one way.
    pub budget: u8,
    /// Whether the order service has an outbox.
    pub outbox: bool,
    /// Whether each client has an `Idempotency-Key`. Then it may repeat its request though it has an answer, and while the first is
    /// being served.
    pub keyed: bool,
    /// Test controls of all orders, by name.
    pub controls: BTreeMap<&'static str, &'static str>,
    /// What always fails.
    pub failing: Option<(Service, Failing)>,
    /// What a service does wrong.
    pub mistake: Option<Mistake>,
}

/// How a handler ended.
pub(crate) enum Done {
    Answered(Response),
    /// These failed, by their place in the batch.
    Failed(Vec<usize>),
    Republished,
}

/// What a step did.
pub(crate) struct Effect {
    /// What the table holds now.
    pub(crate) items: Items,
    /// What is new in the outbox.
    pub(crate) recorded: Vec<Event>,
    /// What was published.
    pub(crate) published: Vec<Event>,
    /// How it ended; nothing, if the process was killed.
    pub(crate) done: Option<Done>,
    /// The calls that were made.
    pub(crate) calls: Vec<&'static str>,
}

/// What handlers of one service reach during a step.
struct Cloud {
    store: MemoryStore,
    publisher: MemoryPublisher,
}

/// A clock that is set.
struct Moment(Cell<i64>);

impl Moment {
    /// Each attempt has a second of its own, so that none looks like another by accident.
    fn of_attempt(attempt: usize) -> Self {
        let moment = Self(Cell::new(0));
        moment.set(attempt);
        moment
    }

    fn set(&self, attempt: usize) {
        let seconds = i64::try_from(attempt).unwrap_or_default();
        self.0.set(1_767_225_600_000 + 1_000 * seconds);
    }
}

impl Clock for Moment {
    fn now(&self) -> Timestamp {
        Timestamp::from_epoch_millis(self.0.get()).expect("a moment of 2026")
    }
}

/// Ids that say who made them.
struct Named(String, Cell<usize>);

impl Ids for Named {
    fn next(&self) -> String {
        self.1.set(self.1.get() + 1);
        format!("{}-{}", self.0, self.1.get())
    }
}

impl Workflow {
    /// Explores all of it.
    ///
    /// # Errors
    /// At the first law that does not hold.
    pub fn explore(&self) -> Result<Explored, Violation> {
        // The kit's deadlines ask for a runtime; nothing ever waits for it.
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build().expect("a runtime");
        let _inside = runtime.enter();
        explore(&Exploration::new(self))
    }

    /// Whether that always fails.
    pub fn fails(&self, service: Service, failing: Failing) -> bool {
        self.failing == Some((service, failing))
    }

    fn config(&self, service: Service) -> config::Service {
        let events: &[&str] = match service {
            Service::Order => order::service::PUBLISHES,
            Service::Payment => payment::PUBLISHES,
            Service::Inventory => inventory::PUBLISHES,
            Service::Notification => &[],
        };
        let publication = json!({ "topicArn": "arn", "version": "1.0" });
        let events: BTreeMap<_, _> = events.iter().map(|name| (name, &publication)).collect();
        let publishes = json!(events).to_string().parse();
        let mut publishes: topogen_kit::publishes::Publishes = publishes.expect("publications");
        if self.outbox && service == Service::Order {
            publishes = publishes.through_outbox();
        }
        config::Service {
            name: service.name().to_owned(),
            test_controls: true,
            publishes,
        }
    }

    fn request(&self, client: usize) -> Request {
        let mut order = json!({
            "customerEmail": "ann@example.com", "currency": "EUR",
            "items": [{ "sku": "A", "quantity": 1, "price": 9.5 }],
        });
        for (name, value) in &self.controls {
            order[*name] = json!(value);
        }
        if let Some((service, Failing::Itself)) = self.failing {
            order["simulateTechnicalFailure"] = json!(service.name());
        }
        let mut headers = json!({});
        if self.keyed {
            headers[HEADER] = json!(format!("client-{client}"));
        }
        let body = order.to_string();
        let payload = json!({ "routeKey": "POST /orders", "headers": headers, "body": body });
        serde_json::from_value(payload).expect("a request")
    }

    fn orders<'a>(
        &self,
        cloud: &'a Cloud,
        line: &'a Line,
        attempt: usize,
        ids: String,
    ) -> OrderService<Wired<'a, MemoryStore>, Wired<'a, MemoryPublisher>, Moment, Named> {
        let (store, publisher) = self.wire(Service::Order, cloud, line);
        OrderService {
            store,
            publisher,
            clock: Moment::of_attempt(attempt),
            ids: Named(ids, Cell::new(0)),
            service: self.config(Service::Order),
        }
    }

    fn wire<'a>(
        &self,
        service: Service,
        cloud: &'a Cloud,
        line: &'a Line,
    ) -> (Wired<'a, MemoryStore>, Wired<'a, MemoryPublisher>) {
        let store = Wired {
            port: &cloud.store,
            line,
            is_away: self.fails(service, Failing::Table),
        };
        let publisher = Wired {
            port: &cloud.publisher,
            line,
            is_away: self.fails(service, Failing::Topic),
        };
        (store, publisher)
    }

    /// Runs the handler. `late` is 1 for whoever overtakes.
    async fn perform(&self, what: &What, cloud: &Cloud, line: &Line, late: usize) -> Done {
        match what {
            What::Post { client, attempt } => {
                let ids = format!("c{}a{}", client, attempt + 1);
                let orders = self.orders(cloud, line, attempt + late, ids);
                let request = self.request(*client);
                let answer = if self.mistake == Some(Mistake::OrdersAnew) {
                    mistakes::respond(&orders, request).await
                } else {
                    order::http::respond(&orders, &request).await
                };
                Done::Answered(answer)
            }
            What::Republish(order) => {
                let orders = self.orders(cloud, line, late, String::new());
                let republish = vec![order.clone()];
                orders.republish(Republish { republish }).await;
                Done::Republished
            }
            What::Relay(record) => {
                let (outbox, publisher) = self.wire(Service::Order, cloud, line);
                let relay = Relay {
                    outbox,
                    publisher,
                    clock: Moment::of_attempt(usize::from(record.receives)),
                    publishes: self.config(Service::Order).publishes,
                };
                let image = json!({ "event": { "S": *record.event.body } });
                let change = json!({ "SequenceNumber": "1", "NewImage": image });
                let batch = json!({ "Records": [{ "dynamodb": change }] });
                let batch: Batch = serde_json::from_value(batch).expect("a batch");
                let answer = relay.relay(batch, deadline()).await;
                let failed = answer.map_or(1, |answer| answer.batch_item_failures.len());
                Done::Failed((0..failed).collect())
            }
            What::Deliver(service, deliveries) => {
                let moment = Moment::of_attempt(0);
                let step = async |event: RawEnvelope| {
                    let same = deliveries
                        .iter()
                        .find(|one| *one.event.id == *event.event_id);
                    moment.set(late + same.map_or(0, |one| usize::from(one.receives)));
                    self.handle(*service, cloud, line, &moment, event).await
                };
                let event = sqs_event(deliveries);
                let answer = batch::process(event, deadline(), &[], step).await;
                let failures = answer.batch_item_failures.into_iter();
                let failed = failures.map(|failure| failure.item_identifier.parse());
                Done::Failed(failed.collect::<Result<_, _>>().expect("our own ids"))
            }
        }
    }

    async fn handle(
        &self,
        service: Service,
        cloud: &Cloud,
        line: &Line,
        moment: &Moment,
        event: RawEnvelope,
    ) -> Result<Handled, Failure> {
        let clock = Moment(moment.0.clone());
        let (store, publisher) = self.wire(service, cloud, line);
        let config = self.config(service);
        match service {
            Service::Order => Err(Failure::malformed("orders come over HTTP")),
            Service::Payment => {
                let payments = PaymentService {
                    store,
                    publisher,
                    clock,
                    service: config,
                };
                mistakes::handle(self.mistake, payments, event).await
            }
            Service::Inventory => {
                let inventory = InventoryService {
                    store,
                    publisher,
                    clock,
                    service: config,
                };
                inventory.handle(event).await
            }
            Service::Notification => {
                let notification = NotificationService {
                    store,
                    clock,
                    service: config,
                };
                notification.handle(event).await
            }
        }
    }

    /// What overtakes a step: the same work, or for a client's order without a key an operator who sees it before it is published.
    fn overtake(&self, what: &What, cloud: &Cloud) {
        let line = Line::default();
        let overtaking = match what {
            What::Post { .. } if !self.keyed => due(&cloud.store.items())
                .into_iter()
                .map(What::Republish)
                .collect(),
            What::Post { .. } | What::Deliver(..) | What::Relay(_) | What::Republish(_) => {
                vec![what.clone()]
            }
        };
        for what in overtaking {
            line.run(self.perform(&what, cloud, &line, 1), || ());
        }
    }

    /// Runs a step of a service whose table holds that.
    pub(crate) fn run(&self, what: &What, breaks: Option<Break>, table: &Items) -> Effect {
        let service = what.service();
        let cloud = Cloud {
            store: filled(service.key(), table),
            publisher: MemoryPublisher::new(),
        };
        let line = Line::new(breaks);
        let work = self.perform(what, &cloud, &line, 0);
        let done = line.run(work, || self.overtake(what, &cloud));

        let key = |item: &Item| item.get_text(service.key()).map(str::to_owned);
        let items = cloud.store.items().into_iter();
        let items = items.map(|item| (key(&item).expect("items have keys"), item));
        let items = Items::from(items.collect::<BTreeMap<_, _>>());
        let messages = cloud.publisher.messages();
        Effect {
            recorded: recorded(table, &items),
            items,
            published: messages.iter().map(Event::from).collect(),
            done,
            calls: line.calls(),
        }
    }
}

/// Nothing takes time here.
fn deadline() -> Deadline {
    Deadline::after(Duration::from_secs(900))
}

fn sqs_event(deliveries: &[Delivery]) -> SqsEvent {
    let records = deliveries.iter().enumerate().map(|(at, delivery)| {
        let mut record = SqsMessage::default();
        record.message_id = Some(at.to_string());
        record.body = Some(delivery.event.body.to_string());
        record
    });
    let mut event = SqsEvent::default();
    event.records = records.collect();
    event
}

/// A table with these items.
fn filled(key: &str, items: &Items) -> MemoryStore {
    let store = MemoryStore::new(key);
    for item in items.by_key().values() {
        let put = Line::default().run(store.put_if_absent(item.clone()), || ());
        put.expect("memory does not wait").expect("items have keys");
    }
    store
}

/// What is new in the outbox: the stream brings it.
fn recorded(earlier: &Items, now: &Items) -> Vec<Event> {
    let is_new = |key: &str| !earlier.by_key().contains_key(key);
    let records = now.by_key().iter();
    records
        .filter(|(key, _)| is_new(key))
        .filter_map(|(key, item)| {
            let id = key.strip_prefix(records::KEY_PREFIX)?.into();
            let event_type = item.get_text("eventType")?.into();
            let body = item.get_text(records::EVENT)?.into();
            Some(Event {
                id,
                event_type,
                body,
            })
        })
        .collect()
}

/// Orders that an operator must look at: their state does not say that they are published.
pub(crate) fn due(orders: &[Item]) -> Vec<String> {
    let published = Some(State::EventPublished.as_str());
    let due = orders
        .iter()
        .filter(|order| order.get_text("status") != published);
    due.filter_map(|order| order.get_text("orderId").map(str::to_owned))
        .collect()
}
