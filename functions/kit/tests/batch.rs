//! A batch: what comes in, and what of it fails.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use topogen_kit::{Failure, Handled, batch};

use common::{event, record, run, succeed, wrapped};

fn fifo(id: &str, group: &str) -> Value {
    let mut record = record(id, &event(id));
    record["eventSourceARN"] = "arn:aws:sqs:eu-west-1:123456789012:queue.fifo".into();
    record["attributes"]["MessageGroupId"] = group.into();
    record
}

#[tokio::test]
async fn wrapped_and_raw_bodies_are_the_same_event() {
    let seen = Mutex::new(Vec::new());
    let records = [
        record("m-1", &wrapped(&event("e-1"))),
        record("m-2", &event("e-1")),
    ];
    let failed = run(&records, async |event| {
        seen.lock().unwrap().push(event.to_json()?);
        Ok(Handled::Processed)
    })
    .await;
    assert!(failed.is_empty());
    assert_eq!(
        seen.into_inner().unwrap(),
        [event("e-1"), event("e-1")],
        "to the last digit"
    );
}

#[tokio::test]
async fn malformed_records_fail_alone() {
    let records = [
        record("m-1", "not JSON"),
        record("m-2", &event("e-2")),
        record("m-3", &wrapped("{}")),
        record("m-4", &wrapped(&event("e-4"))),
        record(
            "m-5",
            r#"{"Type":"SubscriptionConfirmation","Message":"hello"}"#,
        ),
        json!({ "messageId": "m-6" }),
    ];
    assert_eq!(run(&records, succeed).await, ["m-1", "m-3", "m-5", "m-6"]);
}

#[tokio::test]
async fn an_error_or_a_panic_costs_only_its_own_record() {
    let records = ["good", "bad", "worse"].map(|id| record(id, &event(id)));
    let failed = run(&records, async |event| match event.event_id.as_str() {
        "good" => Ok(Handled::Duplicate),
        "bad" => Err(Failure::unavailable("the table is away")),
        other => panic!("no {other} step"),
    })
    .await;
    assert_eq!(failed, ["bad", "worse"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_never_ends_is_cut_off_in_time_to_answer() {
    let started = tokio::time::Instant::now();
    let records = ["stuck", "good"].map(|id| record(id, &event(id)));
    let failed = run(&records, async |event| {
        if event.event_id == "stuck" {
            std::future::pending::<()>().await;
        }
        Ok(Handled::Processed)
    })
    .await;
    assert_eq!(failed, ["stuck"]);
    assert_eq!(started.elapsed(), Duration::from_secs(15) - batch::MARGIN);
}

#[tokio::test]
async fn in_a_fifo_queue_nothing_passes_a_failed_record_of_its_group() {
    let records = [
        fifo("a-1", "a"),
        fifo("a-2", "a"),
        fifo("b-1", "b"),
        fifo("a-3", "a"),
    ];
    let seen = Mutex::new(Vec::new());
    let failed = run(&records, async |event| {
        seen.lock().unwrap().push(event.event_id.clone());
        if event.event_id == "a-2" {
            return Err(Failure::unavailable("the table is away"));
        }
        Ok(Handled::Processed)
    })
    .await;
    assert_eq!(failed, ["a-2", "a-3"]);
    assert!(!seen.into_inner().unwrap().contains(&"a-3".to_owned()));
}
