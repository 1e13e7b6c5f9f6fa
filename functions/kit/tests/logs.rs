//! A batch: what the logs say of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Mutex;

use serde_json::json;
use topogen_kit::bounded::Text;
use topogen_kit::memory::MemoryLog;
use topogen_kit::trace::{self, Trace};
use topogen_kit::{Fact, Failure, Handled, hygiene, logs, metrics};
use tracing::Instrument;

use common::{event, record, run, succeed, wrapped};

/// The line's exact shape is a contract with those who count lines.
#[tokio::test]
async fn each_outcome_is_one_flat_line_that_says_which_event_and_hides_the_customer() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let records = ["e-1", "e-2"].map(|id| record(&id.replace('e', "m"), &wrapped(&event(id))));
    run(&records, async |event| match event.event_id.as_str() {
        "e-1" => Ok(Handled::Processed),
        _ => Err(Failure::unavailable("the table is away")),
    })
    .await;

    let identity = |n: u32| {
        format!(
            r#""messageId":"m-{n}","receiveCount":2,"eventId":"e-{n}","correlationId":"c-1","source":"order-service","eventType":"OrderCreated","occurredAt":"2026-01-31T09:30:00.000Z","orderId":"o-e-{n}""#
        )
    };
    let expected = [
        format!(
            r#""level":"INFO","message":"processed",{},"target":"topogen_kit::batch"}}"#,
            identity(1)
        ),
        format!(
            r#""level":"ERROR","message":"failed",{},"failure":"unavailable","error":"the table is away","target":"topogen_kit::batch"}}"#,
            identity(2)
        ),
    ];
    let text = log.text();
    let lines: Vec<&str> = text.lines().map(without_timestamp).collect();
    assert_eq!(lines, expected);
    assert!(!text.contains("ann@example.com"));
}

#[tokio::test]
async fn a_malformed_event_is_identified_as_far_as_it_can_be_read() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let broken = event("e-1").replace("eventVersion", "version");
    run(&[record("m-1", &broken)], succeed).await;

    let line = &log.lines()[0];
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["failure"], "malformed");
    assert_eq!(line["eventId"], "e-1");
    assert_eq!(line["orderId"], "o-e-1");
    let error = line["error"].as_str().unwrap();
    assert!(
        error.starts_with("not an event envelope: missing field `eventVersion`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_broken_contract_is_logged_by_its_field_and_never_by_its_value() {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct OrderCreated {
        #[serde(rename = "customerEmail")]
        _customer_email: Text<1, 5>,
    }
    impl Fact for OrderCreated {
        const TYPE: &'static str = "OrderCreated";
    }

    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    run(&[record("m-1", &event("e-1"))], async |event| {
        event.typed::<OrderCreated>().map(|_| Handled::Processed)
    })
    .await;

    let line = &log.lines()[0];
    assert_eq!(
        (&line["level"], &line["failure"]),
        (&json!("ERROR"), &json!("malformed"))
    );
    assert_eq!(
        line["error"],
        "`OrderCreated` breaks its contract: `data.customerEmail` must have 1 to 5 characters"
    );
    assert!(!log.text().contains("ann@example.com"));
}

#[tokio::test]
async fn what_a_step_logs_itself_carries_the_identity_too() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    run(&[record("m-1", &event("e-1"))], async |_| {
        tracing::warn!(attempt = 1, "slow");
        Ok(Handled::Processed)
    })
    .await;
    let line = &log.lines()[0];
    assert_eq!(
        (&line["message"], &line["eventId"]),
        (&json!("slow"), &json!("e-1"))
    );
    assert_eq!(line["attempt"], 1);
}

fn without_timestamp(line: &str) -> &str {
    let (start, rest) = line.split_at(r#"{"timestamp":"2026-01-31T09:30:00.000Z","#.len());
    assert!(
        start.starts_with(r#"{"timestamp":""#) && start.ends_with(r#"Z","#),
        "{line}"
    );
    rest
}

#[tokio::test]
async fn an_invocation_has_one_line_of_metrics_that_counts_outcomes() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let records = ["e-1", "e-2", "e-3", "e-4"].map(|id| record(id, &event(id)));
    let invocation = async {
        run(&records, async |event| match event.event_id.as_str() {
            "e-1" => Ok(Handled::Duplicate),
            "e-2" => Err(Failure::unavailable("the table is away")),
            _ => {
                metrics::count("OrdersPlaced", 2);
                Ok(Handled::Processed)
            }
        })
        .await;
    };
    invocation.instrument(metrics::invocation(None)).await;
    metrics::count("OrdersPlaced", 1);

    let lines = log.lines();
    assert_eq!(lines.len(), 5);
    let line = &lines[4];
    assert_eq!(
        (&line["level"], &line["message"]),
        (&json!("INFO"), &json!("metrics"))
    );
    assert_eq!(line["RecordsProcessed"], 2);
    assert_eq!(line["RecordsDuplicate"], 1);
    assert_eq!(line["RecordsUnavailable"], 1);
    assert_eq!(line["OrdersPlaced"], 4, "what is counted outside is lost");
    for (name, values) in [
        ("ProcessedDuration", 2),
        ("DuplicateDuration", 1),
        ("FailedDuration", 1),
    ] {
        assert_eq!(line[name].as_array().map(Vec::len), Some(values), "{name}");
    }
    let defined = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array();
    let names = defined
        .unwrap()
        .iter()
        .map(|metric| metric["Name"].as_str().unwrap());
    assert!(names.into_iter().all(|name| line.get(name).is_some()));
    assert!(!log.text().lines().last().unwrap().contains("eventId"));
}

const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

#[tokio::test]
async fn a_record_belongs_to_its_own_trace_and_one_without_to_its_invocations() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let mut traced = record("m-1", &event("e-1"));
    traced["attributes"]["AWSTraceHeader"] = TRACE.into();
    let mut odd = record("m-2", &event("e-2"));
    odd["attributes"]["AWSTraceHeader"] = "Root=ann@example.com".into();
    let invocation = Trace::parse(&TRACE.replace("5759e988", "00000001"));
    let seen = Mutex::new(Vec::new());
    let work = async {
        run(&[traced, odd], async |_| {
            let current = trace::current().unwrap();
            seen.lock().unwrap().push(current.to_string());
            Ok(Handled::Processed)
        })
        .await;
    };
    let span = metrics::invocation(invocation.as_ref());
    trace::within(invocation.clone(), work.instrument(span)).await;

    let expected = [TRACE.to_owned(), invocation.unwrap().to_string()];
    assert_eq!(seen.into_inner().unwrap(), expected);
    let lines = log.lines();
    assert_eq!(lines[0]["traceId"], "1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!(lines[1]["traceId"], "1-00000001-bd862e3fe1be46a994272793");
    assert_eq!(
        lines[2]["traceId"], lines[1]["traceId"],
        "the line of metrics"
    );
}

#[tokio::test]
async fn a_panic_is_told_by_its_place_and_never_by_what_the_step_was_given() {
    let hook = std::panic::take_hook();
    logs::tell_panics();
    let records = ["e-1", "e-2"].map(|id| record(&id.replace('e', "m"), &wrapped(&event(id))));
    let batch = json!({ "Records": records }).to_string();
    hygiene::check(&batch, &["orderId"], &[], async |event| {
        panic!("cannot handle {}", event.to_json()?)
    })
    .await;

    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    run(&records[..1], async |_| panic!("no such rule")).await;
    std::panic::set_hook(hook);
    let lines = log.lines();
    let place = lines[0]["place"].as_str().unwrap();
    assert!(place.contains("tests/logs.rs:"), "{place}");
    assert_eq!(lines[1]["failure"], "panicked");
    assert_eq!(lines[1]["error"], "a panic: no such rule");
}

/// A check that cannot fail proves nothing.
#[tokio::test]
#[should_panic(expected = "ann@example.com")]
async fn a_step_that_logs_what_it_was_given_is_found() {
    let records = [record("m-1", &event("e-1"))];
    let batch = json!({ "Records": records }).to_string();
    hygiene::check(&batch, &["orderId"], &[], async |event| {
        tracing::info!(data = event.data.get(), "got");
        Ok(Handled::Processed)
    })
    .await;
}

#[tokio::test]
async fn what_takes_the_place_of_an_id_is_cut() {
    let log = MemoryLog::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let long = event(&"ü".repeat(500));
    run(&[record("m-1", &long)], succeed).await;
    let line = &log.lines()[0];
    assert_eq!(line["eventId"], format!("{}…", "ü".repeat(128)));
}
