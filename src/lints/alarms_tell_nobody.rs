//! # alarms-tell-nobody
//!
//! An environment has alarms, and nobody is notified.
//!
//! **Why it matters.** Messages gather in a dead-letter queue, the alarm rings in an empty room, and after fourteen days
//! they are gone.
//!
//! **Example.** `dev` and `local` are for trying things out; a further environment is taken seriously:
//!
//! ```toml
//! [environments.prod]
//! ```
//!
//! **Instead.** Name an address or an existing topic, for all environments or for one.
//!
//! ```toml
//! [alarms]
//! notify = ["email:oncall@example.com"]
//!
//! [environments.prod]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::environment;

pub(super) const CODE: Code = Code {
    id: "TG209",
    name: "alarms-tell-nobody",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let name = topology.environment.name.as_str();
    let for_trying = [environment::DEFAULT, environment::LOCAL].contains(&name)
        || topology.environment.ephemeral;
    let alarms = &topology.alarms;
    if !for_trying && alarms.emails.is_empty() && alarms.topics.is_empty() {
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                alarms.notify.unwrap_or(alarms.span),
                "nobody is told of alarms",
            )
            .help(match alarms.notify {
                Some(_) => "write `notify = [\"email:…\"]`, or the ARN of a topic",
                None => "add `[alarms]` with `notify = [\"email:…\"]`, or the ARN of a topic",
            }),
        );
    }
}
