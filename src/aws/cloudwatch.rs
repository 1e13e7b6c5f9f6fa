//! Amazon CloudWatch.

use serde::Serialize;

use super::value::Text;

/// `AWS::CloudWatch::Alarm`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarm {
    /// Name; people read it at night.
    pub alarm_name: Text,
    /// What it means and what to do.
    pub alarm_description: String,
    /// Topics that are told.
    pub alarm_actions: Vec<Text>,
    /// Topics that are told when it is over.
    #[serde(rename = "OKActions")]
    pub ok_actions: Vec<Text>,
    /// `AWS/SQS`
    pub namespace: &'static str,
    /// Metric of the namespace.
    pub metric_name: &'static str,
    /// Which queue, function or API.
    pub dimensions: Vec<Dimension>,
    /// `Sum` or `Maximum`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<&'static str>,
    /// `p99`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_statistic: Option<&'static str>,
    /// `ignore`: too few samples for a percentile are no alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluate_low_sample_count_percentile: Option<&'static str>,
    /// Seconds of one period.
    pub period: u32,
    /// Periods that are looked at.
    pub evaluation_periods: u32,
    /// How many of them must be bad.
    pub datapoints_to_alarm: u32,
    /// `GreaterThanOrEqualToThreshold` or `GreaterThanThreshold`.
    pub comparison_operator: &'static str,
    /// The bad value.
    pub threshold: u32,
    /// `notBreaching`: an idle queue or function sends no data.
    pub treat_missing_data: &'static str,
}

/// What a metric is about.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dimension {
    /// Such as `QueueName`.
    pub name: &'static str,
    /// The resource's name.
    pub value: Text,
}

/// `AWS::CloudWatch::Dashboard`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dashboard {
    /// Name; people look for it.
    pub dashboard_name: Text,
    /// JSON of the widgets.
    pub dashboard_body: Text,
}
