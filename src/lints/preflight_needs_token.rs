//! # preflight-needs-token
//!
//! A route that takes the questions of browsers (`OPTIONS`) and asks them for a token.
//!
//! **Why it matters.** Before a script's request a browser asks with `OPTIONS`, never with a token. API Gateway answers by itself unless a
//! route is for that method, as one for `ANY` is. That one refuses with 401, and the site does not work.
//!
//! **Example.**
//!
//! ```toml
//! [api]
//! authorizer = { issuer = "https://login.example.com/", audience = ["shop"] }
//! cors = { origins = ["https://shop.example.com"] }
//!
//! [services.order]
//! http = ["ANY /orders"]
//! publishes = ["OrderCreated"]
//! ```
//!
//! **Instead.** Name the methods.
//!
//! ```toml
//! [api]
//! authorizer = { issuer = "https://login.example.com/", audience = ["shop"] }
//! cors = { origins = ["https://shop.example.com"] }
//!
//! [services.order]
//! http = ["POST /orders", "GET /orders"]
//! publishes = ["OrderCreated"]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::api::Access;

pub(super) const CODE: Code = Code {
    id: "TG133",
    name: "preflight-needs-token",
    severity: Severity::Warning,
};

const PREFLIGHT: &str = "OPTIONS";

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let Some(cors) = &topology.api.cors else {
        return;
    };
    for route in topology.services.values().flat_map(|service| &service.http) {
        let own = route.value.method == PREFLIGHT;
        // A REST API has a method of its own for the questions on every path, beside one for `ANY`.
        let asked = own || (route.value.is_any() && !topology.api.firewall.value);
        match topology.api.access(&route.value) {
            Access::Token(..) if asked => {}
            Access::Token(..) | Access::Public | Access::Unguarded => continue,
        }
        let help = if own {
            format!(
                "delete it: API Gateway answers; or write `public = true` below `[api.routes.\"{route}\"]`"
            )
        } else {
            "write a route for each method that is meant".to_owned()
        };
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                route.span,
                format!("`{route}` asks browsers for a token when they ask what they may send"),
            )
            .related(cors.span, "sites may call")
            .help(help),
        );
    }
}
