//! # reserved-above-account
//!
//! Reserved concurrency that leaves the account less than 100 for all other functions.
//!
//! **Why it matters.** Lambda refuses it: "decreases account's UnreservedConcurrentExecution below its minimum value". What
//! other apps of the account reserve comes on top, and topogen cannot see it.
//!
//! **Example.** An account has 1000, unless AWS has raised it:
//!
//! ```toml
//! [services.payment]
//! reserved_concurrency = 950
//! ```
//!
//! **Instead.** Reserve less, or say in `[quotas]` what AWS has raised the limit to.
//!
//! ```toml
//! [quotas]
//! concurrent_executions = 5000
//!
//! [services.payment]
//! reserved_concurrency = 950
//! ```

use std::cmp::Reverse;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG212",
    name: "reserved-above-account",
    severity: Severity::Error,
};

/// What Lambda keeps for functions that reserve nothing (configuration-concurrency.html).
const UNRESERVED: u32 = 100;
/// How many others are shown: an environment may have set one of them.
const SHOWN: usize = 3;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let reserved = || {
        topology
            .services
            .values()
            .filter_map(|service| service.reserved_concurrency.as_ref())
    };
    let total = reserved().fold(0_u32, |sum, one| sum.saturating_add(one.value));
    let account = &topology.quotas.concurrent_executions;
    let available = account.value.saturating_sub(UNRESERVED);
    if total <= available {
        return;
    }
    // The largest of them have the most to give.
    let mut all: Vec<_> = reserved().collect();
    all.sort_by_key(|one| Reverse((one.value, one.span)));
    let Some((largest, others)) = all.split_first() else {
        return;
    };
    let finding = Diagnostic::error(
        CODE,
        largest.span,
        format!(
            "{total} invocations at once are reserved in all, an account of {account} lets {available} be reserved"
        ),
    )
    .help("reserve less, or write `concurrent_executions = …` in `[quotas]` when AWS has raised it");
    let shown = others.iter().take(SHOWN);
    diagnostics.push(shown.fold(finding, |finding, one| {
        finding.related(one.span, "reserved too")
    }));
}
