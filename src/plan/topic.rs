//! `[topics.*]`: the topics that events go through.

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::builder::Builder;
use super::{Section, key, logical_id};
use crate::aws::cloudwatch::Dimension;
use crate::aws::iam::{PolicyDocument, Statement};
use crate::aws::sns::{Topic, TopicPolicy};
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::names::TopicName;
use crate::model::topic::Topic as TopicModel;

/// The section of the template that holds topics.
pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    for topic in topology.topics.values() {
        one(topology, topic, builder);
    }
}

fn one(topology: &Topology, model: &TopicModel, builder: &mut Builder<'_>) {
    let (name, span) = (&model.name, model.span);
    let section = &Section::Topic(model.is_declared.then(|| name.clone()));
    let topic = logical_id::topic(name);
    let properties = Topic {
        display_name: builder.scoped(&display_name(name)),
        // Without a name CloudFormation would give one that does not end as FIFO topics must (API_CreateTopic).
        topic_name: model.fifo.then(|| builder.scoped(&format!("{name}.fifo"))),
        fifo_topic: model.fifo.then_some(true),
        content_based_deduplication: model.fifo.then_some(model.content_based_deduplication),
        // Groups do not share one limit of throughput (sns quotas).
        fifo_throughput_scope: model.fifo.then_some("MessageGroup"),
        kms_master_key_id: key::of(&model.encryption.value, section, builder),
        maximum_message_size: model.max_message_size.as_ref().map(|size| size.value.0),
    };
    builder.add(section, span, topic.clone(), properties);
    builder.add(
        section,
        span,
        logical_id::topic_policy(name),
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
        builder,
        section,
        &format!("{}-lost", display_name(name)),
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
    builder.add(section, span, logical_id::topic_delivery_alarm(name), lost);
    builder.output(
        section,
        output(name),
        format!("The topic {name}"),
        Text::Ref(topic),
    );
}

/// The topic's ARN, as a resource of `section` refers to it.
pub(super) fn arn(name: &TopicName, section: &Section, builder: &Builder<'_>) -> Text {
    builder.shared(section, &output(name), || {
        Text::Ref(logical_id::topic(name))
    })
}

fn output(name: &TopicName) -> String {
    logical_id::topic(name).as_str().to_owned() + "Arn"
}

/// `events` for the only, undeclared topic.
fn display_name(name: &TopicName) -> String {
    if *name == TopicName::default_topic() {
        "events".to_owned()
    } else {
        name.to_string()
    }
}
