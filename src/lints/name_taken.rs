//! # name-taken
//!
//! Two things that would have one name in the account.
//!
//! **Why it matters.** Names of stacks, alarms and queues are made of those in the file, `{app}-{environment}-{name}`. AWS refuses the
//! second queue of a name, the second stack takes the place of the first one, with all that is in it, and so does the second alarm.
//!
//! **Example.** What all services share has a stack of its own, which is called so:
//!
//! ```toml
//! [app]
//! name = "shop"
//! stacks = "per-service"
//!
//! [services.core]
//!
//! [subscriptions.core]
//! events = ["OrderCreated"]
//! ```
//!
//! **Instead.** Rename the one that came last.
//!
//! ```toml
//! [app]
//! name = "shop"
//! stacks = "per-service"
//!
//! [services.core-ledger]
//!
//! [subscriptions.core-ledger]
//! events = ["OrderCreated"]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Topology;
use crate::model::app::Stacks;
use crate::model::names::TopicName;
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG118",
    name: "name-taken",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    queues(topology, diagnostics);
    topics(topology, diagnostics);
    // In one stack such things have one logical id as well, which is told of.
    if matches!(topology.app.stacks, Stacks::PerService) {
        stacks(topology, diagnostics);
        outboxes(topology, diagnostics);
    }
}

/// Queues beside the main one have names where they are FIFO.
fn queues(topology: &Topology, diagnostics: &mut Diagnostics) {
    let fifo = |name: &str| topology.subscriptions.get(name).filter(|one| one.fifo);
    for subscription in topology.subscriptions.values().filter(|one| one.fifo) {
        for (ending, what) in [
            ("-dead-letters", "dead-letter queue"),
            ("-undelivered", "queue of what is not delivered"),
        ] {
            let of = subscription.name.as_str().strip_suffix(ending);
            if let Some(other) = of.and_then(fifo) {
                let message = format!(
                    "the queue of `{}` would have the name of the {what} of `{}`",
                    subscription.name, other.name
                );
                taken(subscription.span, message, Some(other.span), diagnostics);
            }
        }
    }
}

/// The alarm of the topic `event` is called as if it were `events`: what a file without topics has is a topic of events.
fn topics(topology: &Topology, diagnostics: &mut Diagnostics) {
    let of = |name| topology.topics.get(name);
    if let (Some(default), Some(events)) = (of(TopicName::default_topic().as_str()), of("events")) {
        let message = format!(
            "the alarm of the topic `{}` would have the name of that of `{}`",
            events.name, default.name
        );
        taken(events.span, message, Some(default.span), diagnostics);
    }
}

fn stacks(topology: &Topology, diagnostics: &mut Diagnostics) {
    if let Some(service) = topology.services.get("core") {
        let message = "the stack of `core` would have the name of the one that all services share";
        taken(service.span, message.to_owned(), None, diagnostics);
    }
    let has_api = topology
        .services
        .values()
        .any(|service| !service.http.is_empty());
    for name in ["http-api", "rest-api"] {
        if let Some(service) = topology.services.get(name).filter(|_| has_api) {
            let message = format!("alarms of `{name}` would have the names of those of the API");
            taken(service.span, message, None, diagnostics);
        }
    }
}

fn outboxes(topology: &Topology, diagnostics: &mut Diagnostics) {
    let services = topology.services.values();
    for service in services.filter(|service| service.outbox.is_some()) {
        let outbox = service.name.outbox();
        let services = topology.services.get(&outbox).map(|one| one.span);
        let subscriptions = topology
            .subscriptions
            .get(outbox.as_str())
            .map(|one| one.span);
        for span in services.into_iter().chain(subscriptions) {
            let message = format!(
                "`{outbox}` is what the outbox of `{}` is called",
                service.name
            );
            taken(span, message, Some(service.span), diagnostics);
        }
    }
}

fn taken(span: Span, message: String, other: Option<Span>, diagnostics: &mut Diagnostics) {
    let finding = Diagnostic::error(CODE, span, message);
    diagnostics.push(match other {
        Some(other) => finding
            .related(other, "the other one")
            .help("rename one of the two"),
        None => finding.help("rename it: the other name is topogen's own"),
    });
}
