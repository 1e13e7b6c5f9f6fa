//! Amazon SNS.

use serde::Serialize;

use super::iam::PolicyDocument;
use super::value::Text;

/// `AWS::SNS::Topic`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Topic {
    /// Shown as the sender of e-mails.
    pub display_name: Text,
    /// Set for FIFO topics, whose names end in `.fifo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_name: Option<Text>,
    /// Whether messages of one group keep their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fifo_topic: Option<bool>,
    /// Whether the body decides what is a duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_based_deduplication: Option<bool>,
    /// `MessageGroup`: each group has a throughput of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fifo_throughput_scope: Option<&'static str>,
    /// Customer key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_master_key_id: Option<Text>,
    /// Bytes of the largest message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_message_size: Option<u32>,
}

impl Topic {
    /// A standard topic with SNS's own settings.
    pub fn standard(display_name: Text) -> Self {
        Self {
            display_name,
            topic_name: None,
            fifo_topic: None,
            content_based_deduplication: None,
            fifo_throughput_scope: None,
            kms_master_key_id: None,
            maximum_message_size: None,
        }
    }
}

/// `AWS::SNS::TopicPolicy`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TopicPolicy {
    /// ARNs of the topics.
    pub topics: Vec<Text>,
    /// Who may do what to them.
    pub policy_document: PolicyDocument,
}

/// `AWS::SNS::Subscription`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Subscription {
    /// ARN of the topic.
    pub topic_arn: Text,
    /// `sqs` or `email`.
    pub protocol: &'static str,
    /// ARN of the queue, or the address.
    pub endpoint: Text,
    /// Which messages pass: all keys must match, one value of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_policy: Option<serde_json::Value>,
    /// What the filter looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_policy_scope: Option<&'static str>,
    /// Whether the message comes without SNS's envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_message_delivery: Option<bool>,
    /// Where messages go that could not be delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redrive_policy: Option<RedrivePolicy>,
}

/// A subscription's own dead-letter queue.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedrivePolicy {
    /// ARN of the queue.
    pub dead_letter_target_arn: Text,
}
