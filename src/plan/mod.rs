//! Lowering: a [`Topology`] to a [`Plan`], the typed graph of AWS resources.
//!
//! One file for each word of the language, named as in `model/`. Each resource remembers the line that caused it.
//! Emission, the local cloud and operations read the plan and never the topology.

mod alarm;
mod api;
mod dashboard;
mod grants;
pub mod logical_id;
mod service;
mod subscription;
mod table;
mod topic;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::aws::Properties;
use crate::aws::value::{LogicalId, Text};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::model::function::Architecture;
use crate::model::names::{ServiceName, SubscriptionName};
use crate::source::{Source, Span};

/// The typed graph of AWS resources of one stack.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `{app}-{environment}`.
    pub stack_name: String,
    /// The app.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The team that owns the app.
    pub owner: Option<String>,
    /// AWS Region that the file fixes.
    pub region: Option<String>,
    /// AWS account that the file fixes.
    pub account: Option<String>,
    /// Shown in the console.
    pub description: String,
    /// Parameters by id, with their descriptions.
    pub parameters: BTreeMap<LogicalId, String>,
    /// Resources: grouped by section, in the order they are best read.
    pub resources: Vec<Resource>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, Output>,
    /// What has to be built, by service.
    pub handlers: BTreeMap<ServiceName, Handler>,
    /// Queues by subscription.
    pub consumers: BTreeMap<SubscriptionName, Consumer>,
    /// Tables by service.
    pub tables: BTreeMap<ServiceName, TableRef>,
    /// Paths of the events' JSON Schemas, and where they are written.
    pub contracts: BTreeMap<String, Span>,
}

/// One resource.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its id in the template.
    pub id: LogicalId,
    /// The part of the template that it stands in.
    pub section: Section,
    /// Type and properties.
    pub properties: Properties,
    /// Resources that must be there before it, beyond those that it refers to.
    pub depends_on: Vec<LogicalId>,
    /// What becomes of it, and of what it holds, when it is removed or replaced; none where it holds nothing.
    pub removal: Option<Removal>,
    /// The line that caused it.
    pub origin: Origin,
}

/// What becomes of a resource that holds data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It goes with the stack.
    Delete,
    /// It stays.
    Retain,
}

/// Parts of the template, in the order they are printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Alarm topic, dashboard.
    App,
    /// The topic of events.
    Topic,
    /// The HTTP API.
    Api,
    /// One service.
    Service(ServiceName),
    /// One subscription.
    Subscription(SubscriptionName),
}

impl Section {
    /// The section of the topology file that asks for it. Unlike a line it does not move when other sections do, so it
    /// may stand in the template.
    pub fn path(&self) -> String {
        match self {
            Self::App | Self::Topic => "app".to_owned(),
            Self::Api => "services.*.http".to_owned(),
            Self::Service(name) => format!("services.{name}"),
            Self::Subscription(name) => format!("subscriptions.{name}"),
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App => f.write_str("app"),
            Self::Topic => f.write_str("topic"),
            Self::Api => f.write_str("HTTP API"),
            Self::Service(name) => write!(f, "service {name}"),
            Self::Subscription(name) => write!(f, "subscription {name}"),
        }
    }
}

/// The place in the file that caused a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file's name, without its folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The same place for findings.
    pub span: Span,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// An output of the stack.
#[derive(Debug, Clone)]
pub struct Output {
    /// What it is good for.
    pub description: String,
    /// Its value.
    pub value: Text,
}

/// A function's code, still to be built.
#[derive(Debug, Clone)]
pub struct Handler {
    /// Folder of the crate, from the folder of the topology file.
    pub folder: String,
    /// Processor to build for.
    pub architecture: Architecture,
    /// The parameter that takes the zip's key.
    pub key_parameter: LogicalId,
    /// The function.
    pub function: LogicalId,
    /// Its log group.
    pub log_group: LogicalId,
    /// The line that asks for it.
    pub origin: Origin,
}

/// The queues of a subscription, for whoever operates them.
#[derive(Debug, Clone)]
pub struct Consumer {
    /// The service that receives.
    pub service: ServiceName,
    /// Its queue.
    pub queue: LogicalId,
    /// Its dead-letter queue.
    pub dead_letter_queue: LogicalId,
    /// The queue of messages that SNS could not deliver.
    pub undelivered_queue: LogicalId,
    /// The alarm on its dead-letter queue.
    pub dead_letter_alarm: LogicalId,
}

/// A service's table, for whoever looks into it.
#[derive(Debug, Clone)]
pub struct TableRef {
    /// The table.
    pub table: LogicalId,
    /// Its partition key.
    pub key: String,
}

/// Lowers `topology`; `source` turns its places into lines. Findings are collisions of ids and AWS's limits.
pub fn lower(topology: &Topology, source: &Source) -> (Plan, Diagnostics) {
    let stack_name = topology.stack_name();
    let mut builder = Builder {
        source,
        plan: Plan {
            app: topology.app.name.to_string(),
            environment: topology.environment.name.to_string(),
            owner: topology.app.owner.as_ref().map(ToString::to_string),
            region: topology.environment.region.as_ref().map(|r| r.0.clone()),
            account: topology.environment.account.as_ref().map(|a| a.0.clone()),
            description: format!(
                "The app {} in the environment {}, made by topogen",
                topology.app.name, topology.environment.name
            ),
            stack_name,
            parameters: BTreeMap::new(),
            resources: Vec::new(),
            outputs: BTreeMap::new(),
            handlers: BTreeMap::new(),
            consumers: BTreeMap::new(),
            tables: BTreeMap::new(),
            contracts: topology
                .events
                .values()
                .filter_map(|event| event.schema.as_ref())
                .map(|schema| (schema.value.clone(), schema.span))
                .collect(),
        },
    };
    builder.parameter(
        logical_id::artefact_bucket(),
        "Bucket that holds the zips of the functions",
    );
    alarm::lower(topology, &mut builder);
    topic::lower(topology, &mut builder);
    api::lower(topology, &mut builder);
    for service in topology.services.values() {
        service::lower(topology, service, &mut builder);
    }
    for subscription in topology.subscriptions.values() {
        subscription::lower(topology, subscription, &mut builder);
    }
    dashboard::lower(topology, &mut builder);
    let mut plan = builder.plan;
    plan.resources.sort_by(|a, b| a.section.cmp(&b.section));
    let diagnostics = check(&plan, topology);
    (plan, diagnostics)
}

/// Collects what the lowering files make.
struct Builder<'a> {
    source: &'a Source,
    plan: Plan,
}

impl Builder<'_> {
    fn origin(&self, span: Span) -> Origin {
        Origin {
            file: self.source.file_name().to_owned(),
            line: self.source.line(span.start),
            span,
        }
    }

    /// Adds a resource that waits for nothing beyond what it refers to; what it holds goes with the stack.
    fn add(
        &mut self,
        section: &Section,
        span: Span,
        id: LogicalId,
        properties: impl Into<Properties>,
    ) -> &mut Resource {
        let properties = properties.into();
        let resource = Resource {
            id,
            section: section.clone(),
            removal: properties.holds_data().then_some(Removal::Delete),
            properties,
            depends_on: Vec::new(),
            origin: self.origin(span),
        };
        let at = self.plan.resources.len();
        self.plan.resources.push(resource);
        &mut self.plan.resources[at]
    }

    fn parameter(&mut self, id: LogicalId, description: impl Into<String>) {
        self.plan.parameters.insert(id, description.into());
    }

    fn output(&mut self, name: impl Into<String>, description: impl Into<String>, value: Text) {
        let output = Output {
            description: description.into(),
            value,
        };
        self.plan.outputs.insert(name.into(), output);
    }
}

/// `${AWS::StackName}-{suffix}`: the form of every name that topogen gives.
fn stack_scoped(suffix: &str) -> Text {
    Text::Sub(format!("${{AWS::StackName}}-{suffix}"))
}

/// A template may hold 500 resources and 200 parameters (cloudformation-limits.html).
const MAX_RESOURCES: usize = 500;
const MAX_PARAMETERS: usize = 200;

fn check(plan: &Plan, topology: &Topology) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let mut seen: BTreeMap<&LogicalId, &Resource> = BTreeMap::new();
    let mut told: BTreeSet<(Span, Span)> = BTreeSet::new();
    for resource in &plan.resources {
        let Some(first) = seen.insert(&resource.id, resource) else {
            continue;
        };
        // Two names that fall together do so in all their resources: the first one says it.
        if told.insert((first.origin.span, resource.origin.span)) {
            diagnostics.push(
                Diagnostic::error(
                    codes::NAME_COLLISION,
                    resource.origin.span,
                    format!(
                        "{} and {} both become `{}` in the template",
                        first.section, resource.section, resource.id
                    ),
                )
                .related(first.origin.span, "the other one")
                .help("logical ids have letters and digits alone: rename one of the two"),
            );
        }
    }
    for (what, count, max) in [
        ("resources", plan.resources.len(), MAX_RESOURCES),
        ("parameters", plan.parameters.len(), MAX_PARAMETERS),
    ] {
        if count > max {
            diagnostics.push(
                Diagnostic::error(
                    codes::TEMPLATE_SIZE,
                    topology.app.name.span,
                    format!("the stack needs {count} {what}, CloudFormation takes {max}"),
                )
                .help(
                    "split the app: give a group of services a topology file and a name of its own",
                ),
            );
        }
    }
    diagnostics
}
