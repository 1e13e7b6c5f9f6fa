//! # event-cycle
//!
//! Events go round in a circle: a service publishes what, by way of others, makes it publish again.
//!
//! **Why it matters.** One event can keep the whole circle busy for ever, and each round is paid for. Lambda stops such
//! loops through SQS only after some sixteen rounds, and not across accounts.
//!
//! **Example.** An answer to an answer:
//!
//! ```toml
//! [events.OrderCreated]
//!
//! [events.PaymentCompleted]
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//!
//! [subscriptions.order]
//! events = ["PaymentCompleted"]
//!
//! [services.payment]
//! publishes = ["PaymentCompleted"]
//! ```
//!
//! **Instead.** Let the last event of the circle be another one, or its receiver be a service that publishes nothing. If
//! the circle is meant, and ends by itself, silence the finding with the reason.
//!
//! ```toml
//! [events.OrderCreated]
//!
//! [events.PaymentCompleted]
//!
//! [services.payment]
//! publishes = ["PaymentCompleted"]
//!
//! [services.ledger]
//!
//! [subscriptions.ledger]
//! events = ["PaymentCompleted"]
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::graph::{self, MOST_STEPS};
use crate::model::Topology;
use crate::model::names::{EventName, ServiceName};
use crate::source::{Span, Spanned};

pub(super) const CODE: Code = Code {
    id: "TG113",
    name: "event-cycle",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let flows = Flows::of(context.topology);
    // Services of a circle already told: each circle is told once, from its first service.
    let mut told: BTreeSet<&ServiceName> = BTreeSet::new();
    let mut steps = MOST_STEPS;
    for part in graph::cyclic(flows.edges()) {
        let services = part.iter().filter_map(|node| match node {
            Node::Service(service) => Some(*service),
            Node::Event(_) => None,
        });
        let services: BTreeSet<&ServiceName> = services.collect();
        if let (1, Some(only)) = (services.len(), services.first()) {
            // What it alone publishes has a lint of its own.
            let is_shared =
                |step: &Step<'_>| context.topology.flow.publishers(step.event).len() > 1;
            let circle = flows.steps(only, only).find(is_shared);
            tell(only, circle.as_slice(), diagnostics);
            continue;
        }
        for start in &services {
            if told.contains(start) {
                continue;
            }
            let Some(circle) = flows.shortest(start, &services, &mut steps) else {
                continue;
            };
            told.extend(circle.iter().map(|step| step.receiver));
            tell(start, &circle, diagnostics);
        }
    }
}

fn tell(start: &ServiceName, circle: &[Step<'_>], diagnostics: &mut Diagnostics) {
    let Some(last) = circle.last() else { return };
    let steps = circle.iter();
    let drawn: String = steps
        .map(|step| format!(" -{}-> `{}`", step.event, step.receiver))
        .collect();
    diagnostics.push(
        Diagnostic::warning(
            CODE,
            last.span,
            format!("events go round in a circle: `{start}`{drawn}"),
        )
        .label("closes the circle")
        .help("let another service receive it, or publish another event"),
    );
}

/// Services lead to the events that they publish, and events to the services that receive them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Node<'a> {
    Service(&'a ServiceName),
    Event(&'a EventName),
}

/// From one service to the next: the event, and where the next one asks for it.
#[derive(Clone, Copy)]
struct Step<'a> {
    event: &'a EventName,
    receiver: &'a ServiceName,
    span: Span,
}

/// Who publishes what, and who receives it: of services that publish anything, for no circle goes through any other.
struct Flows<'a> {
    publishes: BTreeMap<&'a ServiceName, &'a [Spanned<EventName>]>,
    /// And where each of them asks for it.
    receivers: BTreeMap<&'a EventName, Vec<(&'a ServiceName, Span)>>,
    /// The first of these places, by the name of the subscription.
    wishes: BTreeMap<(&'a ServiceName, &'a EventName), Span>,
}

impl<'a> Flows<'a> {
    fn of(topology: &'a Topology) -> Self {
        let services = topology.services.values();
        let publishers = services.filter(|service| !service.publishes.is_empty());
        let mut flows = Self {
            publishes: publishers
                .map(|service| (&service.name, service.publishes.as_slice()))
                .collect(),
            receivers: BTreeMap::new(),
            wishes: BTreeMap::new(),
        };
        for subscription in topology.subscriptions.values() {
            let receiver = &subscription.service.value;
            if !flows.publishes.contains_key(receiver) {
                continue;
            }
            for event in &subscription.events {
                let receivers = flows.receivers.entry(&event.value).or_default();
                receivers.push((receiver, event.span));
                let wish = flows.wishes.entry((receiver, &event.value));
                wish.or_insert(event.span);
            }
        }
        flows
    }

    fn published(&self, service: &ServiceName) -> impl Iterator<Item = &'a EventName> {
        let events = self.publishes.get(service).copied().unwrap_or_default();
        events.iter().map(|event| &event.value)
    }

    fn edges(&self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
        let out = self.publishes.iter().flat_map(|(service, events)| {
            let events = events.iter();
            events.map(|event| (Node::Service(service), Node::Event(&event.value)))
        });
        let wishes = self.wishes.keys();
        out.chain(wishes.map(|(service, event)| (Node::Event(event), Node::Service(service))))
    }

    /// The steps to `receiver`, one for each event of `service` that it receives.
    fn steps(
        &self,
        service: &ServiceName,
        receiver: &'a ServiceName,
    ) -> impl Iterator<Item = Step<'a>> {
        self.published(service).filter_map(move |event| {
            let span = *self.wishes.get(&(receiver, event))?;
            Some(Step {
                event,
                receiver,
                span,
            })
        })
    }

    /// The shortest way from `start` back to itself by way of others, breadth first, within services that hang together; none when
    /// `steps` are used up.
    fn shortest(
        &self,
        start: &'a ServiceName,
        within: &BTreeSet<&'a ServiceName>,
        steps: &mut usize,
    ) -> Option<Vec<Step<'a>>> {
        // From where each service was come to.
        let mut came: BTreeMap<&ServiceName, (&ServiceName, Step<'a>)> = BTreeMap::new();
        let mut sent: BTreeSet<&EventName> = BTreeSet::new();
        let mut queue = VecDeque::from([start]);
        while let Some(service) = queue.pop_front() {
            // All who receive an event are come to by the first who publishes it.
            for event in self.published(service).filter(|event| sent.insert(event)) {
                for (receiver, span) in self.receivers.get(event).into_iter().flatten() {
                    *steps = steps.checked_sub(1)?;
                    let receiver = *receiver;
                    let is_new = receiver != start && !came.contains_key(receiver);
                    if !is_new || !within.contains(receiver) {
                        continue;
                    }
                    let step = Step {
                        event,
                        receiver,
                        span: *span,
                    };
                    came.insert(receiver, (service, step));
                    if let Some(last) = self.steps(receiver, start).next() {
                        let mut way = vec![last];
                        let mut at = receiver;
                        while let Some((from, step)) = came.get(at) {
                            way.push(*step);
                            at = from;
                        }
                        way.reverse();
                        return Some(way);
                    }
                    queue.push_back(receiver);
                }
            }
        }
        None
    }
}
