//! The raw tree to a [`Topology`]: typed, complete, every reference good.
//!
//! Every default is filled in here, so that later stages never ask "and if it is not set?".

pub mod alarm;
pub mod api;
pub mod app;
pub mod encryption;
pub mod environment;
pub mod event;
pub mod filter;
pub mod flow;
pub mod function;
mod limits;
pub mod lints;
pub mod names;
pub mod permission;
pub mod quotas;
pub mod raw;
mod references;
pub mod schedule;
pub mod secret;
pub mod service;
mod slips;
pub mod subscription;
pub mod table;
pub mod tag;
pub mod template;
pub mod threshold;
pub mod topic;
pub mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::merge;
use crate::syntax::read::{FromNode, Required, words};
use crate::syntax::suggest;
use crate::syntax::tree::{Node, Table as Tree, Value};
use alarm::{Alarms, AlarmsWords};
use api::{Api, ApiWords};
use app::{App, AppWords};
use environment::{Environment, EnvironmentWords};
use event::{Event, EventWords};
use flow::Flow;
use function::{Architecture, FunctionWords};
use lints::Silence;
use names::{EnvironmentName, EventName, ResourceId, ServiceName, SubscriptionName, TopicName};
use quotas::{Quotas, QuotasWords};
use raw::Raw;
use service::{Service, ServiceWords};
use subscription::{Subscription, SubscriptionWords, Surroundings};
use table::TableWords;
use template::{ExtraResource, Override};
use threshold::AlarmWords;
use topic::{Topic, TopicWords};

words! {
    /// The system of services, events and subscriptions that topogen compiles.
    pub struct TopologyWords {
        /// The system as a whole.
        pub app: Required<Spanned<AppWords>>,
        /// Whom the alarms tell.
        pub alarms: Option<Spanned<AlarmsWords>>,
        /// Who may call the API, how often, from which sites.
        pub api: Option<Spanned<ApiWords>>,
        /// Settings for all services and subscriptions.
        pub defaults: Option<DefaultsWords>,
        /// What events go through; one standard topic when there is none.
        pub topics: BTreeMap<TopicName, Spanned<TopicWords>>,
        /// Facts that services publish.
        pub events: BTreeMap<EventName, Box<Spanned<EventWords>>>,
        /// Who owns a handler, a table, a queue.
        pub services: BTreeMap<ServiceName, Box<Spanned<ServiceWords>>>,
        /// Who receives which events.
        pub subscriptions: BTreeMap<SubscriptionName, Box<Spanned<SubscriptionWords>>>,
        /// Warnings that are silenced, by name or code, each with the reason.
        pub lints: BTreeMap<String, Silence>,
        /// Limits that AWS has raised for this account.
        pub quotas: Option<QuotasWords>,
        /// Resources that topogen makes, changed: a JSON merge patch of each, by logical id.
        pub overrides: BTreeMap<ResourceId, Override>,
        /// Further resources of CloudFormation, by logical id.
        pub resources: BTreeMap<ResourceId, ExtraResource>,
        /// What differs from one stack of the app to another.
        pub environments: BTreeMap<EnvironmentName, Spanned<EnvironmentWords>>,
    }

    /// Settings for all services and subscriptions; what one sets itself wins.
    pub struct DefaultsWords {
        /// For the function of every service.
        pub function: Option<FunctionWords>,
        /// For every subscription.
        pub subscription: Option<SubscriptionWords>,
        /// For every table.
        pub table: Option<TableWords>,
        /// For the alarms of every service and subscription.
        pub alarm: Option<AlarmWords>,
    }
}

/// Undeclared names that are compared with each declared one.
const MOST_SLIPS: usize = 50;

/// The system, complete, for one environment.
#[derive(Debug, Clone)]
pub struct Topology {
    /// The system as a whole.
    pub app: App,
    /// The environment it is resolved for.
    pub environment: Environment,
    /// Whom the alarms tell.
    pub alarms: Alarms,
    /// Who may call the API, how often, from which sites.
    pub api: Api,
    /// Topics by name.
    pub topics: BTreeMap<TopicName, Topic>,
    /// Events by name.
    pub events: BTreeMap<EventName, Event>,
    /// Services by name.
    pub services: BTreeMap<ServiceName, Service>,
    /// Subscriptions by name.
    pub subscriptions: BTreeMap<SubscriptionName, Subscription>,
    /// Who publishes and who receives what.
    pub flow: Flow,
    /// Warnings that are silenced, by name or code.
    pub lints: BTreeMap<String, Silence>,
    /// What AWS lets this account do.
    pub quotas: Quotas,
    /// Changes of generated resources, by logical id.
    pub overrides: BTreeMap<ResourceId, Override>,
    /// Further resources, by logical id.
    pub resources: BTreeMap<ResourceId, ExtraResource>,
    /// Those of each service's stack; under none, of the core or the only stack.
    pub resources_of: BTreeMap<Option<ServiceName>, Vec<ResourceId>>,
    /// Whether an event, a service or a subscription is left out, or the name of an event in their lists, since it cannot be.
    pub leaves_out: bool,
}

impl Topology {
    /// Events that are meant, perhaps, where services publish what is not declared: of all others it is known whether they are
    /// published. None when nothing is known.
    pub fn perhaps_published(&self) -> Option<BTreeSet<&EventName>> {
        let services = self.services.values();
        self.perhaps_meant(services.flat_map(|service| &service.publishes))
    }

    /// As [`Self::perhaps_published`], of what subscriptions receive.
    pub fn perhaps_received(&self) -> Option<BTreeSet<&EventName>> {
        let subscriptions = self.subscriptions.values();
        self.perhaps_meant(subscriptions.flat_map(|subscription| &subscription.events))
    }

    fn perhaps_meant<'a>(
        &'a self,
        named: impl Iterator<Item = &'a Spanned<EventName>>,
    ) -> Option<BTreeSet<&'a EventName>> {
        let slips: BTreeSet<&EventName> = named
            .filter(|event| !self.declares(event))
            .map(|event| &event.value)
            .collect();
        if self.leaves_out || slips.len() > MOST_SLIPS {
            return None;
        }
        let is_meant = |event: &&EventName| {
            let mut slips = slips.iter();
            slips.any(|slip| suggest::nearest(slip.as_str(), [event.as_str()]).is_some())
        };
        Some(self.events.keys().filter(is_meant).collect())
    }

    /// Whether the event has a section of its own.
    pub fn declares(&self, event: &Spanned<EventName>) -> bool {
        self.events.contains_key(&event.value)
    }

    /// CloudFormation's own words in the file: attributes of overrides and of further resources.
    pub fn raw(&self) -> impl Iterator<Item = (&String, &Raw)> {
        let overrides = self.overrides.values().map(|o| &o.attributes);
        let resources = self.resources.values().map(|r| &r.attributes);
        overrides.chain(resources).flatten()
    }

    /// `{app}-{environment}`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.app.name.value, self.environment.name)
    }
}

/// The environments that the file knows, in order: those with a section, `dev` and `local`.
pub fn environments(tree: &Tree) -> Vec<EnvironmentName> {
    let declared = merge::table(tree, "environments")
        .into_iter()
        .flat_map(|table| table.keys().map(String::as_str));
    let mut names: Vec<EnvironmentName> = declared
        .chain([environment::DEFAULT, environment::LOCAL])
        .filter_map(|name| name.parse().ok())
        .collect();
    names.sort();
    names.dedup();
    names.truncate(MAX_ENVIRONMENTS);
    names
}

/// A check compiles the file for each of them.
const MAX_ENVIRONMENTS: usize = 100;

fn few_environments(tree: &Tree, diagnostics: &mut Diagnostics) {
    let Some(node) = tree.get("environments") else {
        return;
    };
    let count = merge::table(tree, "environments").map_or(0, Tree::len);
    if count > MAX_ENVIRONMENTS {
        let message =
            format!("the file has {count} environments, topogen takes {MAX_ENVIRONMENTS}");
        diagnostics.push(
            Diagnostic::error(codes::INVALID_VALUE, node.name, message)
                .help("delete those that are gone; give others a topology file of their own"),
        );
    }
}

/// Resolves the file for one environment. The topology is there unless its frame is missing; with errors among the
/// findings it is good for further checks and nothing else.
pub fn resolve(tree: &Tree, environment: &EnvironmentName) -> (Option<Topology>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    few_environments(tree, &mut diagnostics);
    let mut tree = tree.clone();
    lay_environment(&mut tree, environment, &mut diagnostics);
    lay_defaults(&mut tree, &mut diagnostics);
    let written = ["events", "services", "subscriptions"]
        .map(|section| merge::table(&tree, section).map_or(0, Tree::len));
    let tree = Arc::new(tree);
    let root = Node {
        name: Span::default(),
        span: Span::default(),
        value: Value::Table(Arc::clone(&tree)),
    };
    let words = TopologyWords::from_node(&root, &mut diagnostics);
    slips::replace(&tree, &mut diagnostics);
    let topology = words.map(|words| complete(words, written, environment, &mut diagnostics));
    if let Some(topology) = &topology {
        references::check(topology, &mut diagnostics);
    }
    (topology, diagnostics)
}

/// `written` counts the sections of events, services and subscriptions, whether they could be read or not.
fn complete(
    words: TopologyWords,
    written: [usize; 3],
    environment: &EnvironmentName,
    diagnostics: &mut Diagnostics,
) -> Topology {
    let published = words.services.values().map(|s| &s.value.publishes);
    let received = words.subscriptions.values().map(|s| &s.value.events);
    let unread_events = published
        .chain(received)
        .any(|events| events.iter().any(|event| event.0.is_none()));
    let mut words = words;
    // Whose queue it would be is not known; nothing more is said of it.
    words
        .subscriptions
        .retain(|_, words| !words.value.names_no_service());
    let read = [
        words.events.len(),
        words.services.len(),
        words.subscriptions.len(),
    ];
    let mut app = App::resolve(words.app.0);
    let topics = topic::resolve(words.topics, app.name.span, &app.encryption, diagnostics);
    let events: BTreeMap<_, _> = words
        .events
        .into_iter()
        .map(|(name, words)| {
            (
                name.clone(),
                Event::resolve(name, *words, &topics, diagnostics),
            )
        })
        .collect();
    let mut services: BTreeMap<_, _> = words
        .services
        .into_iter()
        .map(|(name, words)| (name.clone(), Service::resolve(name, *words, diagnostics)))
        .collect();
    if environment.as_str() == environment::LOCAL {
        // There, functions are processes of this machine.
        services
            .values_mut()
            .for_each(|service| service.function.architecture = Architecture::host());
    }
    let around = Surroundings {
        services: &services,
        events: &events,
        topics: &topics,
        encryption: &app.encryption,
    };
    let subscriptions: BTreeMap<_, _> = words
        .subscriptions
        .into_iter()
        .map(|(name, words)| {
            (
                name.clone(),
                Subscription::resolve(name, *words, &around, diagnostics),
            )
        })
        .collect();
    tag::check(&mut app, services.values_mut(), diagnostics);
    Topology {
        alarms: Alarms::resolve(words.alarms, app.name.span, diagnostics),
        api: Api::resolve(words.api, &app, &services, diagnostics),
        quotas: Quotas::resolve(words.quotas, app.name.span, diagnostics),
        environment: Environment::resolve(environment.clone(), words.environments.get(environment)),
        flow: Flow::of(&services, &subscriptions),
        app,
        topics,
        events,
        services,
        subscriptions,
        lints: words.lints,
        overrides: words.overrides,
        resources_of: in_stacks(&words.resources),
        resources: words.resources,
        leaves_out: unread_events || read != written,
    }
}

/// Which resources are meant for which stack.
fn in_stacks(
    resources: &BTreeMap<ResourceId, ExtraResource>,
) -> BTreeMap<Option<ServiceName>, Vec<ResourceId>> {
    let mut in_stacks: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (id, resource) in resources {
        let stack = resource.stack.as_ref().map(|stack| stack.value.clone());
        in_stacks.entry(stack).or_default().push(id.clone());
    }
    in_stacks
}

/// Lays the environment's section over the base. A section that the base lacks is a slip: it would make a service that
/// exists in one environment alone.
fn lay_environment(tree: &mut Tree, name: &EnvironmentName, diagnostics: &mut Diagnostics) {
    let mut overlays: Tree = merge::table(tree, "environments")
        .and_then(|environments| merge::table(environments, name.as_str()))
        .into_iter()
        .flatten()
        .filter(|(key, _)| environment::OVERLAYS.contains(&key.as_str()))
        .map(|(key, node)| (key.clone(), node.clone()))
        .collect();
    for section in ["topics", "events", "services", "subscriptions"] {
        let Some(over) = merge::table_mut(&mut overlays, section) else {
            continue;
        };
        let empty = Tree::new();
        let base = merge::table(tree, section).unwrap_or(&empty);
        let written = over.clone();
        over.retain(|key, node| {
            let declared = base.contains_key(key);
            if !declared {
                let known = suggest::while_few(diagnostics, base.keys().map(String::as_str));
                diagnostics.push(
                    Diagnostic::error(
                        codes::UNKNOWN_OVERLAY,
                        node.name,
                        format!(
                            "the environment `{name}` sets `{section}.{key}`, which is not declared"
                        ),
                    )
                    .help(match suggest::nearest(key, known.clone()) {
                        Some(word) => format!("did you mean `{section}.{word}`?"),
                        None => format!(
                            "declare `[{section}.{key}]` first: an environment changes what exists"
                        ),
                    })
                    .fix(suggest::mend_name(
                        node.name,
                        key,
                        known.filter(|word| merge::can_rename(&written, key, word)),
                    )),
                );
            }
            declared
        });
    }
    merge::overlay(tree, &overlays);
}

/// Values that `[defaults]` may add to all sections together. Forty for each of fifty thousand are no more.
const MOST_FILLED: usize = 2_000_000;

/// Leaves out of `defaults` what has too many values for so many sections: each of them would be read with all of it.
fn bound_defaults(defaults: &mut Tree, tree: &Tree, diagnostics: &mut Diagnostics) {
    let count = |section: &str| merge::table(tree, section).map_or(0, Tree::len);
    let (services, subscriptions) = (count("services"), count("subscriptions"));
    defaults.retain(|key, node| {
        let sections = match key.as_str() {
            "subscription" => subscriptions,
            "alarm" => services + subscriptions,
            _ => services,
        };
        let values = node.values();
        let fits = values.saturating_mul(sections) <= MOST_FILLED;
        if !fits {
            let message = format!(
                "`{key}` has {values} values for each of {sections} sections: more than {MOST_FILLED} together"
            );
            diagnostics.push(
                Diagnostic::error(codes::INVALID_VALUE, node.name, message)
                    .help("leave here what all of them need, and write the others where they belong"),
            );
        }
        fits
    });
}

/// Fills every service and every subscription from `[defaults]`.
fn lay_defaults(tree: &mut Tree, diagnostics: &mut Diagnostics) {
    let Some(mut defaults) = merge::table(tree, "defaults").cloned() else {
        return;
    };
    bound_defaults(&mut defaults, tree, diagnostics);
    for key in ["function", "alarm"] {
        let under: Tree = defaults
            .get(key)
            .map(|node| (key.to_owned(), node.clone()))
            .into_iter()
            .collect();
        each_section(tree, "services", |service| merge::underlay(service, &under));
    }
    if let Some(table) = merge::table(&defaults, "table") {
        refuse_as_default(table, &["name"], "table", diagnostics);
        each_section(tree, "services", |service| {
            if let Some(own) = merge::table_mut(service, "table") {
                merge::underlay(own, table);
            }
        });
    }
    if let Some(subscription) = merge::table(&defaults, "subscription") {
        refuse_as_default(
            subscription,
            &["events", "service"],
            "subscription",
            diagnostics,
        );
        each_section(tree, "subscriptions", |section| {
            merge::underlay(section, subscription)
        });
    }
    // After what is said of subscriptions alone: the nearer word wins.
    if let Some(alarm) = defaults.get("alarm") {
        let mut alarm = alarm.clone();
        if let Value::Table(words) = &mut alarm.value {
            Arc::make_mut(words)
                .retain(|key, _| threshold::OF_SUBSCRIPTION.contains(&key.as_str()));
        }
        let under = Tree::from_iter([("alarm".to_owned(), alarm)]);
        each_section(tree, "subscriptions", |section| {
            merge::underlay(section, &under)
        });
    }
}

fn refuse_as_default(defaults: &Tree, keys: &[&str], owner: &str, diagnostics: &mut Diagnostics) {
    for (key, node) in defaults
        .iter()
        .filter(|(key, _)| keys.contains(&key.as_str()))
    {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                node.name,
                format!("`{key}` belongs to one {owner} and cannot be a default"),
            )
            .help(format!("move it to the {owner} that means it")),
        );
    }
}

fn each_section(tree: &mut Tree, name: &str, change: impl Fn(&mut Tree)) {
    let sections = merge::table_mut(tree, name).into_iter().flatten();
    for (_, node) in sections {
        if let Value::Table(section) = &mut node.value {
            change(Arc::make_mut(section));
        }
    }
}
