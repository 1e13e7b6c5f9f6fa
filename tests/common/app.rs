//! The order workflow with its real handlers on a local cloud of its own, and what can be asked of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs as sqs;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use topogen::build::{self, Watch, Words, Workspaces, Zip};
use topogen::deploy::aws::Aws;
use topogen::deploy::{self, Deployment};
use topogen::emit::cfn;
use topogen::local::cloud::{LocalCloud, Names};
use topogen::plan::Plan;

use super::between::{Between, Open, Rule};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// A little more than the local cloud's front door gives an answer.
const PATIENCE: Duration = Duration::from_secs(35);

/// A running app.
pub struct App {
    pub plan: Plan,
    pub dynamodb: dynamodb::Client,
    pub sqs: sqs::Client,
    cloud: LocalCloud,
    names: Names,
    http: Client<HttpConnector, Full<Bytes>>,
    /// Where its API answers, and the same by way of the proxy.
    api: [String; 2],
    _between: Open,
}

/// An item with its texts and numbers as text.
pub type Item = BTreeMap<String, String>;

/// Said of `local`: the order service has an outbox.
pub const OUTBOX: &str = "services.order.outbox = true\n";

/// The bundled topology, and something more that is said of the environment `local`.
pub fn topology(local: &str) -> String {
    let text = std::fs::read_to_string("topology.toml").unwrap();
    let (_, last) = text.rsplit_once("\n[environments.").unwrap();
    assert!(last.starts_with("local]"), "`local` stands last");
    text + local
}

impl App {
    /// Builds the handlers, starts a cloud, and deploys. All calls of functions go by that rule.
    pub async fn start(topology: &str, rule: Arc<impl Rule>) -> Self {
        let plan = super::plan_of(topology, "local");
        let zips = handlers(&plan);
        let between = Between::listen().await;
        let endpoint = between.url.clone();
        let cloud = LocalCloud::start_behind(Some(&endpoint), 0, None, |line| println!("{line}"));
        let cloud = cloud.await.unwrap();
        let between = between.open(&cloud.url, rule);

        let aws = Aws::sign_in(&cloud.config).await.unwrap();
        let mut names = Names::default();
        for stack in &plan.stacks {
            let template = cfn::json(&plan, stack);
            let deployment = Deployment::new(&plan, stack, template, &zips);
            let bucket = aws.own_bucket(&plan.app);
            let mut silent = |_: deploy::Progress<'_>| {};
            let deployed = deploy::deploy(&aws, &deployment, &bucket, &mut silent);
            deployed.await.unwrap();
            names.add(&cloud.config, &stack.name).await.unwrap();
        }
        let api = plan.api.as_ref().unwrap();
        let api = cloud.api_url(names.physical(&api.id).unwrap(), &api.stage);
        Self {
            dynamodb: dynamodb::Client::new(&cloud.config),
            sqs: sqs::Client::new(&cloud.config),
            http: Client::builder(TokioExecutor::new()).build_http(),
            api: [api.clone(), api.replace(&cloud.url, &endpoint)],
            plan,
            cloud,
            names,
            _between: between,
        }
    }

    pub async fn stop(self) {
        self.cloud.stop().await;
    }

    /// The name that CloudFormation gave to a resource.
    pub fn name(&self, id: &str) -> &str {
        let mut resources = self.plan.resources();
        let resource = resources.find(|resource| resource.id.as_str() == id);
        let resource = resource.unwrap_or_else(|| panic!("there is no {id}"));
        self.names.physical(&resource.id).unwrap()
    }

    /// `POST /orders`: what came back, if anything did.
    pub async fn order(&self, key: &str, order: &Value) -> Option<(u16, Value)> {
        let url = format!("{}/orders", self.api[0]);
        self.post(&url, &[("idempotency-key", key)], order, PATIENCE)
            .await
    }

    /// The same, by way of the proxy, and of someone who does not wait for ever.
    pub async fn order_by_proxy(&self, key: &str, order: &Value) -> Option<(u16, Value)> {
        let url = format!("{}/orders", self.api[1]);
        let patience = Duration::from_secs(8);
        self.post(&url, &[("idempotency-key", key)], order, patience)
            .await
    }

    /// What an operator does with `aws lambda invoke`: the status and the function's answer.
    pub async fn invoke(&self, function: &str, payload: &Value) -> (u16, Value) {
        let name = self.name(function);
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.cloud.url);
        let signed = signed("lambda");
        let answer = self
            .post(&url, &[("authorization", &signed)], payload, PATIENCE)
            .await;
        answer.unwrap()
    }

    /// A call of DynamoDB's streams, whose SDK is no dependency of topogen.
    pub async fn streams(&self, operation: &str, payload: &Value) -> Value {
        let headers = [
            ("authorization", signed("dynamodb")),
            (
                "x-amz-target",
                format!("DynamoDBStreams_20120810.{operation}"),
            ),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let (status, answer) = self
            .post(&self.cloud.url, &headers, payload, PATIENCE)
            .await
            .unwrap();
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &Value,
        patience: Duration,
    ) -> Option<(u16, Value)> {
        let mut request = Request::post(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.to_string().into())).unwrap();
        let exchange = async {
            let answer = self.http.request(request).await.ok()?;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.ok()?.to_bytes();
            Some((status, serde_json::from_slice(&body).unwrap_or_default()))
        };
        tokio::time::timeout(patience, exchange)
            .await
            .ok()
            .flatten()
    }

    /// All items of a service's table.
    pub async fn items(&self, service: &str) -> Vec<Item> {
        let table = self
            .names
            .physical(&self.plan.tables[service].table)
            .unwrap();
        let scan = self.dynamodb.scan().table_name(table).consistent_read(true);
        let items = scan
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>();
        items.await.unwrap().into_iter().map(item).collect()
    }

    /// The orders by id, and the records of the outbox by their keys.
    pub async fn orders(&self) -> (BTreeMap<String, Item>, BTreeMap<String, Item>) {
        let items = self.items("order").await.into_iter();
        let by_key = items.map(|item| (item["orderId"].clone(), item));
        by_key.partition(|(key, _)| !key.starts_with("outbox#"))
    }

    /// What the documented scan makes for the relay: records of the outbox that are not marked.
    pub async fn unmarked(&self) -> Value {
        let (_, records) = self.orders().await;
        let unmarked = records.into_iter();
        let unmarked = unmarked.filter(|(_, record)| !record.contains_key("publishedAt"));
        let records = unmarked.map(|(key, record)| {
            let image = record.into_iter();
            let image = image.map(|(name, value)| (name, json!({ "S": value })));
            let image: BTreeMap<String, Value> = image.collect();
            json!({ "dynamodb": { "SequenceNumber": key, "NewImage": image } })
        });
        json!({ "Records": records.collect::<Vec<_>>() })
    }

    /// Messages of a queue that can be received and that are being handled.
    pub async fn depth(&self, queue: &str) -> usize {
        let counted = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let asked = self.sqs.get_queue_attributes().queue_url(self.name(queue));
        let asked = asked
            .set_attribute_names(Some(counted.to_vec()))
            .send()
            .await;
        let attributes = asked.unwrap().attributes.unwrap();
        counted
            .iter()
            .map(|name| attributes[name].parse::<usize>().unwrap())
            .sum()
    }

    /// All messages of a queue; they stay there, out of sight for ten minutes.
    pub async fn messages(&self, queue: &str) -> Vec<Message> {
        let mut all = Vec::new();
        loop {
            let receive = self.sqs.receive_message().queue_url(self.name(queue));
            let receive = receive
                .max_number_of_messages(10)
                .visibility_timeout(600)
                .wait_time_seconds(0)
                .send();
            let messages = receive.await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            all.extend(messages);
        }
    }
}

/// Looks until it holds; what is wrong when time is up fails.
pub async fn eventually<T>(
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let deadline = Instant::now() + within;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(fault) => assert!(Instant::now() < deadline, "not within {within:?}: {fault}"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// An order that is valid, of so many notebooks.
pub fn notebooks(quantity: usize) -> Value {
    json!({
        "customerEmail": "student@example.com",
        "currency": "EUR",
        "items": [{ "sku": "NOTEBOOK", "quantity": quantity, "price": 2.5 }],
    })
}

fn item(attributes: std::collections::HashMap<String, AttributeValue>) -> Item {
    let text = |value: AttributeValue| value.as_s().or_else(|_| value.as_n()).ok().cloned();
    let attributes = attributes.into_iter();
    attributes
        .filter_map(|(name, value)| Some((name, text(value)?)))
        .collect()
}

/// The local cloud takes the service and the caller from here, and checks no signature.
fn signed(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

fn handlers(plan: &Plan) -> Vec<Zip> {
    let services: Vec<_> = plan.handlers.keys().cloned().collect();
    let mut workspaces = Workspaces::default();
    let jobs = build::jobs(plan, &services);
    let built = jobs
        .iter()
        .flat_map(|job| build::build(plan, job, Path::new("."), &mut workspaces, &Aloud).unwrap());
    built.collect()
}

/// cargo says what it does, as in a build by hand.
struct Aloud;

impl Watch for Aloud {
    fn words(&self) -> Words {
        Words::AsTheyAre
    }

    fn started(&self, _: &str) {}

    fn line(&self, line: &str) {
        println!("{line}");
    }

    fn compiled(&self) {}

    fn note(&self, note: &str) {
        println!("{note}");
    }
}
