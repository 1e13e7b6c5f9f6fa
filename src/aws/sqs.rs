//! Amazon SQS.

use serde::Serialize;

use super::iam::PolicyDocument;
use super::value::Text;

/// `AWS::SQS::Queue`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Queue {
    /// Set where another resource must know the ARN beforehand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_name: Option<Text>,
    /// Seconds that a message is kept.
    pub message_retention_period: u32,
    /// Seconds that a receive waits for messages.
    pub receive_message_wait_time_seconds: u32,
    /// Seconds that a received message stays hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility_timeout: Option<u32>,
    /// Where messages go that are received too often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redrive_policy: Option<RedrivePolicy>,
    /// Which queues may use this one as their dead-letter queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redrive_allow_policy: Option<RedriveAllowPolicy>,
    /// Seconds that a message stays hidden after it has arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_seconds: Option<u32>,
    /// Whether messages of one group keep their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fifo_queue: Option<bool>,
    /// Whether the body decides what is a duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_based_deduplication: Option<bool>,
    /// `messageGroup`: duplicates are looked for within a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deduplication_scope: Option<&'static str>,
    /// `perMessageGroupId`: each group has a throughput of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fifo_throughput_limit: Option<&'static str>,
    /// Encryption with keys that SQS owns; absent beside a customer key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sqs_managed_sse_enabled: Option<bool>,
    /// Customer key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_master_key_id: Option<Text>,
}

impl Queue {
    /// A standard queue that keeps messages for `retention` seconds and polls for `wait`; its encryption is left to say.
    pub fn plain(retention: u32, wait: u32) -> Self {
        Self {
            queue_name: None,
            message_retention_period: retention,
            receive_message_wait_time_seconds: wait,
            visibility_timeout: None,
            redrive_policy: None,
            redrive_allow_policy: None,
            delay_seconds: None,
            fifo_queue: None,
            content_based_deduplication: None,
            deduplication_scope: None,
            fifo_throughput_limit: None,
            sqs_managed_sse_enabled: None,
            kms_master_key_id: None,
        }
    }
}

/// Where messages go that are received too often.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedrivePolicy {
    /// ARN of the dead-letter queue.
    pub dead_letter_target_arn: Text,
    /// Receives before a message is moved.
    pub max_receive_count: u32,
}

/// Which queues may use a queue as their dead-letter queue.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedriveAllowPolicy {
    /// `byQueue`
    pub redrive_permission: &'static str,
    /// ARNs of those queues, ten at most.
    pub source_queue_arns: Vec<Text>,
}

/// `AWS::SQS::QueuePolicy`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueuePolicy {
    /// URLs of the queues.
    pub queues: Vec<Text>,
    /// Who may do what to them.
    pub policy_document: PolicyDocument,
}
