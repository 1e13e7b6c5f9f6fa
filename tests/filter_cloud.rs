//! The filter evaluator against the local cloud: thousands of policies and messages, really subscribed and published.
//!
//! Where the two disagree, one of them is wrong. `excuse` says for which pairs it is known who, and
//! docs/decisions/008-filter-evaluator.md why; any other disagreement fails.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod generate;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sqs::types::QueueAttributeName;
use generate::{FIELDS, attribute, body, condition, policy};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use topogen::filter::evaluate::evaluate;
use topogen::filter::{Attribute, AttributeType, Message, Number, Policy, Scope};
use topogen::local::cloud::LocalCloud;

const POLICIES: usize = 80;
const MESSAGES: usize = 80;
/// Pairs that no excuse applies to: what the test is worth.
const STRICT: usize = 3_000;

struct Filter {
    json: Value,
    scope: Scope,
}

#[test]
fn the_local_cloud_filters_as_we_do_or_it_is_known_why_not() {
    // The same every time.
    let mut runner = TestRunner::deterministic();
    let mut filters: Vec<Filter> = (0..POLICIES)
        .map(|at| {
            let (scope, fields) = if at % 2 == 0 {
                (Scope::MessageBody, &FIELDS[..])
            } else {
                (Scope::MessageAttributes, &["a", "b", "c"][..])
            };
            let json = sample(&policy(fields, condition().boxed()), &mut runner);
            Filter { json, scope }
        })
        .collect();
    filters.extend(chosen());
    let messages: Vec<Message> = (0..MESSAGES).map(|_| message(&mut runner)).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let delivered = runtime.block_on(deliveries(&filters, &messages));

    let mut strict = 0;
    let mut excused: BTreeMap<&str, usize> = BTreeMap::new();
    let mut faults = Vec::new();
    for (at, filter) in filters.iter().enumerate() {
        let policy = Policy::from_json(&filter.json).unwrap();
        for (number, message) in messages.iter().enumerate() {
            let verdict = evaluate(&policy, filter.scope, message);
            let theirs = delivered[at].contains(&number);
            let excuse = excuse(filter, message);
            strict += usize::from(excuse.is_none());
            match excuse {
                _ if verdict.passes == theirs => {}
                Some(reason) => *excused.entry(reason).or_default() += 1,
                None => faults.push(format!(
                    "{} {}\n  {message:?}\n  we: {} {:?}, they: {theirs}",
                    filter.scope,
                    filter.json,
                    verdict.passes,
                    verdict.lines()
                )),
            }
        }
    }
    println!(
        "{strict} of {} pairs without excuse, disagreements: {excused:#?}",
        filters.len() * MESSAGES
    );
    assert!(
        faults.is_empty(),
        "{} new disagreements:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(
        strict >= STRICT,
        "only {strict} pairs were compared strictly"
    );
    // An excuse that excuses nothing would hide what it was not made for.
    let unused: Vec<&str> = EXCUSES
        .iter()
        .copied()
        .filter(|e| !excused.contains_key(e))
        .collect();
    assert!(unused.is_empty(), "no pair needs: {unused:?}");
}

/// Policies that meet what is known, whatever the others are.
fn chosen() -> Vec<Filter> {
    let body = [
        json!({ "n": { "x": [{ "exists": false }] } }),
        json!({ "n": { "x": [{ "exists": true }] } }),
        json!({ "d.k": [{ "exists": true }] }),
        json!({ "a": [{ "exists": false }] }),
        json!({ "a": [{ "anything-but": { "prefix": "a" } }] }),
        json!({ "a": [5] }),
        json!({ "a": [true] }),
    ];
    let attributes = [
        json!({ "a": ["5", "100", "1", "0"] }),
        json!({ "a": [{ "exists": true }] }),
        json!({ "a": ["say \"a\""] }),
    ];
    let of = |scope| move |json| Filter { json, scope };
    let body = body.into_iter().map(of(Scope::MessageBody));
    let attributes = attributes.into_iter().map(of(Scope::MessageAttributes));
    body.chain(attributes).collect()
}

fn sample<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).unwrap().current()
}

fn message(runner: &mut TestRunner) -> Message {
    let attributes = prop::collection::btree_map(select(vec!["a", "b", "c"]), attribute(), 0..4);
    let attributes =
        sample(&attributes.boxed(), runner)
            .into_iter()
            .map(|(name, (kind, value))| {
                let kind = kind.parse().unwrap();
                (name.to_owned(), Attribute { kind, value })
            });
    Message {
        attributes: attributes.collect(),
        body: sample(&body(), runner),
    }
}

/// For each filter, which messages have arrived.
async fn deliveries(filters: &[Filter], messages: &[Message]) -> Vec<BTreeSet<usize>> {
    let cloud = LocalCloud::start(0, None, |line| println!("{line}"))
        .await
        .unwrap();
    let sqs = aws_sdk_sqs::Client::new(&cloud.config);
    let sns = Sns::at(&cloud.url);
    let topic = sns
        .call("CreateTopic", &[("Name", "filters")], "TopicArn")
        .await;
    let mut queues = Vec::new();
    for (at, filter) in filters.iter().enumerate() {
        let queue = sqs
            .create_queue()
            .queue_name(format!("filter-{at}"))
            .send()
            .await
            .unwrap();
        let url = queue.queue_url.unwrap();
        let arn = arn_of(&sqs, &url).await;
        let allow = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage", "Resource": arn
        }] });
        sqs.set_queue_attributes()
            .queue_url(&url)
            .attributes(QueueAttributeName::Policy, allow.to_string())
            .send()
            .await
            .unwrap();
        let parameters = [
            ("TopicArn", topic.as_str()),
            ("Protocol", "sqs"),
            ("Endpoint", &arn),
            ("Attributes.entry.1.key", "FilterPolicy"),
            ("Attributes.entry.1.value", &filter.json.to_string()),
            ("Attributes.entry.2.key", "FilterPolicyScope"),
            ("Attributes.entry.2.value", filter.scope.as_str()),
        ];
        sns.call("Subscribe", &parameters, "SubscriptionArn").await;
        queues.push(url);
    }
    let mut numbers = BTreeMap::new();
    for (number, message) in messages.iter().enumerate() {
        let mut parameters = vec![
            ("TopicArn".to_owned(), topic.clone()),
            ("Message".to_owned(), message.body.clone()),
        ];
        for (at, (name, attribute)) in message.attributes.iter().enumerate() {
            let entry = format!("MessageAttributes.entry.{}", at + 1);
            let value = match attribute.kind {
                AttributeType::Binary => "BinaryValue",
                AttributeType::String | AttributeType::StringArray | AttributeType::Number => {
                    "StringValue"
                }
            };
            parameters.extend([
                (format!("{entry}.Name"), name.clone()),
                (
                    format!("{entry}.Value.DataType"),
                    attribute.kind.as_str().to_owned(),
                ),
                (format!("{entry}.Value.{value}"), attribute.value.clone()),
            ]);
        }
        let borrowed: Vec<(&str, &str)> = parameters
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        numbers.insert(sns.call("Publish", &borrowed, "MessageId").await, number);
    }
    let mut arrived = Vec::new();
    for queue in &queues {
        arrived.push(
            drain(&sqs, queue)
                .await
                .iter()
                .map(|id| numbers[id])
                .collect(),
        );
    }
    cloud.stop().await;
    arrived
}

async fn arn_of(sqs: &aws_sdk_sqs::Client, queue: &str) -> String {
    let asked = sqs
        .get_queue_attributes()
        .queue_url(queue)
        .attribute_names(QueueAttributeName::QueueArn);
    let attributes = asked.send().await.unwrap().attributes.unwrap();
    attributes[&QueueAttributeName::QueueArn].clone()
}

/// The ids of the notifications in a queue.
async fn drain(sqs: &aws_sdk_sqs::Client, queue: &str) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let batch = sqs
            .receive_message()
            .queue_url(queue)
            .max_number_of_messages(10)
            .send()
            .await
            .unwrap()
            .messages
            .unwrap_or_default();
        if batch.is_empty() {
            return ids;
        }
        for message in batch {
            let envelope: Value = serde_json::from_str(&message.body.unwrap()).unwrap();
            ids.push(envelope["MessageId"].as_str().unwrap().to_owned());
        }
    }
}

/// SNS by its query protocol: its SDK is no dependency of topogen.
struct Sns {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
}

impl Sns {
    fn at(url: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            url: format!("{url}/"),
        }
    }

    /// The text of the element `wanted` in the answer.
    async fn call(&self, action: &str, parameters: &[(&str, &str)], wanted: &str) -> String {
        let form: Vec<String> = [("Action", action), ("Version", "2010-03-31")]
            .iter()
            .chain(parameters)
            .map(|(key, value)| format!("{}={}", encoded(key), encoded(value)))
            .collect();
        // The local cloud takes the service and the caller from here, and checks no signature.
        let signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0";
        let request = hyper::Request::post(&self.url)
            .header("authorization", signed)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form.join("&"))))
            .unwrap();
        let answer = self.client.request(request).await.unwrap().into_body();
        let bytes = answer.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let element = text
            .split_once(&format!("<{wanted}>"))
            .and_then(|(_, rest)| rest.split_once('<'));
        element
            .unwrap_or_else(|| panic!("{action}: {text}"))
            .0
            .to_owned()
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

// ---- known disagreements

const OBJECTS: &str = "arrays of objects, and objects where a value is asked for";
const NULL: &str = "null in a body";
const DOTS: &str = "a key with a dot and a nested key are the same path";
const PARENT: &str = "exists: false below a parent that is not there";
const NUMERIC_TEXT: &str = "text that looks like a number";
const WORDS: &str = "text that looks like true, false or null";
const NOT_TEXT: &str = "anything-but with a pattern on what is no string";
const NUMBER_ATTRIBUTE: &str = "a Number attribute under conditions on text";
const ARRAY_ATTRIBUTE: &str = "a String.Array that is not a list of strings";
const ESCAPES: &str = "quotes in an attribute";
const BINARY: &str = "a Binary attribute";

const EXCUSES: &[&str] = &[
    OBJECTS,
    NULL,
    DOTS,
    PARENT,
    NUMERIC_TEXT,
    WORDS,
    NOT_TEXT,
    NUMBER_ATTRIBUTE,
    ARRAY_ATTRIBUTE,
    ESCAPES,
    BINARY,
];

/// Why the two may disagree about this pair.
fn excuse(filter: &Filter, message: &Message) -> Option<&'static str> {
    let mut leaves = Vec::new();
    collect(&filter.json, &[], &mut leaves);
    let of_leaf = |(path, conditions): &(Vec<String>, Vec<Value>)| match filter.scope {
        Scope::MessageBody => {
            let body: Value = serde_json::from_str(&message.body).ok()?;
            body_excuse(&body, path, conditions)
        }
        Scope::MessageAttributes => attribute_excuse(message, &path[0], conditions),
    };
    leaves.iter().find_map(of_leaf)
}

fn collect(policy: &Value, above: &[String], leaves: &mut Vec<(Vec<String>, Vec<Value>)>) {
    for (key, value) in policy.as_object().unwrap() {
        let path = [above, std::slice::from_ref(key)].concat();
        match value.as_array() {
            Some(branches) if key == "$or" => {
                branches
                    .iter()
                    .for_each(|branch| collect(branch, above, leaves));
            }
            Some(conditions) => leaves.push((path, conditions.clone())),
            None => collect(value, &path, leaves),
        }
    }
}

fn body_excuse(body: &Value, path: &[String], conditions: &[Value]) -> Option<&'static str> {
    // Any other body is filtered out by both.
    body.as_object()?;
    let asks = |wanted: &Value| conditions.contains(wanted);
    let absence = asks(&json!({ "exists": false }));
    let dotted =
        |key: &String| key.contains('.') && body.get(key.split('.').next().unwrap()).is_some();
    if path.iter().any(dotted) {
        return Some(DOTS);
    }
    let (last, parents) = path.split_last()?;
    let mut place = body;
    for parent in parents {
        let below = place.get(parent);
        match below {
            Some(Value::Array(_)) => return Some(OBJECTS),
            Some(Value::Object(fields)) if !fields.is_empty() => place = below?,
            _ => return absence.then_some(PARENT),
        }
    }
    let value = place.get(last);
    match value {
        None => {
            // A body with objects and nothing in them carries no field for us.
            return (absence && hollow(body)).then_some(PARENT);
        }
        Some(Value::Null) => return Some(NULL),
        Some(_) => {}
    }
    let values = match value?.as_array() {
        Some(items) => items.iter().collect(),
        None => vec![value?],
    };
    let number = |condition: &Value| {
        condition.is_number()
            || condition.get("numeric").is_some()
            || excluded(condition).iter().any(|value| value.is_number())
    };
    let word = |condition: &Value| condition.is_boolean() || condition.is_null();
    values.iter().find_map(|value| match value {
        Value::Object(_) | Value::Array(_) => Some(OBJECTS),
        Value::String(text) if Number::parse(text).is_some() && conditions.iter().any(number) => {
            Some(NUMERIC_TEXT)
        }
        Value::String(text)
            if ["true", "false", "null"].contains(&text.as_str())
                && conditions.iter().any(word) =>
        {
            Some(WORDS)
        }
        Value::String(_) => None,
        Value::Null | Value::Bool(_) | Value::Number(_) => conditions
            .iter()
            .any(excludes_a_pattern)
            .then_some(NOT_TEXT),
    })
}

/// Whether there are objects and no field in them.
fn hollow(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().all(hollow),
        Value::Array(items) => !items.is_empty() && items.iter().all(hollow),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn attribute_excuse(message: &Message, name: &str, conditions: &[Value]) -> Option<&'static str> {
    let asks_absence = conditions.contains(&json!({ "exists": false }));
    let only_binary = message
        .attributes
        .values()
        .all(|a| a.kind == AttributeType::Binary);
    let Some(attribute) = message.attributes.get(name) else {
        return (asks_absence && only_binary && !message.attributes.is_empty()).then_some(BINARY);
    };
    let on_text = |condition: &Value| {
        let operators = ["prefix", "suffix", "equals-ignore-case", "wildcard", "cidr"];
        condition.is_string()
            || operators
                .iter()
                .any(|operator| condition.get(operator).is_some())
            || excluded(condition).iter().any(|value| value.is_string())
            || excludes_a_pattern(condition)
    };
    let on_number = |condition: &Value| {
        condition.is_number() || excluded(condition).iter().any(|value| value.is_number())
    };
    let word = |condition: &Value| condition.is_boolean() || condition.is_null();
    let texts = match attribute.kind {
        AttributeType::Binary => return Some(BINARY),
        AttributeType::Number => return conditions.iter().any(on_text).then_some(NUMBER_ATTRIBUTE),
        AttributeType::String if attribute.value.contains(['"', '\\']) => return Some(ESCAPES),
        AttributeType::String => vec![attribute.value.clone()],
        AttributeType::StringArray => {
            let list: Vec<String> = serde_json::from_str(&attribute.value).unwrap_or_default();
            if list.is_empty() {
                return Some(ARRAY_ATTRIBUTE);
            }
            list
        }
    };
    texts.iter().find_map(|text| {
        if Number::parse(text).is_some() && conditions.iter().any(on_number) {
            Some(NUMERIC_TEXT)
        } else if ["true", "false", "null"].contains(&text.as_str()) && conditions.iter().any(word)
        {
            Some(WORDS)
        } else {
            None
        }
    })
}

/// The values that an `anything-but` lists.
fn excluded(condition: &Value) -> Vec<Value> {
    let list = condition.get("anything-but").and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

fn excludes_a_pattern(condition: &Value) -> bool {
    condition.get("anything-but").is_some_and(Value::is_object)
}
