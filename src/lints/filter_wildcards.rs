//! # filter-wildcards
//!
//! A filter's wildcards have more than three `*` in one, or more than 100 points in all.
//!
//! **Why it matters.** SNS refuses the policy, in the middle of a deployment. A pattern with one `*` has one point, one with
//! more has three, and the points of a field are multiplied by the number of its patterns.
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { sku = [{ wildcard = "*-red-*-large-*-v*" }] }
//! ```
//!
//! **Instead.** Ask for a beginning or an end, or for a coarser form.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { sku = [{ wildcard = "*-red-*-large-*" }] }
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::filter::limits::{MAX_STARS, MAX_WILDCARD_POINTS, stars};

pub(super) const CODE: Code = Code {
    id: "TG413",
    name: "filter-wildcards",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for subscription in context.topology.subscriptions.values() {
        let Some(written) = &subscription.filter.written else {
            continue;
        };
        for condition in written
            .value
            .leaves()
            .iter()
            .flat_map(|leaf| leaf.conditions)
        {
            if let Some(pattern) = condition.value.pattern()
                && stars(pattern) > MAX_STARS
            {
                diagnostics.push(
                    Diagnostic::error(
                        CODE,
                        condition.span,
                        format!(
                            "`{pattern}` has {} `*`, SNS takes {MAX_STARS}",
                            stars(pattern)
                        ),
                    )
                    .help("use fewer, or `prefix` and `suffix` where they say the same"),
                );
            }
        }
        let (points, _) = written.value.wildcard_points();
        if points > MAX_WILDCARD_POINTS {
            let name = &subscription.name;
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    written.span,
                    format!("the wildcards of `{name}` have {points} points, SNS takes {MAX_WILDCARD_POINTS}"),
                )
                .help("each pattern makes all of its field dearer: write fewer, or `prefix` and `suffix`"),
            );
        }
    }
}
