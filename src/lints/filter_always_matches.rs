//! # filter-always-matches
//!
//! A key of a filter that every message passes.
//!
//! **Why it matters.** Whoever reads the filter thinks that it keeps something back. It also counts toward the five keys and
//! 150 combinations of SNS, and in the body it is paid for by the gigabyte.
//!
//! **Example.** By its contract `currency` is always there, and `EUR` or `USD`:
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { currency = ["EUR", "USD"] }
//! ```
//!
//! **Instead.** Leave the key out.
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! ```

use super::Context;
use super::filter_contract;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG127",
    name: "filter-always-matches",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for key in filter_contract::keys(context) {
        let (true, Some(first)) = (key.is_needless(), key.sights.first()) else {
            continue;
        };
        let path = &key.leaf.path;
        let whose = match key.sights.as_slice() {
            [only] => format!("`{}`", only.event.name),
            _ => format!("event of `{}`", key.subscription.name),
        };
        let message = format!("`{path}` keeps nothing back: every {whose} passes");
        let finding = Diagnostic::warning(CODE, key.leaf.key.span, message)
            .help("leave the key out, or ask for less");
        diagnostics.push(first.explain(finding, path));
    }
}
