//! # route-conflict
//!
//! Two routes that differ in nothing but the name of a parameter.
//!
//! **Why it matters.** Both stand for the same requests, so nothing says who gets them. A REST API, which an app with a firewall has,
//! takes one name for a place in a path, whatever the methods are.
//!
//! **Example.**
//!
//! ```toml
//! [services.order]
//! http = ["GET /orders/{orderId}", "GET /orders/{customerId}"]
//! publishes = ["OrderCreated"]
//! ```
//!
//! **Instead.** Give them paths of their own, or one name.
//!
//! ```toml
//! [services.order]
//! http = ["GET /orders/{orderId}", "GET /customers/{customerId}/orders"]
//! publishes = ["OrderCreated"]
//! ```

use std::collections::BTreeMap;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::api::Route;
use crate::model::api::route::Segment;
use crate::source::Spanned;

pub(super) const CODE: Code = Code {
    id: "TG131",
    name: "route-conflict",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let mut routes: Vec<&Spanned<Route>> = topology
        .services
        .values()
        .flat_map(|service| &service.http)
        .collect();
    // Not as they stand in the file: what is said does not change with the order of sections.
    routes.sort_by_key(|route| (&route.value, route.span));
    let named = if topology.api.firewall.value {
        in_a_tree
    } else {
        in_a_list
    };
    let mut firsts: BTreeMap<String, (&Spanned<Route>, String)> = BTreeMap::new();
    for later in routes {
        for (place, other) in named(&later.value) {
            let (first, one) = firsts.entry(place).or_insert((later, other.clone()));
            if *one == other {
                continue;
            }
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    later.span,
                    format!("`{first}` calls `{one}` what `{later}` calls `{other}`"),
                )
                .related(first.span, "the other one")
                .help(format!(
                    "write `{one}` in both, or give one of them another path"
                )),
            );
            // What lies below stands for the same, too.
            break;
        }
    }
}

/// The places in a route that have names, and the names. Where an HTTP API could not tell two routes apart, their places are
/// the same.
fn in_a_list(route: &Route) -> Vec<(String, String)> {
    let segments = route.segments();
    let shape: Vec<&str> = segments
        .iter()
        .map(|segment| match segment {
            Segment::Literal(text) => text,
            Segment::Parameter(_) => "{}",
            Segment::Greedy(_) => "{+}",
        })
        .collect();
    let shape = format!("{} {}", route.method, shape.join("/"));
    let named = segments.into_iter().enumerate();
    named
        .filter_map(|(at, segment)| Some((format!("{shape} {at}"), name(segment)?)))
        .collect()
}

/// As [`in_a_list`], in the tree of a REST API's paths: there a place is the way to it, whatever the method is.
fn in_a_tree(route: &Route) -> Vec<(String, String)> {
    let mut way = String::new();
    let mut named = Vec::new();
    for segment in route.segments() {
        let step = match (segment, name(segment)) {
            (_, Some(name)) => {
                named.push((way.clone(), name.clone()));
                format!("{{{name}}}")
            }
            (Segment::Literal(text) | Segment::Parameter(text) | Segment::Greedy(text), None) => {
                text.to_owned()
            }
        };
        way = format!("{way}/{step}");
    }
    named
}

/// The name of a place that stands for many, as it is written.
fn name(segment: Segment<'_>) -> Option<String> {
    match segment {
        Segment::Literal(_) => None,
        Segment::Parameter(name) => Some(name.to_owned()),
        Segment::Greedy(name) => Some(format!("{name}+")),
    }
}
