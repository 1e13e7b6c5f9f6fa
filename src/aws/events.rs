//! Amazon EventBridge.

use serde::Serialize;

use super::value::Text;

/// `AWS::Events::Rule`, on a schedule.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule {
    /// Shown in the console.
    pub description: String,
    /// `rate(…)` or `cron(…)`.
    pub schedule_expression: String,
    /// `ENABLED`
    pub state: &'static str,
    /// What it starts.
    pub targets: [Target; 1],
}

/// What a rule starts.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Target {
    /// Unique in the rule.
    pub id: &'static str,
    /// ARN of the function.
    pub arn: Text,
    /// Where events go that could not be handed over.
    pub dead_letter_config: DeadLetterConfig,
    /// How long and how often it is tried.
    pub retry_policy: RetryPolicy,
}

/// Where events go that could not be handed over.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeadLetterConfig {
    /// ARN of the queue.
    pub arn: Text,
}

/// How long and how often a target is tried.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RetryPolicy {
    /// Seconds.
    pub maximum_event_age_in_seconds: u32,
    /// Attempts beyond the first.
    pub maximum_retry_attempts: u32,
}
