//! Whether what the file adds to a stack makes resources wait for each other: CloudFormation refuses such a template.
//!
//! topogen's own resources never do; a permission on a bucket that notifies the very function does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Resource, Stack, logical_id};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::model::raw::names;
use crate::source::Span;

pub(super) fn check(topology: &Topology, stack: &Stack, diagnostics: &mut Diagnostics) {
    // What the file itself says of resources; without any of it there is nothing to look for.
    let mut written: BTreeMap<String, Span> = BTreeMap::new();
    for service in topology.services.values() {
        if let Some(permission) = service.permissions.first() {
            written.insert(logical_id::role(&service.name).to_string(), permission.span);
        }
    }
    let overrides = topology.overrides.iter().map(|(id, o)| (id, o.span));
    let resources = topology.resources.iter().map(|(id, r)| (id, r.span));
    written.extend(
        overrides
            .chain(resources)
            .map(|(id, span)| (id.to_string(), span)),
    );
    if written.is_empty() {
        return;
    }
    let waits: BTreeMap<&str, BTreeSet<String>> = stack
        .resources
        .iter()
        .map(|resource| (resource.id.as_str(), references(resource)))
        .collect();
    let mut done = BTreeSet::new();
    for (id, span) in &written {
        let Some(circle) = circle_through(id, &waits, &mut done) else {
            continue;
        };
        let mut shown: Vec<String> = circle.iter().map(|id| format!("`{id}`")).collect();
        shown.push(format!("`{id}`"));
        diagnostics.push(
            Diagnostic::error(
                codes::CIRCULAR_RESOURCES,
                *span,
                format!("resources wait for each other: {}", shown.join(" for ")),
            )
            .help("write one of the references out, such as an ARN made of a fixed name"),
        );
        // One circle is told once, whichever of its resources the file speaks of.
        done.extend(circle);
    }
}

/// The ids from `start` round to it again, the shortest way.
fn circle_through(
    start: &str,
    waits: &BTreeMap<&str, BTreeSet<String>>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if done.contains(start) {
        return None;
    }
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut layer = vec![start];
    while !layer.is_empty() {
        let mut next = Vec::new();
        for id in layer {
            for waited in waits.get(id).into_iter().flatten() {
                if waited == start {
                    let mut way = vec![id.to_owned()];
                    let mut at = id;
                    while let Some(earlier) = before.get(at) {
                        way.push((*earlier).to_owned());
                        at = earlier;
                    }
                    way.reverse();
                    return Some(way);
                }
                if !before.contains_key(waited.as_str()) {
                    before.insert(waited, id);
                    next.push(waited.as_str());
                }
            }
        }
        layer = next;
    }
    None
}

fn references(resource: &Resource) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Ok(body) = serde_json::to_value(resource) {
        collect(&body, &mut found);
        match body.get("DependsOn") {
            Some(Value::String(id)) => drop(found.insert(id.clone())),
            Some(Value::Array(ids)) => {
                found.extend(ids.iter().filter_map(|id| Some(id.as_str()?.to_owned())));
            }
            _ => {}
        }
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let first = value
                    .as_str()
                    .or_else(|| value.get(0).and_then(Value::as_str));
                match (key.as_str(), first) {
                    ("Ref" | "Fn::GetAtt", Some(id)) => drop(found.insert(id.to_owned())),
                    ("Fn::Sub", Some(pattern)) => found.extend(names(pattern).map(str::to_owned)),
                    _ => {}
                }
                collect(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
