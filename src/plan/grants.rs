//! Least privilege: what a function may do, one statement for each edge of the topology that asks for it.

use super::logical_id;
use crate::aws::iam::Statement;
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::service::Service;

/// The statements of a service's role. Nothing is granted that no edge asks for.
pub(super) fn of(topology: &Topology, service: &Service) -> Vec<Statement> {
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
    }
    if !service.publishes.is_empty() {
        statements.push(Statement::allow(
            "PublishEvents",
            &["sns:Publish"],
            vec![Text::Ref(logical_id::topic())],
        ));
    }
    let queues: Vec<Text> = topology
        .subscriptions
        .values()
        .filter(|subscription| subscription.service.value == service.name)
        .map(|subscription| Text::GetAtt(logical_id::queue(&subscription.name), "Arn"))
        .collect();
    if !queues.is_empty() {
        statements.push(Statement::allow(
            "ConsumeOwnQueues",
            &[
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            queues,
        ));
    }
    statements
}
