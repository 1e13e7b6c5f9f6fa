//! A queue that takes what failed for good: encrypted, for callers with TLS alone, watched by an alarm.

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::builder::Builder;
use super::subscription::{LONG_POLL_SECONDS, queue_policy};
use super::{Section, key};
use crate::aws::cloudwatch::Dimension;
use crate::aws::iam::Statement;
use crate::aws::sqs::Queue;
use crate::aws::value::{LogicalId, Text};
use crate::model::Topology;
use crate::source::Span;

/// The longest that SQS keeps a message (API_SetQueueAttributes): somebody has to look at it.
const RETENTION: u32 = 14 * 86_400;

pub(super) struct Failures {
    /// The queue, its policy and its alarm.
    pub ids: [LogicalId; 3],
    /// The place in the file that asks for it.
    pub span: Span,
    /// The end of the alarm's name.
    pub alarm_name: String,
    /// What the alarm says.
    pub alarm_description: String,
    /// Whether there is an alarm.
    pub watched: bool,
    /// Which AWS services may send to it; roles do so by what they themselves may.
    pub senders: Vec<Statement>,
}

pub(super) fn lower(
    topology: &Topology,
    failures: Failures,
    section: &Section,
    builder: &mut Builder<'_>,
) {
    let [queue, policy, alarm_id] = failures.ids;
    let customer_key = key::of(&topology.app.encryption.value, section, builder);
    let properties = Queue {
        sqs_managed_sse_enabled: customer_key.is_none().then_some(true),
        kms_master_key_id: customer_key,
        ..Queue::plain(RETENTION, LONG_POLL_SECONDS)
    };
    builder.add(section, failures.span, queue.clone(), properties);
    builder.add(
        section,
        failures.span,
        policy,
        queue_policy(queue.clone(), failures.senders),
    );
    if failures.watched {
        let watch = Watch {
            metric: ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
            dimensions: vec![Dimension {
                name: "QueueName",
                value: Text::GetAtt(queue, "QueueName"),
            }],
            statistic: Statistic::Maximum,
            period: (60, 1),
            breach: Breach::AtLeast(1),
        };
        let (name, description) = (failures.alarm_name, failures.alarm_description);
        let alarm = alarm(topology, builder, section, &name, description, watch);
        builder.add(section, failures.span, alarm_id, alarm);
    }
}
