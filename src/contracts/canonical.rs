//! The canonical form of a contract, as `jsonschema` makes it: what fields, sizes and comparisons are read from.

use jsonschema::canonical::{
    CanonicalSchema, CanonicalizationError, CanonicalizeOptions, Containment, Satisfiability,
    UnsatisfiableReason, options,
};
use jsonschema::uri;
use serde_json::{Value, json};

/// What references start from: the contract's own `$id`, whole or relative; it is never fetched.
pub(super) fn base_uri(path: &str, contract: &Value) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "/._-".contains(c) {
            c
        } else {
            '_'
        }
    };
    let own = format!("topogen:///{}", path.chars().map(plain).collect::<String>());
    let id = ["$id", "id"]
        .iter()
        .find_map(|word| contract.get(*word)?.as_str());
    let id = id.filter(|id| !id.starts_with('#'));
    let resolved = id.and_then(|id| {
        let own = uri::from_str(&own).ok()?;
        uri::resolve_against(&own.borrow(), id.trim_end_matches('#')).ok()
    });
    resolved.map_or(own, |uri| uri.as_str().to_owned())
}

pub(super) fn preparation(path: &str, contract: &Value) -> CanonicalizeOptions<'static> {
    options()
        .offline()
        .should_validate_formats(true)
        .with_base_uri(base_uri(path, contract))
}

/// The canonical form, and pointers of what admits no value where a value is asked for.
pub(super) fn canonical(
    path: &str,
    value: &Value,
) -> Result<(CanonicalSchema, Vec<String>), CanonicalizationError> {
    let prepared = preparation(path, value).prepare(value)?;
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

/// Whether no value but objects is taken. `false` where the canonical form cannot hold what the contract says.
pub(super) fn describes_an_object(canonical: &CanonicalSchema) -> bool {
    let objects = options()
        .with_draft(canonical.draft())
        .should_validate_formats(true)
        .canonicalize(&json!({ "type": "object" }));
    let covered = objects.and_then(|objects| objects.covers(canonical));
    covered.is_ok_and(|answer| answer == Containment::Yes)
}
