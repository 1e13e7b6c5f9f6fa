//! Which of many messages go to SNS in one call, and in what order the calls are made.
//!
//! Invariant: of a FIFO topic, one call never has two messages of one group, and a group waits for its own calls. SNS tells of
//! each message of a call how it went, and nothing may pass one that failed.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt};

use crate::failure::Kind;
use crate::{Failure, Message};

/// Messages of one call (API_PublishBatch).
const ENTRIES: usize = 10;
/// Bytes of one call: what a topic takes that sets no other limit (API_PublishBatch). A message of more goes by itself.
const BYTES: usize = 262_144;
/// Calls at once, to topics where order does not matter.
const CONCURRENCY: usize = 8;

/// Makes the calls that bring all `messages` to their topics. `call` makes one, and says of each message how it went.
///
/// Returns how each message went, in their order.
pub(crate) async fn make(
    messages: &[Message],
    call: impl AsyncFn(&[&Message]) -> Vec<Result<(), Failure>>,
) -> Vec<Result<(), Failure>> {
    let call = &call;
    let went: Vec<Vec<(usize, Result<(), Failure>)>> = stream::iter(sequences(messages))
        .map(async |sequence| in_order(messages, sequence, call).await)
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    let mut went: Vec<(usize, Result<(), Failure>)> = went.into_iter().flatten().collect();
    went.sort_unstable_by_key(|(at, _)| *at);
    went.into_iter().map(|(_, result)| result).collect()
}

/// Makes calls one after another. A message whose group has failed is not sent.
async fn in_order(
    messages: &[Message],
    sequence: Vec<Vec<usize>>,
    call: &impl AsyncFn(&[&Message]) -> Vec<Result<(), Failure>>,
) -> Vec<(usize, Result<(), Failure>)> {
    let mut went = Vec::new();
    let mut failed = BTreeSet::new();
    for positions in sequence {
        let (blocked, free): (Vec<usize>, Vec<usize>) = positions
            .into_iter()
            .partition(|at| failed.contains(&order(&messages[*at])));
        for at in blocked {
            let message = "an earlier message of this message group failed";
            went.push((at, Err(Failure::new(Kind::Blocked, message))));
        }
        if free.is_empty() {
            continue;
        }
        let entries: Vec<&Message> = free.iter().map(|at| &messages[*at]).collect();
        for (at, result) in free.into_iter().zip(call(&entries).await) {
            let order = order(&messages[at]);
            if result.is_err() && order.is_some() {
                failed.insert(order);
            }
            went.push((at, result));
        }
    }
    went
}

/// Sequences of calls, each the positions of its messages. Sequences may run side by side; the calls of one may not.
fn sequences(messages: &[Message]) -> Vec<Vec<Vec<usize>>> {
    let mut topics: BTreeMap<&str, Topic> = BTreeMap::new();
    for (at, message) in messages.iter().enumerate() {
        let topic = topics.entry(&message.topic_arn).or_default();
        topic.add(at, message);
    }
    let (fifo, standard): (Vec<Topic>, Vec<Topic>) =
        topics.into_values().partition(|topic| topic.fifo);
    let alone = standard
        .into_iter()
        .flat_map(|topic| topic.calls)
        .map(|call| vec![call]);
    let all: Vec<Vec<Call>> = alone
        .chain(fifo.into_iter().map(|topic| topic.calls))
        .collect();
    let positions = |calls: Vec<Call>| calls.into_iter().map(|call| call.positions).collect();
    all.into_iter().map(positions).collect()
}

/// The calls to one topic.
#[derive(Default)]
struct Topic<'a> {
    fifo: bool,
    calls: Vec<Call>,
    /// The first call that a group's next message may go with.
    next: BTreeMap<&'a str, usize>,
}

#[derive(Default)]
struct Call {
    positions: Vec<usize>,
    bytes: usize,
}

impl<'a> Topic<'a> {
    fn add(&mut self, at: usize, message: &'a Message) {
        let bytes = message.bytes();
        let order = order(message);
        self.fifo |= order.is_some();
        let first = order.map_or(0, |group| self.next.get(group).copied().unwrap_or(0));
        let room = self.calls[first..].iter().position(|call| {
            call.positions.len() < ENTRIES && call.bytes.saturating_add(bytes) <= BYTES
        });
        let chosen = room.map_or(self.calls.len(), |room| first + room);
        if chosen == self.calls.len() {
            self.calls.push(Call::default());
        }
        self.calls[chosen].positions.push(at);
        self.calls[chosen].bytes += bytes;
        if let Some(group) = order {
            self.next.insert(group, chosen + 1);
        }
    }
}

/// The group whose order must hold, on a FIFO topic. A standard topic has groups for fairness alone.
fn order(message: &Message) -> Option<&str> {
    message.deduplication.as_ref().and(message.group.as_deref())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn message(topic: &str, id: &str, group: Option<&str>, bytes: usize) -> Message {
        Message {
            topic_arn: topic.to_owned(),
            event_id: id.to_owned(),
            body: "x".repeat(bytes),
            attributes: BTreeMap::new(),
            group: group.map(str::to_owned),
            deduplication: topic.ends_with(".fifo").then(|| id.to_owned()),
        }
    }

    /// Ids of each call, in the order in which calls were made, and the messages that did not go.
    async fn run(messages: &[Message], refused: &[&str]) -> (Vec<String>, Vec<(usize, Kind)>) {
        let calls = RefCell::new(Vec::new());
        let results = make(messages, async |call| {
            let ids: Vec<&str> = call
                .iter()
                .map(|message| message.event_id.as_str())
                .collect();
            calls.borrow_mut().push(ids.join(" "));
            ids.iter()
                .map(|id| {
                    let refused = refused.contains(id);
                    refused
                        .then(|| Failure::unavailable("refused"))
                        .map_or(Ok(()), Err)
                })
                .collect()
        })
        .await;
        assert_eq!(results.len(), messages.len());
        let failed = results.into_iter().enumerate();
        let failed = failed.filter_map(|(at, result)| Some((at, result.err()?.kind())));
        (calls.into_inner(), failed.collect())
    }

    #[tokio::test]
    async fn ten_messages_or_as_many_bytes_as_a_topic_takes_are_a_call() {
        let many: Vec<Message> = (0..23)
            .map(|n| message("a", &n.to_string(), None, 10))
            .collect();
        let (calls, failed) = run(&many, &[]).await;
        let sizes: Vec<usize> = calls.iter().map(|call| call.split(' ').count()).collect();
        assert_eq!(sizes, [10, 10, 3]);
        assert_eq!(failed, []);

        let sizes = [200_000, 62_144, 1, 300_000, 262_143];
        let big: Vec<Message> = sizes
            .iter()
            .enumerate()
            .map(|(n, bytes)| message("a", &n.to_string(), None, *bytes))
            .collect();
        assert_eq!(run(&big, &[]).await.0, ["0 1", "2 4", "3"]);
    }

    #[tokio::test]
    async fn what_travels_as_an_attribute_counts() {
        let mut first = message("a", "0", None, 262_000);
        let text = crate::publisher::MessageAttribute::Text("x".repeat(100));
        first.attributes.insert("eventType".into(), text);
        // The name, the type `String` and the value.
        assert_eq!(first.bytes(), 262_000 + 9 + 6 + 100);
        for (bytes, calls) in [(29, 1), (30, 2)] {
            let both = [first.clone(), message("a", "1", None, bytes)];
            assert_eq!(run(&both, &[]).await.0.len(), calls, "{bytes}");
        }
    }

    #[tokio::test]
    async fn one_that_fails_fails_alone_and_topics_have_calls_of_their_own() {
        let messages = [
            message("a", "a-1", None, 1),
            message("b", "b-1", None, 1),
            message("a", "a-2", Some("fair"), 1),
            message("a", "a-3", Some("fair"), 1),
        ];
        let (calls, failed) = run(&messages, &["a-2"]).await;
        assert_eq!(calls, ["a-1 a-2 a-3", "b-1"]);
        assert_eq!(failed, [(2, Kind::Unavailable)]);
    }

    #[tokio::test]
    async fn in_a_fifo_topic_nothing_passes_a_failed_message_of_its_group() {
        let fifo = |id, group| message("a.fifo", id, Some(group), 1);
        let messages = [
            fifo("x-1", "x"),
            fifo("x-2", "x"),
            fifo("y-1", "y"),
            fifo("x-3", "x"),
            fifo("y-2", "y"),
        ];
        let (calls, failed) = run(&messages, &[]).await;
        assert_eq!(calls, ["x-1 y-1", "x-2 y-2", "x-3"]);
        assert_eq!(failed, []);

        let (calls, failed) = run(&messages, &["x-1"]).await;
        assert_eq!(calls, ["x-1 y-1", "y-2"]);
        assert_eq!(
            failed,
            [
                (0, Kind::Unavailable),
                (1, Kind::Blocked),
                (3, Kind::Blocked)
            ]
        );
    }
}
