//! Whether every name that is used is declared, and every route has one service.

use std::collections::{BTreeMap, BTreeSet};

use super::Topology;
use super::api::Route;
use super::names::EventName;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::suggest;

pub(super) fn check(topology: &Topology, diagnostics: &mut Diagnostics) {
    for service in topology.services.values() {
        known_events(topology, &service.publishes, diagnostics);
        let starts = !service.http.is_empty()
            || service.unread_routes
            || service.schedule.is_some()
            || service.unread_schedule
            || topology.leaves_out;
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
    for subscription in topology.subscriptions.values() {
        known_events(topology, &subscription.events, diagnostics);
        let Spanned {
            value: service,
            span,
        } = &subscription.service;
        if !topology.services.contains_key(service) {
            let known = topology.services.keys().map(|name| name.as_str());
            let known = suggest::while_few(diagnostics, known);
            diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_SERVICE,
                    *span,
                    format!("the subscription `{}` is for the service `{service}`, which is not declared", subscription.name),
                )
                .help(match suggest::nearest(service.as_str(), known.clone()) {
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
    one_service_a_route(topology, diagnostics);
}

fn known_events(topology: &Topology, events: &[Spanned<EventName>], diagnostics: &mut Diagnostics) {
    let listed: BTreeSet<&str> = events.iter().map(|event| event.value.as_str()).collect();
    for Spanned { value: event, span } in events {
        if !topology.events.contains_key(event) {
            let known = topology.events.keys().map(|name| name.as_str());
            let known = suggest::while_few(diagnostics, known);
            let unlisted = known.clone().filter(|name| !listed.contains(name));
            diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_EVENT,
                    *span,
                    format!("the event `{event}` is not declared"),
                )
                .help(match suggest::nearest(event.as_str(), known) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("declare it with `[events.{event}]`"),
                })
                .fix(suggest::mend_text(*span, event.as_str(), unlisted)),
            );
        }
    }
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
