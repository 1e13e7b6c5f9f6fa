//! Whether the names fit that resources are given, each by the limit of its own service.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Plan, Resource, Section, Stack};
use crate::aws::Properties;
use crate::aws::value::Text;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::source::Span;

/// Characters of a logical id (cloudformation-limits.html).
const MAX_ID: usize = 255;

pub(super) fn check(plan: &Plan, topology: &Topology, diagnostics: &mut Diagnostics) {
    for stack in &plan.stacks {
        let mut told: BTreeSet<Span> = BTreeSet::new();
        for resource in &stack.resources {
            let Some(found) = of_id(resource).or_else(|| of_name(resource, stack)) else {
                continue;
            };
            let span = place(resource, topology);
            // All queues of a subscription have its name: the first one says it.
            if told.insert(span) {
                diagnostics.push(Diagnostic { span, ..found });
            }
        }
    }
}

fn of_id(resource: &Resource) -> Option<Diagnostic> {
    let length = resource.id.as_str().len();
    let message = || {
        format!(
            "the logical id `{}` has {length} characters, CloudFormation takes {MAX_ID}",
            resource.id
        )
    };
    (length > MAX_ID).then(|| {
        Diagnostic::error(codes::NAME_LENGTH, resource.origin.span, message())
            .help("shorten the names that it is made of")
    })
}

fn of_name(resource: &Resource, stack: &Stack) -> Option<Diagnostic> {
    let (what, who, max, name) = named(&resource.properties)?;
    let name = match name {
        Text::Literal(name) => Cow::Borrowed(name),
        Text::Sub(pattern) => Cow::Owned(pattern.replace("${AWS::StackName}", &stack.name)),
        // Names that another resource decides on are not topogen's.
        Text::Ref(_)
        | Text::Pseudo(_)
        | Text::GetAtt(..)
        | Text::SubWith(..)
        | Text::ImportValue(_) => return None,
    };
    let length = name.len();
    (length > max).then(|| {
        Diagnostic::error(
            codes::NAME_LENGTH,
            resource.origin.span,
            format!("the {what}'s name `{name}` has {length} characters, {who} takes {max}"),
        )
        .help("shorten the name of the app, of the environment or of this section")
    })
}

/// What is named, by whose rules, how long its name may be, and the name.
fn named(properties: &Properties) -> Option<(&'static str, &'static str, usize, &Text)> {
    match properties {
        // API_CreateQueue
        Properties::Queue(queue) => Some(("queue", "SQS", 80, queue.queue_name.as_ref()?)),
        // API_CreateTopic
        Properties::Topic(topic) => Some(("topic", "SNS", 256, topic.topic_name.as_ref()?)),
        // API_PutMetricAlarm
        Properties::Alarm(alarm) => Some(("alarm", "CloudWatch", 255, &alarm.alarm_name)),
        // API_CreateFunction, of the group that a function writes to
        Properties::LogGroup(group) => {
            Some(("log group", "CloudWatch", 512, &group.log_group_name))
        }
        // The stack's own name, or the stack's name and a word: a stack's name has 98 characters at most.
        Properties::Dashboard(_)
        | Properties::Alias(_)
        | Properties::Api(_)
        | Properties::RestApi(_)
        | Properties::WebAcl(_) => None,
        // Named by CloudFormation, or not at all.
        Properties::TopicPolicy(_)
        | Properties::Subscription(_)
        | Properties::QueuePolicy(_)
        | Properties::Role(_)
        | Properties::Function(_)
        | Properties::Permission(_)
        | Properties::EventSourceMapping(_)
        | Properties::EventInvokeConfig(_)
        | Properties::Rule(_)
        | Properties::Table(_)
        | Properties::Key(_)
        | Properties::Stage(_)
        | Properties::Integration(_)
        | Properties::Route(_)
        | Properties::Authorizer(_)
        | Properties::RestResource(_)
        | Properties::RestMethod(_)
        | Properties::RestAuthorizer(_)
        | Properties::GatewayResponse(_)
        | Properties::RestDeployment(_)
        | Properties::RestStage(_)
        | Properties::WebAclAssociation(_)
        | Properties::Raw(_) => None,
    }
}

/// The section that gives the name.
fn place(resource: &Resource, topology: &Topology) -> Span {
    let section = match &resource.section {
        Section::Subscription(name) => topology.subscriptions.get(name).map(|s| s.span),
        Section::App
        | Section::Topic(_)
        | Section::Api
        | Section::Routes(_)
        | Section::Service(_)
        | Section::Resource(_) => None,
    };
    section.unwrap_or(resource.origin.span)
}
