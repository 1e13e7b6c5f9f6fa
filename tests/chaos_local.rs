//! A thousand orders on the local cloud while its calls are dropped, delayed, repeated and refused: nothing is lost, nobody pays
//! twice. Another seed is tried with `CHAOS_SEED`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod chaos;
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::Message;
use chaos::{Chaos, Ledger};
use common::app::{App, Item, OUTBOX, eventually, notebooks, topology};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use topogen::plan::Consumer;

const SEED: u64 = 2_026;
/// Clients that order at once.
const CLIENTS: usize = 8;
/// How often a client tries.
const TRIES: u32 = 12;
/// Of so many orders one has its event handed out again.
const REPEATED: usize = 25;
/// Until nothing moves any more.
const QUIET: Duration = Duration::from_secs(240);

/// Of a batch that fails in part AWS hands out the rest again. The local cloud takes such a batch for done, and its rest would stay in
/// the outbox: here a batch is what one `PublishBatch` takes, and a fault of this test hits a call as a whole.
const ONE_CALL: &str = "
[overrides.OrderOutboxEventSourceMapping.Properties]
BatchSize = 10
";

/// Looks that must find nothing, a quarter of a second from each other: longer than a late call takes.
const LOOKS: usize = 12;

/// What a client was told of its order: its id and its event's, or nothing that it could rely on.
type Told = BTreeMap<usize, Option<(String, String)>>;

#[test]
fn a_thousand_orders_in_trouble_are_each_paid_reserved_and_told_once() {
    storm(1_000, false);
}

#[test]
fn with_an_outbox_so_is_every_order_in_trouble() {
    storm(200, true);
}

/// One storm at a time: each takes all of a small machine.
static WEATHER: Mutex<()> = Mutex::new(());

fn storm(orders: usize, outbox: bool) {
    let _alone = WEATHER.lock().unwrap_or_else(PoisonError::into_inner);
    let seed = std::env::var("CHAOS_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    println!("CHAOS_SEED={seed}");
    let topology = topology(&if outbox {
        format!("{OUTBOX}{ONE_CALL}")
    } else {
        String::new()
    });
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let chaos = Arc::new(Chaos::new(seed));
        let app = Arc::new(App::start(&topology, Arc::clone(&chaos)).await);

        let begun = Instant::now();
        let told = place(&app, orders).await;
        println!("{orders} orders were placed in {:.0?}", begun.elapsed());
        quiet(&app, &chaos).await;
        println!("quiet after {:.0?}", begun.elapsed());

        let ledger = chaos.ledger();
        let faulted = (0..orders)
            .filter(|n| is_faulted(&ledger, *n, told[n].as_ref()))
            .count();
        println!(
            "{faulted} of {orders} orders, {} calls: {:#?}",
            ledger.calls, ledger.kinds
        );
        assert!(
            faulted * 5 >= orders,
            "only {faulted} of {orders} orders met a fault"
        );

        let dead = dead_letters(&app, &chaos, &ledger).await;
        chaos.mend();
        redrive(&app, dead).await;
        println!("moved back after {:.0?}", begun.elapsed());
        republish(&app, outbox).await;
        println!("published again after {:.0?}", begun.elapsed());
        quiet(&app, &chaos).await;
        println!("mended after {:.0?}", begun.elapsed());
        laws(&app, &chaos.ledger(), &told, outbox).await;
        Arc::into_inner(app).unwrap().stop().await;
    });
}

/// Places all orders, each as a client does that wants its order and knows of `Idempotency-Key`.
async fn place(app: &Arc<App>, orders: usize) -> Told {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (app, next) = (Arc::clone(app), Arc::clone(&next));
        clients.spawn(async move {
            let mut told = Told::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= orders {
                    return told;
                }
                let accepted = order(&app, number).await;
                if let (Some((order, event)), 0) = (&accepted, number % REPEATED) {
                    // What SQS may do at any time: hand a message out again.
                    again(&app, order).await;
                    let repeated = self::order(&app, number).await;
                    assert_eq!(
                        repeated,
                        Some((order.clone(), event.clone())),
                        "the same key"
                    );
                }
                told.insert(number, accepted);
            }
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

fn key(number: usize) -> String {
    format!("order-{number:04}")
}

async fn order(app: &App, number: usize) -> Option<(String, String)> {
    for attempt in 1..=TRIES {
        let answer = app
            .order_by_proxy(&key(number), &notebooks(number % 100 + 1))
            .await;
        match answer {
            Some((202, answer)) => {
                let text = |name: &str| answer[name].as_str().unwrap().to_owned();
                return Some((text("orderId"), text("eventId")));
            }
            Some((429 | 500.., _)) | None => {}
            Some((status, answer)) => panic!("{}: {status} {answer}", key(number)),
        }
        tokio::time::sleep(Duration::from_millis(50) * attempt).await;
    }
    None
}

/// Sends the order's event to its consumers' queues once more, as it is stored.
async fn again(app: &App, order: &str) {
    let stored = app.dynamodb.get_item().table_name(app.name("OrdersTable"));
    let stored = stored.key("orderId", AttributeValue::S(order.to_owned()));
    let item = stored.send().await.unwrap().item.unwrap();
    for queue in ["PaymentQueue", "InventoryQueue"] {
        let send = app.sqs.send_message().queue_url(app.name(queue));
        let text = item["outcomeEvent"].as_s().unwrap();
        send.message_body(text).send().await.unwrap();
    }
}

/// Waits until every stored order is published, as far as it can be, and every queue has been empty for a while.
async fn quiet(app: &App, chaos: &Chaos) {
    let mut looks = 0;
    let looks = &mut looks;
    eventually(QUIET, async || {
        let mut waiting = Vec::new();
        for consumer in app.plan.consumers.values() {
            let depth = app.depth(consumer.queue.as_str()).await;
            waiting.push((consumer.queue.to_string(), depth));
        }
        if waiting.iter().any(|(_, depth)| *depth > 0) {
            *looks = 0;
            return Err(format!("{waiting:?}"));
        }
        let taken = chaos.ledger().taken;
        let (_, records) = app.orders().await;
        let mut events = records.keys().filter_map(|key| key.strip_prefix("outbox#"));
        if let Some(event) = events.find(|event| !taken.contains(*event)) {
            *looks = 0;
            return Err(format!("{event} is in the outbox"));
        }
        *looks += 1;
        if *looks < LOOKS {
            return Err("not for long enough".to_owned());
        }
        Ok(())
    })
    .await;
}

fn is_faulted(ledger: &Ledger, number: usize, told: Option<&(String, String)>) -> bool {
    let (order, event) = told.cloned().unwrap_or_default();
    [key(number), order, event]
        .iter()
        .any(|id| ledger.faults.contains_key(id))
}

/// What lies in dead-letter queues is there since its service was away for it, or since it met faults at each of its receives.
async fn dead_letters<'a>(
    app: &'a App,
    chaos: &Chaos,
    ledger: &Ledger,
) -> Vec<(&'a Consumer, Vec<Message>)> {
    let mut all = Vec::new();
    let published: BTreeSet<String> = ledger
        .published
        .values()
        .flatten()
        .map(|text| order_of(text))
        .collect();
    for consumer in app.plan.consumers.values() {
        let service = consumer.service.as_str();
        let messages = app.messages(consumer.dead_letter_queue.as_str()).await;
        let dead: BTreeSet<String> = messages
            .iter()
            .map(|message| order_of(message.body.as_deref().unwrap()))
            .collect();
        let away: BTreeSet<String> = published
            .iter()
            .filter(|order| chaos.away(order) == Some(service))
            .cloned()
            .collect();
        let missing: Vec<&String> = away.difference(&dead).collect();
        println!(
            "{service}: {} dead letters, away for {} orders",
            messages.len(),
            away.len()
        );
        assert!(
            missing.is_empty(),
            "{service}: not in the dead-letter queue: {missing:?}"
        );
        for order in dead.difference(&away) {
            let faults = ledger.faults.get(order);
            println!("  by chance {order}: {faults:?}");
            assert!(
                faults.is_some_and(|faults| faults.len() >= 3),
                "{service}: {order} had no reason"
            );
        }
        let undelivered = app.depth(consumer.undelivered_queue.as_str()).await;
        assert_eq!(undelivered, 0, "{service}: SNS could not deliver");
        all.push((consumer, messages));
    }
    all
}

/// The order that an event is about, be it in SNS's envelope or not.
fn order_of(text: &str) -> String {
    let event: Value = serde_json::from_str(text).unwrap();
    let event = match event["Message"].as_str() {
        Some(text) => serde_json::from_str(text).unwrap(),
        None => event,
    };
    event["data"]["orderId"].as_str().unwrap().to_owned()
}

/// Moves dead letters back to their queues, as an operator does once the cause is mended.
async fn redrive(app: &App, dead: Vec<(&Consumer, Vec<Message>)>) {
    for (consumer, messages) in dead {
        let from = app.name(consumer.dead_letter_queue.as_str());
        let to = app.name(consumer.queue.as_str());
        for message in messages {
            let send = app.sqs.send_message().queue_url(to);
            let send = send.message_body(message.body.unwrap()).send();
            send.await.unwrap();
            let delete = app.sqs.delete_message().queue_url(from);
            let delete = delete.receipt_handle(message.receipt_handle.unwrap());
            delete.send().await.unwrap();
        }
    }
}

/// Publishes what is not, by the documented commands. An order that was accepted may be among them: what could not be written is
/// its state.
async fn republish(app: &App, outbox: bool) {
    if outbox {
        let unmarked = app.unmarked().await;
        let records = unmarked["Records"].as_array().unwrap().len();
        println!("{records} records were not marked");
        let (_, answer) = app.invoke("OrderOutboxFunction", &unmarked).await;
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
        assert_eq!(app.unmarked().await, json!({ "Records": [] }));
        return;
    }
    let (orders, _) = app.orders().await;
    let mut states = BTreeMap::new();
    for order in orders.values() {
        *states.entry(order["status"].as_str()).or_insert(0) += 1;
    }
    println!("{states:?}");
    let due = orders
        .iter()
        .filter(|(_, order)| order["status"] != "EVENT_PUBLISHED");
    let due: Vec<&String> = due.map(|(id, _)| id).collect();
    let request = json!({ "republish": due });
    let (_, answer) = app.invoke("OrderFunction", &request).await;
    assert_eq!(
        answer,
        json!({ "published": due, "left": [], "failed": {} })
    );
}

/// What must hold once all is mended.
async fn laws(app: &App, ledger: &Ledger, told: &Told, outbox: bool) {
    for consumer in app.plan.consumers.values() {
        let dead = app.depth(consumer.dead_letter_queue.as_str()).await;
        assert_eq!(dead, 0, "{}", consumer.dead_letter_queue);
    }
    let state = if outbox {
        "ORDER_RECEIVED"
    } else {
        "EVENT_PUBLISHED"
    };
    let (orders, _) = app.orders().await;
    let mut tables = BTreeMap::new();
    for service in ["payment", "inventory", "notification"] {
        let mut by_order: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        for item in app.items(service).await {
            by_order
                .entry(item["orderId"].clone())
                .or_default()
                .push(item);
        }
        tables.insert(service, by_order);
    }
    assert!(
        orders.len() <= told.len(),
        "{} orders for {} keys",
        orders.len(),
        told.len()
    );
    let accepted: Vec<&String> = told.values().flatten().map(|(order, _)| order).collect();
    println!("{} accepted, {} stored", accepted.len(), orders.len());
    let lost: Vec<&&String> = accepted
        .iter()
        .filter(|order| !orders.contains_key(**order))
        .collect();
    assert!(lost.is_empty(), "accepted and lost: {lost:?}");

    for (id, order) in &orders {
        assert_eq!(order["status"], state, "{id}");
        let only = |service: &str| {
            let items = tables[service].get(id).map_or(&[][..], Vec::as_slice);
            assert_eq!(items.len(), 1, "{service} of {id}: {items:?}");
            &items[0]
        };
        let (payment, reservation) = (only("payment"), only("inventory"));
        assert_eq!(payment["amount"], order["totalAmount"], "{id}");
        assert_eq!(
            (&*payment["status"], &*reservation["status"]),
            ("APPROVED", "RESERVED")
        );
        for service in ["payment", "inventory"] {
            let times = ledger.stored.get(&(service.to_owned(), id.clone()));
            assert_eq!(times, Some(&1), "{service} has stored {id} more than once");
        }
        let mut notes: Vec<&str> = tables["notification"][id]
            .iter()
            .map(|note| &*note["type"])
            .collect();
        notes.sort_unstable();
        assert_eq!(notes, ["InventoryReserved", "PaymentCompleted"], "{id}");
    }
    for service in ["payment", "inventory", "notification"] {
        let strangers: Vec<&String> = tables[service]
            .keys()
            .filter(|id| !orders.contains_key(*id))
            .collect();
        assert!(strangers.is_empty(), "{service}: {strangers:?}");
    }
    let stored = orders.values().map(|order| &order["eventId"]);
    let untold: Vec<&String> = stored
        .filter(|event| !ledger.taken.contains(*event))
        .collect();
    assert!(untold.is_empty(), "stored and not published: {untold:?}");
    for (event, texts) in &ledger.published {
        assert_eq!(
            texts.len(),
            1,
            "{event} was published in two versions: {texts:?}"
        );
    }
}
