//! The app's dashboard: what each consumer has before it, and how the functions fare.

use serde::Serialize;

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

#[derive(Serialize)]
struct Body {
    widgets: Vec<Widget>,
}

#[derive(Serialize)]
struct Widget {
    r#type: &'static str,
    properties: Graph,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// Lines over time.
#[derive(Serialize)]
struct Graph {
    title: String,
    region: &'static str,
    view: &'static str,
    stat: &'static str,
    /// In seconds.
    period: u32,
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Metric {
    /// Namespace, metric, dimension and its value.
    Named(&'static str, &'static str, &'static str, String, Label),
    Search([Search; 1]),
}

#[derive(Serialize)]
struct Label {
    label: String,
}

#[derive(Serialize)]
struct Search {
    expression: String,
    id: &'static str,
}

#[expect(clippy::expect_used, reason = "its keys are the names above")]
pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    let graphs = match topology.app.stacks {
        Stacks::Single => by_name(topology),
        Stacks::PerService => by_search(topology),
    };
    let widgets = graphs.into_iter().enumerate().map(place).collect();
    let body = serde_json::to_string(&Body { widgets }).expect("a dashboard is JSON");
    builder.add(
        &Section::App,
        topology.app.name.span,
        logical_id::dashboard(),
        Dashboard {
            dashboard_name: Text::Pseudo("AWS::StackName"),
            dashboard_body: Text::Sub(body),
        },
    );
}

/// What runs in other stacks is found by the beginning of its name, so that no service changes the core.
fn by_search(topology: &Topology) -> Vec<Graph> {
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
        let search = Search { expression, id: "all" };
        graph(title.to_owned(), statistic, vec![Metric::Search([search])])
    })
    .collect()
}

fn by_name(topology: &Topology) -> Vec<Graph> {
    let mut graphs = Vec::new();
    for subscription in topology.subscriptions.values() {
        let sqs = |metric, queue: &LogicalId, label: &str| {
            let label = label.to_owned();
            let queue = format!("${{{queue}.QueueName}}");
            Metric::Named("AWS/SQS", metric, "QueueName", queue, Label { label })
        };
        let name = &subscription.name;
        let queue = &logical_id::queue(name);
        let dead = &logical_id::dead_letter_queue(name);
        graphs.push(graph(
            format!("{name}: messages"),
            "Maximum",
            vec![
                sqs("ApproximateNumberOfMessagesVisible", queue, "waiting"),
                sqs("ApproximateNumberOfMessagesNotVisible", queue, "in flight"),
                sqs("ApproximateNumberOfMessagesVisible", dead, "dead letters"),
            ],
        ));
        graphs.push(graph(
            format!("{name}: age of the oldest message (s)"),
            "Maximum",
            vec![sqs("ApproximateAgeOfOldestMessage", queue, "age")],
        ));
        graphs.push(graph(
            format!("{name}: received and deleted"),
            "Sum",
            vec![
                sqs("NumberOfMessagesReceived", queue, "received"),
                sqs("NumberOfMessagesDeleted", queue, "deleted"),
            ],
        ));
    }
    let functions = functions(topology);
    if functions.is_empty() {
        return graphs;
    }
    for (title, metric, statistic) in [
        ("functions: invocations", "Invocations", "Sum"),
        ("functions: errors", "Errors", "Sum"),
        ("functions: slowest (ms)", "Duration", "p99"),
    ] {
        let metrics = functions.iter().map(|name| {
            let function = format!("${{{}}}", logical_id::function(name));
            let label = name.to_string();
            Metric::Named(
                "AWS/Lambda",
                metric,
                "FunctionName",
                function,
                Label { label },
            )
        });
        graphs.push(graph(title.to_owned(), statistic, metrics.collect()));
    }
    graphs
}

/// Those of the services, each with the relay of its outbox.
fn functions(topology: &Topology) -> Vec<ServiceName> {
    let of_one = |service: &Service| {
        let relay = service.outbox.map(|_| service.name.outbox());
        std::iter::once(service.name.clone()).chain(relay)
    };
    topology.services.values().flat_map(of_one).collect()
}

fn graph(title: String, stat: &'static str, metrics: Vec<Metric>) -> Graph {
    Graph {
        title,
        region: "${AWS::Region}",
        view: "timeSeries",
        stat,
        period: 60,
        metrics,
    }
}

/// Fills the grid row by row.
fn place((at, properties): (usize, Graph)) -> Widget {
    let (width, height) = WIDGET;
    let columns = WIDTH / width;
    Widget {
        r#type: "metric",
        properties,
        x: at % columns * width,
        y: at / columns * height,
        width,
        height,
    }
}
