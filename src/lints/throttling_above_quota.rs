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
//! **Instead.** Stay well below it, or have it raised and say so in `[quotas]`.
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

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let (api, quotas) = (&context.topology.api, &context.topology.quotas);
    let routes = api
        .routes
        .values()
        .filter_map(|route| route.throttling.as_ref());
    for throttling in std::iter::once(&api.throttling).chain(routes) {
        for (key, written, quota, unit) in [
            (
                "rate",
                &throttling.rate,
                quotas.api_requests_per_second.value,
                "in a second",
            ),
            (
                "burst",
                &throttling.burst,
                quotas.api_burst.value,
                "at once",
            ),
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
                        "write {quota} or less, or have AWS raise the account's quota and say so in `[quotas]`"
                    )),
                );
            }
        }
    }
}
