//! # route-overlap
//!
//! A route for all methods or for all paths, whose requests a more specific route takes away.
//!
//! **Why it matters.** API Gateway gives a request to the most specific route. Whoever reads the wider one thinks that its service gets
//! everything, and looks in the wrong log.
//!
//! **Example.**
//!
//! ```toml
//! [services.order]
//! http = ["ANY /orders"]
//! publishes = ["OrderCreated"]
//!
//! [services.payment]
//! http = ["POST /orders"]
//! ```
//!
//! **Instead.** Name the methods and paths that each service answers.
//!
//! ```toml
//! [services.order]
//! http = ["POST /orders", "GET /orders"]
//! publishes = ["OrderCreated"]
//!
//! [services.payment]
//! http = ["POST /payments"]
//! ```

use std::collections::BTreeMap;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::api::Route;
use crate::model::api::route::Segment;

pub(super) const CODE: Code = Code {
    id: "TG132",
    name: "route-overlap",
    severity: Severity::Warning,
};

/// More of them help nobody.
const MAX_RELATED: usize = 10;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let routes = || {
        topology
            .services
            .values()
            .flat_map(|service| service.http.iter().map(move |route| (&service.name, route)))
    };
    // A route takes requests from one whose path begins with the same literal parts, or with fewer of them.
    let mut beginning: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (service, narrow) in routes() {
        for begin in literal_beginnings(&narrow.value.path) {
            beginning.entry(begin).or_default().push((service, narrow));
        }
    }
    for (_, wide) in routes().filter(|(_, route)| is_wide(&route.value)) {
        let begin = literal_beginnings(&wide.value.path).last();
        let taken: Vec<_> = begin
            .and_then(|begin| beginning.get(begin))
            .into_iter()
            .flatten()
            .filter(|(_, narrow)| takes_from(&narrow.value, &wide.value))
            .collect();
        let Some((service, first)) = taken.first() else {
            continue;
        };
        let more = match taken.len() {
            1 => String::new(),
            2 => " and 1 more".to_owned(),
            n => format!(" and {} more", n - 1),
        };
        let mut finding = Diagnostic::warning(
            CODE,
            wide.span,
            format!("`{wide}` does not get the requests of `{first}`{more}"),
        )
        .help(format!(
            "`{first}` of `{service}` is more specific and wins: name the methods and paths that are meant"
        ));
        for (_, narrow) in taken.iter().take(MAX_RELATED) {
            finding = finding.related(narrow.span, "more specific");
        }
        diagnostics.push(finding);
    }
}

/// Beginnings of `path` without a parameter, the shortest first: none of it, one part of it, and so on.
fn literal_beginnings(path: &str) -> impl Iterator<Item = &str> {
    let literal = path.find("/{").unwrap_or(path.len());
    let literal = &path[..literal];
    let ends = literal.match_indices('/').map(|(at, _)| at);
    ends.chain([literal.len()])
        .map(|end| &literal[..end])
        .filter(|begin| *begin != "/")
}

/// Whether it may answer requests that others are more specific for.
fn is_wide(route: &Route) -> bool {
    route.is_any() || matches!(route.segments().last(), Some(Segment::Greedy(_)))
}

/// Whether `wide` is for all methods or paths, and `narrow` answers some of the same requests.
fn takes_from(narrow: &Route, wide: &Route) -> bool {
    let method = wide.is_any() || narrow.is_any() || wide.method == narrow.method;
    let (a, b) = (narrow.segments(), wide.segments());
    narrow != wide
        && method
        && match b.last() {
            // The same path as well: then the methods decide.
            Some(Segment::Greedy(_)) if a.len() == b.len() && same_place(&a, &b) => {
                wide.is_any() && !narrow.is_any()
            }
            Some(Segment::Greedy(_)) => {
                let before = b.len() - 1;
                a.len() > before && a.iter().zip(&b).take(before).all(|(a, b)| covers(*b, *a))
            }
            Some(Segment::Literal(_) | Segment::Parameter(_)) | None => {
                wide.is_any() && !narrow.is_any() && same_place(&a, &b)
            }
        }
}

/// Whether both stand for the same paths.
fn same_place(a: &[Segment<'_>], b: &[Segment<'_>]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| covers(*a, *b) && covers(*b, *a))
}

/// Whether a part of a path that fits `narrow` fits `wide` as well.
fn covers(wide: Segment<'_>, narrow: Segment<'_>) -> bool {
    match (wide, narrow) {
        (Segment::Literal(wide), Segment::Literal(narrow)) => wide == narrow,
        (Segment::Literal(_), Segment::Parameter(_) | Segment::Greedy(_)) => false,
        (Segment::Parameter(_), Segment::Literal(_) | Segment::Parameter(_)) => true,
        (Segment::Parameter(_), Segment::Greedy(_)) => false,
        (Segment::Greedy(_), _) => true,
    }
}
