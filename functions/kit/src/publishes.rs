//! What a service publishes, and how: the topology's word, as the environment variable `PUBLISHES` brings it.
//!
//! Invariant: topic, version, attributes and message group of an event are named here and nowhere in a handler.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

use crate::Failure;

/// The events that a service may publish, by type. Read from JSON, such as
/// `{"OrderCreated":{"topicArn":"arn:…","version":"1.0","attributes":["currency"],"messageGroup":"orderId","fifo":true}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publishes {
    events: BTreeMap<String, Publication>,
    outbox: bool,
}

/// How one event is published.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    /// The topic that it goes through.
    pub topic_arn: String,
    /// Its `eventVersion`.
    pub version: String,
    /// Fields of `data` that also travel as message attributes.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// The field of `data` whose value is the message group.
    pub message_group: Option<String>,
    /// Whether the topic keeps the order of a message group.
    #[serde(default)]
    pub fifo: bool,
}

impl Publishes {
    /// The same events, by way of the [`outbox`](crate::outbox): the service writes them, and its relay publishes them.
    #[must_use]
    pub fn through_outbox(mut self) -> Self {
        self.outbox = true;
        self
    }

    /// Whether events go by way of the outbox.
    pub fn has_outbox(&self) -> bool {
        self.outbox
    }

    /// Whether there is nothing to publish.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// How events of that type are published.
    ///
    /// # Errors
    /// When the topology does not let this service publish them.
    pub fn get(&self, event_type: &str) -> Result<&Publication, Failure> {
        self.events.get(event_type).ok_or_else(|| {
            Failure::unavailable(format!(
                "the topology does not let this service publish `{event_type}`"
            ))
        })
    }
}

impl FromStr for Publishes {
    type Err = serde_json::Error;

    fn from_str(json: &str) -> Result<Self, Self::Err> {
        let events = serde_json::from_str(json)?;
        let outbox = false;
        Ok(Self { events, outbox })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_apply_is_left_out() {
        let json = r#"{
            "Sold": {"topicArn":"arn:aws:sns:eu-west-1:123456789012:a.fifo","version":"1.2","attributes":["currency"],"messageGroup":"shop","fifo":true},
            "Seen": {"topicArn":"arn:aws:sns:eu-west-1:123456789012:b","version":"2.0"}
        }"#;
        let publishes: Publishes = json.parse().unwrap();
        let sold = publishes.get("Sold").unwrap();
        assert_eq!(
            (sold.message_group.as_deref(), sold.fifo),
            (Some("shop"), true)
        );
        assert_eq!(sold.attributes, ["currency"]);
        let seen = publishes.get("Seen").unwrap();
        assert_eq!((seen.message_group.as_deref(), seen.fifo), (None, false));
        assert_eq!(
            publishes.get("Lost").unwrap_err().to_string(),
            "the topology does not let this service publish `Lost`"
        );
    }
}
