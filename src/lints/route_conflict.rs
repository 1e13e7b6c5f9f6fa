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
    routes.sort_by_key(|route| route.span);
    let clash = if topology.api.firewall.value {
        in_a_tree
    } else {
        in_a_list
    };
    for (at, later) in routes.iter().enumerate() {
        // The first is enough: each of several would say the same.
        let earlier = routes.iter().take(at);
        let found = earlier.filter_map(|first| Some((first, clash(&first.value, &later.value)?)));
        for (first, (one, other)) in found.take(1) {
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
        }
    }
}

/// Two names of one place, when an HTTP API could not tell the routes apart.
fn in_a_list<'a>(first: &'a Route, later: &'a Route) -> Option<(&'a str, &'a str)> {
    let (a, b) = (first.segments(), later.segments());
    if first.method != later.method || a.len() != b.len() {
        return None;
    }
    let mut differ = None;
    for pair in a.into_iter().zip(b) {
        match (pair, names(pair)) {
            ((a, b), _) if a == b => {}
            (_, Some(names)) => differ = differ.or(Some(names)),
            (_, None) => return None,
        }
    }
    differ
}

/// Two names of one place in the tree of a REST API's paths.
fn in_a_tree<'a>(first: &'a Route, later: &'a Route) -> Option<(&'a str, &'a str)> {
    let mut pairs = first.segments().into_iter().zip(later.segments());
    match pairs.find(|(a, b)| a != b)? {
        (Segment::Literal(_), _) | (_, Segment::Literal(_)) => None,
        (
            Segment::Parameter(one) | Segment::Greedy(one),
            Segment::Parameter(other) | Segment::Greedy(other),
        ) => Some((one, other)),
    }
}

/// The names of two parameters that stand for the same.
fn names<'a>(pair: (Segment<'a>, Segment<'a>)) -> Option<(&'a str, &'a str)> {
    match pair {
        (Segment::Parameter(one), Segment::Parameter(other))
        | (Segment::Greedy(one), Segment::Greedy(other)) => Some((one, other)),
        (Segment::Literal(_), _)
        | (Segment::Parameter(_), Segment::Literal(_) | Segment::Greedy(_))
        | (Segment::Greedy(_), Segment::Literal(_) | Segment::Parameter(_)) => None,
    }
}
