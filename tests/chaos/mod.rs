//! Faults by the dice, and a ledger of what went wrong and what was done.
//!
//! What becomes of a call is drawn from the seed, the order that it is about, what it does, and how many like it that order had
//! before: the order in which calls happen to arrive changes little.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::common::between::{Call, Fate, Fault, Rule};

/// Of a thousand calls so many go wrong.
const CALLS: u64 = 40;
/// Of a thousand orders so many meet a service that is away until it is mended, for each of [`AWAY`].
const ORDERS: u64 = 8;
/// What is away: the operation, what its text tells it by, and whose it is.
const AWAY: [(&str, &str, &str); 4] = [
    ("PutItem", "PaymentsTable", "payment"),
    ("PutItem", "InventoryTable", "inventory"),
    ("PutItem", "NotificationsTable", "notification"),
    ("Publish", "\"eventType\":\"OrderCreated\"", "order"),
];

/// The rule of a run.
pub struct Chaos {
    seed: u64,
    calm: AtomicBool,
    ledger: Mutex<Ledger>,
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// What went wrong, by the ids that the calls were about: keys, orders, events.
    pub faults: BTreeMap<String, Vec<String>>,
    /// How often each fault was done.
    pub kinds: BTreeMap<String, usize>,
    /// The texts in which each event was published.
    pub published: BTreeMap<String, BTreeSet<String>>,
    /// The events that SNS has taken.
    pub taken: BTreeSet<String>,
    /// How often an item was stored under an order's id: service and order.
    pub stored: BTreeMap<(String, String), usize>,
    /// Calls of the SDK.
    pub calls: usize,
    /// How many calls of that kind an id had.
    had: HashMap<(String, String), u32>,
    /// What was drawn for a call of the SDK, at its first attempt.
    drawn: HashMap<String, Option<Drawn>>,
}

#[derive(Clone, Debug)]
struct Drawn {
    fate: Fate,
    /// Whether all attempts of the SDK meet it.
    lasts: bool,
}

impl Chaos {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            calm: AtomicBool::new(false),
            ledger: Mutex::default(),
        }
    }

    /// From here on nothing goes wrong.
    pub fn mend(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    pub fn ledger(&self) -> Ledger {
        self.ledger.lock().unwrap().clone()
    }

    /// The service that is away for that order.
    pub fn away(&self, order: &str) -> Option<&'static str> {
        let drawn = self.draw(&["away", order]) % 1_000 / ORDERS;
        let at = usize::try_from(drawn).unwrap();
        AWAY.get(at).map(|(_, _, service)| *service)
    }

    fn is_away(&self, call: &Call, order: &str) -> bool {
        let service = self.away(order);
        AWAY.iter().any(|(operation, mark, whose)| {
            service == Some(whose) && call.operation == *operation && call.text.contains(mark)
        })
    }

    fn draw(&self, parts: &[&str]) -> u64 {
        // The same in every run: its keys are fixed.
        let mut hasher = DefaultHasher::new();
        (self.seed, parts).hash(&mut hasher);
        hasher.finish()
    }

    fn drawn(&self, call: &Call, about: &str, had: u32) -> Option<Drawn> {
        if self.is_away(call, about) {
            let fate = Fate::Before(throttled(call));
            return Some(Drawn { fate, lasts: true });
        }
        let parts = [about, &call.operation, &had.to_string()];
        if self.draw(&parts) % 1_000 >= CALLS {
            return None;
        }
        let how = self.draw(&[&parts[..], &["how"]].concat());
        let fate = match how % 10 {
            0 => Fate::Before(Fault::Dropped),
            1 => Fate::After(Fault::Dropped),
            2 => Fate::Before(Fault::Silent),
            3 => Fate::After(Fault::Silent),
            4 => Fate::Before(broken(call, 500)),
            5 => Fate::After(broken(call, 500)),
            6 => Fate::Before(throttled(call)),
            7 => Fate::After(broken(call, 503)),
            8 => Fate::Twice,
            _ => Fate::Late,
        };
        let lasts = (how / 10).is_multiple_of(3);
        Some(Drawn { fate, lasts })
    }
}

impl Rule for Chaos {
    fn fate(&self, call: &Call) -> Fate {
        let about = ids(call);
        let mut ledger = self.ledger.lock().unwrap();
        ledger.calls += usize::from(!call.id.is_empty() && call.attempt == 1);
        for (id, text) in events(call) {
            ledger.published.entry(id).or_default().insert(text);
        }
        let Some(first) = about.first() else {
            return Fate::Passes;
        };
        if self.calm.load(Ordering::Relaxed) {
            return Fate::Passes;
        }
        let drawn = match ledger.drawn.get(&call.id) {
            // Another attempt of the SDK.
            Some(drawn) => drawn.clone().filter(|drawn| drawn.lasts),
            None => {
                let kind = (first.clone(), call.operation.clone());
                let had = ledger.had.entry(kind).or_default();
                let drawn = self.drawn(call, first, *had);
                *had += 1;
                if !call.id.is_empty() {
                    ledger.drawn.insert(call.id.clone(), drawn.clone());
                }
                drawn
            }
        };
        let Some(Drawn { fate, .. }) = drawn else {
            return Fate::Passes;
        };
        *ledger.kinds.entry(kind(&fate)).or_default() += 1;
        for id in about {
            let what = format!("{} {}", call.operation, kind(&fate));
            ledger.faults.entry(id).or_default().push(what);
        }
        fate
    }

    fn answered(&self, call: &Call, status: u16) {
        if status != 200 {
            return;
        }
        let taken = events(call).map(|(id, _)| id);
        self.ledger.lock().unwrap().taken.extend(taken);
        if call.operation != "PutItem" {
            return;
        }
        let table = AWAY.iter().find(|(_, table, _)| call.text.contains(table));
        if let (Some((_, _, service)), Some(order)) = (table, ids(call).first()) {
            let key = ((*service).to_owned(), order.clone());
            *self.ledger.lock().unwrap().stored.entry(key).or_default() += 1;
        }
    }
}

/// What a call is about: the caller's key, or the ids of orders in its text (of events, where a record of an outbox is marked).
fn ids(call: &Call) -> Vec<String> {
    if !call.key.is_empty() {
        return vec![call.key.clone()];
    }
    let places = call.text.split("orderId").skip(1);
    let ids = places.filter_map(|after| {
        let start: String = after.chars().take(60).collect();
        let mut words = start.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
        words.find(|word| word.len() == 36).map(str::to_owned)
    });
    let mut ids: Vec<String> = ids.collect();
    ids.dedup();
    ids
}

/// Ids and texts of the events that a call publishes.
fn events(call: &Call) -> impl Iterator<Item = (String, String)> {
    let publishes = call.operation.starts_with("Publish");
    let parameters = call.text.split('&').filter(move |_| publishes);
    parameters.filter_map(|parameter| {
        let (name, text) = parameter.split_once('=')?;
        let text = name.ends_with("Message").then_some(text)?;
        let event: Value = serde_json::from_str(text).ok()?;
        Some((event["eventId"].as_str()?.to_owned(), text.to_owned()))
    })
}

/// Who made the call: DynamoDB's JSON, SNS's XML, or an API's JSON.
fn error(call: &Call, status: u16, dynamo: &str, sns: &str) -> Fault {
    let (kind, body) = match call.operation.as_str() {
        "Publish" | "PublishBatch" => (
            "text/xml",
            format!(
                r#"<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Receiver</Type><Code>{sns}</Code><Message>injected</Message></Error><RequestId>0</RequestId></ErrorResponse>"#
            ),
        ),
        "POST" => ("application/json", r#"{"message":"injected"}"#.to_owned()),
        _ => (
            "application/x-amz-json-1.0",
            format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{dynamo}","message":"injected"}}"#
            ),
        ),
    };
    Fault::Answered(status, kind, body)
}

fn broken(call: &Call, status: u16) -> Fault {
    error(call, status, "InternalServerError", "InternalError")
}

/// DynamoDB throttles with a 400, SNS and an API with a 429.
fn throttled(call: &Call) -> Fault {
    let status = if ["Publish", "PublishBatch", "POST"].contains(&call.operation.as_str()) {
        429
    } else {
        400
    };
    let dynamo = "ProvisionedThroughputExceededException";
    error(call, status, dynamo, "Throttled")
}

fn kind(fate: &Fate) -> String {
    let fault = |fault: &Fault| match fault {
        Fault::Dropped => "dropped".to_owned(),
        Fault::Silent => "silent".to_owned(),
        Fault::Answered(status, ..) => status.to_string(),
        Fault::Killed => "killed".to_owned(),
    };
    match fate {
        Fate::Passes => "passed".to_owned(),
        Fate::Before(what) => format!("not done, {}", fault(what)),
        Fate::After(what) => format!("done, {}", fault(what)),
        Fate::Twice => "twice".to_owned(),
        Fate::Late => "late".to_owned(),
    }
}
