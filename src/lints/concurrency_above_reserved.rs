//! # concurrency-above-reserved
//!
//! Queues that start more invocations at once than are reserved for their function.
//!
//! **Why it matters.** What does not fit is throttled, and a throttled message uses up its receives: healthy messages end
//! in the dead-letter queue. Without a bound of its own a queue starts with five; each provisioned poller brings ten.
//!
//! **Example.**
//!
//! ```toml
//! [services.payment]
//! reserved_concurrency = 10
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! maximum_concurrency = 20
//! ```
//!
//! **Instead.** Reserve at least as much as all queues of the service may start, or bound the queues.
//!
//! ```toml
//! [services.payment]
//! reserved_concurrency = 10
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! maximum_concurrency = 10
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG211",
    name: "concurrency-above-reserved",
    severity: Severity::Warning,
};

/// Batches that a queue without a bound starts with (services-sqs-scaling.html).
const UNBOUNDED: u32 = 5;
/// Least that a mapping may be bounded to (API_ScalingConfig).
const LEAST: usize = 2;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for service in topology.services.values() {
        let Some(reserved) = &service.reserved_concurrency else {
            continue;
        };
        let subscriptions = topology.flow.subscriptions(&service.name).iter();
        let (mut wanted, mut places) = (0_u32, Vec::new());
        for subscription in subscriptions.filter_map(|name| topology.subscriptions.get(name)) {
            let pollers = subscription.provisioned_pollers.as_ref();
            let (most, place, why) = match (&subscription.maximum_concurrency, pollers) {
                (Some(maximum), _) => (maximum.value, maximum.span, "a bound"),
                (None, Some(pollers)) => (
                    pollers.at_once.value,
                    pollers.at_once.span,
                    "each poller brings ten at once",
                ),
                (None, None) => (
                    UNBOUNDED,
                    subscription.span,
                    "no bound: five at once to begin with",
                ),
            };
            wanted = wanted.saturating_add(most);
            places.push((place, why));
        }
        if wanted <= reserved.value {
            continue;
        }
        let finding = Diagnostic::warning(
            CODE,
            reserved.span,
            format!(
                "{} reserved for `{}`, its queues start {wanted}",
                at_once(reserved.value),
                service.name
            ),
        )
        .help(if LEAST.saturating_mul(places.len()) <= reserved.value as usize {
            format!("write `reserved_concurrency = {wanted}`, or a lower `maximum_concurrency`, or fewer pollers, for its subscriptions")
        } else {
            format!("write `reserved_concurrency = {wanted}`")
        });
        let explained = places
            .into_iter()
            .fold(finding, |finding, (place, why)| finding.related(place, why));
        diagnostics.push(explained);
    }
}

fn at_once(reserved: u32) -> String {
    match reserved {
        1 => "one invocation at once is".to_owned(),
        more => format!("{more} invocations at once are"),
    }
}
