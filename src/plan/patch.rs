//! `[overrides.*]`: a JSON merge patch (RFC 7386) on a resource that topogen has made.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::builder::Builder;
use super::{LogicalId, Origin, Plan, Resource, body};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::model::raw::{Raw, is_function};
use crate::model::template::Override;
use crate::source::{Span, Spanned};
use crate::syntax::suggest;

/// A merge patch, and the line that asks for it.
#[derive(Debug, Clone)]
pub struct Patch {
    /// What is laid over the resource; null takes out what stands there.
    pub value: Value,
    /// The place in the file.
    pub origin: Origin,
}

impl Patch {
    /// `resource` with the patch laid over it.
    pub(super) fn apply(&self, mut resource: Value) -> Value {
        merge(&mut resource, &self.value);
        resource
    }
}

/// Gives each override to its resource, as far as this stack has it.
pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    let of = |resource: &Resource| topology.overrides.get(resource.id.as_str());
    let changes: Vec<Option<&Override>> = builder.resources().iter().map(of).collect();
    for (at, change) in changes.into_iter().enumerate() {
        let patch = change.map(|change| Patch {
            value: merge_patch(change),
            origin: builder.origin(change.span),
        });
        builder.resources()[at].patch = patch;
    }
}

/// Overrides of resources that no stack has.
pub(super) fn refuse_unknown(topology: &Topology, plan: &Plan, diagnostics: &mut Diagnostics) {
    let known: BTreeSet<&str> = plan
        .resources()
        .map(|resource| resource.id.as_str())
        .collect();
    for (id, change) in &topology.overrides {
        if known.contains(id.as_str()) {
            continue;
        }
        let known = suggest::while_few(diagnostics, known.iter().copied());
        diagnostics.push(
            Diagnostic::error(
                codes::UNKNOWN_RESOURCE,
                change.span,
                format!("topogen makes no resource `{id}`"),
            )
            .help(match suggest::nearest(id.as_str(), known) {
                Some(word) => format!("did you mean `{word}`?"),
                None => "`topogen render` writes all of them into out/".to_owned(),
            }),
        );
    }
}

/// What an override of `resource` says in vain.
pub(super) fn check(resource: &Resource, change: &Override, diagnostics: &mut Diagnostics) {
    let plain = body::plain(resource);
    for path in &change.delete {
        if find(&plain, &path.value).is_none() {
            diagnostics.push(unknown_path(&resource.id, path, &plain));
        }
    }
    let patched = resource
        .patch
        .as_ref()
        .map(|patch| patch.apply(plain.clone()));
    if change.delete.is_empty() && patched.is_some_and(|patched| patched == plain) {
        diagnostics.push(
            Diagnostic::warning(
                codes::IDLE_OVERRIDE,
                change.span,
                format!("the override of `{}` changes nothing", resource.id),
            )
            .help("topogen says the same already: delete the section"),
        );
    }
}

fn unknown_path(id: &LogicalId, path: &Spanned<String>, plain: &Value) -> Diagnostic {
    // The deepest table on the way that is there knows what it could have been.
    let mut known: Vec<String> = Vec::new();
    let mut prefix = path.value.as_str();
    while known.is_empty() {
        let (parent, more) = match prefix.rsplit_once('.') {
            Some((parent, _)) => (parent, true),
            None => ("", false),
        };
        let table = if more {
            find(plain, parent)
        } else {
            Some(plain)
        };
        if let Some(Value::Object(table)) = table {
            let dot = if more { "." } else { "" };
            known = table
                .keys()
                .map(|key| format!("{parent}{dot}{key}"))
                .collect();
        }
        if !more {
            break;
        }
        prefix = parent;
    }
    Diagnostic::error(
        codes::UNKNOWN_RESOURCE,
        path.span,
        format!("`{id}` has no `{path}` to delete"),
    )
    .help(suggest::help(&path.value, known.iter().map(String::as_str)))
}

fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// Where `change` says something else of the property at `path`.
pub(super) fn touched(change: &Override, path: &str) -> Option<Span> {
    let properties = change.attributes.get("Properties");
    let written = properties.and_then(|properties| at(properties, path.split('.')));
    let whole = format!("Properties.{path}");
    let taken = || {
        let mut deleted = change.delete.iter();
        deleted.find(|deleted| is_part(&whole, &deleted.value) || is_part(&deleted.value, &whole))
    };
    written.or_else(|| taken().map(|deleted| deleted.span))
}

/// The place of what is written at a path, or of what takes the place of all that is there.
fn at<'k>(raw: &Raw, mut path: impl Iterator<Item = &'k str>) -> Option<Span> {
    let Some(key) = path.next() else {
        return Some(raw.name);
    };
    match raw.map().filter(|map| !is_function(map.keys())) {
        Some(map) => at(map.get(key)?, path),
        None => Some(raw.name),
    }
}

/// Whether `path` is `of` itself or stands below it.
fn is_part(path: &str, of: &str) -> bool {
    let rest = path.strip_prefix(of);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The override as a merge patch: null stands where something is taken out.
pub(super) fn merge_patch(change: &Override) -> Value {
    let mut patch: Map<String, Value> = change
        .attributes
        .iter()
        .map(|(key, value)| (key.clone(), value.json()))
        .collect();
    for path in &change.delete {
        let mut keys: Vec<&str> = path.value.split('.').collect();
        let Some(last) = keys.pop() else { continue };
        let mut at = &mut patch;
        for key in keys {
            let below = at.entry(key).or_insert_with(|| Map::new().into());
            if !below.is_object() {
                *below = Map::new().into();
            }
            let Value::Object(below) = below else {
                unreachable!("an object was put there when there was none");
            };
            at = below;
        }
        at.insert(last.to_owned(), Value::Null);
    }
    patch.into()
}

/// RFC 7386, section 2. One thing is ours: an intrinsic function is one value and never merged with another.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    let replaced = target
        .as_object()
        .is_none_or(|object| is_function(object.keys()));
    if replaced || is_function(changes.keys()) {
        *target = Value::Object(Map::new());
    }
    let Value::Object(object) = target else {
        return;
    };
    for (key, change) in changes {
        if change.is_null() {
            object.shift_remove(key);
        } else {
            merge(object.entry(key).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The cases of RFC 7386, appendix A, whose patch an override can hold.
    #[test]
    fn patches_merge_as_the_rfc_says() {
        for (target, patch, merged) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (
                json!({"a":"b","b":"c"}),
                json!({"a":null}),
                json!({"b":"c"}),
            ),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"e":1}), json!({"a":1}), json!({"e":1,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ] {
            let mut value = target.clone();
            merge(&mut value, &patch);
            assert_eq!(value, merged, "{target} {patch}");
        }
    }

    #[test]
    fn functions_are_replaced_as_a_whole() {
        let mut value = json!({"Arn": {"Fn::GetAtt": ["A", "Arn"]}, "Plain": {"x": 1}});
        merge(
            &mut value,
            &json!({"Arn": {"Ref": "B"}, "Plain": {"Fn::Sub": "${B}"}}),
        );
        assert_eq!(
            value,
            json!({"Arn": {"Ref": "B"}, "Plain": {"Fn::Sub": "${B}"}})
        );
    }
}
