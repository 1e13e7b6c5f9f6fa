//! The order workflow as a model: what can happen in a world, and what the handlers make of it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use inventory::InventoryService;
use notification::NotificationService;
use order::order::State;
use order::republish::Republish;
use order::service::OrderService;
use outbox::{Batch, Relay};
use payment::PaymentService;
use serde_json::{Value, json};
use topogen_kit::config;
use topogen_kit::deadline::Deadline;
use topogen_kit::http::{Request, Response};
use topogen_kit::memory::{MemoryPublisher, MemoryStore};
use topogen_kit::{
    Clock, Failure, Handled, Ids, Item, RawEnvelope, Store, Timestamp, batch, outbox as records,
};

use crate::explorer::{Explored, Model, Violation, explore};
use crate::laws;
use crate::line::{Break, Line, Way, Wired};
use crate::mistakes::{self, Mistake};
use crate::world::{Answer, Delivery, Event, Items, MAX_RECEIVES, Service, World};

/// How often a client tries.
const ATTEMPTS: usize = 2;

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
    /// Test controls of all orders, by name.
    pub controls: BTreeMap<&'static str, &'static str>,
    /// What always fails.
    pub failing: Option<(Service, Failing)>,
    /// What the payment service does wrong.
    pub mistake: Option<Mistake>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    what: What,
    breaks: Option<Break>,
    /// The messages are handled, and handed out once more all the same.
    again: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum What {
    /// A client orders.
    Post { client: usize, attempt: usize },
    /// A queue hands messages out, one or two at once.
    Deliver(Service, Vec<Delivery>),
    /// The outbox's stream hands out a record.
    Relay(Delivery),
    /// An operator publishes an order again.
    Republish(String),
}

impl What {
    fn service(&self) -> Service {
        match self {
            Self::Post { .. } | Self::Relay(_) | Self::Republish(_) => Service::Order,
            Self::Deliver(service, _) => *service,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Post { client, attempt } => {
                write!(out, "client {client} orders, attempt {}", attempt + 1)?;
            }
            What::Deliver(service, batch) => {
                let batch: Vec<String> = batch.iter().map(Delivery::to_string).collect();
                write!(out, "{} gets {}", service.name(), batch.join(" and "))?;
            }
            What::Relay(record) => write!(out, "the relay gets {record}")?,
            What::Republish(order) => write!(out, "an operator publishes {order} again")?,
        }
        if let Some(breaks) = self.breaks {
            write!(out, ": {breaks}")?;
        }
        if self.again {
            write!(out, ": handled, and to be handed out again")?;
        }
        Ok(())
    }
}

/// How a handler ended.
enum Done {
    Answered(Response),
    /// These failed, by their place in the batch.
    Failed(Vec<usize>),
    Republished,
}

/// What a step did.
struct Effect {
    /// What the table holds now.
    items: Items,
    /// What is new in the outbox.
    recorded: Vec<Event>,
    /// What was published.
    published: Vec<Event>,
    /// How it ended; nothing, if the process was killed.
    done: Option<Done>,
    /// The calls that were made.
    calls: Vec<&'static str>,
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
        explore(&Exploration {
            workflow: self,
            runs: RefCell::default(),
        })
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

    fn request(&self) -> Request {
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
        let payload = json!({ "routeKey": "POST /orders", "body": order.to_string() });
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
                let orders = self.orders(cloud, line, *attempt, ids);
                Done::Answered(order::http::respond(&orders, &self.request()).await)
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
                match self.mistake {
                    None => payments.handle(event).await,
                    Some(mistake) => mistakes::handle(mistake, payments, event).await,
                }
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

    /// What overtakes a step: the same work, or for a client's order an operator who sees it before it is published.
    fn overtake(&self, what: &What, cloud: &Cloud) {
        let line = Line::default();
        let overtaking = match what {
            What::Post { .. } => due(&cloud.store.items())
                .into_iter()
                .map(What::Republish)
                .collect(),
            What::Deliver(..) | What::Relay(_) | What::Republish(_) => vec![what.clone()],
        };
        for what in overtaking {
            line.run(self.perform(&what, cloud, &line, 1), || ());
        }
    }

    /// Runs a step of a service whose table holds that.
    fn run(&self, what: &What, breaks: Option<Break>, table: &Items) -> Effect {
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

    /// What can happen as far as nothing goes wrong.
    fn possible(&self, world: &World) -> Vec<What> {
        let mut possible = Vec::new();
        for (client, answers) in world.clients.iter().enumerate() {
            let attempt = answers.len();
            let content = matches!(answers.last(), Some(Answer::Accepted(_)));
            if !content && attempt < ATTEMPTS {
                possible.push(What::Post { client, attempt });
            }
        }
        for (service, queue) in &world.queues {
            for (at, first) in queue.iter().enumerate() {
                if *service == Service::Order {
                    possible.push(What::Relay(first.clone()));
                    continue;
                }
                possible.push(What::Deliver(*service, vec![first.clone()]));
                for second in &queue[at + 1..] {
                    let pair = vec![first.clone(), second.clone()];
                    possible.push(What::Deliver(*service, pair));
                }
            }
        }
        if !self.outbox {
            let orders: Vec<Item> = world.items(Service::Order).cloned().collect();
            possible.extend(due(&orders).into_iter().map(What::Republish));
        }
        possible
    }

    fn can_go(&self, what: &What, way: Way, call: usize) -> bool {
        match (way, what) {
            (Way::Refused | Way::Unanswered | Way::KilledBefore | Way::KilledAfter, _) => true,
            (Way::Overtaken, What::Post { .. }) => call > 0 && !self.outbox,
            // A shard is read by one relay at a time.
            (Way::Overtaken, What::Relay(_)) => false,
            (Way::Overtaken, What::Republish(_)) => true,
            (Way::Overtaken, What::Deliver(_, batch)) => {
                batch.iter().all(|one| one.receives + 2 <= MAX_RECEIVES)
            }
        }
    }
}

/// What a handler is given: the step, where it breaks, and its table.
type Run = (What, Option<Break>, Items);

/// A workflow being explored. What a handler does depends on what it is given and on its own table, so each run is made once.
struct Exploration<'a> {
    workflow: &'a Workflow,
    runs: RefCell<HashMap<Run, Rc<Effect>>>,
}

impl Exploration<'_> {
    fn run(&self, world: &World, step: &Step) -> Rc<Effect> {
        let table = world.tables.get(&step.what.service());
        let table = table.cloned().unwrap_or_default();
        let key = (step.what.clone(), step.breaks, table);
        if let Some(effect) = self.runs.borrow().get(&key) {
            return Rc::clone(effect);
        }
        let effect = Rc::new(self.workflow.run(&key.0, key.1, &key.2));
        self.runs.borrow_mut().insert(key, Rc::clone(&effect));
        effect
    }
}

/// The world after a step.
fn after(world: &World, step: &Step, effect: &Effect) -> World {
    let Step {
        what,
        breaks,
        again,
    } = step;
    let service = what.service();
    let mut next = world.clone();
    next.budget -= u8::from(breaks.is_some() || *again);
    next.tables.insert(service, effect.items.clone());
    for event in effect.recorded.iter().cloned() {
        next.put_back(service, Delivery { event, receives: 0 });
    }
    for event in &effect.published {
        next.publish(event);
    }
    let batch = match what {
        What::Post { client, .. } => {
            next.clients[*client].push(told(effect.done.as_ref()));
            return next;
        }
        What::Republish(_) => return next,
        What::Relay(record) => std::slice::from_ref(record),
        What::Deliver(_, batch) => batch,
    };
    // What is handled is gone, unless it comes again; what failed comes again, and so does everything of a killed process.
    for (at, delivery) in batch.iter().enumerate() {
        next.take(service, delivery);
        let handled = matches!(&effect.done, Some(Done::Failed(failed)) if !failed.contains(&at));
        if !handled || *again {
            let mut delivery = delivery.clone();
            let overtaken = breaks.is_some_and(|breaks| breaks.way == Way::Overtaken);
            delivery.receives += if overtaken { 2 } else { 1 };
            next.put_back(service, delivery);
        }
    }
    next
}

impl Model for Exploration<'_> {
    type State = World;
    type Step = Step;

    fn start(&self) -> World {
        World {
            clients: vec![Vec::new(); self.workflow.clients],
            budget: self.workflow.budget,
            ..World::default()
        }
    }

    fn steps(&self, world: &World) -> Vec<(Step, World)> {
        let mut steps = Vec::new();
        for what in self.workflow.possible(world) {
            let well = Step {
                what: what.clone(),
                breaks: None,
                again: false,
            };
            let effect = self.run(world, &well);
            steps.push((well.clone(), after(world, &well, &effect)));
            if world.budget == 0 {
                continue;
            }
            let mut faults = Vec::new();
            for (call, name) in effect.calls.iter().copied().enumerate() {
                let ways = Way::ALL
                    .into_iter()
                    .filter(|way| self.workflow.can_go(&what, *way, call));
                faults.extend(ways.map(|way| (Some(Break { call, name, way }), false)));
            }
            if let What::Deliver(..) | What::Relay(_) = what {
                faults.push((None, true));
            }
            for (breaks, again) in faults {
                let what = what.clone();
                let step = Step {
                    what,
                    breaks,
                    again,
                };
                let next = after(world, &step, &self.run(world, &step));
                steps.push((step, next));
            }
        }
        steps
    }

    fn goes_well(&self, step: &Step) -> bool {
        step.breaks.is_none() && !step.again
    }

    fn always(&self, before: &World, after: &World) -> Result<(), String> {
        laws::always(before, after)
    }

    fn finally(&self, world: &World) -> Result<(), String> {
        laws::finally(self.workflow, world)
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
fn due(orders: &[Item]) -> Vec<String> {
    let published = Some(State::EventPublished.as_str());
    let due = orders
        .iter()
        .filter(|order| order.get_text("status") != published);
    due.filter_map(|order| order.get_text("orderId").map(str::to_owned))
        .collect()
}

fn told(done: Option<&Done>) -> Answer {
    let Some(Done::Answered(response)) = done else {
        return Answer::None;
    };
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    match (response.status_code, body["orderId"].as_str()) {
        (202, Some(order)) => Answer::Accepted(order.to_owned()),
        (status, _) => Answer::Status(status),
    }
}
