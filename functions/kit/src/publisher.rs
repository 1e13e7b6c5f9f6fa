//! The topic as a port, and the [`Message`] that goes through it.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::publishes::{Publication, Publishes};
use crate::{Failure, RawEnvelope, calls, hash};

/// An event on its way to its topic: its text, what subscribers may filter on without reading the text, and what it
/// must keep its order with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The topic.
    pub topic_arn: String,
    /// The event's id.
    pub event_id: String,
    /// The event as JSON.
    pub body: String,
    /// Message attributes by name: always `eventType` and `eventVersion`.
    pub attributes: BTreeMap<String, MessageAttribute>,
    /// Keeps its order on a FIFO topic, and gets its fair share of a standard one.
    pub group: Option<String>,
    /// What a FIFO topic knows a repeated publish by: the event's id.
    pub deduplication: Option<String>,
}

/// A value that subscribers may filter on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageAttribute {
    /// SNS type `String`.
    Text(String),
    /// SNS type `Number`: what numeric filters match.
    Number(String),
    /// SNS type `String.Array`, as JSON: a filter matches if it matches one element.
    Array(String),
}

impl MessageAttribute {
    /// SNS's name of the type, and the value as text.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Text(text) => ("String", text),
            Self::Number(text) => ("Number", text),
            Self::Array(json) => ("String.Array", json),
        }
    }
}

impl Message {
    /// What it counts against the limit of its topic: the text, and of each attribute name, type and value.
    pub fn bytes(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, attribute)| {
            let (data_type, value) = attribute.parts();
            name.len() + data_type.len() + value.len()
        });
        self.body.len() + attributes.sum::<usize>()
    }

    /// The message for an event in its wire form, as `publishes` says for its type.
    ///
    /// Promoted fields of `data` travel as attributes of their own type: texts, numbers, and arrays of scalars. SNS has
    /// no type for a boolean, but arrays may hold one: `true` travels as `[true]`, so that the filter `[true]` means
    /// the same for attributes as it does for bodies. What SNS cannot carry (`null`, an object, nothing at all) and
    /// what is absent is not promoted.
    ///
    /// The message group is a text, a number or a boolean of `data`. A value that SNS refuses as a group (more than 128
    /// characters, or other than ASCII letters, digits and punctuation) stands as its SHA-256 in hex: the same value is
    /// the same group still.
    ///
    /// Taking the text, and not the value, lets a retry publish what was stored, byte for byte.
    ///
    /// # Errors
    /// When the text is no envelope, its type is not in `publishes`, or it has no group and its topic is FIFO.
    pub fn from_wire(body: String, publishes: &Publishes) -> Result<Self, Failure> {
        let event = RawEnvelope::parse(&body)?;
        let publication = publishes.get(&event.event_type)?;
        let data = members(&event, publication)?;

        let group = publication.message_group.as_ref();
        let group = group.and_then(|name| scalar(data.get(name)?.get()));
        if publication.fifo && group.is_none() {
            let name = publication.message_group.as_deref().unwrap_or_default();
            return Err(Failure::malformed(format!(
                "`data` has no scalar `{name}`, which is the message group of `{}`",
                event.event_type
            )));
        }
        let promoted = publication.attributes.iter();
        let mut attributes: BTreeMap<_, _> = promoted
            .filter_map(|name| Some((name.clone(), attribute(data.get(name)?.get())?)))
            .collect();
        let mut text =
            |name: &str, value| attributes.insert(name.to_owned(), MessageAttribute::Text(value));
        text("eventType", event.event_type);
        text("eventVersion", event.event_version);

        let deduplication = publication.fifo.then(|| token(event.event_id.clone()));
        Ok(Self {
            topic_arn: publication.topic_arn.clone(),
            event_id: event.event_id,
            body,
            attributes,
            group: group.map(token),
            deduplication,
        })
    }
}

/// The fields of `data`. They are not looked into where nothing asks for them: `data` need not be an object then.
fn members<'a>(
    event: &'a RawEnvelope,
    publication: &Publication,
) -> Result<BTreeMap<String, &'a RawValue>, Failure> {
    if publication.attributes.is_empty() && publication.message_group.is_none() {
        return Ok(BTreeMap::new());
    }
    serde_json::from_str(event.data.get())
        .map_err(|error| Failure::json("`data` is no object", &error))
}

/// A value as SNS can carry it; it refuses empty ones. Numbers keep their own text.
fn attribute(raw: &str) -> Option<MessageAttribute> {
    match serde_json::from_str(raw).ok()? {
        Value::String(text) => (!text.is_empty()).then_some(MessageAttribute::Text(text)),
        Value::Number(_) => Some(MessageAttribute::Number(raw.to_owned())),
        Value::Bool(value) => Some(MessageAttribute::Array(format!("[{value}]"))),
        Value::Array(values) => {
            let flat = !values
                .iter()
                .any(|value| value.is_array() || value.is_object());
            (flat && !values.is_empty()).then(|| MessageAttribute::Array(raw.to_owned()))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// A text's content, a number's or a boolean's own text; nothing that is empty.
fn scalar(raw: &str) -> Option<String> {
    match serde_json::from_str(raw).ok()? {
        Value::String(text) => (!text.is_empty()).then_some(text),
        Value::Number(_) | Value::Bool(_) => Some(raw.to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A value as SNS takes it for a message group or a deduplication id; any other as its SHA-256.
fn token(value: String) -> String {
    if value.len() <= 128 && value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return value;
    }
    hash::hex(&value)
}

/// The topics.
pub trait Publisher {
    /// Publishes the message; when this returns, its topic has it.
    fn publish(&self, message: &Message) -> impl Future<Output = Result<(), Failure>>;

    /// Publishes all messages, in as few calls as it can, and says of each how it went, in their order. One that fails fails
    /// alone, save that on a FIFO topic nothing passes a failed message of its group.
    fn publish_all(&self, messages: &[Message]) -> impl Future<Output = Vec<Result<(), Failure>>> {
        calls::make(messages, async |call| {
            let mut results = Vec::new();
            for message in call {
                results.push(self.publish(message).await);
            }
            results
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(data: &str, publication: &str) -> Result<Message, Failure> {
        let body = format!(
            r#"{{"eventId":"e-1","eventType":"Sold","eventVersion":"1.1","source":"s","occurredAt":"2026-01-01T00:00:00Z","correlationId":"c-1","data":{data}}}"#
        );
        let publishes = format!(r#"{{"Sold":{{"topicArn":"arn","version":"1.2"{publication}}}}}"#);
        Message::from_wire(body, &publishes.parse().unwrap())
    }

    #[test]
    fn named_fields_travel_as_attributes_of_their_own_type() {
        let data = r#"{"currency":"EUR","total":12.50,"note":"","tags":["a", 1.0, true, null],"gift":false,"none":[],"lines":[[1]],"who":{},"nil":null,"other":1}"#;
        let promoted = r#","attributes":["currency","total","note","tags","gift","none","lines","who","nil","absent"]"#;
        let message = message(data, promoted).unwrap();

        let text = |value: &str| MessageAttribute::Text(value.into());
        let array = |value: &str| MessageAttribute::Array(value.into());
        let expected = [
            ("currency", text("EUR")),
            ("eventType", text("Sold")),
            ("eventVersion", text("1.1")),
            ("gift", array("[false]")),
            ("tags", array(r#"["a", 1.0, true, null]"#)),
            ("total", MessageAttribute::Number("12.50".into())),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        assert_eq!(message.attributes, BTreeMap::from(expected));
        assert_eq!(message.topic_arn, "arn");
        assert!(message.body.contains(data));
        assert_eq!((message.group, message.deduplication), (None, None));
    }

    #[test]
    fn a_fifo_topic_gets_the_group_and_the_events_id() {
        let fifo = r#","messageGroup":"shop","fifo":true"#;
        let ids = |data| {
            let message = message(data, fifo).unwrap();
            (message.group.unwrap(), message.deduplication.unwrap())
        };
        assert_eq!(ids(r#"{"shop":"a-1"}"#), ("a-1".into(), "e-1".into()));
        assert_eq!(ids(r#"{"shop":7}"#), ("7".into(), "e-1".into()));
        for data in ["{}", r#"{"shop":null}"#, r#"{"shop":""}"#, r#"{"shop":[]}"#] {
            let failure = message(data, fifo).unwrap_err();
            assert_eq!(
                failure.to_string(),
                "`data` has no scalar `shop`, which is the message group of `Sold`"
            );
        }
    }

    #[test]
    fn a_standard_topic_gets_the_group_alone_and_can_do_without() {
        let fair = r#","messageGroup":"shop""#;
        let with = message(r#"{"shop":"a-1"}"#, fair).unwrap();
        assert_eq!(
            (with.group.as_deref(), with.deduplication),
            (Some("a-1"), None)
        );
        assert_eq!(message(r#"{"shop":{}}"#, fair).unwrap().group, None);
        assert_eq!(message("{}", fair).unwrap().group, None);
    }

    #[test]
    fn a_group_that_sns_refuses_is_hashed_and_still_the_same_group() {
        let group = |shop: &str| {
            let data = format!(r#"{{"shop":"{shop}"}}"#);
            let message = message(&data, r#","messageGroup":"shop""#);
            message.unwrap().group.unwrap()
        };
        let (fits, long) = ("x".repeat(128), "x".repeat(129));
        assert_eq!(group(&fits), fits);
        for refused in [&long, "two words", "Zürich"] {
            assert_eq!(group(refused).len(), 64, "{refused}");
            assert_eq!(group(refused), group(refused));
        }
        assert_ne!(group("two words"), group("two  words"));
    }

    #[test]
    fn only_what_the_topology_names_is_published() {
        let body = message("{}", "").unwrap().body;
        let failure = Message::from_wire(body, &Publishes::default()).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "the topology does not let this service publish `Sold`"
        );
    }
}
