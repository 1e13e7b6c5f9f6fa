//! Where an event goes: who receives it, by which clause of which filter, and where it can end.
//!
//! Input: a topology and an event, with or without its data. Output: a [`Trace`]. A filter is decided by the same evaluator
//! for which the differential tests are; what depends on data that is not there is told as such, never guessed.

mod given;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::filter::evaluate::foresee;
use crate::filter::field::FieldType;
use crate::filter::{Attribute, AttributeType, Message, Scope};
use crate::model::Topology;
use crate::model::event::{ENVELOPE_ATTRIBUTES, Event};
use crate::model::names::EventName;
use crate::model::subscription::Subscription;
use crate::plan::logical_id;
pub use given::{Given, Unfit, all};

/// Where one event goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The event.
    pub event: String,
    /// Its version.
    pub version: String,
    /// The topic that it goes through.
    pub topic: String,
    /// Services that publish it.
    pub publishers: Vec<String>,
    /// Every subscription of the topic, by name.
    pub subscriptions: Vec<Route>,
    /// Given attributes whose type is a guess: with another, others would receive the event.
    pub guesses: Vec<Guess>,
}

/// A type that nothing tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Guess {
    /// The attribute.
    pub attribute: String,
    /// The type that it is taken for, as AWS writes it.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// What one subscription makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// The subscription.
    pub subscription: String,
    /// Its service.
    pub service: String,
    /// Whether the event arrives.
    pub arrives: Arrival,
    /// The filter's clauses, each with what became of it; where that depends on the data, what it asks for.
    pub filter: Vec<String>,
    /// What the filter looks at.
    pub scope: &'static str,
    /// Where it can end.
    pub ends: Ends,
}

/// Whether an event arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Arrival {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on data that is not there.
    Depends,
}

/// Where a received event can end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ends {
    /// Logical id of the queue, and seconds that it keeps the event.
    pub queue: (String, u32),
    /// Logical id of the function, its time-out in seconds, and the size of its batches.
    pub function: (String, u32, u32),
    /// Receives before it is given up, and seconds from the first to the last.
    pub tries: (u32, u32),
    /// Logical id of the dead-letter queue, and seconds that it keeps the event.
    pub dead_letter_queue: (String, u32),
    /// Logical id of the queue of what SNS could not deliver.
    pub undelivered_queue: String,
    /// Events that the service may publish in turn.
    pub publishes: Vec<String>,
}

/// What is known of a message besides its type and version.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The event's `data`.
    pub data: Option<Value>,
    /// Attributes that are set beside, or instead of, those that the topology promotes.
    pub attributes: Vec<Given>,
    /// By name, what the event's contract says of the field that an attribute is made of.
    pub fields: BTreeMap<String, FieldType>,
}

/// Traces `event`; none when the topology does not declare it.
pub fn trace(topology: &Topology, event: &EventName, known: &Known) -> Option<Trace> {
    let event = topology.events.get(event)?;
    let (mut message, unsure) = message(event, known);
    let routes = |message: &Message| -> Vec<Route> {
        topology
            .subscriptions
            .values()
            .filter(|subscription| subscription.topics.contains(&event.topic))
            .map(|subscription| route(topology, event, subscription, message, known))
            .collect()
    };
    let subscriptions = routes(&message);
    let mut guesses = Vec::new();
    for given in unsure {
        let arrivals = |routes: &[Route]| routes.iter().map(|r| r.arrives).collect::<Vec<_>>();
        let name = given.name();
        let Some(guessed) = message.attributes.insert(name.to_owned(), given.as_text()) else {
            continue;
        };
        if arrivals(&routes(&message)) != arrivals(&subscriptions) {
            guesses.push(Guess {
                attribute: name.to_owned(),
                kind: guessed.kind.as_str(),
            });
        }
        message.attributes.insert(name.to_owned(), guessed);
    }
    Some(Trace {
        event: event.name.to_string(),
        version: event.version.value.clone(),
        topic: event.topic.to_string(),
        publishers: topology
            .flow
            .publishers(&event.name)
            .iter()
            .map(ToString::to_string)
            .collect(),
        subscriptions,
        guesses,
    })
}

fn route(
    topology: &Topology,
    event: &Event,
    subscription: &Subscription,
    message: &Message,
    known: &Known,
) -> Route {
    let scope = subscription.filter.scope;
    let policy = topology.filter_policy(subscription, &event.topic);
    let unknown = |path: &str| known.data.is_none() && is_of_data(event, scope, message, path);
    let reason = foresee(&policy, scope, message, &unknown);
    let arrives = match reason.passes() {
        Some(true) => Arrival::Yes,
        Some(false) => Arrival::No,
        None => Arrival::Depends,
    };
    Route {
        subscription: subscription.name.to_string(),
        service: subscription.service.value.to_string(),
        arrives,
        filter: reason.lines(),
        scope: scope.as_str(),
        ends: ends(topology, subscription),
    }
}

/// Whether the event's data says what is at `path`. An attribute that is in the message has its value, whatever the data says.
fn is_of_data(event: &Event, scope: Scope, message: &Message, path: &str) -> bool {
    match scope {
        Scope::MessageAttributes => {
            let mut promoted = event.attributes.iter();
            !message.attributes.contains_key(path)
                && promoted.any(|name| name.value.as_str() == path)
        }
        Scope::MessageBody => path == "data" || path.starts_with("data."),
    }
}

fn ends(topology: &Topology, subscription: &Subscription) -> Ends {
    let name = &subscription.name;
    let service = topology.services.get(&subscription.service.value);
    let count = subscription.max_receive_count.value;
    Ends {
        queue: (
            logical_id::queue(name).to_string(),
            subscription.retention.value.0,
        ),
        function: (
            logical_id::function(&subscription.service.value).to_string(),
            service.map_or(0, |service| service.function.timeout.value.0),
            subscription.batch_size.value,
        ),
        tries: (
            count,
            subscription
                .visibility_timeout
                .value
                .0
                .saturating_mul(count),
        ),
        dead_letter_queue: (
            logical_id::dead_letter_queue(name).to_string(),
            subscription.dead_letter_retention.value.0,
        ),
        undelivered_queue: logical_id::undelivered_queue(name).to_string(),
        publishes: service
            .into_iter()
            .flat_map(|service| &service.publishes)
            .map(|event| event.value.to_string())
            .collect(),
    }
}

/// The message as the handlers' kit would publish it, and the given attributes whose type is a guess.
fn message<'a>(event: &Event, known: &'a Known) -> (Message, Vec<&'a Given>) {
    let mut attributes = BTreeMap::from([
        ("eventType".to_owned(), text(event.name.as_str())),
        ("eventVersion".to_owned(), text(&event.version.value)),
    ]);
    for name in &event.attributes {
        let value = known
            .data
            .as_ref()
            .and_then(|data| data.get(name.value.as_str()));
        if let Some(attribute) = value.and_then(promoted) {
            attributes.insert(name.value.to_string(), attribute);
        }
    }
    let mut unsure = Vec::new();
    for given in &known.attributes {
        let of_envelope = ENVELOPE_ATTRIBUTES.contains(&given.name());
        let field = match known.fields.get(given.name()) {
            _ if of_envelope => &FieldType::String,
            Some(field) => field,
            None => &FieldType::Unknown,
        };
        let (attribute, is_sure) = given.attribute(field);
        if !is_sure {
            unsure.push(given);
        }
        attributes.insert(given.name().to_owned(), attribute);
    }
    let data = known.data.as_ref();
    let body = format!(
        "{{\"eventType\":{},\"eventVersion\":{},\"data\":{}}}",
        json!(event.name.as_str()),
        json!(event.version.value),
        data.map_or_else(|| "{}".to_owned(), Value::to_string),
    );
    (Message { attributes, body }, unsure)
}

fn text(value: &str) -> Attribute {
    Attribute {
        kind: AttributeType::String,
        value: value.to_owned(),
    }
}

/// A field of `data` as an attribute, as the kit sends it: SNS has no type for a boolean, but arrays may hold one.
fn promoted(value: &Value) -> Option<Attribute> {
    let (kind, value) = match value {
        Value::String(text) if !text.is_empty() => (AttributeType::String, text.clone()),
        Value::Number(number) => (AttributeType::Number, number.to_string()),
        Value::Bool(value) => (AttributeType::StringArray, format!("[{value}]")),
        Value::Array(items) if !items.is_empty() && is_flat(items) => {
            (AttributeType::StringArray, value.to_string())
        }
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(Attribute { kind, value })
}

fn is_flat(items: &[Value]) -> bool {
    !items.iter().any(|item| item.is_array() || item.is_object())
}
