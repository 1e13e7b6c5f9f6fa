//! # too-many-subscriptions
//!
//! A topic that is FIFO, or takes messages above 256 KiB, has more than 100 subscriptions.
//!
//! **Why it matters.** SNS refuses the next subscription, or the larger messages, in the middle of a deployment.
//!
//! **Instead.** Divide the events among several topics; or leave out `fifo` where no order is needed, and
//! `max_message_size` where 256 KiB are enough.

use std::collections::BTreeMap;

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::names::TopicName;
use crate::model::topic::{DEFAULT_SIZE, Topic};
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG407",
    name: "too-many-subscriptions",
    severity: Severity::Error,
};

/// Subscriptions of a FIFO topic (sns quotas), and of one with large messages (large-message-payloads.html).
const MOST: u32 = 100;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let mut counts: BTreeMap<&TopicName, u32> = BTreeMap::new();
    for topic in topology.subscriptions.values().flat_map(|s| &s.topics) {
        *counts.entry(topic).or_default() += 1;
    }
    for (name, count) in counts {
        let limited = topology.topics.get(name).and_then(limited);
        if let (Some((what, span)), true) = (limited, count > MOST) {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    span,
                    format!("the topic `{name}` has {count} subscriptions, SNS takes {MOST} where {what}"),
                )
                .help("give a group of its events a topic of their own: `topic = \"…\"` in `[events.*]`"),
            );
        }
    }
}

/// What limits the topic, and where that is written.
fn limited(topic: &Topic) -> Option<(&'static str, Span)> {
    let large = topic.max_message_size.as_ref();
    match large.filter(|size| size.value > DEFAULT_SIZE) {
        Some(size) => Some(("messages are above 256KiB", size.span)),
        None => topic.fifo.then_some(("it is FIFO", topic.span)),
    }
}
