//! What the contracts of its events say of each key of a filter. All lints of filters against contracts look here, so that
//! one slip is one finding: an unknown field has no type, and a condition of another type is not held against bounds.

use super::Context;
use crate::contracts::Contract;
use crate::contracts::fields::Lookup;
use crate::diag::Diagnostic;
use crate::filter::Scope;
use crate::filter::field::{self, Field, FieldType};
use crate::filter::policy::{Condition, Leaf, Scalar};
use crate::model::event::Event;
use crate::model::filter::{MOST_LOOKS, VERSION};
use crate::model::subscription::Subscription;
use crate::source::Spanned;

/// A key of a filter, and what the events of its subscription have there.
pub(super) struct Key<'a> {
    /// Whose filter it is.
    pub subscription: &'a Subscription,
    /// The key and its conditions.
    pub leaf: Leaf<'a>,
    /// What each event has there.
    pub sights: Vec<Sight<'a>>,
}

/// What one event has where a key looks.
pub(super) struct Sight<'a> {
    /// The event.
    pub event: &'a Event,
    /// Its contract, if it names a good one.
    pub contract: Option<&'a Contract>,
    /// What the filter sees; what is reported elsewhere is [`Lookup::Unsure`].
    pub lookup: Lookup,
}

/// The keys of every filter.
pub(super) fn keys<'a>(context: &Context<'a>) -> impl Iterator<Item = Key<'a>> {
    let subscriptions = context.topology.subscriptions.values();
    subscriptions.flat_map(|subscription| keys_of(context, subscription))
}

/// The keys of one filter; none where nobody knows all events that it is about, or where there are far too many.
pub(super) fn keys_of<'a>(context: &Context<'a>, subscription: &'a Subscription) -> Vec<Key<'a>> {
    let events = subscription.events.iter();
    let events = events.map(|event| context.topology.events.get(&event.value));
    let (Some(events), Some(written)) = (
        events.collect::<Option<Vec<&Event>>>(),
        &subscription.filter.written,
    ) else {
        return Vec::new();
    };
    let leaves = written.value.leaves();
    if leaves.len().saturating_mul(events.len()) > MOST_LOOKS {
        return Vec::new();
    }
    let key = |leaf: Leaf<'a>| Key {
        subscription,
        sights: events
            .iter()
            .map(|event| sight(context, event, &leaf.path, subscription.filter.scope))
            .collect(),
        leaf,
    };
    leaves.into_iter().map(key).collect()
}

fn sight<'a>(context: &Context<'a>, event: &'a Event, path: &str, scope: Scope) -> Sight<'a> {
    let contract = context.contracts.get(event.name.as_str());
    let attributes = scope == Scope::MessageAttributes;
    let lookup = if path == VERSION {
        Lookup::Field(Field {
            kind: FieldType::Listed(vec![Scalar::String(event.version.value.clone())]),
            required: true,
        })
    } else {
        let lookup = contract.map_or(Lookup::Unsure, |contract| contract.field(path));
        // That the field is no attribute, or that the attribute is no field, is said at the filter and at the event.
        let said_elsewhere = attributes
            && match &lookup {
                Lookup::Field(field) => {
                    is_no_attribute(&field.kind)
                        || !event.attributes.iter().any(|a| a.value.as_str() == path)
                }
                Lookup::Absent | Lookup::Undeclared | Lookup::Unsure => true,
            };
        if said_elsewhere {
            Lookup::Unsure
        } else {
            lookup
        }
    };
    Sight {
        event,
        contract,
        lookup,
    }
}

fn is_no_attribute(kind: &FieldType) -> bool {
    match kind {
        FieldType::Object => true,
        FieldType::Array(inner) => matches!(**inner, FieldType::Object | FieldType::Array(_)),
        FieldType::Either(types) => types.iter().all(is_no_attribute),
        FieldType::String
        | FieldType::Number { .. }
        | FieldType::Integer { .. }
        | FieldType::Boolean
        | FieldType::Listed(_)
        | FieldType::Ruled(..)
        | FieldType::Unknown => false,
    }
}

impl<'a> Key<'a> {
    /// Whether no contract declares the field.
    pub fn is_unknown(&self) -> bool {
        let lacks = |sight: &Sight<'_>| matches!(sight.lookup, Lookup::Absent | Lookup::Undeclared);
        self.sights.iter().all(lacks)
    }

    /// Conditions for values of another type than any event has there.
    pub fn mistyped(&self) -> Vec<&'a Spanned<Condition>> {
        self.without(|field, condition| {
            field::is_of_type(&field.kind, self.subscription.filter.scope, condition)
        })
    }

    /// Conditions of the right type that no event fulfils.
    pub fn idle(&self) -> Vec<&'a Spanned<Condition>> {
        let mistyped = self.mistyped();
        let absent = self
            .sights
            .iter()
            .any(|sight| sight.lookup == Lookup::Absent);
        let mut idle = self.without(|field, condition| {
            (absent && *condition == Condition::Exists(false))
                || field::may_match(field, self.subscription.filter.scope, condition)
        });
        idle.retain(|condition| !mistyped.contains(condition));
        // Events of another version than the newest are on their way while versions change.
        if self.leaf.path == VERSION && idle.len() < self.leaf.conditions.len() {
            idle.clear();
        }
        idle
    }

    /// Whether every event passes.
    pub fn is_needless(&self) -> bool {
        let conditions = self.leaf.conditions;
        let scope = self.subscription.filter.scope;
        self.leaf.path != VERSION
            && self.sights.iter().all(|sight| match &sight.lookup {
                Lookup::Field(field) => field::always_matches(field, scope, conditions),
                Lookup::Undeclared | Lookup::Absent | Lookup::Unsure => false,
            })
    }

    /// Conditions for which `fits` is false of every event that has the field; none where that is not known of each.
    fn without(&self, fits: impl Fn(&Field, &Condition) -> bool) -> Vec<&'a Spanned<Condition>> {
        let known = self.sights.iter().filter_map(|sight| match &sight.lookup {
            Lookup::Field(field) => Some(Some(field)),
            Lookup::Undeclared | Lookup::Unsure => Some(None),
            Lookup::Absent => None,
        });
        let Some(fields) = known.collect::<Option<Vec<&Field>>>() else {
            return Vec::new();
        };
        let unfit = |condition: &&Spanned<Condition>| {
            !fields.is_empty() && !fields.iter().any(|field| fits(field, &condition.value))
        };
        self.leaf.conditions.iter().filter(unfit).collect()
    }

    /// The first event that has the field, and the field.
    pub fn field(&self) -> Option<(&Sight<'a>, &Field)> {
        self.sights.iter().find_map(|sight| match &sight.lookup {
            Lookup::Field(field) => Some((sight, field)),
            Lookup::Undeclared | Lookup::Absent | Lookup::Unsure => None,
        })
    }

    /// Whether another lint says what is wrong with it.
    fn is_faulty(&self) -> bool {
        self.is_unknown() || !self.mistyped().is_empty() || !self.idle().is_empty()
    }
}

impl Sight<'_> {
    /// `finding`, with the place that says what the event has.
    pub fn explain(&self, finding: Diagnostic, path: &str) -> Diagnostic {
        match &self.event.schema {
            _ if path == VERSION => finding.related(self.event.version.span, "its version"),
            Some(schema) => finding.related(schema.span, "its contract"),
            None => finding,
        }
    }
}

/// An event that a filter keeps back, whatever is in it.
pub(super) struct Dropped<'a> {
    /// The event.
    pub sight: Sight<'a>,
    /// The key that it does not pass.
    pub key: Spanned<String>,
    /// The key's path.
    pub path: String,
}

/// The events that a filter keeps back, whatever is in them. A filter with a mistake in it is not looked at: what it keeps
/// back is the mistake's doing.
pub(super) fn dropped<'a>(
    context: &Context<'a>,
    subscription: &'a Subscription,
) -> Vec<Dropped<'a>> {
    let keys = keys_of(context, subscription);
    let Some(written) = &subscription.filter.written else {
        return Vec::new();
    };
    if keys.is_empty() || keys.iter().any(Key::is_faulty) {
        return Vec::new();
    }
    let scope = subscription.filter.scope;
    let events = subscription.events.iter();
    let events = events.filter_map(|event| context.topology.events.get(&event.value));
    events
        .filter_map(|event| {
            // The filter is read up to the clause that does not hold: the last key read is of that clause.
            let mut last = None;
            let passes = written.value.passes(&mut |leaf| {
                let sight = sight(context, event, &leaf.path, scope);
                let may_pass = sight.may_pass(leaf, scope);
                if !may_pass {
                    last = Some(Dropped {
                        sight,
                        key: leaf.key.clone(),
                        path: leaf.path.clone(),
                    });
                }
                may_pass
            });
            last.filter(|_| !passes)
        })
        .collect()
}

impl Sight<'_> {
    /// Whether the event, as its contract declares it, may fulfil one of the conditions.
    fn may_pass(&self, leaf: &Leaf<'_>, scope: Scope) -> bool {
        match &self.lookup {
            Lookup::Unsure => true,
            Lookup::Field(field) => !field::never_matches(field, scope, leaf.conditions),
            Lookup::Absent | Lookup::Undeclared => leaf
                .conditions
                .iter()
                .any(|condition| condition.value == Condition::Exists(false)),
        }
    }
}
