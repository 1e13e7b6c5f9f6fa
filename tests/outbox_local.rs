//! The outbox on the local cloud, with the real handlers and the real stream: what is stored is published, whatever dies.
//!
//! Beside it what happens without an outbox, and that the documented command mends it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use common::app::{App, Item, OUTBOX, eventually, notebooks, topology};
use common::between::{Call, Fate, Fault, Rule};
use serde_json::{Value, json};

/// Everything is done within seconds; a loaded machine gets a minute.
const SOON: Duration = Duration::from_secs(60);

/// What goes wrong, and the calls that there were, in their order.
#[derive(Default)]
struct Trouble {
    /// Calls of that kind have that fate: the first of them, or all.
    now: Mutex<Option<(&'static str, Fate, Lasts)>>,
    calls: Mutex<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lasts {
    Once,
    UntilMended,
}

impl Trouble {
    fn with(operation: &'static str, fate: Fate, lasts: Lasts) -> Arc<Self> {
        let trouble = Arc::new(Self::default());
        trouble.begin(operation, fate, lasts);
        trouble
    }

    fn begin(&self, operation: &'static str, fate: Fate, lasts: Lasts) {
        *self.now.lock().unwrap() = Some((operation, fate, lasts));
    }

    fn mend(&self) {
        *self.now.lock().unwrap() = None;
    }

    /// The calls so far, and none of them again.
    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

impl Rule for Trouble {
    fn fate(&self, call: &Call) -> Fate {
        self.calls.lock().unwrap().push(call.operation.clone());
        let mut now = self.now.lock().unwrap();
        match now.clone() {
            Some((operation, fate, lasts)) if operation == call.operation => {
                if lasts == Lasts::Once {
                    *now = None;
                }
                fate
            }
            _ => Fate::Passes,
        }
    }
}

/// What SNS says to who may not publish. The SDK does not ask again.
fn denied() -> Fate {
    let body = r#"<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>not authorized</Message></Error>
  <RequestId>d5b8a1f2-0000-5000-8000-000000000000</RequestId>
</ErrorResponse>"#;
    Fate::Before(Fault::Answered(403, "text/xml", body.to_owned()))
}

/// What has come of an order everywhere but at the order service: one payment, one reservation, and a note of each.
async fn outcomes(app: &App, order: &str) -> Result<(), String> {
    let of = |items: Vec<Item>| {
        let mut items = items;
        items.retain(|item| item["orderId"] == order);
        items
    };
    let (payments, inventory) = (
        of(app.items("payment").await),
        of(app.items("inventory").await),
    );
    let mut notes: Vec<String> = of(app.items("notification").await)
        .into_iter()
        .map(|note| note["type"].clone())
        .collect();
    notes.sort_unstable();
    let found = (payments.len(), inventory.len(), notes);
    let wanted = ["InventoryReserved", "PaymentCompleted"]
        .map(str::to_owned)
        .to_vec();
    if found == (1, 1, wanted) {
        Ok(())
    } else {
        Err(format!("{order}: {found:?}"))
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

#[test]
fn an_order_whose_process_is_killed_before_it_is_published_is_published_by_the_relay() {
    runtime().block_on(async {
        let rule = Trouble::with(
            "TransactWriteItems",
            Fate::After(Fault::Killed),
            Lasts::Once,
        );
        let app = App::start(&topology(OUTBOX), Arc::clone(&rule)).await;

        let answer = app.order("k-1", &notebooks(1)).await;
        assert!(
            answer.as_ref().is_some_and(|(status, _)| *status >= 500),
            "{answer:?}"
        );

        let (stored, _) = app.orders().await;
        assert_eq!(stored.len(), 1);
        let (id, order) = stored.into_iter().next().unwrap();
        assert_eq!(order["status"], "ORDER_RECEIVED");

        let record = eventually(SOON, async || {
            let (_, records) = app.orders().await;
            let record = records.get(&format!("outbox#{}", order["eventId"]));
            let record = record
                .filter(|record| record.contains_key("publishedAt"))
                .cloned();
            record.ok_or_else(|| format!("{records:?}"))
        });
        assert_eq!(record.await["event"], order["outcomeEvent"]);
        eventually(SOON, async || outcomes(&app, &id).await).await;
        // The function made no call after its write. What follows are the relay's two, and then those of others.
        let calls = rule.calls();
        let first = [
            "GetItem",
            "TransactWriteItems",
            "PublishBatch",
            "UpdateItem",
        ];
        assert_eq!(calls[..4], first, "{calls:?}");

        // The caller has seen no order, and asks again.
        let (status, answer) = app.order("k-1", &notebooks(1)).await.unwrap();
        assert_eq!(
            (status, answer["orderId"].as_str()),
            (202, Some(id.as_str())),
            "{answer}"
        );
        let (stored, records) = app.orders().await;
        assert_eq!((stored.len(), records.len()), (1, 1));
        outcomes(&app, &id).await.unwrap();
        app.stop().await;
    });
}

/// The orders that the documented scan finds: their state does not say that they are published.
async fn unpublished(app: &App) -> Vec<String> {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let found = app
        .dynamodb
        .scan()
        .table_name(app.name("OrdersTable"))
        .consistent_read(true)
        .filter_expression("#s = :failed OR (#s = :received AND createdAt < :minutes_ago)")
        .expression_attribute_names("#s", "status")
        .expression_attribute_values(":failed", text("EVENT_PUBLISH_FAILED"))
        .expression_attribute_values(":received", text("ORDER_RECEIVED"))
        // Nothing is on its way here.
        .expression_attribute_values(":minutes_ago", text("2999-01-01T00:00:00.000Z"));
    let found = found.send().await.unwrap().items.unwrap();
    let mut ids: Vec<String> = found
        .iter()
        .map(|item| item["orderId"].as_s().unwrap().clone())
        .collect();
    ids.sort_unstable();
    ids
}

#[test]
fn without_an_outbox_what_was_not_published_is_seen_and_published_by_the_documented_command() {
    runtime().block_on(async {
        let rule = Trouble::with("PutItem", Fate::After(Fault::Killed), Lasts::Once);
        let app = App::start(&topology(""), Arc::clone(&rule)).await;

        let killed = app.order("k-1", &notebooks(1)).await;
        assert!(
            killed.as_ref().is_some_and(|(status, _)| *status >= 500),
            "{killed:?}"
        );
        assert_eq!(rule.calls(), ["GetItem", "PutItem"]);

        rule.begin("Publish", denied(), Lasts::Once);
        let (status, failed) = app.order("k-2", &notebooks(2)).await.unwrap();
        assert_eq!(
            (status, &failed["status"]),
            (503, &json!("EVENT_PUBLISH_FAILED")),
            "{failed}"
        );

        let (stored, _) = app.orders().await;
        let mut states: Vec<&str> = stored
            .values()
            .map(|order| order["status"].as_str())
            .collect();
        states.sort_unstable();
        assert_eq!(states, ["EVENT_PUBLISH_FAILED", "ORDER_RECEIVED"]);
        assert!(
            app.items("payment").await.is_empty(),
            "nobody knows of them"
        );

        let ids = unpublished(&app).await;
        assert_eq!(ids, stored.keys().cloned().collect::<Vec<_>>());
        let (_, answer) = app
            .invoke("OrderFunction", &json!({ "republish": ids }))
            .await;
        assert_eq!(
            answer,
            json!({ "published": ids, "left": [], "failed": {} })
        );
        for id in &ids {
            eventually(SOON, async || outcomes(&app, id).await).await;
        }
        assert!(unpublished(&app).await.is_empty());
        let (_, answer) = app
            .invoke("OrderFunction", &json!({ "republish": ids }))
            .await;
        assert_eq!(
            answer,
            json!({ "published": [], "left": ids, "failed": {} })
        );
        app.stop().await;
    });
}

/// AWS halves a batch that fails until its bad record stands alone, and tries that for an hour. The local cloud does not halve, and
/// takes any age, so here each record is a batch and five seconds are enough.
const POISON: &str = "
[overrides.OrderOutboxEventSourceMapping.Properties]
BatchSize = 1
MaximumRecordAgeInSeconds = 5
";

#[test]
fn what_the_relay_cannot_publish_is_told_to_its_queue_of_failures_and_blocks_nothing_behind_it() {
    runtime().block_on(async {
        let rule = Arc::new(Trouble::default());
        let app = App::start(&topology(&format!("{OUTBOX}{POISON}")), Arc::clone(&rule)).await;
        let text = |value: &str| AttributeValue::S(value.to_owned());

        // A record without an event, and a good one behind it.
        let poison = app.dynamodb.put_item().table_name(app.name("OrdersTable"));
        let poison = poison
            .item("orderId", text("outbox#poison"))
            .item("eventType", text("OrderCreated"));
        poison.send().await.unwrap();
        let (status, good) = app.order("k-1", &notebooks(1)).await.unwrap();
        assert_eq!(status, 202, "{good}");
        let failures = async |wanted: usize| {
            let depth = app.depth("OrderOutboxFailures").await;
            if depth == wanted {
                Ok(())
            } else {
                Err(format!("{depth} failures"))
            }
        };
        eventually(SOON, async || failures(1).await).await;
        let good = good["orderId"].as_str().unwrap();
        eventually(SOON, async || outcomes(&app, good).await).await;

        // A good record that SNS does not take in time.
        rule.begin("PublishBatch", denied(), Lasts::UntilMended);
        let (status, late) = app.order("k-2", &notebooks(2)).await.unwrap();
        assert_eq!(status, 202, "{late}");
        eventually(SOON, async || failures(2).await).await;
        let sequences = records(&app).await;
        let told: Vec<Value> = app
            .messages("OrderOutboxFailures")
            .await
            .into_iter()
            .map(|message| serde_json::from_str::<Value>(&message.body.unwrap()).unwrap())
            .collect();
        for (told, record) in told.iter().zip([
            &sequences["outbox#poison"],
            &sequences[&format!("outbox#{}", late["eventId"].as_str().unwrap())],
        ]) {
            println!("{told}");
            assert_eq!(told["requestContext"]["condition"], "MaxRecordAgeExceeded");
            assert_eq!(told["DDBStreamBatchInfo"]["batchSize"], 1);
            assert_eq!(
                told["DDBStreamBatchInfo"]["startSequenceNumber"],
                record["dynamodb"]["SequenceNumber"]
            );
        }
        let late = late["orderId"].as_str().unwrap();
        assert!(outcomes(&app, late).await.is_err());

        // The relay's answers to the stream's own records: Lambda would take those before the named one for done.
        rule.mend();
        let poison = &sequences["outbox#poison"];
        let good = sequences
            .iter()
            .find(|(key, _)| *key != "outbox#poison")
            .unwrap()
            .1;
        let (_, answer) = app
            .invoke("OrderOutboxFunction", &json!({ "Records": [good, poison] }))
            .await;
        let place = &poison["dynamodb"]["SequenceNumber"];
        assert_eq!(
            answer,
            json!({ "batchItemFailures": [{ "itemIdentifier": place }] })
        );
        let (_, answer) = app
            .invoke("OrderOutboxFunction", &json!({ "Records": [poison, good] }))
            .await;
        assert!(answer["errorMessage"].is_string(), "{answer}");

        // The documented repair: who cannot be helped goes, the others are handed to the relay.
        let table = app.name("OrdersTable");
        let delete = app
            .dynamodb
            .delete_item()
            .table_name(table)
            .key("orderId", text("outbox#poison"));
        delete.send().await.unwrap();
        let (_, answer) = app
            .invoke("OrderOutboxFunction", &app.unmarked().await)
            .await;
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
        eventually(SOON, async || outcomes(&app, late).await).await;
        assert_eq!(app.unmarked().await, json!({ "Records": [] }));
        app.stop().await;
    });
}

/// What the table's stream holds of new records of the outbox, by their keys.
async fn records(app: &App) -> BTreeMap<String, Value> {
    let streams = app
        .streams(
            "ListStreams",
            &json!({ "TableName": app.name("OrdersTable") }),
        )
        .await;
    let stream = &streams["Streams"][0]["StreamArn"];
    let described = app
        .streams("DescribeStream", &json!({ "StreamArn": stream }))
        .await;
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let from =
        json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = app.streams("GetShardIterator", &from).await;
    let read = json!({ "ShardIterator": iterator["ShardIterator"] });
    let records = app.streams("GetRecords", &read).await;
    let records = records["Records"].as_array().unwrap().iter();
    let records = records.filter(|record| record["eventName"] == "INSERT");
    let key = |record: &Value| {
        record["dynamodb"]["Keys"]["orderId"]["S"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let records = records.map(|record| (key(record), record.clone()));
    records
        .filter(|(key, _)| key.starts_with("outbox#"))
        .collect()
}
