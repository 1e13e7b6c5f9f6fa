//! The walk over two schemas, side by side.
//!
//! What it relies on: the rules of a shape hold together (all of them or the value is refused), so when each rule of the
//! new one is kept by all that the old one lets through, the whole is. That is true of the shapes of `shape.rs`;
//! alternatives and negations have no shape, and are left to the proof or to doubt.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::canonical::{ArrayView, CanonicalSchema, Containment};

use super::{Change, Effect, leaves, worst};
use crate::contracts::schema::Free;
use crate::contracts::shape::{Object, Others, Shape, Shapes, Type, resolved, shapes};

/// Pairs that are compared, on all ways to them: definitions that refer to each other may be met on millions.
const MOST_VISITS: usize = 2_000;

/// A walk in progress.
pub(super) struct Walk<'a> {
    /// What the old and the new contract declare without a rule.
    free: (&'a Free, &'a Free),

    /// Pairs that are being compared: meeting one again, through a reference, adds nothing.
    open: Vec<(CanonicalSchema, CanonicalSchema)>,
    /// How often a pair was met again.
    circles: usize,
    /// How many pairs were compared.
    visits: usize,
}

impl<'a> Walk<'a> {
    /// A walk over contracts that declare these fields without a rule.
    pub(super) fn new(old: &'a Free, new: &'a Free) -> Self {
        Self {
            free: (old, new),
            open: Vec::new(),
            circles: 0,
            visits: 0,
        }
    }

    /// The changes from `old` to `new`, both at `path`.
    pub(super) fn node(
        &mut self,
        path: &str,
        old: &CanonicalSchema,
        new: &CanonicalSchema,
    ) -> Vec<Change> {
        let (old, new) = (resolved(old), resolved(new));
        if old == new {
            return Vec::new();
        }
        if self.open.iter().any(|(a, b)| *a == old && *b == new) {
            self.circles += 1;
            return Vec::new();
        }
        self.visits += 1;
        if self.visits > MOST_VISITS {
            // Said once; of the others nothing is known either.
            self.circles += 1;
            let what = "is not compared, nor what follows: too many ways lead through the contract";
            let unknown = change(path, what, Effect::Unknown, Effect::Unknown);
            return (self.visits == MOST_VISITS + 1)
                .then_some(unknown)
                .into_iter()
                .collect();
        }
        let circles = self.circles;
        self.open.push((old.clone(), new.clone()));
        let mut changes = match (shapes(&old), shapes(&new)) {
            (Some(a), Some(b)) => self.types(path, &a, &b),
            _ => vec![change(
                path,
                "has other alternatives or conditions",
                Effect::Unknown,
                Effect::Unknown,
            )],
        };
        self.open.pop();
        if changes.is_empty() && circles == self.circles {
            changes.push(change(
                path,
                "follows other rules",
                Effect::Unknown,
                Effect::Unknown,
            ));
        }
        settle(&mut changes, |change| &mut change.backward, &new, &old);
        settle(&mut changes, |change| &mut change.forward, &old, &new);
        // The same in other words.
        changes.retain(|change| change.backward.max(change.forward) != Effect::Compatible);
        changes
    }

    fn types(&mut self, path: &str, old: &Shapes, new: &Shapes) -> Vec<Change> {
        let mut changes = Vec::new();
        let (before, after) = (names(old), names(new));
        if before != after {
            // A whole number is a number.
            let takes = |names: &BTreeSet<&str>, name: &str| {
                names.contains(name) || name == "integer" && names.contains("number")
            };
            let back = before.iter().all(|name| takes(&after, name));
            let forth = after.iter().all(|name| takes(&before, name));
            let what = format!("takes {} instead of {}", listed(&after), listed(&before));
            changes.push(change(path, what, breaks(!back), breaks(!forth)));
        }
        for (of, old) in old {
            if let Some(new) = new.get(of) {
                changes.extend(self.shape(path, old, new));
            }
        }
        changes
    }

    fn shape(&mut self, path: &str, old: &Shape, new: &Shape) -> Vec<Change> {
        match (old, new) {
            (Shape::Object(old), Shape::Object(new)) => self.object(path, old, new),
            (Shape::Array(old), Shape::Array(new)) => self.array(path, old, new),
            (old, new) => leaves::changes(path, old, new),
        }
    }

    fn array(&mut self, path: &str, old: &ArrayView, new: &ArrayView) -> Vec<Change> {
        let mut changes = leaves::array(path, old, new);
        if old.prefix_items.len() != new.prefix_items.len() {
            changes.push(change(
                path,
                "has another row of first elements",
                Effect::Unknown,
                Effect::Unknown,
            ));
            return changes;
        }
        for (at, (old, new)) in old.prefix_items.iter().zip(&new.prefix_items).enumerate() {
            changes.extend(self.node(&format!("{path}[{at}]"), old, new));
        }
        let elements = format!("{path}[]");
        match (&old.items, &new.items) {
            (None, None) => {}
            (Some(old), Some(new)) => changes.extend(self.node(&elements, old, new)),
            (None, Some(_)) => changes.push(change(
                &elements,
                "follows rules now",
                Effect::Breaks,
                Effect::Compatible,
            )),
            (Some(_), None) => {
                changes.push(change(
                    &elements,
                    "may be anything now",
                    Effect::Compatible,
                    Effect::Breaks,
                ));
            }
        }
        changes
    }

    fn object(&mut self, path: &str, old: &Object, new: &Object) -> Vec<Change> {
        let mut changes = leaves::object(path, old, new);
        for name in new.required.difference(&old.required) {
            changes.push(change(
                &inside(path, name),
                "is required now",
                Effect::Breaks,
                Effect::Compatible,
            ));
        }
        for name in old.required.difference(&new.required) {
            changes.push(change(
                &inside(path, name),
                "is no longer required",
                Effect::Compatible,
                Effect::Breaks,
            ));
        }
        let names: BTreeSet<&String> = old.fields.keys().chain(new.fields.keys()).collect();
        for name in names {
            let path = inside(path, name);
            match (old.fields.get(name), new.fields.get(name)) {
                (Some(a), Some(b)) => changes.extend(self.node(&path, a, b)),
                (None, Some(b)) => changes.extend(self.one_sided(&path, name, old, b, Side::New)),
                (Some(a), None) => changes.extend(self.one_sided(&path, name, new, a, Side::Old)),
                (None, None) => {}
            }
        }
        if old.patterns.keys().eq(new.patterns.keys()) {
            for ((pattern, a), b) in old.patterns.iter().zip(new.patterns.values()) {
                changes.extend(self.node(&inside(path, &format!("/{pattern}/")), a, b));
            }
        } else {
            changes.push(change(
                path,
                "has other patterns of field names",
                Effect::Unknown,
                Effect::Unknown,
            ));
        }
        match (&old.others, &new.others) {
            (Others::Open, Others::Open) | (Others::Closed, Others::Closed) => {}
            (Others::Ruled(a), Others::Ruled(b)) => {
                changes.extend(self.node(&inside(path, "*"), a, b))
            }
            (Others::Open | Others::Ruled(_), Others::Closed) => {
                changes.push(change(
                    path,
                    "takes no further fields now",
                    Effect::Breaks,
                    Effect::Compatible,
                ));
            }
            (Others::Closed, Others::Open | Others::Ruled(_)) => {
                changes.push(change(
                    path,
                    "takes further fields now",
                    Effect::Compatible,
                    Effect::Breaks,
                ));
            }
            (Others::Open, Others::Ruled(_)) => {
                changes.push(change(
                    path,
                    "has a rule for further fields now",
                    Effect::Breaks,
                    Effect::Compatible,
                ));
            }
            (Others::Ruled(_), Others::Open) => {
                changes.push(change(
                    path,
                    "has no rule for further fields any more",
                    Effect::Compatible,
                    Effect::Breaks,
                ));
            }
        }
        changes
    }

    /// A field that one side declares as `named`, and the `other` does not.
    fn one_sided(
        &mut self,
        path: &str,
        name: &str,
        other: &Object,
        named: &CanonicalSchema,
        side: Side,
    ) -> Vec<Change> {
        let (mut what, free) = match side {
            Side::New => ("is new", &self.free.0),
            Side::Old => ("is gone", &self.free.1),
        };
        // Two effects: on reading by the side that names the field, and on reading by the other one.
        let (by_named, by_other) = match &other.others {
            // A name that a pattern may have ruled all the same.
            _ if !other.patterns.is_empty() => (Effect::Unknown, Effect::Unknown),
            Others::Ruled(rule) => {
                return match side {
                    Side::New => self.node(path, rule, named),
                    Side::Old => self.node(path, named, rule),
                };
            }
            Others::Closed => (Effect::Compatible, Effect::Breaks),
            // An object that declares nothing means its open model: whatever it holds is sent on purpose.
            Others::Open if other.fields.is_empty() => (Effect::Breaks, Effect::Compatible),
            // Declared there as well, as anything at all; or in some other object.
            Others::Open if free.patterns || free.names.contains(name) => {
                what = match side {
                    Side::New => "is new, or has its first rule",
                    Side::Old => "is gone, or has no rule any more",
                };
                (Effect::Unknown, Effect::Compatible)
            }
            Others::Open => (Effect::Declared, Effect::Compatible),
        };
        vec![match side {
            Side::New => change(path, what, by_named, by_other),
            Side::Old => change(path, what, by_other, by_named),
        }]
    }
}

/// Which contract declares the field.
enum Side {
    Old,
    New,
}

/// Clears the fears of one direction when `reader` provably takes all that `writer` lets through, and confirms a doubt that
/// is provably right.
fn settle(
    changes: &mut [Change],
    direction: fn(&mut Change) -> &mut Effect,
    reader: &CanonicalSchema,
    writer: &CanonicalSchema,
) {
    let feared = worst(changes.iter_mut().map(|change| *direction(change)));
    if feared == Effect::Compatible {
        return;
    }
    match reader.covers(writer) {
        Ok(Containment::Yes) => changes
            .iter_mut()
            .for_each(|change| *direction(change) = Effect::Compatible),
        // A single doubt is what the refusal is about. Next to undeclared fields it may be about those.
        Ok(Containment::No) if feared == Effect::Unknown => {
            if let [only] = changes {
                *direction(only) = Effect::Breaks;
            }
        }
        Ok(Containment::No | Containment::Unknown) | Err(_) => {}
    }
}

fn change(path: &str, what: impl Into<String>, backward: Effect, forward: Effect) -> Change {
    Change {
        path: path.to_owned(),
        what: what.into(),
        backward,
        forward,
    }
}

fn breaks(yes: bool) -> Effect {
    if yes {
        Effect::Breaks
    } else {
        Effect::Compatible
    }
}

fn inside(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn names(shapes: &Shapes) -> BTreeSet<&'static str> {
    let names: BTreeMap<Type, &'static str> = shapes
        .iter()
        .map(|(of, shape)| {
            let whole = match shape {
                Shape::Integer(_) => true,
                Shape::Values(values) => {
                    values.iter().all(|value| value.is_i64() || value.is_u64())
                }
                Shape::All
                | Shape::String(_)
                | Shape::Number(_)
                | Shape::Array(_)
                | Shape::Object(_) => false,
            };
            let name = match of {
                Type::Object => "object",
                Type::Array => "array",
                Type::String => "string",
                Type::Number if whole => "integer",
                Type::Number => "number",
                Type::Boolean => "boolean",
                Type::Null => "null",
            };
            (*of, name)
        })
        .collect();
    names.into_values().collect()
}

/// "`string` or `null`".
fn listed(names: &BTreeSet<&str>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "nothing".to_owned(),
        _ => names.join(" or "),
    }
}
