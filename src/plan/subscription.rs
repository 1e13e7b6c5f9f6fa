//! `[subscriptions.*]`: queue, dead-letter queue, filter, mapping and their alarms.

use std::collections::BTreeMap;

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::{Builder, Consumer, Section, logical_id, stack_scoped};
use crate::aws::cloudwatch::Dimension;
use crate::aws::iam::{PolicyDocument, Statement};
use crate::aws::lambda::{EventSourceMapping, ScalingConfig};
use crate::aws::sns;
use crate::aws::sqs::{Queue, QueuePolicy, RedriveAllowPolicy, RedrivePolicy};
use crate::aws::value::{LogicalId, Text};
use crate::model::Topology;
use crate::model::subscription::Subscription;

/// The longest poll that SQS offers: fewest empty receives.
const LONG_POLL_SECONDS: u32 = 20;

pub(super) fn lower(topology: &Topology, subscription: &Subscription, builder: &mut Builder<'_>) {
    let section = Section::Subscription(subscription.name.clone());
    let name = &subscription.name;
    queues(subscription, &section, builder);
    policies(subscription, &section, builder);
    let topic_subscription = builder.add(
        &section,
        subscription.span,
        logical_id::subscription(name),
        topic_subscription(subscription),
    );
    // The first messages would be refused as long as the policies are not there.
    topic_subscription.depends_on = vec![
        logical_id::queue_policy(name),
        logical_id::undelivered_queue_policy(name),
    ];
    builder.add(
        &section,
        subscription.span,
        logical_id::mapping(name),
        mapping(subscription),
    );
    alarms(topology, subscription, &section, builder);

    builder.output(
        logical_id::dead_letter_queue(name).to_string() + "Url",
        format!("Dead-letter queue of the subscription {name}"),
        Text::Ref(logical_id::dead_letter_queue(name)),
    );
    let consumer = Consumer {
        service: subscription.service.value.clone(),
        queue: logical_id::queue(name),
        dead_letter_queue: logical_id::dead_letter_queue(name),
        undelivered_queue: logical_id::undelivered_queue(name),
        dead_letter_alarm: logical_id::dead_letter_alarm(name),
    };
    builder.plan.consumers.insert(name.clone(), consumer);
}

fn queues(subscription: &Subscription, section: &Section, builder: &mut Builder<'_>) {
    let name = &subscription.name;
    let plain = |retention| Queue {
        queue_name: None,
        message_retention_period: retention,
        receive_message_wait_time_seconds: LONG_POLL_SECONDS,
        visibility_timeout: None,
        redrive_policy: None,
        redrive_allow_policy: None,
        sqs_managed_sse_enabled: true,
    };
    // The dead-letter queue admits this one queue, whose ARN it must know before that queue exists: its name is fixed.
    let queue_arn = format!(
        "arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:${{AWS::StackName}}-{name}"
    );
    let dead_letters = Queue {
        redrive_allow_policy: Some(RedriveAllowPolicy {
            redrive_permission: "byQueue",
            source_queue_arns: vec![Text::Sub(queue_arn)],
        }),
        ..plain(subscription.dead_letter_retention.value.0)
    };
    builder.add(
        section,
        subscription.dead_letter_retention.span,
        logical_id::dead_letter_queue(name),
        dead_letters,
    );
    let queue = Queue {
        queue_name: Some(stack_scoped(name.as_str())),
        visibility_timeout: Some(subscription.visibility_timeout.value.0),
        redrive_policy: Some(RedrivePolicy {
            dead_letter_target_arn: Text::GetAtt(logical_id::dead_letter_queue(name), "Arn"),
            max_receive_count: subscription.max_receive_count,
        }),
        ..plain(subscription.retention.value.0)
    };
    builder.add(section, subscription.span, logical_id::queue(name), queue);
    let undelivered = plain(subscription.dead_letter_retention.value.0);
    builder.add(
        section,
        subscription.span,
        logical_id::undelivered_queue(name),
        undelivered,
    );
}

fn policies(subscription: &Subscription, section: &Section, builder: &mut Builder<'_>) {
    let name = &subscription.name;
    let fed_by_topic = [
        (logical_id::queue(name), logical_id::queue_policy(name)),
        (
            logical_id::undelivered_queue(name),
            logical_id::undelivered_queue_policy(name),
        ),
    ];
    for (queue, policy) in fed_by_topic {
        let from_topic = Statement::allow(
            "FromEventTopic",
            &["sqs:SendMessage"],
            vec![Text::GetAtt(queue.clone(), "Arn")],
        )
        .by("sns.amazonaws.com")
        .when("ArnEquals", "aws:SourceArn", Text::Ref(logical_id::topic()));
        builder.add(
            section,
            subscription.span,
            policy,
            queue_policy(queue, vec![from_topic]),
        );
    }
    // SQS itself moves messages here and needs no permission; the policy only refuses callers without TLS.
    let dead_letters = logical_id::dead_letter_queue(name);
    builder.add(
        section,
        subscription.span,
        logical_id::dead_letter_queue_policy(name),
        queue_policy(dead_letters, Vec::new()),
    );
}

fn queue_policy(queue: LogicalId, mut statements: Vec<Statement>) -> QueuePolicy {
    let arn = vec![Text::GetAtt(queue.clone(), "Arn")];
    statements.push(Statement::tls_only(&["sqs:*"], arn));
    QueuePolicy {
        queues: vec![Text::Ref(queue)],
        policy_document: PolicyDocument::new(statements),
    }
}

fn topic_subscription(subscription: &Subscription) -> sns::Subscription {
    let events = subscription
        .events
        .iter()
        .map(|event| event.value.to_string())
        .collect();
    sns::Subscription {
        topic_arn: Text::Ref(logical_id::topic()),
        protocol: "sqs",
        endpoint: Text::GetAtt(logical_id::queue(&subscription.name), "Arn"),
        filter_policy: Some(BTreeMap::from([("eventType".to_owned(), events)])),
        filter_policy_scope: Some("MessageAttributes"),
        redrive_policy: Some(sns::RedrivePolicy {
            dead_letter_target_arn: Text::GetAtt(
                logical_id::undelivered_queue(&subscription.name),
                "Arn",
            ),
        }),
    }
}

fn mapping(subscription: &Subscription) -> EventSourceMapping {
    EventSourceMapping {
        batch_size: subscription.batch_size.value,
        event_source_arn: Text::GetAtt(logical_id::queue(&subscription.name), "Arn"),
        function_name: Text::GetAtt(logical_id::function(&subscription.service.value), "Arn"),
        function_response_types: ["ReportBatchItemFailures"],
        maximum_batching_window_in_seconds: subscription.batching_window.value.0,
        scaling_config: subscription
            .maximum_concurrency
            .map(|maximum_concurrency| ScalingConfig {
                maximum_concurrency,
            }),
    }
}

fn alarms(
    topology: &Topology,
    subscription: &Subscription,
    section: &Section,
    builder: &mut Builder<'_>,
) {
    let name = &subscription.name;
    let watch = |metric, queue, period, breach| Watch {
        metric: ("AWS/SQS", metric),
        dimensions: vec![Dimension {
            name: "QueueName",
            value: Text::GetAtt(queue, "QueueName"),
        }],
        statistic: Statistic::Maximum,
        period,
        breach,
    };
    let visible = "ApproximateNumberOfMessagesVisible";
    let dead_letters = alarm(
        topology,
        &format!("{name}-dead-letters"),
        format!(
            "{} failed {} times to process a message of the subscription {name}. Find the cause in its log group, then redrive.",
            subscription.service.value, subscription.max_receive_count
        ),
        watch(
            visible,
            logical_id::dead_letter_queue(name),
            (60, 1),
            Breach::AtLeast(1),
        ),
    );
    builder.add(
        section,
        subscription.span,
        logical_id::dead_letter_alarm(name),
        dead_letters,
    );
    let undelivered = alarm(
        topology,
        &format!("{name}-undelivered"),
        format!(
            "SNS could not deliver an event to the queue of the subscription {name}. Check the queue's policy."
        ),
        watch(
            visible,
            logical_id::undelivered_queue(name),
            (60, 1),
            Breach::AtLeast(1),
        ),
    );
    builder.add(
        section,
        subscription.span,
        logical_id::undelivered_alarm(name),
        undelivered,
    );
    let oldest = age_limit(subscription);
    let age = alarm(
        topology,
        &format!("{name}-backlog"),
        format!(
            "The oldest message of the subscription {name} has waited for more than {oldest} s, five minutes in a row: its consumer is too slow or stands still."
        ),
        watch(
            "ApproximateAgeOfOldestMessage",
            logical_id::queue(name),
            (60, 5),
            Breach::Above(oldest),
        ),
    );
    builder.add(section, subscription.span, logical_id::age_alarm(name), age);
}

/// A message that has used up all its receives is this old: anything older waits rather than fails.
fn age_limit(subscription: &Subscription) -> u32 {
    let retries = subscription
        .visibility_timeout
        .value
        .0
        .saturating_mul(subscription.max_receive_count);
    // Nothing gets older than the queue keeps it; nobody is called for less than five minutes.
    retries.max(300).min(subscription.retention.value.0)
}
