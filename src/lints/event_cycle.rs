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
use crate::model::Topology;
use crate::model::names::{EventName, ServiceName};
use crate::model::service::Service;
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG113",
    name: "event-cycle",
    severity: Severity::Warning,
};

/// From one service to the next: the event, and where the next one asks for it.
type Edge<'a> = (&'a ServiceName, &'a EventName, Span);

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let edges: BTreeMap<&ServiceName, Vec<Edge<'_>>> = topology
        .services
        .values()
        .map(|service| (&service.name, edges_of(topology, service)))
        .filter(|(_, edges)| !edges.is_empty())
        .collect();
    // Services of a circle already told: each circle is told once, from its first service.
    let mut told: BTreeSet<&ServiceName> = BTreeSet::new();
    for start in components(&edges) {
        if told.contains(start) {
            continue;
        }
        let Some(circle) = shortest(start, &edges) else {
            continue;
        };
        told.extend(circle.iter().map(|(service, ..)| *service));
        let Some((_, _, span)) = circle.last() else {
            continue;
        };
        let mut drawn = format!("`{start}`");
        for (service, event, _) in &circle {
            drawn.push_str(&format!(" -{event}-> `{service}`"));
        }
        diagnostics.push(
            Diagnostic::warning(CODE, *span, format!("events go round in a circle: {drawn}"))
                .label("closes the circle")
                .help("let another service receive it, or publish another event"),
        );
    }
}

fn edges_of<'a>(topology: &'a Topology, service: &'a Service) -> Vec<Edge<'a>> {
    let mut edges = Vec::new();
    for event in &service.publishes {
        for name in topology.flow.subscribers(&event.value) {
            let Some(subscription) = topology.subscriptions.get(name) else {
                continue;
            };
            let receiver = &subscription.service.value;
            let wish = subscription
                .events
                .iter()
                .find(|wish| wish.value == event.value);
            // What a service sends to itself has a lint of its own.
            if let (Some(wish), true) = (wish, *receiver != service.name) {
                edges.push((receiver, &wish.value, wish.span));
            }
        }
    }
    edges
}

/// Services that lie on some circle: those that remain when services without a way in, or without a way out, are taken
/// away one after another. What remains between two circles is sorted out by [`shortest`].
fn components<'a>(edges: &BTreeMap<&'a ServiceName, Vec<Edge<'a>>>) -> Vec<&'a ServiceName> {
    let mut into: BTreeMap<&ServiceName, usize> = BTreeMap::new();
    for (receiver, ..) in edges.values().flatten() {
        *into.entry(receiver).or_default() += 1;
    }
    let mut idle: Vec<&ServiceName> = edges
        .keys()
        .filter(|service| !into.contains_key(*service))
        .copied()
        .collect();
    let mut gone: BTreeSet<&ServiceName> = BTreeSet::new();
    while let Some(service) = idle.pop() {
        gone.insert(service);
        for (receiver, ..) in edges.get(service).into_iter().flatten() {
            if let Some(count) = into.get_mut(receiver) {
                *count -= 1;
                if *count == 0 {
                    idle.push(receiver);
                }
            }
        }
    }
    edges
        .keys()
        .filter(|service| !gone.contains(*service))
        .copied()
        .collect()
}

/// The shortest way from `start` back to itself, breadth first.
fn shortest<'a>(
    start: &'a ServiceName,
    edges: &BTreeMap<&'a ServiceName, Vec<Edge<'a>>>,
) -> Option<Vec<Edge<'a>>> {
    let mut came: BTreeMap<&ServiceName, (&'a ServiceName, Edge<'a>)> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(service) = queue.pop_front() {
        for edge in edges.get(service).into_iter().flatten() {
            if came.contains_key(edge.0) {
                continue;
            }
            came.insert(edge.0, (service, *edge));
            if edge.0 == start {
                let mut way = Vec::new();
                let mut at = start;
                while let Some((from, edge)) = came.get(at) {
                    way.push(*edge);
                    at = from;
                    if at == start {
                        break;
                    }
                }
                way.reverse();
                return Some(way);
            }
            queue.push_back(edge.0);
        }
    }
    None
}
