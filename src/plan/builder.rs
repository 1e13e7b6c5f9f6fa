//! Collects what the lowering files make for one stack, and lets it refer to what another stack holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Origin, Output, Plan, Removal, Resource, Section, Stack, Unit};
use crate::aws::value::{LogicalId, Text};
use crate::aws::{Properties, TagForm};
use crate::model::Topology;
use crate::model::app::Stacks;
use crate::model::names::OwnerName;
use crate::model::raw::references;
use crate::model::tag;
use crate::source::{Source, Span, Spanned};

/// What the stacks have in common, and where it is: in the core, when every service has a stack of its own.
const CORE: &str = "core";

/// Resources of a service with one subscription, more or less: what is made room for.
const TYPICAL: usize = 32;

pub(super) struct Builder<'a> {
    source: &'a Source,
    file: Arc<str>,
    topology: &'a Topology,
    unit: Unit<'a>,
    /// With one stack, that of the unit.
    pub(super) plan: Plan,
    stack: Stack,
}

impl<'a> Builder<'a> {
    pub(super) fn new(topology: &'a Topology, source: &'a Source, unit: Unit<'a>) -> Self {
        let plan = Plan::empty(topology);
        let app = &topology.app.name;
        let (name, stem, what, service) = match unit {
            Unit::Whole => (
                plan.name.clone(),
                String::new(),
                format!("The app {app}"),
                None,
            ),
            Unit::Core => (
                format!("{}-{CORE}", plan.name),
                CORE.to_owned(),
                format!("What the services of the app {app} share"),
                None,
            ),
            Unit::Service(service) => (
                format!("{}-{}", plan.name, service.name),
                format!("services/{}", service.name),
                format!("The service {} of the app {app}", service.name),
                Some(service.name.clone()),
            ),
        };
        let stack = Stack {
            name,
            stem,
            service,
            description: format!(
                "{what} in the environment {}, made by topogen",
                topology.environment.name
            ),
            parameters: BTreeMap::new(),
            resources: Vec::with_capacity(TYPICAL),
            outputs: BTreeMap::new(),
        };
        Self {
            source,
            file: source.file_name().into(),
            topology,
            unit,
            plan,
            stack,
        }
    }

    /// The plan of this one stack, its resources in the order they are best read.
    pub(super) fn finish(mut self) -> Plan {
        self.stack
            .resources
            .sort_by(|a, b| a.section.cmp(&b.section));
        self.plan.stacks.push(self.stack);
        self.plan
    }

    pub(super) fn origin(&self, span: Span) -> Origin {
        Origin {
            file: Arc::clone(&self.file),
            line: self.source.line(span.start),
            span,
        }
    }

    /// The stack that is being built.
    pub(super) fn stack(&mut self, _: &Section) -> &mut Stack {
        &mut self.stack
    }

    /// What has been added to the stack.
    pub(super) fn resources(&mut self) -> &mut [Resource] {
        &mut self.stack.resources
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
            tags: match properties.tag_form() {
                TagForm::None => BTreeMap::new(),
                TagForm::List | TagForm::Map => self.tags(section),
            },
            properties,
            depends_on: Vec::new(),
            origin: self.origin(span),
            patch: None,
        };
        let resources = &mut self.stack.resources;
        let at = resources.len();
        resources.push(resource);
        &mut resources[at]
    }

    /// Tags of what belongs to a topic or a service: its own, and its owner where that is not the app's.
    fn tags(&self, section: &Section) -> BTreeMap<String, String> {
        let service = match (section, self.unit) {
            (Section::Topic(Some(name)), _) => {
                let topic = self.topology.topics.get(name);
                let owner = topic.and_then(|topic| topic.owner.as_ref());
                return owner.map(own_tag).into_iter().collect();
            }
            (Section::App | Section::Topic(None) | Section::Api | Section::Resource(_), _) => None,
            // All else in its stack is its own.
            (_, Unit::Service(service)) => Some(service),
            (Section::Service(name) | Section::Routes(name), _) => self.topology.services.get(name),
            (Section::Subscription(name), _) => {
                let subscription = self.topology.subscriptions.get(name);
                subscription.and_then(|subscription| {
                    self.topology.services.get(&subscription.service.value)
                })
            }
        };
        let Some(service) = service else {
            return BTreeMap::new();
        };
        let owner = service.owner.iter().map(own_tag);
        owner.chain(tag::as_text(&service.tags)).collect()
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
        let shares = matches!(self.unit, Unit::Core);
        let output = Output {
            description: description.into(),
            value,
            export: shares.then(|| self.export(&name)),
        };
        self.stack(section).outputs.insert(name, output);
    }

    /// What the core shows as the output `name`, as a resource of `section` refers to it; `here` is the reference inside
    /// the core itself.
    pub(super) fn shared(&self, _: &Section, name: &str, here: impl FnOnce() -> Text) -> Text {
        match self.unit {
            Unit::Whole | Unit::Core => here(),
            Unit::Service(_) => Text::ImportValue(self.export(name)),
        }
    }

    fn export(&self, name: &str) -> String {
        [&self.plan.name, "-", CORE, "-", name].concat()
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
            Stacks::PerService => {
                let text = [prefix, &self.plan.name, "-", suffix].concat();
                match prefix.contains("${") {
                    true => Text::Sub(text),
                    false => Text::Literal(text),
                }
            }
        }
    }
}

fn own_tag(owner: &Spanned<OwnerName>) -> (String, String) {
    ("owner".to_owned(), owner.to_string())
}

/// `pattern` with `values` filled in; one that stands in the same stack stands for itself.
pub(super) fn fill(pattern: String, mut values: BTreeMap<String, Text>) -> Text {
    values.retain(|name, value| !matches!(value, Text::Ref(id) if id.as_str() == name));
    if references(&pattern).next().is_none() {
        // `Fn::Sub` alone knows this form.
        Text::Literal(pattern.replace("${!", "${"))
    } else if values.is_empty() {
        Text::Sub(pattern)
    } else {
        Text::SubWith(pattern, values)
    }
}
