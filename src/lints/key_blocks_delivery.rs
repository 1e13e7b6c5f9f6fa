//! # key-blocks-delivery
//!
//! A queue or topic that is encrypted with a key of AWS which the sender may not use.
//!
//! **Why it matters.** Keys that AWS manages, `alias/aws/…`, have policies that nobody can edit. SNS may not use
//! `alias/aws/sqs`: it drops every message, nothing fails to deploy, and the queue stays empty.
//!
//! **Example.**
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! encryption = "alias/aws/sqs"
//! ```
//!
//! **Instead.** Write `"sqs"`, which is the default and needs no key, or `"kms"` for a customer key whose policy topogen
//! writes.
//!
//! ```toml
//! [subscriptions.payment]
//! events = ["OrderCreated"]
//! encryption = "kms"
//! ```

use std::collections::BTreeSet;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Topology;
use crate::model::encryption::Encryption;
use crate::source::{Span, Spanned};

pub(super) const CODE: Code = Code {
    id: "TG305",
    name: "key-blocks-delivery",
    severity: Severity::Error,
};

/// Keys that AWS manages are called so.
const OF_AWS: &str = "alias/aws/";
/// That of SNS itself, which those may use who may publish.
const OF_SNS: &str = "alias/aws/sns";

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let topics = topology.topics.values().filter_map(|topic| {
        let foreign = key(&topic.encryption).filter(|key| *key != OF_SNS)?;
        Some((
            &topic.encryption,
            foreign,
            format!("the topic `{}`", topic.name),
        ))
    });
    let queues = receivers(topology)
        .filter_map(|(encryption, whose, _)| Some((encryption, key(encryption)?, whose)));
    // A word of the app's is said of many: once is enough.
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for (encryption, key, whose) in topics.chain(queues) {
        if !key.starts_with(OF_AWS) || !told.insert(encryption.span) {
            continue;
        }
        diagnostics.push(
            Diagnostic::error(
                CODE,
                encryption.span,
                format!("{whose} is encrypted with `{key}`, whose policy shuts the sender out and cannot be edited"),
            )
            .help("write \"sqs\" for keys that need no policy, or \"kms\" for a customer key of the app"),
        );
    }
}

/// Queues that an AWS service sends to: how they are encrypted, what they are, and who sends.
pub(super) fn receivers(
    topology: &Topology,
) -> impl Iterator<Item = (&Spanned<Encryption>, String, &'static str)> {
    let fed = topology.subscriptions.values().map(|subscription| {
        let whose = format!("the queue of `{}`", subscription.name);
        (&subscription.encryption, whose, "sns.amazonaws.com")
    });
    let scheduled = topology.services.values().filter(|s| s.schedule.is_some());
    let failed = scheduled.map(|service| {
        let whose = format!("the queue of failed starts of `{}`", service.name);
        (&topology.app.encryption, whose, "events.amazonaws.com")
    });
    fed.chain(failed)
}

/// The existing key that is meant.
pub(super) fn key(encryption: &Spanned<Encryption>) -> Option<&str> {
    match &encryption.value {
        Encryption::Sqs | Encryption::Kms => None,
        Encryption::Key(key) => Some(key),
    }
}
