//! The topic that all events of the app go through.

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::{Builder, Section, logical_id, stack_scoped};
use crate::aws::cloudwatch::Dimension;
use crate::aws::iam::{PolicyDocument, Statement};
use crate::aws::sns::{Topic, TopicPolicy};
use crate::aws::value::Text;
use crate::model::Topology;

pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    let span = topology.app.name.span;
    let topic = logical_id::topic();
    builder.add(
        &Section::Topic,
        span,
        topic.clone(),
        Topic {
            display_name: stack_scoped("events"),
        },
    );
    builder.add(
        &Section::Topic,
        span,
        logical_id::topic_policy(),
        TopicPolicy {
            topics: vec![Text::Ref(topic.clone())],
            policy_document: PolicyDocument::new(vec![Statement::tls_only(
                &["sns:Publish"],
                vec![Text::Ref(topic.clone())],
            )]),
        },
    );
    let lost = alarm(
        topology,
        "events-lost",
        "SNS could neither deliver an event nor put it into the subscription's own queue of undelivered messages. \
         Check that those queues exist and that their policies let the topic send."
            .to_owned(),
        Watch {
            metric: ("AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq"),
            dimensions: vec![Dimension {
                name: "TopicName",
                value: Text::GetAtt(topic.clone(), "TopicName"),
            }],
            statistic: Statistic::Sum,
            period: (60, 1),
            breach: Breach::AtLeast(1),
        },
    );
    builder.add(
        &Section::Topic,
        span,
        logical_id::topic_delivery_alarm(),
        lost,
    );
    builder.output(
        "EventTopicArn",
        "Topic that all events go through",
        Text::Ref(topic),
    );
}
