//! # receive-count-too-low
//!
//! A message goes to the dead-letter queue after too few receives.
//!
//! **Why it matters.** Receives are also spent when Lambda is throttled, when a poller dies or when a function is being
//! deployed: healthy messages end among the dead ones. AWS advises five or more. One or two are few for any queue; fewer than five
//! for one that may start more invocations than are reserved for its function.
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! max_receive_count = 1
//! ```
//!
//! **Instead.** Allow three receives or more; with `reserved_concurrency` five, or bound the queue by `maximum_concurrency`.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! max_receive_count = 5
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::subscription::{MAXIMUM_CONCURRENCY, Subscription};
use crate::source::Spanned;

pub(super) const CODE: Code = Code {
    id: "TG205",
    name: "receive-count-too-low",
    severity: Severity::Warning,
};

/// Receives that outlast a spell of throttling (services-sqs-errorhandling.html).
const ADVISED: u32 = 5;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for subscription in context.topology.subscriptions.values() {
        let (count, name) = (&subscription.max_receive_count, &subscription.name);
        let failed = match count.value {
            1 => "one failed receive takes",
            2 => "two failed receives take",
            few => {
                if let Some(reserved) = throttled_by(context, subscription)
                    && few < ADVISED
                {
                    let left = left_of(context, subscription, reserved.value);
                    diagnostics.push(throttled(subscription, reserved, left));
                }
                continue;
            }
        };
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                count.span,
                format!("{failed} a message of `{name}` to its dead-letter queue"),
            )
            .help("write `max_receive_count = 5`: a throttled or interrupted run spends a receive too"),
        );
    }
}

/// The reserved concurrency that a queue without a bound of its own runs into.
fn throttled_by<'a>(
    context: &Context<'a>,
    subscription: &Subscription,
) -> Option<&'a Spanned<u32>> {
    let is_bounded =
        subscription.maximum_concurrency.is_some() || subscription.provisioned_pollers.is_some();
    let service = context.topology.services.get(&subscription.service.value)?;
    service
        .reserved_concurrency
        .as_ref()
        .filter(|_| !is_bounded)
}

/// The share of the reserved concurrency that its service's bounded queues leave to each that has no bound; none where a
/// bound cannot be that low.
fn left_of(context: &Context<'_>, subscription: &Subscription, reserved: u32) -> Option<u32> {
    let topology = context.topology;
    let all = topology.flow.subscriptions(&subscription.service.value);
    let (mut taken, mut unbounded) = (0_u32, 0_u32);
    for one in all
        .iter()
        .filter_map(|name| topology.subscriptions.get(name))
    {
        match (&one.maximum_concurrency, &one.provisioned_pollers) {
            (Some(bound), _) => taken = taken.saturating_add(bound.value),
            (None, Some(pollers)) => taken = taken.saturating_add(pollers.at_once.value),
            (None, None) => unbounded += 1,
        }
    }
    let left = reserved.saturating_sub(taken).checked_div(unbounded)?;
    let (least, most) = (*MAXIMUM_CONCURRENCY.start(), *MAXIMUM_CONCURRENCY.end());
    (left >= least).then_some(left.min(most))
}

fn throttled(
    subscription: &Subscription,
    reserved: &Spanned<u32>,
    left: Option<u32>,
) -> Diagnostic {
    let (count, name) = (&subscription.max_receive_count, &subscription.name);
    Diagnostic::warning(
        CODE,
        count.span,
        format!("`{name}` may start more invocations than the {reserved} that are reserved, and {count} throttled receives take a message to its dead-letter queue"),
    )
    .related(reserved.span, "reserved here")
    .help(match left {
        Some(left) => format!("write `maximum_concurrency = {left}`, so that nothing is throttled, or `max_receive_count = {ADVISED}`"),
        None => format!("write `max_receive_count = {ADVISED}`, or reserve more"),
    })
}
