//! The topic as a port, and the [`Message`] that goes through it.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::{Failure, RawEnvelope};

/// An event on its way to the topic: its text, and what subscribers may filter on without reading the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The event's id; deduplicates on a FIFO topic.
    pub event_id: String,
    /// The event's conversation; orders on a FIFO topic.
    pub correlation_id: String,
    /// The event as JSON.
    pub body: String,
    /// Message attributes by name: always `eventType` and `eventVersion`.
    pub attributes: BTreeMap<String, MessageAttribute>,
}

/// A value that subscribers may filter on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageAttribute {
    /// SNS type `String`.
    Text(String),
    /// SNS type `Number`: what numeric filters match.
    Number(String),
}

impl Message {
    /// The message for an event in its wire form. `promoted` names fields of `data` that also travel as attributes: a
    /// text or a number is promoted, an absent field is not.
    ///
    /// Taking the text, and not the value, lets a retry publish what was stored, byte for byte.
    ///
    /// # Errors
    /// When the text is no envelope.
    pub fn from_wire(body: String, promoted: &[&str]) -> Result<Self, Failure> {
        let event = RawEnvelope::parse(&body)?;
        let mut attributes = BTreeMap::from([
            text("eventType", event.event_type),
            text("eventVersion", event.event_version),
        ]);
        if !promoted.is_empty() {
            let data: BTreeMap<String, &RawValue> = serde_json::from_str(event.data.get())
                .map_err(|error| Failure::json("`data` is no object", &error))?;
            for &name in promoted {
                if let Some(value) = data.get(name).and_then(|raw| attribute(raw.get())) {
                    attributes.insert(name.to_owned(), value);
                }
            }
        }
        let (event_id, correlation_id) = (event.event_id, event.correlation_id);
        Ok(Self {
            event_id,
            correlation_id,
            body,
            attributes,
        })
    }
}

fn text(name: &str, value: String) -> (String, MessageAttribute) {
    (name.to_owned(), MessageAttribute::Text(value))
}

/// SNS refuses empty values, and has no type for the rest of JSON.
fn attribute(raw: &str) -> Option<MessageAttribute> {
    if raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return Some(MessageAttribute::Number(raw.to_owned()));
    }
    let value: String = serde_json::from_str(raw).ok()?;
    (!value.is_empty()).then_some(MessageAttribute::Text(value))
}

/// A topic.
pub trait Publisher {
    /// Publishes the message; when this returns, the topic has it.
    fn publish(&self, message: &Message) -> impl Future<Output = Result<(), Failure>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_fields_travel_as_attributes_of_their_own_type() {
        let body = r#"{"eventId":"e-1","eventType":"Sold","eventVersion":"1.0","source":"s","occurredAt":"2026-01-01T00:00:00Z","correlationId":"c-1","data":{"currency":"EUR","total":12.50,"note":"","lines":[1]}}"#;
        let promoted = ["currency", "total", "note", "lines", "absent"];
        let message = Message::from_wire(body.to_owned(), &promoted).unwrap();

        let (text, number) = (MessageAttribute::Text, MessageAttribute::Number);
        let expected = BTreeMap::from(
            [
                ("currency", text("EUR".into())),
                ("eventType", text("Sold".into())),
                ("eventVersion", text("1.0".into())),
                ("total", number("12.50".into())),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        assert_eq!(message.attributes, expected);
        assert_eq!(message.body, body);
    }
}
