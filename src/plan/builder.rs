//! Collects what the lowering files make, each resource in its stack, and lets one stack refer to what another holds.

use std::collections::BTreeMap;

use super::{Origin, Output, Plan, Removal, Resource, Section, Stack};
use crate::aws::Properties;
use crate::aws::value::{LogicalId, Text};
use crate::model::Topology;
use crate::model::app::Stacks;
use crate::model::names::{ServiceName, SubscriptionName};
use crate::source::{Source, Span};

/// What the stacks have in common, and where it is: in the core, when every service has a stack of its own.
const CORE: &str = "core";

pub(super) struct Builder<'a> {
    source: &'a Source,
    topology: &'a Topology,
    pub(super) plan: Plan,
    /// Place of a service's stack; empty when all share one.
    own_stack: BTreeMap<&'a ServiceName, usize>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(topology: &'a Topology, source: &'a Source) -> Self {
        let name = topology.name();
        let stack = |name: String, folder: String, what: String, service| Stack {
            description: format!(
                "{what} in the environment {}, made by topogen",
                topology.environment.name
            ),
            name,
            folder,
            service,
            parameters: BTreeMap::new(),
            resources: Vec::new(),
            outputs: BTreeMap::new(),
        };
        let app = &topology.app.name;
        let mut own_stack = BTreeMap::new();
        let stacks = match topology.app.stacks {
            Stacks::Single => vec![stack(
                name.clone(),
                String::new(),
                format!("The app {app}"),
                None,
            )],
            Stacks::PerService => {
                let core = stack(
                    format!("{name}-{CORE}"),
                    CORE.to_owned(),
                    format!("What the services of the app {app} share"),
                    None,
                );
                let services = topology.services.keys().enumerate().map(|(at, service)| {
                    own_stack.insert(service, at + 1);
                    stack(
                        format!("{name}-{service}"),
                        format!("services/{service}"),
                        format!("The service {service} of the app {app}"),
                        Some(service.clone()),
                    )
                });
                std::iter::once(core).chain(services).collect()
            }
        };
        Self {
            source,
            topology,
            own_stack,
            plan: Plan {
                name,
                app: app.to_string(),
                environment: topology.environment.name.to_string(),
                owner: topology.app.owner.as_ref().map(ToString::to_string),
                region: topology.environment.region.as_ref().map(|r| r.0.clone()),
                account: topology.environment.account.as_ref().map(|a| a.0.clone()),
                stacks,
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
        }
    }

    pub(super) fn origin(&self, span: Span) -> Origin {
        Origin {
            file: self.source.file_name().to_owned(),
            line: self.source.line(span.start),
            span,
        }
    }

    /// The stack that a section is in.
    pub(super) fn stack(&mut self, section: &Section) -> &mut Stack {
        let at = self.place(section);
        &mut self.plan.stacks[at]
    }

    fn place(&self, section: &Section) -> usize {
        let service = match section {
            Section::App | Section::Topic | Section::Api => None,
            Section::Service(name) | Section::Routes(name) => Some(name),
            Section::Subscription(name) => self.receiver(name),
        };
        service
            .and_then(|name| self.own_stack.get(name).copied())
            .unwrap_or(0)
    }

    fn receiver(&self, subscription: &SubscriptionName) -> Option<&'a ServiceName> {
        let subscription = self.topology.subscriptions.get(subscription)?;
        Some(&subscription.service.value)
    }

    /// Adds a resource that waits for nothing beyond what it refers to; what it holds goes with the stack.
    pub(super) fn add(
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
        let resources = &mut self.stack(section).resources;
        let at = resources.len();
        resources.push(resource);
        &mut resources[at]
    }

    pub(super) fn parameter(
        &mut self,
        section: &Section,
        id: LogicalId,
        description: impl Into<String>,
    ) {
        self.stack(section)
            .parameters
            .insert(id, description.into());
    }

    /// An output; the core's are exported, whether anybody imports them or not: what a service needs never changes the core.
    pub(super) fn output(
        &mut self,
        section: &Section,
        name: impl Into<String>,
        description: impl Into<String>,
        value: Text,
    ) {
        let name = name.into();
        let shares = !self.own_stack.is_empty() && self.place(section) == 0;
        let output = Output {
            description: description.into(),
            value,
            export: shares.then(|| self.export(&name)),
        };
        self.stack(section).outputs.insert(name, output);
    }

    /// What the core shows as the output `name`, as a resource of `section` refers to it; `here` is the reference inside
    /// the core itself.
    pub(super) fn shared(&self, section: &Section, name: &str, here: Text) -> Text {
        if self.place(section) == 0 {
            here
        } else {
            Text::ImportValue(self.export(name))
        }
    }

    fn export(&self, name: &str) -> String {
        format!("{}-{CORE}-{name}", self.plan.name)
    }

    /// `{app}-{environment}-{suffix}`: the form of every name that topogen gives.
    pub(super) fn scoped(&self, suffix: &str) -> Text {
        self.scoped_after("", suffix)
    }

    /// As [`Self::scoped`], after a `prefix` such as `alias/`, which may hold names in `${}`.
    pub(super) fn scoped_after(&self, prefix: &str, suffix: &str) -> Text {
        match self.topology.app.stacks {
            // The same template may be deployed under another name.
            Stacks::Single => Text::Sub(format!("{prefix}${{AWS::StackName}}-{suffix}")),
            Stacks::PerService if prefix.contains("${") => {
                Text::Sub(format!("{prefix}{}-{suffix}", self.plan.name))
            }
            Stacks::PerService => Text::Literal(format!("{prefix}{}-{suffix}", self.plan.name)),
        }
    }
}

/// `pattern` with `values` filled in; one that stands in the same stack stands for itself.
pub(super) fn fill(pattern: String, mut values: BTreeMap<String, Text>) -> Text {
    values.retain(|name, value| !matches!(value, Text::Ref(id) if id.as_str() == name));
    if values.is_empty() {
        Text::Sub(pattern)
    } else {
        Text::SubWith(pattern, values)
    }
}
