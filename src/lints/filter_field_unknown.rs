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
    let (step, declared) = first_unknown(key, path);
    let known = suggest::while_few(diagnostics, declared.iter().map(String::as_str));
    let mut finding = Diagnostic::error(
        CODE,
        written.span,
        format!("`{path}` is not a field of {whose}"),
    )
    .help(suggest::help(
        step.rsplit('.').next().unwrap_or(step),
        known.clone(),
    ));
    // A path in quotes has one place for all of its parts, a step above the last one has none.
    if step == path && written.span.end - written.span.start == written.value.len() {
        let bare =
            known.filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        finding = finding.fix(suggest::mend_name(written.span, &written.value, bare));
    }
    match key.sights.first() {
        Some(sight) => sight.explain(finding, path),
        None => finding,
    }
}

/// The path up to the first step that no contract declares, and what is declared in that step's place: all that is below a
/// slip is unknown with it.
fn first_unknown<'a>(key: &Key<'_>, path: &'a str) -> (&'a str, BTreeSet<String>) {
    let declared = |step: &str| -> BTreeSet<String> {
        let contracts = key.sights.iter().filter_map(|sight| sight.contract);
        contracts
            .flat_map(|contract| contract.declared_beside(step))
            .collect()
    };
    let dots = path.match_indices('.').map(|(at, _)| &path[..at]);
    dots.map(|step| (step, declared(step)))
        .find(|(step, declared)| !declared.contains(step.rsplit('.').next().unwrap_or(step)))
        .unwrap_or_else(|| (path, declared(path)))
}
