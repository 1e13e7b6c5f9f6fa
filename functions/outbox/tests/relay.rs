//! Given an outbox and a topic, when batches of the stream come, then their events are out, and marked.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use outbox::{Answer, Batch, Record, Relay};
use serde_json::Value;
use topogen_kit::config::Table;
use topogen_kit::deadline::Deadline;
use topogen_kit::memory::{MemoryPublisher, MemoryStore, SteppingClock};
use topogen_kit::once::Outcome;
use topogen_kit::publisher::MessageAttribute;
use topogen_kit::{Failure, Message, Publisher, RawEnvelope, Store, outbox as records};

type InMemory = Relay<MemoryStore, MemoryPublisher, SteppingClock>;

const ORDERS: &str = include_str!("../events/orders.json");

const PUBLISHES: &str = r#"{
    "OrderCreated": { "topicArn": "arn:aws:sns:eu-west-1:123456789012:orders", "version": "1.0", "attributes": ["currency"] }
}"#;

/// A relay whose outbox holds what the batch tells of.
async fn relay(batch: &Batch) -> InMemory {
    let store = MemoryStore::new("orderId");
    for record in &batch.records {
        let Ok(event) = record.event().and_then(RawEnvelope::parse) else {
            continue;
        };
        let event = Outcome::of(&event).unwrap();
        let item = records::record(&event, &Table::new("Orders", "orderId"));
        store.put_if_absent(item).await.unwrap();
    }
    Relay {
        outbox: store,
        publisher: MemoryPublisher::new(),
        clock: SteppingClock::new(),
        publishes: PUBLISHES.parse().unwrap(),
    }
}

fn orders() -> Batch {
    serde_json::from_str(ORDERS).unwrap()
}

/// The orders, the `at`th of which has something else in its place.
fn orders_with(at: usize, broken: &str) -> Batch {
    let mut batch: Value = serde_json::from_str(ORDERS).unwrap();
    batch["Records"][at]["dynamodb"]["NewImage"] = serde_json::from_str(broken).unwrap();
    serde_json::from_value(batch).unwrap()
}

async fn deliver(relay: &InMemory, batch: &Batch) -> Result<Answer, Failure> {
    let deadline = Deadline::after(Duration::from_secs(30));
    relay.relay(batch.clone(), deadline).await
}

/// Last but one digit of the ids of what was published, in order.
fn published(relay: &InMemory) -> String {
    let messages = relay.publisher.messages().into_iter();
    messages.map(|message| digit(&message.event_id)).collect()
}

/// The same of what is marked.
fn marked(relay: &InMemory) -> String {
    let items = relay.outbox.items().into_iter();
    let items = items.filter(|item| item.get_text(records::PUBLISHED_AT).is_some());
    items
        .map(|item| digit(item.get_text("orderId").unwrap()))
        .collect()
}

fn digit(id: &str) -> char {
    id.chars().rev().nth(1).unwrap()
}

fn event_id(n: usize) -> String {
    format!("0198c5a2-7c1e-7d3a-9b7e-2f6d1c0a4e{n}0")
}

#[tokio::test]
async fn every_event_is_published_as_it_was_written_and_marked() {
    let batch = orders();
    let relay = relay(&batch).await;
    assert_eq!(deliver(&relay, &batch).await, Ok(Answer::default()));
    assert_eq!(
        (published(&relay), marked(&relay)),
        ("1234".into(), "1234".into())
    );

    let message = &relay.publisher.messages()[0];
    assert_eq!(
        message.topic_arn,
        "arn:aws:sns:eu-west-1:123456789012:orders"
    );
    assert_eq!(message.body, batch.records[0].event().unwrap());
    let usd = MessageAttribute::Text("USD".into());
    assert_eq!(message.attributes["currency"], usd);
    let record = &relay.outbox.items()[0];
    assert_eq!(
        record.get_text("publishedAt"),
        Some("2026-01-01T00:00:00.000Z")
    );
}

#[tokio::test]
async fn the_answer_is_the_one_that_lambda_reads() {
    let batch = orders_with(2, "{}");
    let answer = deliver(&relay(&batch).await, &batch).await.unwrap();
    let json = serde_json::to_string(&answer).unwrap();
    let expected = r#"{"batchItemFailures":[{"itemIdentifier":"100000000000000000003"}]}"#;
    assert_eq!(json, expected);
    let json = serde_json::to_string(&Answer::default()).unwrap();
    assert_eq!(json, r#"{"batchItemFailures":[]}"#);
}

#[tokio::test]
async fn a_batch_comes_again_from_its_first_failed_record_on() {
    let batch = orders();
    let relay = relay(&batch).await;
    relay.publisher.refuse(&event_id(3));
    let answer = deliver(&relay, &batch).await;
    assert_eq!(answer, Ok(Answer::again_from(&batch.records[2])));
    assert_eq!(published(&relay), "124");
    assert_eq!(marked(&relay), "124", "what failed is not marked");
}

#[tokio::test]
async fn a_batch_whose_first_record_fails_fails_so_that_lambda_halves_it() {
    let batch = orders();
    let relay = relay(&batch).await;
    relay.publisher.fail_next(1);
    assert_eq!(
        deliver(&relay, &batch).await.unwrap_err().to_string(),
        "the topic is away"
    );
    assert_eq!(deliver(&relay, &batch).await, Ok(Answer::default()));
    assert_eq!(marked(&relay), "1234");
}

#[tokio::test]
async fn a_mark_that_cannot_be_written_publishes_nothing_twice() {
    let batch = orders();
    let relay = relay(&batch).await;
    relay.outbox.fail_next(1);
    assert_eq!(deliver(&relay, &batch).await, Ok(Answer::default()));
    assert_eq!(
        (published(&relay), marked(&relay)),
        ("1234".into(), "234".into())
    );
}

#[tokio::test]
async fn what_is_no_event_of_this_service_is_said() {
    let cases = [
        ("{}", "the record has no text attribute `event`"),
        (
            r#"{"event":{"N":"1"}}"#,
            "the record has no text attribute `event`",
        ),
        (
            r#"{"event":{"S":"{}"}}"#,
            "not an event envelope: missing field `eventId` at line 1 column 2",
        ),
    ];
    for (image, message) in cases {
        let batch = orders_with(0, image);
        let relay = relay(&batch).await;
        let failure = deliver(&relay, &batch).await.unwrap_err();
        assert_eq!(failure.to_string(), message);
        assert_eq!(published(&relay), "", "what is behind it comes again");
    }
    let batch = orders();
    let mut relay = relay(&batch).await;
    relay.publishes = r#"{"Sold":{"topicArn":"arn","version":"1.0"}}"#.parse().unwrap();
    assert_eq!(
        deliver(&relay, &batch).await.unwrap_err().to_string(),
        "the topology does not let this service publish `OrderCreated`"
    );
}

/// Lambda's part, as its guide tells it: a batch that fails is halved, one that fails in part comes again from there on, and a
/// record that fails alone five times goes to the queue of failures.
async fn lambda(relay: &InMemory, batch: Batch) -> Vec<Record> {
    let mut failures = Vec::new();
    let mut waiting = vec![batch.records];
    let mut attempts = 0;
    while let Some(records) = waiting.pop() {
        let batch = Batch { records };
        match deliver(relay, &batch).await {
            Ok(answer) => {
                attempts = 0;
                if let Some(from) = answer.batch_item_failures.first() {
                    let is_it = |r: &Record| r.sequence_number() == from.item_identifier;
                    let at = batch.records.iter().position(is_it).unwrap();
                    waiting.push(batch.records[at..].to_vec());
                }
            }
            Err(_) if batch.records.len() == 1 => {
                attempts += 1;
                if attempts == 5 {
                    attempts = 0;
                    failures.extend(batch.records);
                } else {
                    waiting.push(batch.records);
                }
            }
            Err(_) => {
                let (first, second) = batch.records.split_at(batch.records.len() / 2);
                waiting.extend([second.to_vec(), first.to_vec()]);
            }
        }
    }
    failures
}

#[tokio::test]
async fn a_record_that_always_fails_ends_alone_wherever_it_stands() {
    for at in 0..4 {
        let batch = orders_with(at, r#"{"event":{"S":"no event"}}"#);
        let relay = relay(&batch).await;
        let failures = lambda(&relay, batch.clone()).await;
        assert_eq!(failures, [batch.records[at].clone()], "record {at}");
        let others: String = ('1'..='4')
            .filter(|n| *n != digit(&event_id(at + 1)))
            .collect();
        assert_eq!(marked(&relay), others);

        let relay = self::relay(&orders()).await;
        relay.publisher.refuse(&event_id(at + 1));
        let failures = lambda(&relay, orders()).await;
        assert_eq!(failures, [orders().records[at].clone()], "record {at}");
        assert_eq!(marked(&relay), others);
    }
}

#[tokio::test]
async fn on_a_fifo_topic_a_group_keeps_its_order() {
    let batch = orders();
    let mut relay = relay(&batch).await;
    relay.publishes = r#"{"OrderCreated":{
        "topicArn":"arn:aws:sns:eu-west-1:123456789012:orders.fifo","version":"1.0","messageGroup":"currency","fifo":true
    }}"#
    .parse()
    .unwrap();
    relay.publisher.refuse(&event_id(2));
    let answer = deliver(&relay, &batch).await;
    assert_eq!(answer, Ok(Answer::again_from(&batch.records[1])));
    assert_eq!(published(&relay), "1", "nothing passes one that failed");
}

struct Silence;

impl Publisher for Silence {
    async fn publish(&self, _: &Message) -> Result<(), Failure> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_silent_does_not_use_up_the_time_for_the_answer() {
    let batch = orders();
    let InMemory {
        outbox,
        clock,
        publishes,
        ..
    } = relay(&batch).await;
    let relay = Relay {
        outbox,
        publisher: Silence,
        clock,
        publishes,
    };
    let started = tokio::time::Instant::now();
    let answer = relay
        .relay(batch, Deadline::after(Duration::from_secs(30)))
        .await;
    assert_eq!(
        answer.unwrap_err().to_string(),
        "the invocation's time ran out"
    );
    assert!(started.elapsed() < Duration::from_secs(30));
}
