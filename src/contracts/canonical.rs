//! The canonical form of a contract, as `jsonschema` makes it: what fields, sizes and comparisons are read from.

use jsonschema::canonical::{
    CanonicalSchema, CanonicalizationError, CanonicalizeOptions, Containment, Satisfiability,
    UnsatisfiableReason, options,
};
use serde_json::{Value, json};

/// Gives relative references, and a root without `$id`, something to start from; it is never fetched.
pub(super) fn base_uri(path: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "/._-".contains(c) {
            c
        } else {
            '_'
        }
    };
    format!("topogen:///{}", path.chars().map(plain).collect::<String>())
}

pub(super) fn preparation(path: &str) -> CanonicalizeOptions<'static> {
    options()
        .offline()
        .should_validate_formats(true)
        .with_base_uri(base_uri(path))
}

/// The canonical form, and pointers of what admits no value where a value is asked for.
pub(super) fn canonical(
    path: &str,
    value: &Value,
) -> Result<(CanonicalSchema, Vec<String>), CanonicalizationError> {
    let prepared = preparation(path).prepare(value)?;
    let canonical = prepared.canonicalize()?;
    let empty = prepared.unsatisfiable()?;
    let mut pointers: Vec<String> = empty
        .into_iter()
        .filter(|(_, reason)| *reason != UnsatisfiableReason::Literal)
        .map(|(pointer, _)| pointer)
        .filter(|pointer| is_asked_for(pointer))
        .collect();
    // A parent is empty because its child is: the child says why.
    let all = pointers.clone();
    pointers.retain(|pointer| {
        let inside = format!("{pointer}/");
        !all.iter().any(|other| other.starts_with(&inside))
    });
    if pointers.is_empty() && canonical.satisfiability() == Satisfiability::No {
        pointers.push(String::new());
    }
    Ok((canonical, pointers))
}

/// Whether values stand at `pointer`, as against a branch that may be empty on purpose.
fn is_asked_for(pointer: &str) -> bool {
    let mut steps = pointer.split('/').skip(1);
    while let Some(step) = steps.next() {
        match step {
            "properties" | "$defs" | "definitions" => drop(steps.next()),
            "items" => {}
            _ => return false,
        }
    }
    true
}

pub(super) fn describes_an_object(value: &Value, canonical: &CanonicalSchema) -> bool {
    let objects = options()
        .with_draft(canonical.draft())
        .should_validate_formats(true)
        .canonicalize(&json!({ "type": "object" }));
    let covered = objects.and_then(|objects| objects.covers(canonical));
    // What the canonical form cannot hold is taken at its word.
    covered.is_ok_and(|answer| answer == Containment::Yes) || value["type"] == "object"
}
