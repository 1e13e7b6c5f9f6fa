//! The state of everything outside the handlers, and what SNS and SQS do with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use topogen_kit::{Item, Message};

/// How often a queue hands a message out before it goes to the dead-letter queue, as in `topology.toml`. The stream's mapping is
/// given as many attempts.
pub const MAX_RECEIVES: u8 = 3;

/// A service; it has a table, and a queue and a dead-letter queue. What the order service has in their place are its outbox's stream and
/// that stream's queue of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Stores and publishes orders.
    Order,
    /// Takes payments.
    Payment,
    /// Reserves stock.
    Inventory,
    /// Writes to customers.
    Notification,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Order,
        Self::Payment,
        Self::Inventory,
        Self::Notification,
    ];

    /// Its name in the topology.
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Payment => "payment",
            Self::Inventory => "inventory",
            Self::Notification => "notification",
        }
    }

    /// The key of its table.
    pub fn key(self) -> &'static str {
        match self {
            Self::Order | Self::Payment | Self::Inventory => "orderId",
            Self::Notification => "eventId",
        }
    }

    /// Who receives an event of that type.
    pub fn subscribers(event_type: &str) -> &'static [Self] {
        match event_type {
            "OrderCreated" => &[Self::Payment, Self::Inventory],
            _ => &[Self::Notification],
        }
    }
}

/// An event as it was published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Its id.
    pub id: Rc<str>,
    /// Its type.
    pub event_type: Rc<str>,
    /// Its text.
    pub body: Rc<str>,
}

impl Hash for Event {
    /// Hardly two events share an id, and ids are short.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl From<&Message> for Event {
    fn from(message: &Message) -> Self {
        let (_, event_type) = message.attributes["eventType"].parts();
        Self {
            id: message.event_id.as_str().into(),
            event_type: event_type.into(),
            body: message.body.as_str().into(),
        }
    }
}

/// A message in a queue, or a record of the stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delivery {
    /// What it brings.
    pub event: Event,
    /// How often it was handed out.
    pub receives: u8,
}

impl fmt::Display for Delivery {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event { id, event_type, .. } = &self.event;
        write!(out, "{event_type} {id}")?;
        match self.receives {
            0 => Ok(()),
            before => write!(out, " for the {}. time", before + 1),
        }
    }
}

/// What a client was told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Nothing: the connection broke.
    None,
    /// 202.
    Accepted {
        /// The order's id.
        order: String,
        /// All that it says.
        body: String,
    },
    /// Another status.
    Status(u16),
}

/// A table's items, by key: shared, and hashed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    hash: u64,
    items: Rc<BTreeMap<String, Item>>,
}

impl Items {
    /// The items by key.
    pub fn by_key(&self) -> &BTreeMap<String, Item> {
        &self.items
    }
}

impl Default for Items {
    fn default() -> Self {
        BTreeMap::new().into()
    }
}

impl From<BTreeMap<String, Item>> for Items {
    fn from(items: BTreeMap<String, Item>) -> Self {
        let mut hasher = DefaultHasher::new();
        items.hash(&mut hasher);
        let (hash, items) = (hasher.finish(), Rc::new(items));
        Self { hash, items }
    }
}

impl Hash for Items {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

/// Everything there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct World {
    /// Of each client, what it was told, attempt by attempt.
    pub clients: Vec<Vec<Answer>>,
    /// The tables.
    pub tables: BTreeMap<Service, Items>,
    /// The queues, sorted: messages arrive in any order.
    pub queues: BTreeMap<Service, Vec<Delivery>>,
    /// The dead-letter queues.
    pub dead: BTreeMap<Service, Vec<Event>>,
    /// All events that were ever published, in all their words.
    pub published: Rc<BTreeSet<Event>>,
    /// How much may still go wrong.
    pub budget: u8,
}

impl World {
    /// The items of a table.
    pub fn items(&self, service: Service) -> impl Iterator<Item = &Item> {
        self.tables
            .get(&service)
            .into_iter()
            .flat_map(|items| items.by_key().values())
    }

    /// What SNS does: everyone who subscribed gets a message.
    pub fn publish(&mut self, event: &Event) {
        Rc::make_mut(&mut self.published).insert(event.clone());
        for service in Service::subscribers(&event.event_type) {
            let event = event.clone();
            self.put_back(*service, Delivery { event, receives: 0 });
        }
    }

    /// What SQS does when the visibility time-out is over: the message is there again, or was there too often.
    pub fn put_back(&mut self, service: Service, delivery: Delivery) {
        if delivery.receives >= MAX_RECEIVES {
            let dead = self.dead.entry(service).or_default();
            dead.push(delivery.event);
            dead.sort();
        } else {
            let queue = self.queues.entry(service).or_default();
            queue.push(delivery);
            queue.sort();
        }
    }

    /// Takes a message out of a queue.
    pub fn take(&mut self, service: Service, delivery: &Delivery) {
        if let Some(queue) = self.queues.get_mut(&service)
            && let Some(at) = queue.iter().position(|other| other == delivery)
        {
            queue.remove(at);
        }
    }
}
