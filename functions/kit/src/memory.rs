//! The ports in memory, for tests: a store, a topic, a clock, ids, a log; store and topic fail on request.
//!
//! ```
//! # async fn example() {
//! use topogen_kit::memory::MemoryStore;
//! use topogen_kit::{Item, Put, Store};
//!
//! let store = MemoryStore::new("orderId");
//! store.fail_next(1);
//! assert!(store.put_if_absent(Item::new().text("orderId", "o-1")).await.is_err());
//! assert_eq!(store.put_if_absent(Item::new().text("orderId", "o-1")).await, Ok(Put::Stored));
//! # }
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use crate::config::Table;
use crate::metrics::Origin;
use crate::once::Outcome;
use crate::outbox::{self, Outbox};
use crate::{
    Attribute, Clock, Failure, Ids, Item, Message, Publisher, Put, Store, Timestamp, logs,
};

/// A table in memory.
#[derive(Debug)]
pub struct MemoryStore {
    table: Table,
    state: Mutex<StoreState>,
}

#[derive(Debug, Default)]
struct StoreState {
    items: BTreeMap<String, Item>,
    writes: usize,
    failures: usize,
}

impl MemoryStore {
    /// An empty table with that key attribute.
    pub fn new(key: &str) -> Self {
        Self {
            table: Table::new("memory", key),
            state: Mutex::default(),
        }
    }

    /// The next `count` calls fail as if the table were away.
    pub fn fail_next(&self, count: usize) {
        lock(&self.state).failures = count;
    }

    /// How often something was written.
    pub fn writes(&self) -> usize {
        lock(&self.state).writes
    }

    /// All items, by key.
    pub fn items(&self) -> Vec<Item> {
        lock(&self.state).items.values().cloned().collect()
    }

    fn call(&self) -> Result<MutexGuard<'_, StoreState>, Failure> {
        let mut state = lock(&self.state);
        fail(&mut state.failures, "table")?;
        Ok(state)
    }

    fn key(&self, item: &Item) -> Result<String, Failure> {
        let name = &self.table.key;
        let key = item.get_text(name).map(str::to_owned);
        key.ok_or_else(|| Failure::malformed(format!("the item has no key `{name}`")))
    }
}

impl StoreState {
    fn put_if_absent(&mut self, key: String, item: Item) -> Put {
        if let Some(existing) = self.items.get(&key) {
            return Put::Duplicate(existing.clone());
        }
        self.items.insert(key, item);
        self.writes += 1;
        Put::Stored
    }
}

impl Store for MemoryStore {
    async fn put_if_absent(&self, item: Item) -> Result<Put, Failure> {
        let mut state = self.call()?;
        Ok(state.put_if_absent(self.key(&item)?, item))
    }

    async fn put_with_event(&self, item: Item, event: &Outcome) -> Result<Put, Failure> {
        let mut state = self.call()?;
        let key = self.key(&item)?;
        let earlier = state.items.get(&key).cloned();
        let event = match &earlier {
            Some(item) => Outcome::stored(item)?,
            None => event.clone(),
        };
        let record = outbox::record(&event, &self.table);
        match (state.put_if_absent(self.key(&record)?, record), earlier) {
            (_, Some(earlier)) => Ok(Put::Duplicate(earlier)),
            (Put::Stored, None) => Ok(state.put_if_absent(key, item)),
            (Put::Duplicate(_), None) => Err(outbox::without_its_item(event.event_id())),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Item>, Failure> {
        Ok(self.call()?.items.get(key).cloned())
    }

    async fn set_status(&self, key: &str, status: &str) -> Result<(), Failure> {
        let mut state = self.call()?;
        let item = state
            .items
            .remove(key)
            .ok_or_else(|| Failure::unavailable(format!("no item `{key}`")))?;
        let item = item.with("status", Attribute::Text(status.to_owned()));
        state.items.insert(key.to_owned(), item);
        state.writes += 1;
        Ok(())
    }
}

impl Outbox for MemoryStore {
    async fn mark_published(&self, event_id: &str, at: Timestamp) -> Result<(), Failure> {
        let mut state = self.call()?;
        let key = outbox::key(event_id);
        if let Some(record) = state.items.remove(&key) {
            let record = record.text(outbox::PUBLISHED_AT, at.to_string());
            state.items.insert(key, record);
        }
        Ok(())
    }
}

/// A topic in memory.
#[derive(Debug, Default)]
pub struct MemoryPublisher {
    state: Mutex<PublisherState>,
}

#[derive(Debug, Default)]
struct PublisherState {
    messages: Vec<Message>,
    failures: usize,
    refused: BTreeSet<String>,
}

impl MemoryPublisher {
    /// A topic that nothing was published to.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next `count` publications fail as if the topic were away.
    pub fn fail_next(&self, count: usize) {
        lock(&self.state).failures = count;
    }

    /// Publications of that event fail, now and always.
    pub fn refuse(&self, event_id: &str) {
        lock(&self.state).refused.insert(event_id.to_owned());
    }

    /// All that was published, in order.
    pub fn messages(&self) -> Vec<Message> {
        lock(&self.state).messages.clone()
    }

    /// The texts of all that was published, in order.
    pub fn bodies(&self) -> Vec<String> {
        let state = lock(&self.state);
        state
            .messages
            .iter()
            .map(|message| message.body.clone())
            .collect()
    }
}

impl Publisher for MemoryPublisher {
    async fn publish(&self, message: &Message) -> Result<(), Failure> {
        let mut state = lock(&self.state);
        fail(&mut state.failures, "topic")?;
        if state.refused.contains(&message.event_id) {
            return Err(Failure::malformed("the topic refuses the event"));
        }
        state.messages.push(message.clone());
        Ok(())
    }
}

/// A clock that starts at a fixed moment and moves one second each time it is read, so that a second attempt never
/// looks like the first by accident.
#[derive(Debug)]
pub struct SteppingClock(Mutex<i64>);

impl SteppingClock {
    /// A clock that first tells 2026-01-01T00:00:00.000Z.
    pub fn new() -> Self {
        Self(Mutex::new(1_767_225_600_000))
    }
}

impl SteppingClock {
    /// Moves it on by so much.
    pub fn skip(&self, time: Duration) {
        *lock(&self.0) += i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    }
}

impl Default for SteppingClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        let mut millis = lock(&self.0);
        let now = Timestamp::from_epoch_millis(*millis);
        *millis += 1_000;
        // Within the lifetime of any test the years stay in range.
        now.unwrap_or_else(|| crate::SystemClock.now())
    }
}

/// Ids that count: `id-1`, `id-2`, …
#[derive(Debug, Default)]
pub struct CountingIds(Mutex<usize>);

impl Ids for CountingIds {
    fn next(&self) -> String {
        let mut count = lock(&self.0);
        *count += 1;
        format!("id-{count}")
    }
}

/// Log lines in memory, as [`logs::JsonLines`] writes them.
///
/// Keep tests that read logs in a file of their own, away from tests that do not: `tracing` remembers for the whole
/// process that nobody listens to a line, and a test that runs beside them without a subscriber may be the first to ask.
#[derive(Clone, Debug, Default)]
pub struct MemoryLog(Arc<Mutex<Vec<u8>>>);

impl MemoryLog {
    /// A subscriber that writes here; give it to `tracing::subscriber::set_default`.
    pub fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        let origin = Origin {
            namespace: "test".to_owned(),
            dimensions: BTreeMap::new(),
        };
        Registry::default().with(logs::JsonLines::new(self.clone(), origin))
    }

    /// All that was logged.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.0)).into_owned()
    }

    /// All that was logged, line by line; a line that is not JSON is `null`.
    pub fn lines(&self) -> Vec<Value> {
        let text = self.text();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_default())
            .collect()
    }
}

impl Write for MemoryLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn fail(failures: &mut usize, what: &str) -> Result<(), Failure> {
    match failures.checked_sub(1) {
        Some(left) => {
            *failures = left;
            Err(Failure::unavailable(format!("the {what} is away")))
        }
        None => Ok(()),
    }
}

/// A panic of one test's step must not hide what was stored before it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
