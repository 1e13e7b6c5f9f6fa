//! Lambda's side of a handler's binary: start, serve, answer.
//!
//! A consumer's `main.rs` reads the environment first, so that a variable that is missing is the first thing said:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use topogen_kit::aws::Aws;
//! use topogen_kit::runtime::{self, Error};
//! use topogen_kit::{Config, Handled, Item, Put, Store};
//!
//! fn main() -> ExitCode {
//!     runtime::start(run)
//! }
//!
//! async fn run() -> Result<(), Error> {
//!     let config = Config::from_env()?;
//!     let table = config.table()?;
//!     let store = Aws::from_env().await.table(table);
//!     runtime::consume(&["orderId"], async |event| {
//!         let seen = store.put_if_absent(Item::new().text("eventId", event.event_id)).await?;
//!         Ok(match seen {
//!             Put::Stored => Handled::Processed,
//!             Put::Duplicate(_) => Handled::Duplicate,
//!         })
//!     })
//!     .await
//! }
//! ```

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use aws_lambda_events::sqs::SqsEvent;
use futures_util::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::deadline::Deadline;
use crate::trace::{self, Trace};
use crate::{Clock, Failure, Handled, RawEnvelope, SystemClock, batch, logs, metrics};

/// Of every binary that serves with this: most of a handler's time is the SDK's, and the SDK allocates much (docs/decisions/020).
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever stops a function.
pub use lambda_runtime::Error;

/// Runs a function until Lambda ends it. One thread is enough: a handler mostly waits.
pub fn start<F>(function: impl FnOnce() -> F) -> ExitCode
where
    F: Future<Output = Result<(), Error>>,
{
    logs::init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(function()),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %error, "the function stopped");
            ExitCode::FAILURE
        }
    }
}

/// Serves a queue: `step` for each record, see [`batch::process`].
///
/// # Errors
/// When Lambda's Runtime API goes away.
pub async fn consume(
    log_fields: &[&str],
    step: impl AsyncFn(RawEnvelope) -> Result<Handled, Failure>,
) -> Result<(), Error> {
    serve(async |event: SqsEvent, deadline| {
        Ok(batch::process(event, deadline, log_fields, &step).await)
    })
    .await
}

/// Serves events of any kind. What is counted while one is handled goes to the log as its [`metrics`]. A panic fails the
/// invocation, and its message stays where it is: Lambda would show it to the caller.
///
/// # Errors
/// When Lambda's Runtime API goes away.
pub async fn serve<E: DeserializeOwned, R: Serialize>(
    handle: impl AsyncFn(E, Deadline) -> Result<R, Error>,
) -> Result<(), Error> {
    let handle = &handle;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<E>| {
        let deadline = Deadline::at(event.context.deadline, SystemClock.now());
        let trace = event.context.xray_trace_id.as_deref();
        let trace = trace.and_then(Trace::parse);
        let span = metrics::invocation(trace.as_ref());
        async move {
            // The span closes, and the metrics are written, before Lambda has the answer and freezes the process.
            // Nothing of a handler that panicked is used again but what it reached through its ports.
            let handled = AssertUnwindSafe(handle(event.payload, deadline)).catch_unwind();
            let handled = trace::within(trace, handled.instrument(span)).await;
            handled.unwrap_or_else(|panic| Err(Failure::panicked(&*panic).into()))
        }
    }))
    .await
}
