//! The envelope around every event: who says what, when, and in which conversation.
//!
//! Input and output: the JSON that travels through the topic. Invariant: the payload's text survives unchanged until
//! [`RawEnvelope::typed`] reads it, so a number is never rounded on the way.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::config::Service;
use crate::{Failure, Timestamp, contract};

/// A payload with a name: what an event of this type and version says.
pub trait Fact {
    /// `eventType`, a fact in the past tense: `OrderCreated`.
    const TYPE: &'static str;
    /// The `eventVersion` that this code reads, as `major.minor`. A new minor version adds; only a new major one may break
    /// readers. What is published has the version that the topology says.
    const VERSION: &'static str = "1.0";
}

/// An event as it travels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<T> {
    /// Unique to the fact, not to its delivery: a retry publishes the same id again.
    pub event_id: String,
    /// What happened.
    pub event_type: String,
    /// The version of the payload's contract.
    pub event_version: String,
    /// Who says so: `order-service`.
    pub source: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The same for every event that follows from one request.
    pub correlation_id: String,
    /// The payload.
    pub data: T,
}

/// An event whose payload is not read yet.
pub type RawEnvelope = Envelope<Box<RawValue>>;

impl<T: Fact> Envelope<T> {
    /// The event that follows from `cause`. Its id is `{cause}:{suffix}`, so that a second attempt at the same work
    /// says the same thing again, and a consumer can tell that it does.
    ///
    /// # Errors
    /// When the topology does not let `service` publish events of this type.
    pub fn following<C>(
        cause: &Envelope<C>,
        suffix: &str,
        service: &Service,
        occurred_at: Timestamp,
        data: T,
    ) -> Result<Self, Failure> {
        Ok(Self {
            event_id: format!("{}:{suffix}", cause.event_id),
            event_type: T::TYPE.to_owned(),
            event_version: service.publishes.get(T::TYPE)?.version.clone(),
            source: service.source(),
            occurred_at,
            correlation_id: cause.correlation_id.clone(),
            data,
        })
    }
}

impl<T: Serialize> Envelope<T> {
    /// The event as JSON.
    ///
    /// # Errors
    /// When the payload has no JSON form.
    pub fn to_json(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| Failure::json("cannot write the event", &error))
    }
}

impl RawEnvelope {
    /// Reads an event, its payload left as text.
    ///
    /// # Errors
    /// When the text is no envelope.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|error| Failure::json("not an event envelope", &error))
    }

    /// The event with its payload read as `T`.
    ///
    /// # Errors
    /// When the event is of another type or another major version, or its payload breaks its contract.
    pub fn typed<T: Fact + DeserializeOwned>(self) -> Result<Envelope<T>, Failure> {
        if self.event_type != T::TYPE {
            let got = &self.event_type;
            return Err(Failure::malformed(format!(
                "expected an event of type `{}`, got `{got}`",
                T::TYPE
            )));
        }
        if major(&self.event_version) != major(T::VERSION) {
            let (name, got) = (T::TYPE, &self.event_version);
            return Err(Failure::malformed(format!(
                "`{name}` version `{got}` cannot be read by a consumer of version `{}`",
                T::VERSION
            )));
        }
        let data = contract::read(self.data.get())?;
        Ok(Envelope {
            event_id: self.event_id,
            event_type: self.event_type,
            event_version: self.event_version,
            source: self.source,
            occurred_at: self.occurred_at,
            correlation_id: self.correlation_id,
            data,
        })
    }
}

/// The part of a version that decides who can read it.
pub(crate) fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Greeted {
        name: String,
    }

    impl Fact for Greeted {
        const TYPE: &'static str = "Greeted";
    }

    const WIRE: &str = r#"{"eventId":"e-1","eventType":"Greeted","eventVersion":"1.0","source":"door-service","occurredAt":"2026-01-01T00:00:00.000Z","correlationId":"c-1","data":{"name":"Ann"}}"#;

    #[test]
    fn the_wire_form_is_read_and_written_unchanged() {
        let event = RawEnvelope::parse(WIRE).unwrap();
        assert_eq!(event.to_json().unwrap(), WIRE);
        let typed = event.typed::<Greeted>().unwrap();
        assert_eq!(typed.to_json().unwrap(), WIRE);
    }

    #[test]
    fn what_follows_keeps_the_conversation_and_has_a_predictable_id() {
        let cause = RawEnvelope::parse(WIRE).unwrap();
        let data = Greeted { name: "Bo".into() };
        let service = Service {
            name: "bell".into(),
            test_controls: false,
            publishes: r#"{"Greeted":{"topicArn":"arn","version":"1.4"}}"#.parse().unwrap(),
        };
        let next = Envelope::following(&cause, "reply", &service, cause.occurred_at, data).unwrap();
        assert_eq!(next.event_id, "e-1:reply");
        assert_eq!(next.event_version, "1.4");
        assert_eq!(next.correlation_id, "c-1");
        assert_eq!(next.source, "bell-service");
    }

    #[test]
    fn a_consumer_reads_later_minor_versions_and_refuses_other_types_and_majors() {
        let read = |from: &str, to: &str| {
            let text = WIRE.replace(from, to);
            let event = RawEnvelope::parse(&text)?;
            event.typed::<Greeted>().map(drop)
        };
        assert_eq!(read(r#""1.0""#, r#""1.7""#), Ok(()));
        let cases = [
            (
                r#""1.0""#,
                r#""2.0""#,
                "`Greeted` version `2.0` cannot be read by a consumer of version `1.0`",
            ),
            (
                r#""Greeted""#,
                r#""Parted""#,
                "expected an event of type `Greeted`, got `Parted`",
            ),
            (
                r#""name""#,
                r#""nom""#,
                "`Greeted` breaks its contract: `data.name` is missing",
            ),
            (
                r#""source""#,
                r#""from""#,
                "not an event envelope: missing field `source` at line 1 column 166",
            ),
        ];
        for (from, to, message) in cases {
            assert_eq!(read(from, to).unwrap_err().to_string(), message);
        }
    }
}
