//! Least privilege: what a function may do, one statement for each edge of the topology that asks for it.

use std::collections::{BTreeMap, BTreeSet};

use super::builder::{Builder, fill};
use super::outbox::KEY_PREFIX;
use super::{Section, key, logical_id, topic};
use crate::aws::iam::Statement;
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::encryption::Encryption;
use crate::model::environment::LOCAL;
use crate::model::names::{ServiceName, TopicName};
use crate::model::service::Service;
use crate::model::table::Table;

/// What DynamoDB does with a table's key for whoever writes into it.
const TABLE_KEY_ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
];

/// It grants PublishBatch too (sns-access-policy-language-api-permissions-reference.html).
const PUBLISH: &[&str] = &["sns:Publish"];
/// The local cloud asks for an action of that name, which AWS does not have (docs/decisions/005).
const PUBLISH_LOCALLY: &[&str] = &["sns:Publish", "sns:PublishBatch"];

/// The statements of a service's role, in its stack. Nothing is granted that no edge asks for.
pub(super) fn of(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &Builder<'_>,
) -> Vec<Statement> {
    let mut statements = Vec::new();
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
            TABLE_KEY_ACTIONS,
            &[&topology.app.encryption.value],
            section,
            builder,
        ));
    }
    // With an outbox the relay alone publishes.
    if service.outbox.is_none() {
        statements.extend(publish(topology, service, section, builder));
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
    if !service.secrets.is_empty() {
        let mut arns: Vec<String> = service
            .secrets
            .values()
            .map(|secret| secret.value.iam_resource())
            .collect();
        arns.sort();
        arns.dedup();
        let arns = arns.into_iter().map(|arn| fill(arn, BTreeMap::new()));
        statements.push(Statement::allow(
            "ReadSecrets",
            &["secretsmanager:GetSecretValue"],
            arns.collect(),
        ));
    }
    if service.schedule.is_some() {
        statements.push(Statement::allow(
            "ReportFailures",
            &["sqs:SendMessage"],
            vec![Text::GetAtt(
                logical_id::schedule_failures(&service.name),
                "Arn",
            )],
        ));
        statements.extend(key::grants(
            "UseFailuresKey",
            &["kms:Decrypt", "kms:GenerateDataKey*"],
            &[&topology.app.encryption.value],
            section,
            builder,
        ));
    }
    for (at, permission) in service.permissions.iter().enumerate() {
        let actions = permission.actions.iter().map(|a| a.value.0.clone());
        let resources = permission
            .resources
            .iter()
            .map(|resource| fill(resource.value.0.clone(), BTreeMap::new()));
        statements.push(Statement::allow_written(
            format!("FromTopology{}", at + 1),
            actions.collect(),
            resources.collect(),
        ));
    }
    statements
}

/// What every function may do.
pub(super) fn every_function(name: &ServiceName) -> Vec<Statement> {
    vec![
        Statement::allow(
            "WriteLogs",
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            vec![Text::GetAtt(logical_id::log_group(name), "Arn")],
        ),
        // X-Ray knows no resources: AWS offers nothing finer than `*` for these two actions.
        Statement::allow(
            "SendTraces",
            &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            vec!["*".into()],
        ),
    ]
}

/// What the relay of a service's outbox may do.
pub(super) fn relay(
    topology: &Topology,
    service: &Service,
    table: &Table,
    section: &Section,
    builder: &Builder<'_>,
) -> Vec<Statement> {
    let relay = service.name.outbox();
    let table = logical_id::table(&table.name);
    let mut statements = vec![
        Statement::allow(
            "ReadStream",
            &[
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
            ],
            vec![Text::GetAtt(table.clone(), "StreamArn")],
        ),
        // This one knows the streams of a table, not one of them.
        Statement::allow(
            "FindStream",
            &["dynamodb:ListStreams"],
            vec![Text::Sub(format!("${{{table}.Arn}}/stream/*"))],
        ),
        // The records of the outbox, and no other item of the table.
        Statement::allow(
            "MarkPublished",
            &["dynamodb:UpdateItem"],
            vec![Text::GetAtt(table, "Arn")],
        )
        .when(
            "ForAllValues:StringLike",
            "dynamodb:LeadingKeys",
            format!("{KEY_PREFIX}*").into(),
        ),
        Statement::allow(
            "ReportFailures",
            &["sqs:SendMessage"],
            vec![Text::GetAtt(logical_id::relay_failures(&relay), "Arn")],
        ),
    ];
    // Of the table, its stream and the queue of failures, which are encrypted alike.
    statements.extend(key::grants(
        "UseTableAndQueueKey",
        TABLE_KEY_ACTIONS,
        &[&topology.app.encryption.value],
        section,
        builder,
    ));
    statements.extend(publish(topology, service, section, builder));
    statements
}

fn publish(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &Builder<'_>,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    let topics: BTreeSet<&TopicName> = service
        .publishes
        .iter()
        .filter_map(|event| Some(&topology.events.get(&event.value)?.topic))
        .collect();
    if !topics.is_empty() {
        let actions = if topology.environment.name.as_str() == LOCAL {
            PUBLISH_LOCALLY
        } else {
            PUBLISH
        };
        statements.push(Statement::allow(
            "PublishEvents",
            actions,
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
    statements
}
