//! `filter = { … }`: which of its events a subscription wants, as a filter policy in the scope where its keys are.
//!
//! The keys are fields of the event's `data`; `eventVersion` is the envelope's. `eventType` is added here, from `events`.

use std::collections::BTreeMap;

use super::Topology;
use super::event::Event;
use super::names::{EventName, TopicName};
use super::subscription::Subscription;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::filter::policy::{Clause, Test};
use crate::filter::{Policy, Scope};
use crate::source::{Span, Spanned};

/// The key that `events` stands for.
const TYPE: &str = "eventType";
/// The one key that is not a field of `data`.
pub const VERSION: &str = "eventVersion";
const DATA: &str = "data";

/// Which of its events a subscription wants.
#[derive(Debug, Clone)]
pub struct Filter {
    /// As it is written; without one, all of its events pass.
    pub written: Option<Spanned<Policy>>,
    /// What it looks at.
    pub scope: Scope,
}

/// Keys of a filter, times events of its subscription, that are held against each other. SNS takes five keys, or 150 combinations of
/// values: far more is refused anyway.
pub const MOST_LOOKS: usize = 20_000;

impl Filter {
    /// Attributes are free to filter on, the body is not: it is looked at only when a key is nowhere else.
    pub(super) fn resolve(
        written: Option<Spanned<Policy>>,
        scope: Option<Spanned<Scope>>,
        received: &[Spanned<EventName>],
        events: &BTreeMap<EventName, Event>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let keys = written
            .as_ref()
            .map_or(Vec::new(), |written| keys(&written.value));
        for key in keys.iter().filter(|key| key.name.value == TYPE) {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_FILTER,
                    key.name.span,
                    format!("`{TYPE}` is filtered on already: it is one of `events`"),
                )
                .help("delete the key, and list in `events` what should arrive"),
            );
        }
        let unseen = |key: &Key<'_>| lacking(key, received, events);
        match scope {
            None => {
                let seen = keys.iter().all(|key| !key.nested && unseen(key).is_empty());
                let scope = if seen {
                    Scope::MessageAttributes
                } else {
                    Scope::MessageBody
                };
                Self { written, scope }
            }
            Some(Spanned { value: scope, .. }) => {
                if scope == Scope::MessageAttributes {
                    let most = MOST_LOOKS / received.len().max(1) + 1;
                    keys.iter()
                        .take(most)
                        .for_each(|key| refuse(key, &unseen(key), diagnostics));
                }
                Self { written, scope }
            }
        }
    }

    /// The policy for what comes through one topic.
    fn policy(&self, events: &[&Spanned<EventName>]) -> Policy {
        let span = events.first().map_or(Span::default(), |event| event.span);
        let names = events.iter().map(|event| event.value.as_str());
        let mut clauses = vec![Policy::exactly(TYPE, names, span)];
        if let Some(Spanned { value, span }) = &self.written {
            clauses.extend(match self.scope {
                Scope::MessageAttributes => value.clauses.clone(),
                Scope::MessageBody => in_envelope(value, *span),
            });
        }
        Policy { clauses }
    }
}

/// Topics of one subscription whose filter policies are looked at: each has a copy of the whole filter. The policy of a queue has
/// room for twenty, and more is an error.
pub const MOST_TOPICS: usize = 100;

impl Topology {
    /// The filter policy of `subscription` on `topic`, complete.
    pub fn filter_policy(&self, subscription: &Subscription, topic: &TopicName) -> Policy {
        let through = |event: &&Spanned<EventName>| {
            let declared = self.events.get(&event.value);
            declared.is_some_and(|event| event.topic == *topic)
        };
        let events: Vec<_> = subscription.events.iter().filter(through).collect();
        subscription.filter.policy(&events)
    }

    /// The filter policies of `subscription`, complete, by topic: one for each of its topics.
    pub fn filter_policies<'a>(
        &'a self,
        subscription: &'a Subscription,
    ) -> impl Iterator<Item = (&'a TopicName, Policy)> {
        let mut through: BTreeMap<&TopicName, Vec<&Spanned<EventName>>> = BTreeMap::new();
        for event in &subscription.events {
            if let Some(declared) = self.events.get(&event.value) {
                through.entry(&declared.topic).or_default().push(event);
            }
        }
        let policies = through.into_iter();
        policies.map(|(topic, events)| (topic, subscription.filter.policy(&events)))
    }
}

impl Subscription {
    /// Where its filter is written; its header when it has none.
    pub fn filter_span(&self) -> Span {
        let written = self.filter.written.as_ref();
        written.map_or(self.span, |written| written.span)
    }
}

/// A key of the uppermost level, or of an alternative there.
struct Key<'a> {
    name: &'a Spanned<String>,
    nested: bool,
}

fn keys(policy: &Policy) -> Vec<Key<'_>> {
    let mut all = Vec::new();
    for clause in &policy.clauses {
        match clause {
            Clause::Key(name, test) => all.push(Key {
                name,
                nested: matches!(test, Test::Nested(_)),
            }),
            Clause::Or(branches) => all.extend(branches.value.iter().flat_map(keys)),
        }
    }
    all
}

/// The received events that do not send `key` as an attribute. One that is not declared is reported elsewhere.
fn lacking<'a>(
    key: &Key<'_>,
    received: &[Spanned<EventName>],
    events: &'a BTreeMap<EventName, Event>,
) -> Vec<&'a Event> {
    let name = key.name.value.as_str();
    let sends = |event: &Event| event.attributes.iter().any(|a| a.value.as_str() == name);
    received
        .iter()
        .filter_map(|event| events.get(&event.value))
        .filter(|event| ![TYPE, VERSION].contains(&name) && !sends(event))
        .collect()
}

fn refuse(key: &Key<'_>, lacking: &[&Event], diagnostics: &mut Diagnostics) {
    let Spanned { value: name, span } = key.name;
    if key.nested {
        diagnostics.push(
            Diagnostic::error(
                codes::FILTER_SCOPE,
                *span,
                format!("`{name}` has fields below it, and no attribute has"),
            )
            .help("write `filter_scope = \"MessageBody\"`; AWS would answer `Filter policy scope MessageAttributes does not support nested filter policy`"),
        );
        return;
    }
    for event in lacking {
        diagnostics.push(
            Diagnostic::error(
                codes::FILTER_SCOPE,
                *span,
                format!("`{name}` is no attribute of `{}`: nothing would arrive", event.name),
            )
            .related(event.span, "the event")
            .help(format!(
                "add `attributes = [\"{name}\"]` to `[events.{}]`, or write `filter_scope = \"MessageBody\"`",
                event.name
            )),
        );
    }
}

/// As clauses on the body: `eventVersion` stands in the envelope, everything else in its `data`.
fn in_envelope(policy: &Policy, span: Span) -> Vec<Clause> {
    let data = |clauses| {
        Clause::Key(
            Spanned::new(DATA.to_owned(), span),
            Test::Nested(Policy { clauses }),
        )
    };
    if !keys(policy).iter().any(|key| key.name.value == VERSION) {
        return vec![data(policy.clauses.clone())];
    }
    let (mut outside, mut inside) = (Vec::new(), Vec::new());
    for clause in &policy.clauses {
        match clause {
            Clause::Key(key, _) if key.value == VERSION => outside.push(clause.clone()),
            Clause::Key(..) => inside.push(clause.clone()),
            // An alternative may look at both: each has its own `data`.
            Clause::Or(branches) => {
                let wrapped = branches.value.iter().map(|branch| Policy {
                    clauses: in_envelope(branch, span),
                });
                outside.push(Clause::Or(Spanned::new(wrapped.collect(), branches.span)));
            }
        }
    }
    if !inside.is_empty() {
        outside.push(data(inside));
    }
    outside
}
