//! What can be seen of a running app: items, queues, alarms, log lines.

use std::collections::{BTreeMap, HashMap};

use aws_config::SdkConfig;
use aws_sdk_cloudwatch as cloudwatch;
use aws_sdk_cloudwatchlogs as logs;
use aws_sdk_dynamodb as dynamodb;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs as sqs;
use aws_sdk_sts::error::DisplayErrorContext;
use serde_json::Value;

use crate::local::LocalError;
use crate::local::alarms;
use crate::local::cloud::Names;
use crate::plan::{Consumer, Handler, TableRef};

/// Clients of one running app.
pub struct Evidence<'a> {
    names: &'a Names,
    cloudwatch: cloudwatch::Client,
    dynamodb: dynamodb::Client,
    logs: logs::Client,
    sqs: sqs::Client,
}

/// An item with its values as text.
pub type Item = BTreeMap<String, String>;

fn failed(error: impl std::error::Error) -> LocalError {
    LocalError::Call(DisplayErrorContext(error).to_string())
}

impl<'a> Evidence<'a> {
    /// Clients of one configuration.
    pub fn new(config: &SdkConfig, names: &'a Names) -> Self {
        Self {
            names,
            cloudwatch: cloudwatch::Client::new(config),
            dynamodb: dynamodb::Client::new(config),
            logs: logs::Client::new(config),
            sqs: sqs::Client::new(config),
        }
    }

    /// One item by its key.
    pub async fn item(&self, table: &TableRef, key: &str) -> Result<Option<Item>, LocalError> {
        let name = self.names.physical(&table.table)?;
        let key_value = AttributeValue::S(key.to_owned());
        let got = self
            .dynamodb
            .get_item()
            .table_name(name)
            .key(&table.key, key_value)
            .consistent_read(true)
            .send()
            .await
            .map_err(failed)?;
        Ok(got.item.map(item))
    }

    /// All items of a table.
    pub async fn items(&self, table: &TableRef) -> Result<Vec<Item>, LocalError> {
        let name = self.names.physical(&table.table)?;
        let scanned = self
            .dynamodb
            .scan()
            .table_name(name)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let items: Vec<_> = scanned.collect::<Result<_, _>>().await.map_err(failed)?;
        Ok(items.into_iter().map(item).collect())
    }

    /// Messages in a dead-letter queue.
    pub async fn dead_letters(&self, consumer: &Consumer) -> Result<u32, LocalError> {
        self.depth(self.names.physical(&consumer.dead_letter_queue)?)
            .await
    }

    /// Messages of a subscription that SNS could not deliver.
    pub async fn undelivered(&self, consumer: &Consumer) -> Result<u32, LocalError> {
        self.depth(self.names.physical(&consumer.undelivered_queue)?)
            .await
    }

    async fn depth(&self, url: &str) -> Result<u32, LocalError> {
        alarms::depth(&self.sqs, url)
            .await
            .ok_or_else(|| LocalError::Call(format!("the queue {url} does not tell its depth")))
    }

    /// Whether a message with `text` lies in the dead-letter queue; it stays there.
    pub async fn dead_letter_holds(
        &self,
        consumer: &Consumer,
        text: &str,
    ) -> Result<bool, LocalError> {
        let url = self.names.physical(&consumer.dead_letter_queue)?;
        let received = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .visibility_timeout(0)
            .wait_time_seconds(0)
            .send()
            .await
            .map_err(failed)?;
        Ok(received
            .messages
            .into_iter()
            .flatten()
            .any(|message| message.body.is_some_and(|body| body.contains(text))))
    }

    /// The state of the alarm on a dead-letter queue. An alarm that does not watch this very queue has no state: the local
    /// cloud does not look at dimensions.
    pub async fn alarm_state(&self, consumer: &Consumer) -> Result<String, LocalError> {
        let Some(alarm) = &consumer.dead_letter_alarm else {
            return Ok("switched off".to_owned());
        };
        let name = self.names.physical(alarm)?;
        let url = self.names.physical(&consumer.dead_letter_queue)?;
        let queue = url.rsplit('/').next().unwrap_or(url);
        let described = self
            .cloudwatch
            .describe_alarms()
            .alarm_names(name)
            .send()
            .await
            .map_err(failed)?;
        let alarm = described.metric_alarms.into_iter().flatten().next();
        let watches = |alarm: &cloudwatch::types::MetricAlarm| {
            alarm.dimensions().iter().any(|dimension| {
                dimension.name() == Some("QueueName") && dimension.value() == Some(queue)
            })
        };
        Ok(match alarm {
            None => "not there".to_owned(),
            Some(alarm) if !watches(&alarm) => "of another queue".to_owned(),
            Some(alarm) => alarm
                .state_value
                .map(|s| s.as_str().to_owned())
                .unwrap_or_default(),
        })
    }

    /// Receive counts of the error lines that a handler has logged for an event, sorted.
    pub async fn failed_receives(
        &self,
        handler: &Handler,
        event: &str,
    ) -> Result<Vec<u64>, LocalError> {
        let group = self.names.physical(&handler.log_group)?;
        let pages = self
            .logs
            .filter_log_events()
            .log_group_name(group)
            .into_paginator()
            .send();
        let pages: Vec<_> = pages.collect::<Result<_, _>>().await.map_err(failed)?;
        let mut receives: Vec<u64> = pages
            .into_iter()
            .flat_map(|page| page.events.unwrap_or_default())
            .filter_map(|line| serde_json::from_str::<Value>(&line.message?).ok())
            .filter(|line| line["level"] == "ERROR" && line["eventId"] == event)
            .filter_map(|line| line["receiveCount"].as_u64())
            .collect();
        receives.sort_unstable();
        Ok(receives)
    }
}

/// Strings, numbers and booleans; a scenario does not look into anything deeper.
fn item(attributes: HashMap<String, AttributeValue>) -> Item {
    let text = |value: &AttributeValue| {
        let plain = value.as_s().or_else(|_| value.as_n()).cloned();
        plain
            .or_else(|value| value.as_bool().map(bool::to_string))
            .ok()
    };
    attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name, text(&value)?)))
        .collect()
}
