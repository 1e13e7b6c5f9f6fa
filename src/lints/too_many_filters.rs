//! # too-many-filters
//!
//! A topic has more subscriptions than SNS takes filter policies for it: 200, unless AWS has raised it.
//!
//! **Why it matters.** SNS refuses the next filter policy, in the middle of a deployment, until AWS has raised the quota of the
//! account. topogen gives every subscription one, since each wants certain events.
//!
//! **Instead.** Divide the events among several topics, or ask for a higher quota in Service Quotas and say so with
//! `filter_policies_per_topic` in `[quotas]`.

use std::collections::BTreeMap;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::names::TopicName;

pub(super) const CODE: Code = Code {
    id: "TG414",
    name: "too-many-filters",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let most = topology.quotas.filter_policies_per_topic.value;
    let mut counts: BTreeMap<&TopicName, u32> = BTreeMap::new();
    for topic in topology.subscriptions.values().flat_map(|s| &s.topics) {
        *counts.entry(topic).or_default() += 1;
    }
    for (name, count) in counts {
        let span = topology.topics.get(name).map(|topic| topic.span);
        if let (Some(span), true) = (span, count > most) {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    span,
                    format!("the topic `{name}` has {count} filter policies, SNS takes {most}"),
                )
                .help("give a group of its events a topic of their own: `topic = \"…\"` in `[events.*]`; AWS would answer `FilterPolicyLimitExceeded`"),
            );
        }
    }
}
