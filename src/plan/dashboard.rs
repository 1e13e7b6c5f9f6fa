//! The app's dashboard: what each consumer has before it, and how the functions fare.

use serde_json::{Value, json};

use super::builder::Builder;
use super::{Section, logical_id};
use crate::aws::cloudwatch::Dashboard;
use crate::aws::value::{LogicalId, Text};
use crate::model::Topology;
use crate::model::app::Stacks;
use crate::model::names::ServiceName;
use crate::model::service::Service;

/// Columns of the grid; three widgets stand side by side.
const WIDTH: usize = 24;
const WIDGET: (usize, usize) = (8, 6);

pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    let mut widgets = match topology.app.stacks {
        Stacks::Single => by_name(topology),
        Stacks::PerService => by_search(topology),
    };
    place(&mut widgets);
    builder.add(
        &Section::App,
        topology.app.name.span,
        logical_id::dashboard(),
        Dashboard {
            dashboard_name: Text::Pseudo("AWS::StackName"),
            dashboard_body: Text::Sub(json!({ "widgets": widgets }).to_string()),
        },
    );
}

/// What runs in other stacks is found by the beginning of its name, so that no service changes the core.
fn by_search(topology: &Topology) -> Vec<Value> {
    let name = topology.name();
    [
        ("queues: messages waiting", "AWS/SQS", "QueueName", "ApproximateNumberOfMessagesVisible", "Maximum"),
        ("queues: age of the oldest message (s)", "AWS/SQS", "QueueName", "ApproximateAgeOfOldestMessage", "Maximum"),
        ("queues: messages deleted", "AWS/SQS", "QueueName", "NumberOfMessagesDeleted", "Sum"),
        ("functions: invocations", "AWS/Lambda", "FunctionName", "Invocations", "Sum"),
        ("functions: errors", "AWS/Lambda", "FunctionName", "Errors", "Sum"),
        ("functions: slowest (ms)", "AWS/Lambda", "FunctionName", "Duration", "p99"),
    ]
    .into_iter()
    .map(|(title, namespace, dimension, metric, statistic)| {
        let expression =
            format!("SEARCH('{{{namespace},{dimension}}} MetricName=\"{metric}\" {name}', '{statistic}', 60)");
        widget(title, statistic, &[json!([{ "expression": expression, "id": "all" }])])
    })
    .collect()
}

fn by_name(topology: &Topology) -> Vec<Value> {
    let mut widgets: Vec<Value> = Vec::new();
    for subscription in topology.subscriptions.values() {
        let queue = format!("${{{}.QueueName}}", logical_id::queue(&subscription.name));
        let dead = format!(
            "${{{}.QueueName}}",
            logical_id::dead_letter_queue(&subscription.name)
        );
        let sqs = |metric: &str, queue: &str, label: &str| json!(["AWS/SQS", metric, "QueueName", queue, { "label": label }]);
        widgets.push(widget(
            &format!("{}: messages", subscription.name),
            "Maximum",
            &[
                sqs("ApproximateNumberOfMessagesVisible", &queue, "waiting"),
                sqs("ApproximateNumberOfMessagesNotVisible", &queue, "in flight"),
                sqs("ApproximateNumberOfMessagesVisible", &dead, "dead letters"),
            ],
        ));
        widgets.push(widget(
            &format!("{}: age of the oldest message (s)", subscription.name),
            "Maximum",
            &[sqs("ApproximateAgeOfOldestMessage", &queue, "age")],
        ));
        widgets.push(widget(
            &format!("{}: received and deleted", subscription.name),
            "Sum",
            &[
                sqs("NumberOfMessagesReceived", &queue, "received"),
                sqs("NumberOfMessagesDeleted", &queue, "deleted"),
            ],
        ));
    }
    for (title, metric, statistic) in [
        ("functions: invocations", "Invocations", "Sum"),
        ("functions: errors", "Errors", "Sum"),
        ("functions: slowest (ms)", "Duration", "p99"),
    ] {
        let metrics: Vec<Value> = functions(topology)
            .iter()
            .map(|name| json!(["AWS/Lambda", metric, "FunctionName", reference(&logical_id::function(name)), { "label": name.as_str() }]))
            .collect();
        if !metrics.is_empty() {
            widgets.push(widget(title, statistic, &metrics));
        }
    }
    widgets
}

/// Those of the services, each with the relay of its outbox.
fn functions(topology: &Topology) -> Vec<ServiceName> {
    let of_one = |service: &Service| {
        let relay = service.outbox.map(|_| service.name.outbox());
        std::iter::once(service.name.clone()).chain(relay)
    };
    topology.services.values().flat_map(of_one).collect()
}

fn widget(title: &str, statistic: &str, metrics: &[Value]) -> Value {
    json!({
        "type": "metric",
        "properties": {
            "title": title,
            "region": "${AWS::Region}",
            "view": "timeSeries",
            "stat": statistic,
            "period": 60,
            "metrics": metrics,
        },
    })
}

/// Fills the grid row by row.
fn place(widgets: &mut [Value]) {
    let (width, height) = WIDGET;
    let columns = WIDTH / width;
    for (at, widget) in widgets.iter_mut().enumerate() {
        widget["x"] = json!(at % columns * width);
        widget["y"] = json!(at / columns * height);
        widget["width"] = json!(width);
        widget["height"] = json!(height);
    }
}

fn reference(id: &LogicalId) -> String {
    format!("${{{id}}}")
}
