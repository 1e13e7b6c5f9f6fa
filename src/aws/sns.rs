//! Amazon SNS.

use std::collections::BTreeMap;

use serde::Serialize;

use super::iam::PolicyDocument;
use super::value::Text;

/// `AWS::SNS::Topic`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Topic {
    /// Shown as the sender of e-mails.
    pub display_name: Text,
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
    pub filter_policy: Option<BTreeMap<String, Vec<String>>>,
    /// What the filter looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_policy_scope: Option<&'static str>,
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
