//! Lowering: a [`Topology`] to a [`Plan`], the typed graph of AWS resources.
//!
//! One file for each word of the language, named as in `model/`. Each resource remembers the line that caused it.
//! Emission, the local cloud and operations read the plan and never the topology.

mod alarm;
mod api;
mod body;
mod builder;
mod circle;
mod dashboard;
mod decided;
mod environment_size;
mod extra;
mod failures;
mod function;
mod grants;
mod key;
pub mod logical_id;
mod longest;
mod name_length;
pub mod outbox;
mod patch;
mod policy_size;
mod schedule;
mod second_policy;
mod service;
mod subscription;
mod table;
mod target;
pub mod template_size;
mod topic;
mod torn;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::aws::Properties;
use crate::aws::value::{LogicalId, Text};
use crate::diag::{Code, Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::model::app::Stacks;
use crate::model::function::Architecture;
use crate::model::names::{ResourceId, ServiceName, SubscriptionName, TopicName};
use crate::model::service::Service;
use crate::model::tag;
use crate::source::{Source, Span};
use builder::Builder;
use longest::Longest;
pub use patch::Patch;

/// The typed graph of AWS resources of one environment.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `{app}-{environment}`.
    pub name: String,
    /// The app.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The team that owns the app.
    pub owner: Option<String>,
    /// Tags of every stack, beside the app, the environment and the owner.
    pub tags: BTreeMap<String, String>,
    /// AWS Region that the file fixes.
    pub region: Option<String>,
    /// AWS account that the file fixes.
    pub account: Option<String>,
    /// In the order in which they are deployed: what others import from comes first.
    pub stacks: Vec<Stack>,
    /// What has to be built, by service.
    pub handlers: BTreeMap<ServiceName, Handler>,
    /// Queues by subscription.
    pub consumers: BTreeMap<SubscriptionName, Consumer>,
    /// Tables by service.
    pub tables: BTreeMap<ServiceName, TableRef>,
    /// The API; none where no service has a route.
    pub api: Option<ApiRef>,
}

impl Plan {
    /// A plan of no stack.
    fn empty(topology: &Topology) -> Self {
        Self {
            name: topology.name(),
            app: topology.app.name.to_string(),
            environment: topology.environment.name.to_string(),
            owner: topology.app.owner.as_ref().map(ToString::to_string),
            tags: tag::as_text(&topology.app.tags),
            region: topology.environment.region.as_ref().map(|r| r.0.clone()),
            account: topology.environment.account.as_ref().map(|a| a.0.clone()),
            stacks: Vec::new(),
            handlers: BTreeMap::new(),
            consumers: BTreeMap::new(),
            tables: BTreeMap::new(),
            api: None,
        }
    }

    fn add(&mut self, part: Self) {
        self.stacks.extend(part.stacks);
        self.handlers.extend(part.handlers);
        self.consumers.extend(part.consumers);
        self.tables.extend(part.tables);
        self.api = self.api.take().or(part.api);
    }

    /// All resources, stack by stack.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.stacks.iter().flat_map(|stack| &stack.resources)
    }
}

/// One CloudFormation stack.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// What its artefacts are called in the folder of the environment, such as `services/payment`; nothing for the only stack.
    pub stem: String,
    /// The service whose stack it is; none for the only stack and for the core.
    pub service: Option<ServiceName>,
    /// Shown in the console.
    pub description: String,
    /// Parameters by id, with their descriptions.
    pub parameters: BTreeMap<LogicalId, String>,
    /// Resources: grouped by section, in the order they are best read.
    pub resources: Vec<Resource>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, Output>,
}

impl Stack {
    /// Where the artefact `name` lies in the folder of the environment: `template.json`, or `services/payment.template.json`. A
    /// folder for each would be a seventh of what rendering a thousand costs.
    pub fn artefact(&self, name: &str) -> String {
        match self.stem.as_str() {
            "" => name.to_owned(),
            stem => [stem, ".", name].concat(),
        }
    }

    /// What findings call it. Without the environment's name: the same finding in several of them is told once.
    fn called(&self) -> String {
        match &self.service {
            Some(service) => format!("the stack of the service `{service}`"),
            None if self.stem.is_empty() => "the template".to_owned(),
            None => "the stack `core`".to_owned(),
        }
    }
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
    /// Tags beside those of the stack.
    pub tags: BTreeMap<String, String>,
    /// Resources that must be there before it, beyond those that it refers to.
    pub depends_on: Vec<LogicalId>,
    /// What becomes of it, and of what it holds, when it is removed or replaced; none where it holds nothing.
    pub removal: Option<Removal>,
    /// The line that caused it.
    pub origin: Origin,
    /// What the file lays over it.
    pub patch: Option<Patch>,
}

impl Resource {
    /// The lines that made it what it is.
    pub fn lines(&self) -> String {
        match &self.patch {
            None => [&*self.origin.file, ":", &self.origin.line.to_string()].concat(),
            Some(patch) => format!("{}, changed by {}", self.origin, patch.origin),
        }
    }
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
    /// A topic of events; without a name the one of a file that declares none.
    Topic(Option<TopicName>),
    /// The API.
    Api,
    /// The routes of one service.
    Routes(ServiceName),
    /// One service.
    Service(ServiceName),
    /// One subscription.
    Subscription(SubscriptionName),
    /// A resource that the file adds.
    Resource(ResourceId),
}

impl Section {
    /// The section of the topology file that asks for it. Unlike a line it does not move when other sections do, so it
    /// may stand in the template.
    pub fn path(&self) -> String {
        self.path_parts().concat()
    }

    /// [`Self::path`] in pieces, for whoever puts something before it.
    fn path_parts(&self) -> [&str; 3] {
        match self {
            Self::App | Self::Topic(None) => ["app", "", ""],
            Self::Topic(Some(name)) => ["topics.", name.as_str(), ""],
            Self::Api => ["services.*.http", "", ""],
            Self::Routes(name) => ["services.", name.as_str(), ".http"],
            Self::Service(name) => ["services.", name.as_str(), ""],
            Self::Subscription(name) => ["subscriptions.", name.as_str(), ""],
            Self::Resource(id) => ["resources.", id.as_str(), ""],
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App => f.write_str("app"),
            Self::Topic(None) => f.write_str("topic"),
            Self::Topic(Some(name)) => write!(f, "topic {name}"),
            Self::Api => f.write_str("API"),
            Self::Routes(name) => write!(f, "routes of {name}"),
            Self::Service(name) => write!(f, "service {name}"),
            Self::Subscription(name) => write!(f, "subscription {name}"),
            Self::Resource(id) => write!(f, "resource {id}"),
        }
    }
}

/// The place in the file that caused a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file's name, without its folder.
    pub file: Arc<str>,
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
    /// The name under which other stacks import it.
    pub export: Option<String>,
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
    /// The stack that the function is in.
    pub stack: String,
    /// The function.
    pub function: LogicalId,
    /// Its log group.
    pub log_group: LogicalId,
    /// The line that asks for it.
    pub origin: Origin,
}

/// Where a service's zip is built, from the environment's folder in `out/`.
pub fn zip_path(service: &ServiceName) -> String {
    format!("functions/{service}.zip")
}

/// The queues of a subscription, for whoever operates them.
#[derive(Debug, Clone)]
pub struct Consumer {
    /// The service that receives.
    pub service: ServiceName,
    /// The stack that its queues are in.
    pub stack: String,
    /// Its queue.
    pub queue: LogicalId,
    /// Its dead-letter queue.
    pub dead_letter_queue: LogicalId,
    /// The queue of messages that SNS could not deliver.
    pub undelivered_queue: LogicalId,
    /// The alarm on its dead-letter queue, unless it is switched off.
    pub dead_letter_alarm: Option<LogicalId>,
}

/// A service's table, for whoever looks into it.
#[derive(Debug, Clone)]
pub struct TableRef {
    /// The table.
    pub table: LogicalId,
    /// Its partition key.
    pub key: String,
}

/// The app's API, for whoever calls it.
#[derive(Debug, Clone)]
pub struct ApiRef {
    /// The API.
    pub id: LogicalId,
    /// Its stage.
    pub stage: String,
}

/// What becomes a stack of its own.
#[derive(Debug, Clone, Copy)]
pub enum Unit<'a> {
    /// All of the app.
    Whole,
    /// What the services share.
    Core,
    /// One service and its subscriptions.
    Service(&'a Service),
}

/// The stacks of a topology, in the order in which they are deployed.
pub fn units(topology: &Topology) -> Vec<Unit<'_>> {
    match topology.app.stacks {
        Stacks::Single => vec![Unit::Whole],
        Stacks::PerService => std::iter::once(Unit::Core)
            .chain(topology.services.values().map(Unit::Service))
            .collect(),
    }
}

/// The services whose resources are in `stack`.
fn services_in<'a>(stack: &Stack, topology: &'a Topology) -> Vec<&'a Service> {
    match (&stack.service, topology.app.stacks) {
        (Some(name), _) => topology.services.get(name).into_iter().collect(),
        (None, Stacks::Single) => topology.services.values().collect(),
        (None, Stacks::PerService) => Vec::new(),
    }
}

/// Lowers `topology`; `source` turns its places into lines. Findings are collisions of ids and AWS's limits.
pub fn lower(topology: &Topology, source: &Source) -> (Plan, Diagnostics) {
    let mut plan = Plan::empty(topology);
    let mut diagnostics = Diagnostics::default();
    for unit in units(topology) {
        let (part, found) = lower_unit(topology, source, unit);
        plan.add(part);
        diagnostics.extend(found);
    }
    patch::refuse_unknown(topology, &plan, &mut diagnostics);
    (plan, diagnostics)
}

/// Findings that hold only of a topology that is all that the file means: in what is left out, there could be a resource of that name.
pub const OF_THE_WHOLE: [Code; 3] = [
    codes::NAME_COLLISION,
    codes::UNKNOWN_RESOURCE,
    codes::IDLE_OVERRIDE,
];

/// Overrides of resources that are in no stack: what only shows when all are lowered.
pub fn unknown_overrides(topology: &Topology, source: &Source) -> Diagnostics {
    if topology.overrides.is_empty() {
        return Diagnostics::default();
    }
    lower(topology, source).1
}

/// Lowers one of the [`units`] by itself: a plan of one stack. No stack depends on what is in another service's.
pub fn lower_unit(topology: &Topology, source: &Source, unit: Unit<'_>) -> (Plan, Diagnostics) {
    let mut builder = Builder::new(topology, source, unit);
    if matches!(unit, Unit::Whole | Unit::Core) {
        key::lower(topology, &mut builder);
        alarm::lower(topology, &mut builder);
        topic::lower(topology, &mut builder);
        api::lower(topology, &mut builder);
        dashboard::lower(topology, &mut builder);
    }
    match unit {
        Unit::Whole => {
            for service in topology.services.values() {
                service_unit(topology, service, &mut builder);
            }
            // It has to know all routes: a REST API is of the only stack.
            api::finish(topology, &mut builder);
        }
        Unit::Core => {}
        Unit::Service(service) => service_unit(topology, service, &mut builder),
    }
    extra::lower(topology, unit, &mut builder);
    patch::lower(topology, &mut builder);
    let plan = builder.finish();
    let diagnostics = check(&plan, topology);
    (plan, diagnostics)
}

fn service_unit(topology: &Topology, service: &Service, builder: &mut Builder<'_>) {
    api::routes(topology, service, builder);
    service::lower(topology, service, builder);
    for name in topology.flow.subscriptions(&service.name) {
        if let Some(subscription) = topology.subscriptions.get(name) {
            subscription::lower(topology, subscription, builder);
        }
    }
}

fn check(plan: &Plan, topology: &Topology) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    refuse_collisions(plan, &mut diagnostics);
    name_length::check(plan, topology, &mut diagnostics);
    for stack in &plan.stacks {
        let longest = Longest::of(stack);
        environment_size::check(stack, &longest, &mut diagnostics);
        policy_size::check(stack, &longest, &mut diagnostics);
        template_size::check(stack, topology, &mut diagnostics);
        extra::check(topology, stack, &mut diagnostics);
        second_policy::check(topology, stack, &mut diagnostics);
        circle::check(topology, stack, &mut diagnostics);
        for resource in &stack.resources {
            if let Some(change) = topology.overrides.get(resource.id.as_str()) {
                patch::check(resource, change, &mut diagnostics);
                decided::check(resource, change, &mut diagnostics);
                torn::check(topology, resource, change, &mut diagnostics);
            }
        }
    }
    diagnostics
}

/// Refuses ids that two resources have, or a resource and a parameter.
fn refuse_collisions(plan: &Plan, diagnostics: &mut Diagnostics) {
    for stack in &plan.stacks {
        let is_parameter = |resource: &&Resource| stack.parameters.contains_key(&resource.id);
        for resource in stack.resources.iter().filter(is_parameter) {
            let message = format!("`{}` is a parameter of the template already", resource.id);
            diagnostics.push(
                Diagnostic::error(codes::NAME_COLLISION, resource.origin.span, message)
                    .help("rename it: topogen hands the functions' zips over by that name"),
            );
        }
    }
    // Nearly always there is none.
    let mut ids: Vec<&LogicalId> = plan.resources().map(|resource| &resource.id).collect();
    ids.sort_unstable();
    if ids.windows(2).all(|pair| pair.first() != pair.last()) {
        return;
    }
    let mut seen: BTreeMap<&LogicalId, &Resource> = BTreeMap::new();
    let mut told: BTreeSet<(Span, Span)> = BTreeSet::new();
    for resource in plan.resources() {
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
}
