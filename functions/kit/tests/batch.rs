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
    let mut raw = record("m-2", &event("e-1"));
    raw["messageAttributes"] =
        json!({ "eventType": { "dataType": "String", "stringValue": "OrderCreated" } });
    let records = [record("m-1", &wrapped(&event("e-1"))), raw];
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
async fn only_what_sns_wraps_is_unwrapped() {
    // Events of their own, with members that SNS uses too: an older one is inside.
    let inner = Value::from(event("e-0"));
    let like = |members: Value| {
        let mut event: Value = serde_json::from_str(&event("e-1")).unwrap();
        event
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        record("m", &event.to_string())
    };
    let records = [
        like(json!({ "Type": "Notification", "Message": inner })),
        like(json!({ "Type": "Reminder", "TopicArn": "arn", "Message": inner })),
        like(json!({ "Type": "Notification", "TopicArn": "arn", "Message": { "text": inner } })),
    ];
    let failed = run(&records, async |event| match event.event_id.as_str() {
        "e-1" => Ok(Handled::Processed),
        other => panic!("unwrapped `{other}`"),
    })
    .await;
    assert!(failed.is_empty());
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
            r#"{"Type":"SubscriptionConfirmation","TopicArn":"arn","Message":"hello"}"#,
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

#[tokio::test]
async fn a_panic_or_a_malformed_record_blocks_its_own_group_and_no_other() {
    let mut broken = fifo("b-1", "b");
    broken["body"] = "not JSON".into();
    let records = [
        fifo("a-1", "a"),
        broken,
        fifo("c-1", "c"),
        fifo("a-2", "a"),
        fifo("b-2", "b"),
        fifo("c-2", "c"),
    ];
    let seen = Mutex::new(Vec::new());
    let mut failed = run(&records, async |event| {
        seen.lock().unwrap().push(event.event_id.clone());
        assert_ne!(event.event_id, "a-1", "a step gone wrong");
        Ok(Handled::Processed)
    })
    .await;
    failed.sort();
    assert_eq!(failed, ["a-1", "a-2", "b-1", "b-2"]);
    let mut seen = seen.into_inner().unwrap();
    seen.sort();
    assert_eq!(seen, ["a-1", "c-1", "c-2"]);
}

#[tokio::test(start_paused = true)]
async fn records_of_one_group_run_one_after_another_while_other_groups_go_on() {
    let records = [
        fifo("a-1", "a"),
        fifo("a-2", "a"),
        fifo("a-3", "a"),
        fifo("b-1", "b"),
    ];
    let log = Mutex::new(Vec::new());
    let failed = run(&records, async |event| {
        let say = |what: &str| {
            log.lock()
                .unwrap()
                .push(format!("{what} {}", event.event_id))
        };
        say("begin");
        tokio::time::sleep(Duration::from_secs(1)).await;
        say("end");
        Ok(Handled::Processed)
    })
    .await;
    assert!(failed.is_empty());
    let log = log.into_inner().unwrap();
    let of = |group: &str| -> Vec<&str> {
        let lines = log.iter().map(String::as_str);
        lines.filter(|line| line.contains(group)).collect()
    };
    assert_eq!(
        of(" a-"),
        [
            "begin a-1",
            "end a-1",
            "begin a-2",
            "end a-2",
            "begin a-3",
            "end a-3"
        ]
    );
    assert_eq!(log[..2], ["begin a-1", "begin b-1"], "groups side by side");
}

#[tokio::test(start_paused = true)]
async fn what_a_fifo_group_has_no_time_for_comes_again() {
    let records = [fifo("a-1", "a"), fifo("a-2", "a"), fifo("b-1", "b")];
    let failed = run(&records, async |event| {
        if event.event_id == "a-1" {
            std::future::pending::<()>().await;
        }
        Ok(Handled::Processed)
    })
    .await;
    assert_eq!(failed, ["a-1", "a-2"]);
}

#[tokio::test(start_paused = true)]
async fn records_that_stand_still_hold_up_none_that_have_not_begun() {
    let ids: Vec<String> = (1..=40).map(|n| format!("m-{n}")).collect();
    let records: Vec<Value> = ids.iter().map(|id| record(id, &event(id))).collect();
    let failed = run(&records, async |event| {
        if ["m-1", "m-20"].contains(&event.event_id.as_str()) {
            std::future::pending::<()>().await;
        }
        Ok(Handled::Processed)
    })
    .await;
    assert_eq!(failed, ["m-1", "m-20"]);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_time_left_is_not_begun() {
    let begun = Mutex::new(0);
    let ids: Vec<String> = (1..=40).map(|n| format!("m-{n}")).collect();
    let records: Vec<Value> = ids.iter().map(|id| record(id, &event(id))).collect();
    let failed = run(&records, async |_| {
        *begun.lock().unwrap() += 1;
        std::future::pending().await
    })
    .await;
    assert_eq!(failed, ids);
    assert!(*begun.lock().unwrap() < ids.len());
}
