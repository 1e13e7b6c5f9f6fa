//! # cors-shuts-out
//!
//! Lists in `cors` without what the API's own routes need.
//!
//! **Why it matters.** A browser asks first, and sends nothing that is not in the answer: the page fails, and nothing reaches the API or
//! its log.
//!
//! **Example.** The route is a `PUT`, which browsers ask for (they never do for `GET`, `HEAD` and `POST`):
//!
//! ```toml
//! [services.order]
//! http = ["PUT /orders/{orderId}"]
//! publishes = ["OrderCreated"]
//!
//! [api]
//! cors = { origins = ["https://shop.example.com"], methods = ["GET"] }
//!
//! [api.routes."PUT /orders/{orderId}"]
//! public = true
//! ```
//!
//! **Instead.** Leave the list out, which then has all that the routes need, or add what is missing.
//!
//! ```toml
//! [services.order]
//! http = ["PUT /orders/{orderId}"]
//! publishes = ["OrderCreated"]
//!
//! [api]
//! cors = { origins = ["https://shop.example.com"] }
//!
//! [api.routes."PUT /orders/{orderId}"]
//! public = true
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::api::Access;

pub(super) const CODE: Code = Code {
    id: "TG136",
    name: "cors-shuts-out",
    severity: Severity::Warning,
};

/// Methods that no answer has to allow (fetch.spec.whatwg.org, CORS-safelisted method).
const SAFE: [&str; 3] = ["GET", "HEAD", "POST"];
/// What a token travels in.
const TOKEN: &str = "authorization";

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let Some(cors) = &topology.api.cors else {
        return;
    };
    let lists = |name: &str, method: &str| name == "*" || name == method;
    let mut routes = topology.services.values().flat_map(|one| &one.http);
    let shut = routes.clone().find(|route| {
        let method = route.value.method.as_str();
        let mut allowed = cors.methods.iter().map(|one| one.value.as_str());
        !route.value.is_any() && !SAFE.contains(&method) && !allowed.any(|one| lists(one, method))
    });
    if let (Some(route), Some(first)) = (shut, cors.methods.first()) {
        let message = format!(
            "sites may not use `{route}`: `methods` has no `{}`",
            route.value.method
        );
        diagnostics.push(
            Diagnostic::warning(CODE, first.span, message)
                .related(route.span, "answered here")
                .help("add it, or leave `methods` out: it then has those of all routes"),
        );
    }
    let asked = routes.find(|route| matches!(topology.api.access(&route.value), Access::Token(..)));
    let mut sent = cors.headers.iter().map(|one| one.value.as_str());
    if let (Some(route), Some(first)) = (asked, cors.headers.first())
        && !sent.any(|one| lists(one, TOKEN))
    {
        let message = format!("sites may send no token to `{route}`: `headers` has no `{TOKEN}`");
        diagnostics.push(
            Diagnostic::warning(CODE, first.span, message)
                .related(route.span, "asks for one")
                .help(format!(
                    "add \"{TOKEN}\", or leave `headers` out: it then has what the routes need"
                )),
        );
    }
}
