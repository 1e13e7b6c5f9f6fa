//! Whether what the file adds to a stack makes resources wait for each other: CloudFormation refuses such a template.
//!
//! topogen's own resources never do; a permission on a bucket that notifies the very function does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Resource, Section, Stack, logical_id};
use crate::aws::Properties;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::graph::{self, MOST_STEPS};
use crate::model::Topology;
use crate::model::raw::names;
use crate::source::Span;

pub(super) fn check(topology: &Topology, stack: &Stack, diagnostics: &mut Diagnostics) {
    // What the file itself says of this stack's resources; without any of it there is nothing to look for.
    let written: BTreeMap<&str, Span> = stack
        .resources
        .iter()
        .filter_map(|resource| Some((resource.id.as_str(), written(topology, resource)?)))
        .collect();
    if written.is_empty() {
        return;
    }
    let waits = waiting(stack);
    let mut done = BTreeSet::new();
    let mut steps = MOST_STEPS;
    for (id, span) in &written {
        if done.contains(*id) {
            continue;
        }
        let Some(circle) = circle_through(id, &waits, &mut steps) else {
            continue;
        };
        let (first, span) = closing(topology, stack, &circle).unwrap_or((0, *span));
        let around = circle.iter().cycle().skip(first);
        let shown = around.take(circle.len() + 1).map(|id| format!("`{id}`"));
        let shown: Vec<String> = shown.collect();
        diagnostics.push(
            Diagnostic::error(
                codes::CIRCULAR_RESOURCES,
                span,
                format!("resources wait for each other: {}", shown.join(" for ")),
            )
            .help("write one of the references out, such as an ARN made of a fixed name"),
        );
        // One circle is told once, whichever of its resources the file speaks of.
        done.extend(circle);
    }
}

/// Where the file itself says what a resource refers to: as a further one, in an override, or in texts of its service.
fn written(topology: &Topology, resource: &Resource) -> Option<Span> {
    let id = resource.id.as_str();
    let own = topology.resources.get(id).map(|r| r.span);
    let change = topology.overrides.get(id).map(|o| o.span);
    let text = || texts(topology, resource).first().map(|(_, span)| *span);
    own.or(change).or_else(text)
}

/// The texts of a service that a resource holds, each with its place: its role permissions, its function environment variables.
fn texts<'a>(topology: &'a Topology, resource: &Resource) -> Vec<(&'a str, Span)> {
    let Section::Service(name) = &resource.section else {
        return Vec::new();
    };
    let service = || topology.services.get(name).into_iter();
    if matches!(resource.properties, Properties::Role(_)) && resource.id == logical_id::role(name) {
        service()
            .flat_map(|service| &service.permissions)
            .flat_map(|one| one.resources.iter().map(|r| (r.value.0.as_str(), one.span)))
            .collect()
    } else if matches!(resource.properties, Properties::Function(_))
        && resource.id == logical_id::function(name)
    {
        service()
            .flat_map(|service| service.environment.values())
            .map(|value| (value.value.as_str(), value.span))
            .filter(|(text, _)| names(text).next().is_some())
            .collect()
    } else {
        Vec::new()
    }
}

/// The text that makes one of a circle wait for the next: whose it is, and where.
fn closing(topology: &Topology, stack: &Stack, circle: &[String]) -> Option<(usize, Span)> {
    let nexts = circle.iter().cycle().skip(1);
    circle
        .iter()
        .zip(nexts)
        .enumerate()
        .find_map(|(at, (id, next))| {
            let resource = stack.resources.iter().find(|r| r.id.as_str() == id)?;
            let texts = texts(topology, resource);
            let mut of_next = texts
                .iter()
                .filter(|(text, _)| names(text).any(|name| name == next));
            of_next.next().map(|(_, span)| (at, *span))
        })
}

/// What each resource waits for.
type Waits = BTreeMap<String, BTreeSet<String>>;

/// What each resource on a circle waits for, of those on the same one or on others with which it hangs together.
fn waiting(stack: &Stack) -> Waits {
    let waits: Waits = stack
        .resources
        .iter()
        .map(|resource| (resource.id.to_string(), references(resource)))
        .collect();
    let edges = waits.iter().flat_map(|(id, rest)| {
        let rest = rest.iter();
        rest.map(|waited| (id.as_str(), waited.as_str()))
    });
    let mut circular = Waits::new();
    for part in graph::cyclic(edges) {
        for id in &part {
            let rest = waits.get(*id).into_iter().flatten();
            let rest = rest.filter(|waited| part.binary_search(&waited.as_str()).is_ok());
            circular.insert((*id).to_owned(), rest.cloned().collect());
        }
    }
    circular
}

/// The ids from `start` round to it again, the shortest way; none when `steps` are used up.
fn circle_through(start: &str, waits: &Waits, steps: &mut usize) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut layer = vec![start];
    while !layer.is_empty() {
        let mut next = Vec::new();
        for id in layer {
            for waited in waits.get(id).into_iter().flatten() {
                *steps = steps.checked_sub(1)?;
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
