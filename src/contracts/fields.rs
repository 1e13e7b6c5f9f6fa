//! The fields of a contract: what stands at `items.sku`, and whether it is always there.
//!
//! A path is dotted and walks through arrays, as SNS filter policies do. Where the contract leaves room for doubt the answer
//! is [`Lookup::Unsure`] or [`FieldType::Unknown`]: whoever warns by these answers must stay quiet then.

use std::collections::BTreeSet;

use jsonschema::canonical::{CanonicalSchema, CanonicalView};

use super::Contract;
use super::field_type::field_type;
use super::shape::{Others, Shape, resolved, shapes};
use crate::filter::field::{Field, FieldType};
use crate::parallel::locked;

/// Schemas inside each other that are looked into.
const DEEPEST: usize = 64;
/// Schemas that are looked into for one path, on all ways to them.
const MOST_VISITS: u32 = 10_000;

/// The answer to a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// The contract declares it.
    Field(Field),
    /// The contract does not declare it and takes further fields: it may be there all the same.
    Undeclared,
    /// No data can have it.
    Absent,
    /// The contract is written in a way that leaves it open.
    Unsure,
}

impl Contract {
    /// What stands at the dotted `path` of `data`.
    pub fn field(&self, path: &str) -> Lookup {
        let known = locked(&self.lookups).get(path).cloned();
        known.unwrap_or_else(|| {
            let answer = self.look_up(path);
            locked(&self.lookups).insert(path.to_owned(), answer.clone());
            answer
        })
    }

    fn look_up(&self, path: &str) -> Lookup {
        let steps: Vec<&str> = path.split('.').collect();
        let answer = look(&self.canonical, &steps, true, 0, &mut 0);
        if answer == Lookup::Undeclared && self.declares_freely(&steps) {
            return Lookup::Unsure;
        }
        answer
    }

    /// The fields that it declares where the last step of the dotted `path` would stand.
    pub fn declared_beside(&self, path: &str) -> BTreeSet<String> {
        let steps: Vec<&str> = path.split('.').collect();
        let mut names = BTreeSet::new();
        if let Some((_, above)) = steps.split_last() {
            collect(&self.canonical, above, (0, &mut 0), &mut names);
        }
        names
    }

    /// Whether some object declares a field of this path without a rule.
    fn declares_freely(&self, steps: &[&str]) -> bool {
        let free = self.free();
        free.patterns || steps.iter().any(|step| free.names.contains(*step))
    }
}

/// Adds the names of the fields below `steps`.
fn collect(
    schema: &CanonicalSchema,
    steps: &[&str],
    (depth, visits): (usize, &mut u32),
    names: &mut BTreeSet<String>,
) {
    *visits += 1;
    if depth == DEEPEST || *visits > MOST_VISITS {
        return;
    }
    let depth = depth + 1;
    let Some(shapes) = shapes(schema) else {
        if let CanonicalView::AnyOf(branches)
        | CanonicalView::OneOf(branches)
        | CanonicalView::AllOf(branches) = resolved(schema).view()
        {
            branches
                .iter()
                .for_each(|branch| collect(branch, steps, (depth, visits), names));
        }
        return;
    };
    for shape in shapes.values() {
        match (shape, steps.split_first()) {
            (Shape::Object(object), None) => names.extend(object.fields.keys().cloned()),
            (Shape::Object(object), Some((step, rest))) => {
                if let Some(inner) = object.fields.get(*step) {
                    collect(inner, rest, (depth, visits), names);
                }
            }
            (Shape::Array(array), _) => {
                if let Some(items) = &array.items {
                    collect(items, steps, (depth, visits), names);
                }
            }
            (
                Shape::All
                | Shape::Values(_)
                | Shape::String(_)
                | Shape::Integer(_)
                | Shape::Number(_),
                _,
            ) => {}
        }
    }
}

/// `always`: whether what `schema` describes is there in all data.
fn look(
    schema: &CanonicalSchema,
    steps: &[&str],
    always: bool,
    depth: usize,
    visits: &mut u32,
) -> Lookup {
    *visits += 1;
    // A list of lists of themselves has no end.
    if depth == DEEPEST || *visits > MOST_VISITS {
        return Lookup::Unsure;
    }
    let depth = depth + 1;
    let Some(shapes) = shapes(schema) else {
        return alternatives(schema, steps, always, depth, visits);
    };
    let Some((step, rest)) = steps.split_first() else {
        return Lookup::Field(Field {
            kind: field_type(schema),
            required: always,
        });
    };
    let mut answers = Vec::new();
    for shape in shapes.values() {
        match shape {
            Shape::Object(object) => {
                let required = object.required.contains(*step);
                let always = always && required && shapes.len() == 1;
                answers.push(match (object.fields.get(*step), &object.others) {
                    (Some(inner), _) => look(inner, rest, always, depth, visits),
                    (None, _) if !object.patterns.is_empty() || object.names.is_some() => {
                        Lookup::Unsure
                    }
                    (None, Others::Closed) => Lookup::Absent,
                    (None, Others::Ruled(inner)) => look(inner, rest, always, depth, visits),
                    // The contract speaks of it, if only to require it.
                    (None, Others::Open) if required => Lookup::Unsure,
                    (None, Others::Open) => Lookup::Undeclared,
                });
            }
            Shape::Array(array) => {
                let filled = array
                    .min_items
                    .as_ref()
                    .and_then(serde_json::Number::as_u64)
                    > Some(0);
                let always = always && filled && shapes.len() == 1;
                answers.push(match &array.items {
                    _ if !array.prefix_items.is_empty() => Lookup::Unsure,
                    None => Lookup::Undeclared,
                    Some(items) => look(items, steps, always, depth, visits),
                });
            }
            Shape::Values(values)
                if values
                    .iter()
                    .any(|value| value.is_object() || value.is_array()) =>
            {
                answers.push(Lookup::Unsure);
            }
            // Has no fields.
            Shape::Values(_)
            | Shape::All
            | Shape::String(_)
            | Shape::Integer(_)
            | Shape::Number(_) => {}
        }
    }
    answers.into_iter().reduce(either).unwrap_or(Lookup::Absent)
}

/// For a schema that is made of several.
fn alternatives(
    schema: &CanonicalSchema,
    steps: &[&str],
    always: bool,
    depth: usize,
    visits: &mut u32,
) -> Lookup {
    match resolved(schema).view() {
        CanonicalView::AnyOf(branches) | CanonicalView::OneOf(branches) => branches
            .iter()
            .map(|branch| look(branch, steps, always, depth, visits))
            .reduce(either)
            .unwrap_or(Lookup::Unsure),
        CanonicalView::AllOf(branches) => branches
            .iter()
            .map(|branch| look(branch, steps, always, depth, visits))
            .reduce(both)
            .unwrap_or(Lookup::Unsure),
        CanonicalView::MultiType(_)
        | CanonicalView::TypedGroup(_)
        | CanonicalView::String(_)
        | CanonicalView::Integer(_)
        | CanonicalView::Number(_)
        | CanonicalView::Array(_)
        | CanonicalView::Object(_)
        | CanonicalView::Const(_)
        | CanonicalView::Enum(_)
        | CanonicalView::Not(_)
        | CanonicalView::Reference(_)
        | CanonicalView::True
        | CanonicalView::False
        | CanonicalView::Raw(_) => Lookup::Unsure,
    }
}

/// What is known when one of two answers holds, and nobody knows which.
fn either(one: Lookup, other: Lookup) -> Lookup {
    match (one, other) {
        (Lookup::Unsure, _) | (_, Lookup::Unsure) => Lookup::Unsure,
        (Lookup::Field(a), Lookup::Field(b)) => Lookup::Field(Field {
            kind: a.kind.or(b.kind),
            required: a.required && b.required,
        }),
        (Lookup::Field(field), Lookup::Absent) | (Lookup::Absent, Lookup::Field(field)) => {
            Lookup::Field(Field {
                required: false,
                ..field
            })
        }
        // Declared in one alternative, anything at all in the other.
        (Lookup::Field(_), Lookup::Undeclared) | (Lookup::Undeclared, Lookup::Field(_)) => {
            Lookup::Field(Field {
                kind: FieldType::Unknown,
                required: false,
            })
        }
        (Lookup::Undeclared, Lookup::Undeclared | Lookup::Absent)
        | (Lookup::Absent, Lookup::Undeclared) => Lookup::Undeclared,
        (Lookup::Absent, Lookup::Absent) => Lookup::Absent,
    }
}

/// What is known when two answers hold together.
fn both(one: Lookup, other: Lookup) -> Lookup {
    match (one, other) {
        (Lookup::Absent, _) | (_, Lookup::Absent) => Lookup::Absent,
        (Lookup::Field(a), Lookup::Field(b)) => Lookup::Field(Field {
            kind: if a.kind == b.kind {
                a.kind
            } else {
                FieldType::Unknown
            },
            required: a.required || b.required,
        }),
        (Lookup::Field(field), Lookup::Undeclared | Lookup::Unsure)
        | (Lookup::Undeclared | Lookup::Unsure, Lookup::Field(field)) => Lookup::Field(field),
        (Lookup::Unsure, _) | (_, Lookup::Unsure) => Lookup::Unsure,
        (Lookup::Undeclared, Lookup::Undeclared) => Lookup::Undeclared,
    }
}
