//! An SQS batch in, the list of its failed records out.
//!
//! Invariant: a record fails alone. A malformed body, an error, a panic or a step that never ends costs that record
//! another attempt and no other record anything (save those behind it in the same FIFO group). The mapping must have
//! `ReportBatchItemFailures` on.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use tokio::time::Instant;
use tracing::Instrument;

use crate::deadline::Deadline;
use crate::failure::Kind;
use crate::incoming;
use crate::lanes::lanes;
use crate::trace::{self, Trace};
use crate::{Failure, Handled, RawEnvelope, metrics};

/// What is kept of an invocation's time to send the answer: without an answer the whole batch would fail.
pub const MARGIN: Duration = Duration::from_millis(500);

/// Lanes that run side by side: enough for a step that waits for AWS, few enough for one event loop and a batch of
/// thousands.
const CONCURRENCY: usize = 16;

/// Runs `step` for each record of the batch, and names those that failed.
///
/// Each record's outcome is one log line: `processed` or `duplicate` at INFO, `failed` at ERROR. It carries the
/// event's identity, `messageId`, `receiveCount`, `traceId`, and the fields of the payload that `log_fields` names.
pub async fn process(
    event: SqsEvent,
    deadline: Deadline,
    log_fields: &[&str],
    step: impl AsyncFn(RawEnvelope) -> Result<Handled, Failure>,
) -> SqsBatchResponse {
    let deadline = deadline.less(MARGIN);
    let step = &step;
    let lanes = lanes(event.records).into_iter().enumerate();
    // Not in order: a lane that stands still would hold up all lanes that have not begun.
    let mut failed: Vec<(usize, Vec<String>)> = stream::iter(lanes)
        .map(async |(at, lane)| (at, run_lane(lane, deadline, log_fields, step).await))
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    failed.sort_unstable_by_key(|(at, _)| *at);

    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed
        .into_iter()
        .flat_map(|(_, ids)| ids)
        .map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        })
        .collect();
    response
}

/// Runs one lane in order, and returns the ids of its failed records: the first that fails and all behind it.
async fn run_lane(
    lane: Vec<SqsMessage>,
    deadline: Deadline,
    log_fields: &[&str],
    step: &impl AsyncFn(RawEnvelope) -> Result<Handled, Failure>,
) -> Vec<String> {
    let mut failed = Vec::new();
    for record in lane {
        let trace = incoming::trace(&record);
        // At ERROR, since a span below the log level is not there, and its fields would be missing from error lines.
        let span = tracing::error_span!(
            "record",
            messageId = record.message_id,
            receiveCount = incoming::receive_count(&record),
            traceId = trace.as_ref().map(Trace::id),
        );
        let blocked = !failed.is_empty();
        let result = async {
            let begun = Instant::now();
            let result = attempt(&record, blocked, deadline, log_fields, step).await;
            report(&result, begun.elapsed());
            result
        };
        if trace::within(trace, result.instrument(span)).await.is_err() {
            // SQS always sends an id. Without one the batch could only fail as a whole, which is what Lambda makes of
            // an empty identifier.
            failed.push(record.message_id.unwrap_or_default());
        }
    }
    failed
}

async fn attempt(
    record: &SqsMessage,
    blocked: bool,
    deadline: Deadline,
    log_fields: &[&str],
    step: &impl AsyncFn(RawEnvelope) -> Result<Handled, Failure>,
) -> Result<Handled, Failure> {
    let event = incoming::event(record, log_fields)?;
    if blocked {
        let message = "an earlier record of this message group failed";
        return Err(Failure::new(Kind::Blocked, message));
    }
    // A time-out looks at the step before it looks at the clock: it would begin what cannot end.
    if deadline.is_over() {
        let message = "no time was left to begin";
        return Err(Failure::new(Kind::TimedOut, message));
    }
    // Nothing of a step that panicked is used again but what it reached through its ports.
    let caught = AssertUnwindSafe(async { step(event).await }).catch_unwind();
    match deadline.limit(caught).await {
        Some(Ok(result)) => result,
        Some(Err(panic)) => Err(Failure::panicked(&*panic)),
        None => {
            let message = "the invocation's time ran out";
            Err(Failure::new(Kind::TimedOut, message))
        }
    }
}

fn report(result: &Result<Handled, Failure>, took: Duration) {
    match result {
        Ok(handled) => {
            tracing::info!("{}", handled.as_str());
            metrics::count(handled.metric(), 1);
            metrics::duration(handled.duration_metric(), took);
        }
        Err(failure) => {
            tracing::error!(failure = failure.kind().as_str(), error = %failure, "failed");
            metrics::count(failure.kind().metric(), 1);
            metrics::duration("FailedDuration", took);
        }
    }
}
