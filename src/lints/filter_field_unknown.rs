//! # filter-field-unknown
//!
//! A filter on a field that no contract of the subscription's events declares.
//!
//! **Why it matters.** With a slip in a field's name nothing passes: everything deploys, nothing fails, nothing arrives. A field
//! that is sent without being in the contract may be gone tomorrow, and no check of the contract would name this consumer.
//!
//! **Example.**
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { curency = ["USD"] }
//! ```
//!
//! **Instead.** Name a field of the contract, with dots where it stands inside another, or declare the field there.
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/OrderCreated.json"
//!
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! filter = { currency = ["USD"] }
//! ```

use std::collections::BTreeSet;

use super::Context;
use super::filter_contract::{self, Key};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::syntax::suggest;

pub(super) const CODE: Code = Code {
    id: "TG124",
    name: "filter-field-unknown",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for key in filter_contract::keys(context) {
        if key.is_unknown() {
            let finding = finding(&key, diagnostics);
            diagnostics.push(finding);
        }
    }
}

fn finding(key: &Key<'_>, diagnostics: &Diagnostics) -> Diagnostic {
    let (path, written) = (&key.leaf.path, &key.leaf.key);
    let whose = match key.sights.as_slice() {
        [only] => format!("`{}`", only.event.name),
        _ => format!("any event of `{}`", key.subscription.name),
    };
    let contracts = key.sights.iter().filter_map(|sight| sight.contract);
    let declared: BTreeSet<String> = contracts
        .flat_map(|contract| contract.declared_beside(path))
        .collect();
    let known = suggest::while_few(diagnostics, declared.iter().map(String::as_str));
    let mut finding = Diagnostic::error(
        CODE,
        written.span,
        format!("`{path}` is not a field of {whose}"),
    )
    .help(suggest::help(&written.value, known.clone()));
    // A path in quotes has one place for all of its parts.
    if written.span.end - written.span.start == written.value.len() {
        let bare =
            known.filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        finding = finding.fix(suggest::mend_key(written.span, &written.value, bare));
    }
    match key.sights.first() {
        Some(sight) => sight.explain(finding, path),
        None => finding,
    }
}
