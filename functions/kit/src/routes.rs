//! Which step reads which event: by its type and its major version.
//!
//! A step is given the event with its payload read. Later minor versions only add, so the step of a major version reads them
//! all; two major versions of one event have a type and a step each, for as long as both are about.
//!
//! ```
//! use serde::Deserialize;
//! use topogen_kit::routes::Routes;
//! use topogen_kit::{Envelope, Fact, Failure, Handled, RawEnvelope};
//!
//! #[derive(Deserialize)]
//! struct Paid {
//!     amount: u32,
//! }
//! impl Fact for Paid {
//!     const TYPE: &'static str = "Paid";
//! }
//!
//! #[derive(Deserialize)]
//! struct PaidInCents {
//!     cents: u32,
//! }
//! impl Fact for PaidInCents {
//!     const TYPE: &'static str = "Paid";
//!     const VERSION: &'static str = "2.0";
//! }
//!
//! async fn book(cents: u32) -> Result<Handled, Failure> {
//!     Ok(Handled::Processed)
//! }
//!
//! async fn step(event: RawEnvelope) -> Result<Handled, Failure> {
//!     Routes::new()
//!         .on(async |event: Envelope<Paid>| book(event.data.amount * 100).await)
//!         .on(async |event: Envelope<PaidInCents>| book(event.data.cents).await)
//!         .handle(event)
//!         .await
//! }
//! # let _ = step;
//! ```

use std::fmt;
use std::marker::PhantomData;

use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::envelope::major;
use crate::{Envelope, Fact, Failure, Handled, RawEnvelope};

/// Steps by what they read.
#[derive(Default)]
pub struct Routes<'a>(Vec<Box<dyn Route + 'a>>);

impl<'a> Routes<'a> {
    /// No step yet: no event can be read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the step for events of `T`'s type and major version.
    ///
    /// # Panics
    /// When there is one already: the second would never run.
    #[must_use]
    pub fn on<T: Fact + DeserializeOwned + 'a>(
        mut self,
        step: impl AsyncFn(Envelope<T>) -> Result<Handled, Failure> + 'a,
    ) -> Self {
        let reads = Reads::of::<T>();
        let known = self.0.iter().any(|route| route.reads() == reads);
        assert!(!known, "two steps read {reads}");
        let payload = PhantomData;
        self.0.push(Box::new(Typed { step, payload }));
        self
    }

    /// Runs the step that reads the event.
    ///
    /// # Errors
    /// When no step does, the payload does not fit, or the step fails.
    pub async fn handle(&self, event: RawEnvelope) -> Result<Handled, Failure> {
        let route = self.0.iter().find(|route| route.reads().fits(&event));
        match route {
            Some(route) => route.run(event).await,
            None => Err(self.unread(&event)),
        }
    }

    fn unread(&self, event: &RawEnvelope) -> Failure {
        let reads: Vec<String> = self.0.iter().map(|r| r.reads().to_string()).collect();
        Failure::malformed(format!(
            "no step reads `{}` version `{}`; this handler reads {}",
            event.event_type,
            event.event_version,
            reads.join(", ")
        ))
    }
}

impl fmt::Debug for Routes<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reads = self.0.iter().map(|route| route.reads());
        out.debug_list().entries(reads).finish()
    }
}

/// A type of event and a major version of it.
#[derive(Debug, PartialEq, Eq)]
struct Reads {
    event_type: &'static str,
    major: &'static str,
}

impl Reads {
    fn of<T: Fact>() -> Self {
        Self {
            event_type: T::TYPE,
            major: major(T::VERSION),
        }
    }

    fn fits(&self, event: &RawEnvelope) -> bool {
        self.event_type == event.event_type && self.major == major(&event.event_version)
    }
}

impl fmt::Display for Reads {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` {}.x", self.event_type, self.major)
    }
}

/// A step that takes care of its payload's type.
trait Route {
    fn reads(&self) -> Reads;
    fn run(&self, event: RawEnvelope) -> LocalBoxFuture<'_, Result<Handled, Failure>>;
}

struct Typed<T, F> {
    step: F,
    payload: PhantomData<fn() -> T>,
}

impl<T, F> Route for Typed<T, F>
where
    T: Fact + DeserializeOwned,
    F: AsyncFn(Envelope<T>) -> Result<Handled, Failure>,
{
    fn reads(&self) -> Reads {
        Reads::of::<T>()
    }

    fn run(&self, event: RawEnvelope) -> LocalBoxFuture<'_, Result<Handled, Failure>> {
        Box::pin(async { (self.step)(event.typed()?).await })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde::Deserialize;

    use super::*;
    use crate::failure::Kind;

    #[derive(Deserialize)]
    struct Greeted {
        name: String,
    }

    impl Fact for Greeted {
        const TYPE: &'static str = "Greeted";
    }

    #[derive(Deserialize)]
    struct GreetedAll {
        names: Vec<String>,
    }

    impl Fact for GreetedAll {
        const TYPE: &'static str = "Greeted";
        const VERSION: &'static str = "2.1";
    }

    #[derive(Deserialize)]
    struct Parted {}

    impl Fact for Parted {
        const TYPE: &'static str = "Parted";
    }

    fn event(event_type: &str, version: &str, data: &str) -> RawEnvelope {
        let text = format!(
            r#"{{"eventId":"e-1","eventType":"{event_type}","eventVersion":"{version}","source":"s","occurredAt":"2026-01-01T00:00:00Z","correlationId":"c-1","data":{data}}}"#
        );
        RawEnvelope::parse(&text).unwrap()
    }

    /// What was heard of each of these events, in order.
    async fn heard(events: &[(&str, &str, &str)]) -> (Vec<String>, Vec<Result<Handled, Failure>>) {
        let heard = RefCell::new(Vec::new());
        let routes = Routes::new()
            .on::<Greeted>(async |event| {
                heard.borrow_mut().push(event.data.name);
                Ok(Handled::Processed)
            })
            .on(async |event: Envelope<GreetedAll>| {
                heard.borrow_mut().extend(event.data.names);
                Ok(Handled::Duplicate)
            })
            .on::<Parted>(async |event| Err(Failure::unavailable(event.event_id)));
        let mut results = Vec::new();
        for (event_type, version, data) in events {
            results.push(routes.handle(event(event_type, version, data)).await);
        }
        drop(routes);
        (heard.into_inner(), results)
    }

    #[tokio::test]
    async fn each_type_and_each_major_version_has_its_step() {
        let (heard, results) = heard(&[
            ("Greeted", "1.0", r#"{"name":"Ann"}"#),
            ("Greeted", "1.7", r#"{"name":"Bo","hat":true}"#),
            ("Greeted", "2.0", r#"{"names":["Cy","Di"]}"#),
            ("Parted", "1.0", "{}"),
        ])
        .await;
        assert_eq!(heard, ["Ann", "Bo", "Cy", "Di"]);
        assert_eq!(
            results[..2],
            [Ok(Handled::Processed), Ok(Handled::Processed)]
        );
        assert_eq!(results[2], Ok(Handled::Duplicate));
        assert_eq!(results[3], Err(Failure::unavailable("e-1")));
    }

    #[tokio::test]
    async fn what_no_step_reads_is_a_failure_that_says_what_they_do_read() {
        let (heard, results) = heard(&[
            ("Greeted", "3.0", r#"{"name":"Ann"}"#),
            ("Sold", "1.0", "{}"),
            ("Greeted", "10.0", r#"{"name":"Ann"}"#),
            ("Greeted", "2.0", r#"{"name":"Ann"}"#),
        ])
        .await;
        assert!(heard.is_empty());
        let said: Vec<String> = results
            .into_iter()
            .map(|result| {
                let failure = result.unwrap_err();
                assert_eq!(failure.kind(), Kind::Malformed);
                failure.to_string()
            })
            .collect();
        let reads = "this handler reads `Greeted` 1.x, `Greeted` 2.x, `Parted` 1.x";
        assert_eq!(
            said[..3],
            [
                format!("no step reads `Greeted` version `3.0`; {reads}"),
                format!("no step reads `Sold` version `1.0`; {reads}"),
                format!("no step reads `Greeted` version `10.0`; {reads}"),
            ]
        );
        assert!(said[3].contains("names"), "{}", said[3]);
    }

    #[test]
    #[should_panic(expected = "two steps read `Greeted` 1.x")]
    fn two_steps_for_one_version_are_a_mistake_of_the_handler() {
        let step = async |_: Envelope<Greeted>| Ok(Handled::Processed);
        let _ = Routes::new().on(step).on(step);
    }
}
