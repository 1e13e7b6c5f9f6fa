//! AWS Lambda.

use std::collections::BTreeMap;

use serde::Serialize;

use super::value::Text;

/// `AWS::Lambda::Function`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Function {
    /// Shown in the console.
    pub description: String,
    /// `arm64` or `x86_64`.
    pub architectures: [String; 1],
    /// Where the zip lies.
    pub code: Code,
    /// Environment variables.
    pub environment: Environment,
    /// Required by the API; a custom runtime reads it as it likes.
    pub handler: &'static str,
    /// Customer key of the environment variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<Text>,
    /// Logs as JSON, to the function's own group.
    pub logging_config: LoggingConfig,
    /// MiB.
    pub memory_size: u32,
    /// Invocations at once that are kept for it, and the most that it gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_concurrent_executions: Option<u32>,
    /// ARN of the role.
    pub role: Text,
    /// The OS-only runtime that runs `bootstrap`.
    pub runtime: &'static str,
    /// Seconds.
    pub timeout: u32,
    /// X-Ray.
    pub tracing_config: TracingConfig,
}

/// Where a function's zip lies.
#[derive(Debug, Clone, Serialize)]
pub struct Code {
    /// Bucket.
    #[serde(rename = "S3Bucket")]
    pub s3_bucket: Text,
    /// Key.
    #[serde(rename = "S3Key")]
    pub s3_key: Text,
}

/// A function's environment.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Environment {
    /// Variables by name.
    pub variables: BTreeMap<String, Text>,
}

/// How a function logs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoggingConfig {
    /// Least level of the handler's own lines.
    pub application_log_level: &'static str,
    /// `JSON`
    pub log_format: &'static str,
    /// Name of the group.
    pub log_group: Text,
    /// Least level of Lambda's own lines.
    pub system_log_level: &'static str,
}

/// Whether a function is traced.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TracingConfig {
    /// `Active`
    pub mode: &'static str,
}

/// `AWS::Lambda::Permission`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Permission {
    /// `lambda:InvokeFunction`
    pub action: &'static str,
    /// ARN of the function.
    pub function_name: Text,
    /// The service that invokes.
    pub principal: &'static str,
    /// What of that service may.
    pub source_arn: Text,
}

/// `AWS::Lambda::EventInvokeConfig`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventInvokeConfig {
    /// Where events go that failed for good.
    pub destination_config: DestinationConfig,
    /// Name of the function.
    pub function_name: Text,
    /// Seconds that an event may wait.
    pub maximum_event_age_in_seconds: u32,
    /// Attempts beyond the first, 2 at most.
    pub maximum_retry_attempts: u32,
    /// `$LATEST`
    pub qualifier: &'static str,
}

/// Where goes what failed for good.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DestinationConfig {
    /// The only case there is.
    pub on_failure: Destination,
}

/// A queue that takes failures.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Destination {
    /// Its ARN.
    pub destination: Text,
}

impl DestinationConfig {
    /// Failures go to the queue with this ARN.
    pub fn on_failure(queue: Text) -> Self {
        Self {
            on_failure: Destination { destination: queue },
        }
    }
}

/// `AWS::Lambda::EventSourceMapping`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventSourceMapping {
    /// Messages in one invocation.
    pub batch_size: u32,
    /// ARN of the queue or stream.
    pub event_source_arn: Text,
    /// Name of the function.
    pub function_name: Text,
    /// `ReportBatchItemFailures`: a failed message does not repeat the whole batch.
    pub function_response_types: [&'static str; 1],
    /// Seconds that a batch may gather; absent for FIFO queues, which take no window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_batching_window_in_seconds: Option<u32>,
    /// Bound of invocations at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling_config: Option<ScalingConfig>,
    /// Pollers that are always there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_poller_config: Option<ProvisionedPollers>,
    /// How a stream is read; absent for queues.
    #[serde(flatten)]
    pub stream: Option<StreamSettings>,
}

/// How a mapping reads a stream.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamSettings {
    /// `TRIM_HORIZON`: from the oldest record there is.
    pub starting_position: &'static str,
    /// Records that the function is not invoked for are passed over.
    pub filter_criteria: FilterCriteria,
    /// Whether a failed batch is tried again in halves, to single out the record that fails.
    pub bisect_batch_on_function_error: bool,
    /// Seconds until a record is given up.
    pub maximum_record_age_in_seconds: u32,
    /// Attempts until a record is given up.
    pub maximum_retry_attempts: u32,
    /// Where is told what was given up.
    pub destination_config: DestinationConfig,
}

/// Which records a function is invoked for: those that one pattern matches.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterCriteria {
    /// The patterns.
    pub filters: Vec<Filter>,
}

/// One pattern.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    /// JSON in EventBridge's language.
    pub pattern: String,
}

/// Pollers that are always there.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProvisionedPollers {
    /// 2 to 200.
    pub minimum_pollers: u32,
    /// 2 to 10000.
    pub maximum_pollers: u32,
}

/// Bound of a mapping's invocations at once.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScalingConfig {
    /// 2 to 1000.
    pub maximum_concurrency: u32,
}
