//! Whether every name that is used is declared, and every route has one service.

use std::collections::{BTreeMap, BTreeSet};

use super::Topology;
use super::api::Route;
use super::event::Event;
use super::names::EventName;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::suggest;

pub(super) fn check(topology: &Topology, diagnostics: &mut Diagnostics) {
    // Services that a misspelt subscription is likely meant for: what starts them is no second question.
    let mut meant: BTreeSet<&str> = BTreeSet::new();
    for subscription in topology.subscriptions.values() {
        let Spanned {
            value: service,
            span,
        } = &subscription.service;
        if !topology.services.contains_key(service) {
            let known = topology.services.keys().map(|name| name.as_str());
            let known = suggest::while_few(diagnostics, known);
            let nearest = suggest::nearest(service.as_str(), known.clone());
            meant.extend(nearest);
            diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_SERVICE,
                    *span,
                    format!("the subscription `{}` is for the service `{service}`, which is not declared", subscription.name),
                )
                .help(match nearest {
                    Some(word) => format!("did you mean `{word}`? If so, write `service = \"{word}\"`"),
                    None => format!("declare it with `[services.{service}]`, or name another with `service = \"…\"`"),
                })
                // Where the name of the section stands for it, either may be the slip.
                .fix((*span != subscription.span).then(|| {
                    suggest::mend_text(*span, service.as_str(), known)
                }).flatten()),
            );
        }
    }
    for service in topology.services.values() {
        let starts = !service.http.is_empty()
            || service.unread_routes
            || service.schedule.is_some()
            || service.unread_schedule
            || topology.leaves_out
            || meant.contains(service.name.as_str());
        if topology.flow.subscriptions(&service.name).is_empty() && !starts {
            diagnostics.push(
                Diagnostic::error(
                    codes::IDLE_SERVICE,
                    service.span,
                    format!("nothing starts the service `{}`", service.name),
                )
                .help(format!(
                    "subscribe it with `[subscriptions.{}]`, or give it a route with `http = [\"POST /…\"]` or a `schedule`",
                    service.name
                )),
            );
        }
    }
    for resource in topology.resources.values() {
        if let Some(Spanned { value, span }) = &resource.stack
            && !topology.services.contains_key(value)
        {
            let services = topology.services.keys().map(|s| s.as_str());
            diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_SERVICE,
                    *span,
                    format!("the service `{value}`, whose stack is meant, is not declared"),
                )
                .help(suggest::help(value.as_str(), services)),
            );
        }
    }
    declared_events(topology, diagnostics);
    one_service_a_route(topology, diagnostics);
}

/// Uses of a name that a finding shows.
const SHOWN: usize = 3;

/// Where an event is named, and the list that it stands in.
struct Use<'a> {
    span: Span,
    list: &'a [Spanned<EventName>],
}

/// Lists of events, such as one service publishes or one subscription receives.
fn lists(topology: &Topology) -> impl Iterator<Item = &[Spanned<EventName>]> {
    let published = topology.services.values().map(|s| &s.publishes[..]);
    let received = topology.subscriptions.values().map(|s| &s.events[..]);
    published.chain(received)
}

fn declared_events(topology: &Topology, diagnostics: &mut Diagnostics) {
    let mut undeclared: BTreeMap<&EventName, Vec<Use<'_>>> = BTreeMap::new();
    for list in lists(topology) {
        for Spanned { value: event, span } in list {
            if !topology.events.contains_key(event) {
                let uses = undeclared.entry(event).or_default();
                uses.push(Use { span: *span, list });
            }
        }
    }
    for (event, uses) in undeclared {
        let known = topology.events.keys().map(|name| name.as_str());
        let known = suggest::while_few(diagnostics, known);
        let nearest = suggest::nearest(event.as_str(), known.clone());
        let message = format!("the event `{event}` is not declared");
        if let Some(slip) = nearest.and_then(|name| misspelt_once(topology, name, uses.len())) {
            let finding =
                Diagnostic::error(codes::UNKNOWN_EVENT, slip.span, message).help(format!(
                    "is `{}`, which nobody names, meant to be `{event}`, which {} places name?",
                    slip.name,
                    uses.len()
                ));
            let shown = uses.iter().take(SHOWN);
            diagnostics.push(shown.fold(finding, |finding, use_| {
                finding.related(use_.span, "named here")
            }));
            continue;
        }
        for Use { span, list } in uses {
            // A list is looked through for a name that is meant alone: it may have thousands of others.
            let is_unlisted = |name: &&str| list.iter().all(|event| event.value.as_str() != *name);
            let mend = |_| suggest::mend_text(span, event.as_str(), known.clone());
            let finding = Diagnostic::error(codes::UNKNOWN_EVENT, span, message.clone());
            diagnostics.push(match nearest {
                Some(word) => finding
                    .help(format!("did you mean `{word}`?"))
                    .fix(nearest.filter(is_unlisted).and_then(mend)),
                None => finding.help(format!("declare it with `[events.{event}]`")),
            });
        }
    }
}

/// The event `name`, when the slip is in its declaration: nobody names it, and several name what is like it.
fn misspelt_once<'a>(topology: &'a Topology, name: &str, uses: usize) -> Option<&'a Event> {
    let event = topology.events.get(name)?;
    let flow = &topology.flow;
    let named = flow.publishers(&event.name).len() + flow.subscribers(&event.name).len();
    (uses > 1 && named == 0).then_some(event)
}

fn one_service_a_route(topology: &Topology, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<&Route, Span> = BTreeMap::new();
    for route in topology.services.values().flat_map(|service| &service.http) {
        if let Some(first) = seen.insert(&route.value, route.span) {
            diagnostics.push(
                Diagnostic::error(
                    codes::DUPLICATE,
                    route.span,
                    format!("two services answer `{}`", route.value),
                )
                .related(first, "the other one")
                .help("a route has one service: delete one of the two"),
            );
        }
    }
}
