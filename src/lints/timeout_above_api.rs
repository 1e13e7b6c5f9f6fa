//! # timeout-above-api
//!
//! A function that answers requests may run longer than its API waits.
//!
//! **Why it matters.** After 30 seconds (29 with a firewall) API Gateway answers 503 or 504. The function goes on, the caller tries
//! again, and the work is done twice.
//!
//! **Example.**
//!
//! ```toml
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//! function = { timeout = "60s" }
//! ```
//!
//! **Instead.** Answer in time: publish an event, and let a subscriber do what takes long.
//!
//! ```toml
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//! function = { timeout = "10s" }
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::units::Seconds;

pub(super) const CODE: Code = Code {
    id: "TG210",
    name: "timeout-above-api",
    severity: Severity::Warning,
};

/// Longest integration (http-api-quotas.html).
const HTTP_API: Seconds = Seconds(30);
/// As above; AWS raises it on request (limits.html).
const REST_API: Seconds = Seconds(29);

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let limit = if topology.api.firewall.value {
        REST_API
    } else {
        HTTP_API
    };
    for service in topology.services.values() {
        let timeout = &service.function.timeout;
        let Some(route) = service.http.first().filter(|_| timeout.value > limit) else {
            continue;
        };
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                timeout.span,
                format!(
                    "the function of `{}` may run {}, the API waits {limit} for its answer",
                    service.name, timeout.value
                ),
            )
            .related(route.span, "it answers here")
            .help(format!(
                "write `timeout = \"{limit}\"` or less, or give what takes longer to a subscription"
            )),
        );
    }
}
