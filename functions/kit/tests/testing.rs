//! What the check of a consumer passes, and what it finds.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use topogen_kit::bounded::Whole;
use topogen_kit::{Contract, Fact, Failure, Handled, RawEnvelope, testing};

#[derive(Serialize, Deserialize)]
struct Counted {
    number: Whole<1, 9>,
}

impl Fact for Counted {
    const TYPE: &'static str = "Counted";
}

impl Contract for Counted {
    const SCHEMA: &'static str =
        r#"{ "required": ["number"], "examples": [{ "number": 1 }, { "number": 9 }] }"#;
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closed {
    number: Whole<1, 9>,
}

impl Fact for Closed {
    const TYPE: &'static str = "Counted";
}

/// What the check says of a consumer; nothing when all is well.
async fn complaint(step: impl AsyncFn(RawEnvelope) -> Result<Handled, Failure>) -> String {
    let checked = AssertUnwindSafe(testing::consumes::<Counted>(step));
    match checked.catch_unwind().await {
        Ok(()) => String::new(),
        Err(panic) => *panic.downcast::<String>().unwrap(),
    }
}

#[tokio::test]
async fn a_consumer_that_reads_by_the_contract_passes() {
    let said = complaint(async |event| {
        let counted = event.typed::<Counted>()?;
        assert!(counted.data.number.get() > 0);
        Ok(Handled::Processed)
    });
    assert_eq!(said.await, "");
}

#[tokio::test]
async fn a_consumer_that_takes_everything_is_found() {
    let said = complaint(async |_| Ok(Handled::Processed)).await;
    assert!(said.contains("example 1 without `number`"), "{said}");
    assert!(
        said.contains("example 2 of the next major version"),
        "{said}"
    );
}

#[tokio::test]
async fn a_consumer_that_cannot_read_a_later_minor_version_is_found() {
    let said = complaint(async |event| {
        let closed = event.typed::<Closed>()?;
        assert!(closed.data.number.get() > 0);
        Ok(Handled::Processed)
    });
    let said = said.await;
    assert!(
        said.contains("example 1 of a later minor version"),
        "{said}"
    );
}

#[tokio::test]
async fn a_consumer_that_fails_on_an_example_is_found() {
    let said = complaint(async |event| {
        let counted = event.typed::<Counted>()?;
        match counted.data.number.get() {
            9 => Err(Failure::unavailable("nine")),
            _ => Ok(Handled::Processed),
        }
    });
    let said = said.await;
    assert!(said.contains("\"example 2\""), "{said}");
}
