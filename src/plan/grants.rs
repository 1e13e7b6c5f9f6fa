//! Least privilege: what a function may do, one statement for each edge of the topology that asks for it.

use std::collections::BTreeSet;

use super::builder::Builder;
use super::{Section, key, logical_id, topic};
use crate::aws::iam::Statement;
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::encryption::Encryption;
use crate::model::names::TopicName;
use crate::model::service::Service;

/// The statements of a service's role, in its stack. Nothing is granted that no edge asks for.
pub(super) fn of(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &Builder<'_>,
) -> Vec<Statement> {
    let mut statements = vec![
        Statement::allow(
            "WriteLogs",
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            vec![Text::GetAtt(logical_id::log_group(&service.name), "Arn")],
        ),
        // X-Ray knows no resources: AWS offers nothing finer than `*` for these two actions.
        Statement::allow(
            "SendTraces",
            &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            vec!["*".into()],
        ),
    ];
    if let Some(table) = &service.table {
        statements.push(Statement::allow(
            "UseOwnTable",
            &[
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
            ],
            vec![Text::GetAtt(logical_id::table(&table.name), "Arn")],
        ));
        statements.extend(key::grants(
            "UseTableKey",
            &[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            &[&topology.app.encryption.value],
            section,
            builder,
        ));
    }
    let topics: BTreeSet<&TopicName> = service
        .publishes
        .iter()
        .filter_map(|event| Some(&topology.events.get(&event.value)?.topic))
        .collect();
    if !topics.is_empty() {
        statements.push(Statement::allow(
            "PublishEvents",
            &["sns:Publish"],
            topics
                .iter()
                .map(|name| topic::arn(name, section, builder))
                .collect(),
        ));
        // Publishers of an encrypted topic need both (sns-key-management.html).
        let used: Vec<&Encryption> = topics
            .iter()
            .filter_map(|name| Some(&topology.topics.get(*name)?.encryption.value))
            .collect();
        let actions = &["kms:Decrypt", "kms:GenerateDataKey*"];
        statements.extend(key::grants(
            "UseTopicKeys",
            actions,
            &used,
            section,
            builder,
        ));
    }
    let subscriptions: Vec<_> = topology
        .flow
        .subscriptions(&service.name)
        .iter()
        .filter_map(|name| topology.subscriptions.get(name))
        .collect();
    if !subscriptions.is_empty() {
        statements.push(Statement::allow(
            "ConsumeOwnQueues",
            &[
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            subscriptions
                .iter()
                .map(|subscription| Text::GetAtt(logical_id::queue(&subscription.name), "Arn"))
                .collect(),
        ));
        let used: Vec<&Encryption> = subscriptions.iter().map(|s| &s.encryption.value).collect();
        statements.extend(key::grants(
            "UseQueueKeys",
            &["kms:Decrypt"],
            &used,
            section,
            builder,
        ));
    }
    statements
}
