//! `[alarms]`: the topic that alarms tell, and how an alarm looks.

use super::builder::Builder;
use super::{Section, key, logical_id};
use crate::aws::cloudwatch::{Alarm, Dimension};
use crate::aws::iam::{PolicyDocument, Statement};
use crate::aws::sns::{Subscription, Topic, TopicPolicy};
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::encryption::Encryption;

const OUTPUT: &str = "AlarmTopicArn";

pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    let span = topology.alarms.span;
    let topic = logical_id::alarm_topic();
    let properties = Topic {
        // An existing key is left alone: topogen cannot see whether its policy lets CloudWatch in.
        kms_master_key_id: match &topology.app.encryption.value {
            Encryption::Kms => Some(key::own(&Section::App, builder)),
            Encryption::Sqs | Encryption::Key(_) => None,
        },
        ..Topic::standard(builder.scoped("alarms"))
    };
    builder.add(&Section::App, span, topic.clone(), properties);
    let cloudwatch = Statement::allow(
        "CloudWatchAlarms",
        &["sns:Publish"],
        vec![Text::Ref(topic.clone())],
    )
    .by("cloudwatch.amazonaws.com")
    .when(
        "StringEquals",
        "aws:SourceAccount",
        Text::Pseudo("AWS::AccountId"),
    );
    builder.add(
        &Section::App,
        span,
        logical_id::alarm_topic_policy(),
        TopicPolicy {
            topics: vec![Text::Ref(topic.clone())],
            policy_document: PolicyDocument::new(vec![
                cloudwatch,
                Statement::tls_only(&["sns:Publish"], vec![Text::Ref(topic.clone())]),
            ]),
        },
    );
    for address in &topology.alarms.emails {
        builder.add(
            &Section::App,
            span,
            logical_id::alarm_email(address),
            Subscription {
                topic_arn: Text::Ref(topic.clone()),
                protocol: "email",
                endpoint: address.as_str().into(),
                filter_policy: None,
                filter_policy_scope: None,
                raw_message_delivery: None,
                redrive_policy: None,
            },
        );
    }
    builder.output(
        &Section::App,
        OUTPUT,
        "Topic that every alarm tells",
        Text::Ref(topic),
    );
}

/// What an alarm watches.
pub(super) struct Watch {
    /// Namespace and metric.
    pub metric: (&'static str, &'static str),
    /// Which resource.
    pub dimensions: Vec<Dimension>,
    /// How the metric is read.
    pub statistic: Statistic,
    /// Seconds of a period, and how many periods in a row must be bad.
    pub period: (u32, u32),
    /// The comparison and the bad value.
    pub breach: Breach,
}

/// How a metric is read.
pub(super) enum Statistic {
    Sum,
    Maximum,
    P99,
}

/// When a value is bad.
pub(super) enum Breach {
    AtLeast(u32),
    Above(u32),
}

/// An alarm of `section` named `{stack}-{name}` that tells the app's topic and all that the file names.
pub(super) fn alarm(
    topology: &Topology,
    builder: &Builder<'_>,
    section: &Section,
    name: &str,
    description: String,
    watch: Watch,
) -> Alarm {
    let own = builder.shared(section, OUTPUT, || Text::Ref(logical_id::alarm_topic()));
    let actions: Vec<Text> = std::iter::once(own)
        .chain(
            topology
                .alarms
                .topics
                .iter()
                .map(|arn| arn.value.as_str().into()),
        )
        .collect();
    let (statistic, extended_statistic) = match watch.statistic {
        Statistic::Sum => (Some("Sum"), None),
        Statistic::Maximum => (Some("Maximum"), None),
        Statistic::P99 => (None, Some("p99")),
    };
    let (comparison_operator, threshold) = match watch.breach {
        Breach::AtLeast(value) => ("GreaterThanOrEqualToThreshold", value),
        Breach::Above(value) => ("GreaterThanThreshold", value),
    };
    Alarm {
        alarm_name: builder.scoped(name),
        alarm_description: description,
        alarm_actions: actions.clone(),
        ok_actions: actions,
        namespace: watch.metric.0,
        metric_name: watch.metric.1,
        dimensions: watch.dimensions,
        statistic,
        extended_statistic,
        evaluate_low_sample_count_percentile: extended_statistic.map(|_| "ignore"),
        period: watch.period.0,
        evaluation_periods: watch.period.1,
        datapoints_to_alarm: watch.period.1,
        comparison_operator,
        threshold,
        treat_missing_data: "notBreaching",
    }
}
