//! `[subscriptions.*]`: queue, dead-letter queue, filter, mapping and their alarms.

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::builder::Builder;
use super::{Consumer, Section, key, logical_id, topic};
use crate::aws::cloudwatch::Dimension;
use crate::aws::iam::{PolicyDocument, Statement};
use crate::aws::lambda::{EventSourceMapping, ProvisionedPollers, ScalingConfig};
use crate::aws::sns;
use crate::aws::sqs::{Queue, QueuePolicy, RedriveAllowPolicy, RedrivePolicy};
use crate::aws::value::{LogicalId, Text};
use crate::model::Topology;
use crate::model::filter::MOST_TOPICS;
use crate::model::names::TopicName;
use crate::model::subscription::Subscription;

/// The longest poll that SQS offers: fewest empty receives.
pub(super) const LONG_POLL_SECONDS: u32 = 20;

pub(super) fn lower(topology: &Topology, subscription: &Subscription, builder: &mut Builder<'_>) {
    let section = Section::Subscription(subscription.name.clone());
    let name = &subscription.name;
    queues(subscription, &section, builder);
    policies(subscription, &section, builder);
    for (topic, policy) in topology.filter_policies(subscription).take(MOST_TOPICS) {
        let policy = policy.to_json();
        let properties = topic_subscription(subscription, topic, policy, &section, builder);
        let resource = builder.add(
            &section,
            subscription.span,
            logical_id::subscription(name, topic),
            properties,
        );
        // The first messages would be refused as long as the policies are not there.
        resource.depends_on = vec![
            logical_id::queue_policy(name),
            logical_id::undelivered_queue_policy(name),
        ];
    }
    builder.add(
        &section,
        subscription.span,
        logical_id::mapping(name),
        mapping(subscription),
    );
    alarms(topology, subscription, &section, builder);

    builder.output(
        &section,
        logical_id::dead_letter_queue(name).to_string() + "Url",
        format!("Dead-letter queue of the subscription {name}"),
        Text::Ref(logical_id::dead_letter_queue(name)),
    );
    let watched = subscription.alarm.dead_letters.value;
    let consumer = Consumer {
        service: subscription.service.value.clone(),
        stack: builder.stack(&section).name.clone(),
        queue: logical_id::queue(name),
        dead_letter_queue: logical_id::dead_letter_queue(name),
        undelivered_queue: logical_id::undelivered_queue(name),
        dead_letter_alarm: watched.then(|| logical_id::dead_letter_alarm(name)),
    };
    builder.plan.consumers.insert(name.clone(), consumer);
}

fn queues(subscription: &Subscription, section: &Section, builder: &mut Builder<'_>) {
    let name = &subscription.name;
    let customer_key = key::of(&subscription.encryption.value, section, builder);
    let plain = |retention, queue_name: Option<Text>| Queue {
        queue_name,
        fifo_queue: subscription.fifo.then_some(true),
        // The topic has decided what is a duplicate, and tells the queue.
        content_based_deduplication: subscription.fifo.then_some(false),
        deduplication_scope: subscription.fifo.then_some("messageGroup"),
        fifo_throughput_limit: subscription.fifo.then_some("perMessageGroupId"),
        sqs_managed_sse_enabled: customer_key.is_none().then_some(true),
        kms_master_key_id: customer_key.clone(),
        ..Queue::plain(retention, LONG_POLL_SECONDS)
    };
    // FIFO queues have names that end so; the others' names are left to CloudFormation where nobody needs to know them.
    let fifo_name = |what: &str| {
        subscription
            .fifo
            .then(|| builder.scoped(&format!("{name}-{what}.fifo")))
    };
    let (dead_name, undelivered_name) = (fifo_name("dead-letters"), fifo_name("undelivered"));
    let queue_name = if subscription.fifo {
        format!("{name}.fifo")
    } else {
        name.to_string()
    };
    // The dead-letter queue admits this one queue, whose ARN it must know before that queue exists: its name is fixed.
    let queue_arn = builder.scoped_after(
        "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:",
        &queue_name,
    );
    let dead_letters = Queue {
        redrive_allow_policy: Some(RedriveAllowPolicy {
            redrive_permission: "byQueue",
            source_queue_arns: vec![queue_arn],
        }),
        ..plain(subscription.dead_letter_retention.value.0, dead_name)
    };
    let queue = Queue {
        visibility_timeout: Some(subscription.visibility_timeout.value.0),
        delay_seconds: Some(subscription.delay.0).filter(|seconds| *seconds > 0),
        redrive_policy: Some(RedrivePolicy {
            dead_letter_target_arn: Text::GetAtt(logical_id::dead_letter_queue(name), "Arn"),
            max_receive_count: subscription.max_receive_count.value,
        }),
        ..plain(
            subscription.retention.value.0,
            Some(builder.scoped(&queue_name)),
        )
    };
    let undelivered = plain(subscription.dead_letter_retention.value.0, undelivered_name);
    builder.add(
        section,
        subscription.dead_letter_retention.span,
        logical_id::dead_letter_queue(name),
        dead_letters,
    );
    builder.add(section, subscription.span, logical_id::queue(name), queue);
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
        let from_topics = subscription
            .topics
            .iter()
            .map(|topic| {
                Statement::allow(
                    "FromEventTopic",
                    &["sqs:SendMessage"],
                    vec![Text::GetAtt(queue.clone(), "Arn")],
                )
                .by("sns.amazonaws.com")
                .when(
                    "ArnEquals",
                    "aws:SourceArn",
                    topic::arn(topic, section, builder),
                )
            })
            .collect();
        builder.add(
            section,
            subscription.span,
            policy,
            queue_policy(queue, from_topics),
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

/// A queue's policy: `statements`, and nobody without TLS.
pub(super) fn queue_policy(queue: LogicalId, mut statements: Vec<Statement>) -> QueuePolicy {
    let arn = vec![Text::GetAtt(queue.clone(), "Arn")];
    statements.push(Statement::tls_only(&["sqs:*"], arn));
    QueuePolicy {
        queues: vec![Text::Ref(queue)],
        policy_document: PolicyDocument::new(statements),
    }
}

fn topic_subscription(
    subscription: &Subscription,
    topic: &TopicName,
    policy: serde_json::Value,
    section: &Section,
    builder: &Builder<'_>,
) -> sns::Subscription {
    sns::Subscription {
        topic_arn: topic::arn(topic, section, builder),
        protocol: "sqs",
        endpoint: Text::GetAtt(logical_id::queue(&subscription.name), "Arn"),
        filter_policy: Some(policy),
        filter_policy_scope: Some(subscription.filter.scope.as_str()),
        raw_message_delivery: subscription.raw_message_delivery.value.then_some(true),
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
        // As SAM would write it: the SAM view expands to this very template.
        function_name: Text::Ref(logical_id::function(&subscription.service.value)),
        function_response_types: ["ReportBatchItemFailures"],
        maximum_batching_window_in_seconds: (!subscription.fifo)
            .then_some(subscription.batching_window.value.0),
        scaling_config: subscription
            .maximum_concurrency
            .as_ref()
            .map(|maximum| ScalingConfig {
                maximum_concurrency: maximum.value,
            }),
        provisioned_poller_config: subscription.provisioned_pollers.as_ref().map(|pollers| {
            ProvisionedPollers {
                minimum_pollers: pollers.minimum,
                maximum_pollers: pollers.maximum,
            }
        }),
        stream: None,
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
    if subscription.alarm.dead_letters.value {
        let dead_letters = alarm(
            topology,
            builder,
            section,
            &format!("{name}-dead-letters"),
            format!(
                "{} failed {} times to process a message of the subscription {name}. Find the cause in its log group, then redrive.",
                subscription.service.value, subscription.max_receive_count.value
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
    }
    let undelivered = alarm(
        topology,
        builder,
        section,
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
        builder,
        section,
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
        .saturating_mul(subscription.max_receive_count.value);
    let wanted = subscription.alarm.backlog_age;
    // Nothing gets older than the queue keeps it; nobody is called for less than five minutes unless asked to be.
    wanted
        .map_or(retries.max(300), |age| age.0)
        .min(subscription.retention.value.0)
}
