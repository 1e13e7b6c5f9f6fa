//! # unknown-route
//!
//! Settings of a route that no service answers.
//!
//! **Why it matters.** A slip in a path leaves the route that was meant without its settings: open or closed against your will,
//! unlimited where you set a limit.
//!
//! **Example.**
//!
//! ```toml
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//!
//! [api.routes."POST /order"]
//! public = true
//! ```
//!
//! **Instead.** Write the route, method and path, as it stands in the service's `http`. Settings of a route that one environment alone
//! answers belong below that one: `[environments.prod.api.routes."POST /refunds"]`.
//!
//! ```toml
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//!
//! [api.routes."POST /orders"]
//! public = true
//! ```

use std::collections::BTreeSet;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::api::Route;
use crate::syntax::suggest;

pub(super) const CODE: Code = Code {
    id: "TG130",
    name: "unknown-route",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    // The one that is meant may be among those that could not be read.
    if topology
        .services
        .values()
        .any(|service| service.unread_routes)
    {
        return;
    }
    let answered: BTreeSet<&Route> = topology
        .services
        .values()
        .flat_map(|service| &service.http)
        .map(|route| &route.value)
        .collect();
    // Those that have settings of their own are hardly meant.
    let unset: Vec<String> = answered
        .iter()
        .filter(|route| !topology.api.routes.contains_key(route))
        .map(ToString::to_string)
        .collect();
    for (route, settings) in &topology.api.routes {
        if answered.contains(route) {
            continue;
        }
        let written = route.to_string();
        let known = suggest::while_few(diagnostics, unset.iter().map(String::as_str));
        // Nobody but its owner opens a route to everybody.
        let mend = || suggest::mend_text(settings.span, &written, known.clone());
        let fix = (!settings.public).then(mend).flatten();
        diagnostics.push(
            Diagnostic::error(CODE, settings.span, format!("no service answers `{route}`"))
                .help(help(&written, known.clone(), &answered))
                .fix(fix),
        );
    }
}

fn help<'a>(
    written: &str,
    unset: impl Iterator<Item = &'a str>,
    answered: &BTreeSet<&Route>,
) -> String {
    let answered: Vec<String> = answered.iter().map(ToString::to_string).collect();
    let answered = || answered.iter().map(String::as_str);
    match (
        suggest::nearest(written, unset),
        suggest::nearest(written, answered()),
    ) {
        (Some(route), _) => format!("did you mean `{route}`?"),
        (None, Some(route)) => format!(
            "`{route}` has settings already: delete these, or let a service answer `{written}` with `http`"
        ),
        (None, None) => suggest::help(written, answered()),
    }
}
