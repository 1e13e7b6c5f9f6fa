//! # key-policy-unseen
//!
//! A queue that SNS or EventBridge sends to, encrypted with a key whose policy topogen cannot see.
//!
//! **Why it matters.** A key that does not let the sender in makes it drop every message: nothing fails to deploy, and the
//! queue stays empty.
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! encryption = "alias/company-messages"
//! ```
//!
//! **Instead.** Put the statement of the help line into the key's policy, and say so in `[lints]`; or write `"kms"` for a
//! key of the app, whose policy topogen writes.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! encryption = "kms"
//! ```

use std::collections::BTreeSet;

use super::Context;
use super::key_blocks_delivery::{key, receivers};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG306",
    name: "key-policy-unseen",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    // A word of the app's is said of many: once is enough for each sender.
    let mut told = BTreeSet::new();
    for (encryption, whose, sender) in receivers(context.topology) {
        let Some(key) = key(encryption).filter(|key| !key.starts_with("alias/aws/")) else {
            continue;
        };
        if !told.insert((encryption.span, sender)) {
            continue;
        }
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                encryption.span,
                format!("{whose} is encrypted with `{key}`, which {sender} must be allowed to use"),
            )
            .help(format!(
                "put this into the key's policy, then silence the warning in `[lints]`: {{\"Effect\": \"Allow\", \
                 \"Principal\": {{\"Service\": \"{sender}\"}}, \"Action\": [\"kms:Decrypt\", \"kms:GenerateDataKey*\"], \
                 \"Resource\": \"*\"}}"
            )),
        );
    }
}
