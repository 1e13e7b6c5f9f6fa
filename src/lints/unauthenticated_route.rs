//! # unauthenticated-route
//!
//! A route that anybody on the internet may call, and nothing says that this is meant.
//!
//! **Why it matters.** An address of API Gateway is public. Whoever finds it can start the service, store things and spend your
//! money.
//!
//! **Example.**
//!
//! ```toml
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//! ```
//!
//! **Instead.** Ask for a token with `[api] authorizer`, or say that the route is open on purpose, as one for the webhooks of a
//! partner may be.
//!
//! ```toml
//! [api.authorizer]
//! issuer = "https://login.example.com/"
//! audience = ["shop"]
//!
//! [api.routes."POST /hooks"]
//! public = true
//!
//! [services.order]
//! http = ["POST /orders", "POST /hooks"]
//! publishes = ["OrderCreated"]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::api::Access;
use crate::model::template::Override;
use crate::plan::logical_id;

pub(super) const CODE: Code = Code {
    id: "TG301",
    name: "unauthenticated-route",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    if topology.api.authorizer_is_broken {
        return;
    }
    for route in topology.services.values().flat_map(|service| &service.http) {
        let ids = [
            logical_id::api_route(&route.value),
            logical_id::rest_method(&route.value),
        ];
        let mut changes = ids
            .iter()
            .filter_map(|id| topology.overrides.get(id.as_str()));
        if changes.any(Override::guards) {
            continue;
        }
        match topology.api.access(&route.value) {
            Access::Public | Access::Token(..) => {}
            Access::Unguarded => diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    route.span,
                    format!("anybody may call `{route}`"),
                )
                .help(format!(
                    "ask for a token with `[api] authorizer = {{ issuer = \"https://…\", audience = [\"…\"] }}`, or write `public = true` below `[api.routes.\"{route}\"]`"
                )),
            ),
        }
    }
}
