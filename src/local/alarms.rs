//! Feeds the alarms: reads the depth of the dead-letter queues and puts it as the metric that SQS itself would send.
//!
//! MiniStack sends no AWS/SQS metrics, and looks at an alarm when a metric arrives. It does not look at dimensions, so only
//! queues that must be empty are fed: a depth of a work queue would set off every alarm on depth.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch as cloudwatch;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum};
use aws_sdk_sqs as sqs;
use aws_sdk_sqs::types::QueueAttributeName;
use tokio::task::JoinHandle;

use super::LocalError;
use super::cloud::Names;
use crate::plan::Plan;

const EVERY: Duration = Duration::from_secs(1);

/// Keeps feeding until it is dropped.
pub struct Feed(JoinHandle<()>);

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts to feed the alarms of `plan`, deployed under `names`.
pub fn feed(config: &SdkConfig, plan: &Plan, names: &Names) -> Result<Feed, LocalError> {
    let mut queues = Vec::new();
    for consumer in plan.consumers.values() {
        for id in [&consumer.dead_letter_queue, &consumer.undelivered_queue] {
            queues.push(names.physical(id)?.to_owned());
        }
    }
    let (sqs, cloudwatch) = (sqs::Client::new(config), cloudwatch::Client::new(config));
    Ok(Feed(tokio::spawn(async move {
        loop {
            for url in &queues {
                // A queue that does not answer now may do so a second later; the scenarios tell if it never does.
                if let Some(depth) = depth(&sqs, url).await {
                    put(&cloudwatch, url, depth).await;
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    })))
}

/// Messages in the queue that can be received.
pub async fn depth(sqs: &sqs::Client, url: &str) -> Option<u32> {
    let visible = QueueAttributeName::ApproximateNumberOfMessages;
    let attributes = sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(visible.clone())
        .send()
        .await
        .ok()?;
    attributes.attributes?.get(&visible)?.parse().ok()
}

async fn put(cloudwatch: &cloudwatch::Client, url: &str, depth: u32) {
    let queue = url.rsplit('/').next().unwrap_or(url);
    let datum = MetricDatum::builder()
        .metric_name("ApproximateNumberOfMessagesVisible")
        .dimensions(Dimension::builder().name("QueueName").value(queue).build())
        .value(depth.into())
        .build();
    cloudwatch
        .put_metric_data()
        .namespace("AWS/SQS")
        .metric_data(datum)
        .send()
        .await
        .ok();
}
