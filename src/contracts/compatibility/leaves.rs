//! Rules of texts, numbers, lists and objects that do not lead further down: bounds, patterns, values.

use std::collections::BTreeSet;

use jsonschema::canonical::{ArrayView, Distinctness, IntegerView, NumberView, StringView};
use serde_json::{Number, Value};

use super::{Change, Effect};
use crate::contracts::shape::{Object, Shape};

/// Longest list of values that a message names.
const MOST_VALUES: usize = 5;

/// Collects the changes at one path.
struct Changes<'a> {
    path: &'a str,
    found: Vec<Change>,
}

impl Changes<'_> {
    fn add(&mut self, what: String, backward: Effect, forward: Effect) {
        self.found.push(Change {
            path: self.path.to_owned(),
            what,
            backward,
            forward,
        });
    }

    /// A bound of which `tighter` says whether the second is tighter than the first.
    fn bound<T: PartialEq + std::fmt::Display>(
        &mut self,
        name: &str,
        old: Option<T>,
        new: Option<T>,
        tighter: impl Fn(&T, &T) -> Option<bool>,
    ) {
        match (old, new) {
            (None, None) => {}
            (Some(old), Some(new)) if old == new => {}
            (None, Some(new)) => self.add(
                format!("has the {name} {new} now"),
                Effect::Breaks,
                Effect::Compatible,
            ),
            (Some(old), None) => self.add(
                format!("has no {name} any more, it was {old}"),
                Effect::Compatible,
                Effect::Breaks,
            ),
            (Some(old), Some(new)) => {
                let (backward, forward) = match tighter(&old, &new) {
                    Some(true) => (Effect::Breaks, Effect::Compatible),
                    Some(false) => (Effect::Compatible, Effect::Breaks),
                    None => (Effect::Unknown, Effect::Unknown),
                };
                self.add(
                    format!("has the {name} {new} instead of {old}"),
                    backward,
                    forward,
                );
            }
        }
    }

    fn least(&mut self, name: &str, old: &Option<Number>, new: &Option<Number>) {
        self.bound(name, old.clone(), new.clone(), |old, new| above(new, old));
    }

    fn most(&mut self, name: &str, old: &Option<Number>, new: &Option<Number>) {
        self.bound(name, old.clone(), new.clone(), above);
    }

    /// Rules that a value keeps all of, such as patterns.
    fn rules(&mut self, name: &str, old: &[String], new: &[String]) {
        let set = |rules: &[String]| rules.iter().cloned().collect::<BTreeSet<String>>();
        let (old, new) = (set(old), set(new));
        let quoted = |rules: &BTreeSet<String>| {
            rules
                .iter()
                .map(|rule| format!("`{rule}`"))
                .collect::<Vec<_>>()
                .join(" and ")
        };
        if old == new {
        } else if old.is_subset(&new) {
            let added = new.difference(&old).cloned().collect();
            self.add(
                format!("has the {name} {} now", quoted(&added)),
                Effect::Breaks,
                Effect::Compatible,
            );
        } else if new.is_subset(&old) {
            let gone = old.difference(&new).cloned().collect();
            self.add(
                format!("has the {name} {} no longer", quoted(&gone)),
                Effect::Compatible,
                Effect::Breaks,
            );
        } else {
            let what = format!(
                "has the {name} {} instead of {}",
                quoted(&new),
                quoted(&old)
            );
            self.add(what, Effect::Unknown, Effect::Unknown);
        }
    }

    /// Rules that are not looked into.
    fn same<T: PartialEq>(&mut self, what: &str, old: &T, new: &T) {
        if old != new {
            self.add(what.to_owned(), Effect::Unknown, Effect::Unknown);
        }
    }
}

/// Whether `one` is above `other`, unless they are too large to tell.
fn above(one: &Number, other: &Number) -> Option<bool> {
    if let (Some(one), Some(other)) = (one.as_i64(), other.as_i64()) {
        return Some(one > other);
    }
    if let (Some(one), Some(other)) = (one.as_u64(), other.as_u64()) {
        return Some(one > other);
    }
    let (one, other) = (one.as_f64()?, other.as_f64()?);
    (one != other).then_some(one > other)
}

/// The changes between two shapes of one type that have nothing inside.
pub(super) fn changes(path: &str, old: &Shape, new: &Shape) -> Vec<Change> {
    let mut changes = Changes {
        path,
        found: Vec::new(),
    };
    match (old, new) {
        (old, new) if old == new => {}
        (Shape::Values(old), Shape::Values(new)) => values(&mut changes, old, new),
        (Shape::String(old), Shape::String(new)) => string(&mut changes, old, new),
        (Shape::Integer(old), Shape::Integer(new)) => {
            number(&mut changes, &widened(old), &widened(new))
        }
        (Shape::Integer(old), Shape::Number(new)) => number(&mut changes, &widened(old), new),
        (Shape::Number(old), Shape::Integer(new)) => number(&mut changes, old, &widened(new)),
        (Shape::Number(old), Shape::Number(new)) => number(&mut changes, old, new),
        (_, Shape::Values(new)) => changes.add(
            format!("takes only {} now", quoted(new)),
            Effect::Breaks,
            Effect::Unknown,
        ),
        (Shape::Values(old), _) => changes.add(
            format!("takes more than {} now", quoted(old)),
            Effect::Unknown,
            Effect::Breaks,
        ),
        _ => changes.add(
            "follows other rules".to_owned(),
            Effect::Unknown,
            Effect::Unknown,
        ),
    }
    changes.found
}

/// The bounds of whole numbers, as numbers have them; that they are whole is compared with the types.
fn widened(view: &IntegerView) -> NumberView {
    NumberView {
        minimum: view.minimum.clone(),
        exclusive_minimum: false,
        maximum: view.maximum.clone(),
        exclusive_maximum: false,
        multiple_of: view.multiple_of.clone(),
        not_multiple_of: view.not_multiple_of.clone(),
        excludes_integers: false,
    }
}

fn values(changes: &mut Changes<'_>, old: &[Value], new: &[Value]) {
    let without = |all: &[Value], others: &[Value]| {
        all.iter()
            .filter(|value| !others.contains(value))
            .cloned()
            .collect::<Vec<Value>>()
    };
    let (gone, added) = (without(old, new), without(new, old));
    if !gone.is_empty() {
        changes.add(
            format!("no longer takes {}", quoted(&gone)),
            Effect::Breaks,
            Effect::Compatible,
        );
    }
    if !added.is_empty() {
        changes.add(
            format!("also takes {}", quoted(&added)),
            Effect::Compatible,
            Effect::Breaks,
        );
    }
}

fn quoted(values: &[Value]) -> String {
    let shown: Vec<String> = values
        .iter()
        .take(MOST_VALUES)
        .map(Value::to_string)
        .collect();
    match values.len().saturating_sub(MOST_VALUES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn string(changes: &mut Changes<'_>, old: &StringView, new: &StringView) {
    changes.least("least length", &old.min_length, &new.min_length);
    changes.most("greatest length", &old.max_length, &new.max_length);
    changes.rules("pattern", &old.patterns, &new.patterns);
    changes.rules("format", &old.formats, &new.formats);
    changes.rules(
        "content type",
        &old.content_media_types,
        &new.content_media_types,
    );
    changes.rules(
        "content encoding",
        &old.content_encodings,
        &new.content_encodings,
    );
    changes.same(
        "excludes other values",
        &(&old.excluded, &old.excluded_patterns, &old.excluded_formats),
        &(&new.excluded, &new.excluded_patterns, &new.excluded_formats),
    );
}

/// A bound with whether it is itself outside.
#[derive(PartialEq)]
struct Bound {
    at: Number,
    exclusive: bool,
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let outside = if self.exclusive { " (not itself)" } else { "" };
        write!(f, "{}{outside}", self.at)
    }
}

fn number(changes: &mut Changes<'_>, old: &NumberView, new: &NumberView) {
    let bound = |at: &Option<Number>, exclusive| at.clone().map(|at| Bound { at, exclusive });
    // Of two bounds at one place the exclusive one is tighter.
    let tighter = |old: &Bound, new: &Bound, inward: Option<bool>| {
        if old.at == new.at {
            Some(new.exclusive)
        } else {
            inward
        }
    };
    changes.bound(
        "minimum",
        bound(&old.minimum, old.exclusive_minimum),
        bound(&new.minimum, new.exclusive_minimum),
        |old, new| tighter(old, new, above(&new.at, &old.at)),
    );
    changes.bound(
        "maximum",
        bound(&old.maximum, old.exclusive_maximum),
        bound(&new.maximum, new.exclusive_maximum),
        |old, new| tighter(old, new, above(&old.at, &new.at)),
    );
    let texts = |numbers: &[Number]| {
        numbers
            .iter()
            .map(Number::to_string)
            .collect::<Vec<String>>()
    };
    changes.rules(
        "divisor",
        &texts(&old.multiple_of),
        &texts(&new.multiple_of),
    );
    changes.same(
        "excludes other values",
        &(&old.not_multiple_of, old.excludes_integers),
        &(&new.not_multiple_of, new.excludes_integers),
    );
}

/// The rules of a list that are not about one element.
pub(super) fn array(path: &str, old: &ArrayView, new: &ArrayView) -> Vec<Change> {
    let mut changes = Changes {
        path,
        found: Vec::new(),
    };
    changes.least("least number of elements", &old.min_items, &new.min_items);
    changes.most(
        "greatest number of elements",
        &old.max_items,
        &new.max_items,
    );
    match (old.distinctness, new.distinctness) {
        (a, b) if a == b => {}
        (Distinctness::Unconstrained, _) => {
            changes.add(
                "has a rule on repeated elements now".to_owned(),
                Effect::Breaks,
                Effect::Compatible,
            );
        }
        (_, Distinctness::Unconstrained) => changes.add(
            "has no rule on repeated elements any more".to_owned(),
            Effect::Compatible,
            Effect::Breaks,
        ),
        _ => changes.add(
            "has another rule on repeated elements".to_owned(),
            Effect::Breaks,
            Effect::Breaks,
        ),
    }
    changes.same("must contain other elements", &old.contains, &new.contains);
    changes.found
}

/// The rules of an object that are not about one field.
pub(super) fn object(path: &str, old: &Object, new: &Object) -> Vec<Change> {
    let mut changes = Changes {
        path,
        found: Vec::new(),
    };
    changes.least("least number of fields", &old.count.0, &new.count.0);
    changes.most("greatest number of fields", &old.count.1, &new.count.1);
    changes.same("has other rules on field names", &old.names, &new.names);
    changes.same("excludes other objects", &old.violations, &new.violations);
    changes.found
}
