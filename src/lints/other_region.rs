//! # other-region
//!
//! An alarm, an encryption or a secret that names a topic, a key or a secret of another Region than the environment is in.
//!
//! **Why it matters.** CloudWatch tells topics of its own Region alone, a queue or a topic uses keys of its own, and a handler asks the
//! Secrets Manager of its own: the deployment is refused, nobody hears of an alarm, or the secret is not found.
//!
//! **Example.**
//!
//! ```toml
//! [environments.prod]
//! region = "eu-west-1"
//! alarms.notify = ["arn:aws:sns:us-east-1:111122223333:oncall"]
//! ```
//!
//! **Instead.** Name one that is in the environment's Region.
//!
//! ```toml
//! [environments.prod]
//! region = "eu-west-1"
//! alarms.notify = ["arn:aws:sns:eu-west-1:111122223333:oncall"]
//! ```

use std::collections::BTreeSet;

use super::Context;
use super::key_blocks_delivery::key;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::secret::Secret;
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG215",
    name: "other-region",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let Some(own) = &topology.environment.region else {
        return;
    };
    let told = topology.alarms.topics.iter();
    let told = told.map(|topic| (topic.value.as_str(), topic.span, "tells its topics"));
    let encryptions = topology.topics.values().map(|topic| &topic.encryption);
    let encryptions = encryptions
        .chain(topology.subscriptions.values().map(|s| &s.encryption))
        .chain([&topology.app.encryption]);
    let keys = encryptions.filter_map(|e| Some((key(e)?, e.span, "uses its keys")));
    let services = topology.services.values();
    let secrets = services.flat_map(|service| service.secrets.values());
    let secrets = secrets.filter_map(|secret| match &secret.value {
        Secret::Arn(arn) => Some((arn.as_str(), secret.span, "reads its secrets")),
        Secret::Name(_) => None,
    });
    // One word may be said of many.
    let all = told.chain(keys).chain(secrets);
    let all: BTreeSet<(Span, &str, &str)> = all.map(|(a, s, w)| (s, a, w)).collect();
    for (span, arn, what) in all {
        let Some(region) = region(arn).filter(|region| *region != own.0) else {
            continue;
        };
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                span,
                format!(
                    "this is in {region}, and the environment, which is in {}, {what} alone",
                    own.0
                ),
            )
            .help(format!("name one that is in {}", own.0)),
        );
    }
}

/// `arn:partition:service:region:…`
fn region(arn: &str) -> Option<&str> {
    arn.starts_with("arn:")
        .then(|| arn.split(':').nth(3))
        .flatten()
}
