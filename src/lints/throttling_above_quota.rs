//! # throttling-above-quota
//!
//! An API or a route that takes more requests than AWS lets the whole account take.
//!
//! **Why it matters.** The account's limit comes first, 10,000 requests in a second and 5,000 at once, for all its APIs together. Yours
//! then protects nothing: one busy route stops every other API.
//!
//! **Example.**
//!
//! ```toml
//! [api]
//! throttling = { rate = 20000 }
//! ```
//!
//! **Instead.** Stay well below it, or have it raised and silence the warning with the new figure as its reason.
//!
//! ```toml
//! [api]
//! throttling = { rate = 2000 }
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG405",
    name: "throttling-above-quota",
    severity: Severity::Warning,
};

/// Requests in a second and at once, of all APIs of an account in one Region (apigateway limits.html).
const QUOTA: (u32, u32) = (10_000, 5_000);

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let api = &context.topology.api;
    let routes = api
        .routes
        .values()
        .filter_map(|route| route.throttling.as_ref());
    for throttling in std::iter::once(&api.throttling).chain(routes) {
        for (key, written, quota, unit) in [
            ("rate", &throttling.rate, QUOTA.0, "in a second"),
            ("burst", &throttling.burst, QUOTA.1, "at once"),
        ] {
            if written.value > quota {
                diagnostics.push(
                    Diagnostic::warning(
                        CODE,
                        written.span,
                        format!(
                            "`{key}` is {} requests {unit}, the whole account may take {quota}",
                            written.value
                        ),
                    )
                    .help(format!(
                        "write {quota} or less, or have AWS raise the account's quota"
                    )),
                );
            }
        }
    }
}
