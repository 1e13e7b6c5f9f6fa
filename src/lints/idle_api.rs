//! # idle-api
//!
//! Settings of an API in a file whose services answer no route.
//!
//! **Why it matters.** Without a route there is no API: no firewall stands anywhere, nobody is asked for a token.
//!
//! **Example.**
//!
//! ```toml
//! [api]
//! firewall = true
//!
//! [services.order]
//! schedule = "rate(1 day)"
//! publishes = ["OrderCreated"]
//! ```
//!
//! **Instead.** Give a service a route, or delete the section.
//!
//! ```toml
//! [api]
//! firewall = true
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//!
//! [api.routes."POST /orders"]
//! public = true
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG134",
    name: "idle-api",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let Some(span) = topology.api.span else {
        return;
    };
    let mut services = topology.services.values();
    // A route that nobody answers is an error of its own.
    let is_idle = services.all(|service| service.http.is_empty() && !service.unread_routes)
        && topology.api.routes.is_empty()
        && !topology.leaves_out;
    if is_idle {
        diagnostics.push(
            Diagnostic::warning(CODE, span, "there is no API to which these settings apply")
                .help("give a service a route with `http = [\"POST /…\"]`, or delete the section"),
        );
    }
}
