//! How deep a contract's definitions lead into each other: whoever reads one goes from reference to reference, and has a
//! stack that ends.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::place::each;
use crate::graph;

/// Levels that a contract may have: a tenth of what overflows the stack of the released program, and two thirds of what
/// overflows that of one built for tests.
pub(super) const MOST: usize = 400;

/// Definitions inside of others are not on the way through these.
const APART: [&str; 2] = ["/$defs/", "/definitions/"];

/// Levels on the longest way from reference to reference: each definition on it counts with the depth at which it refers to
/// the next one. Those that lead back to each other count all.
pub(super) fn levels(value: &Value) -> usize {
    let named = names(value);
    let (mut references, mut unknown) = (Vec::new(), 0);
    each(value, "", &mut |pointer, key, child| {
        let (Some("$ref" | "$dynamicRef" | "$recursiveRef"), Some(target)) = (key, child.as_str())
        else {
            return;
        };
        match resolve(value, &named, target) {
            Some(target) => references.push((pointer.to_owned(), target)),
            // It may lead to whatever there is.
            None => unknown += 1 + depth(pointer),
        }
    });
    // The whole contract is where reading begins.
    let mut targets: BTreeSet<&str> = references.iter().map(|(_, target)| &**target).collect();
    targets.insert("");
    let number: BTreeMap<&str, usize> = targets.iter().copied().zip(0..).collect();
    let mut weights = vec![1; number.len()];
    let mut edges = Vec::new();
    for (pointer, target) in &references {
        let from = around(pointer, &number);
        weights[number[from]] = weights[number[from]].max(1 + depth(pointer) - depth(from));
        edges.push((number[from], number[target.as_str()]));
    }
    for target in targets.iter().filter(|target| !target.is_empty()) {
        let from = around(target, &number);
        let between = target.get(from.len()..).unwrap_or_default();
        if !APART.iter().any(|apart| between.contains(apart)) {
            weights[number[from]] = weights[number[from]].max(1 + depth(between));
            edges.push((number[from], number[target]));
        }
    }
    graph::heaviest(&weights, edges) + unknown
}

fn depth(pointer: &str) -> usize {
    pointer.matches('/').count()
}

/// The innermost of `targets` around what stands at `pointer`.
fn around<'a>(pointer: &str, targets: &BTreeMap<&'a str, usize>) -> &'a str {
    let mut outer = pointer;
    while let Some((next, _)) = outer.rsplit_once('/') {
        outer = next;
        if let Some((target, _)) = targets.get_key_value(outer) {
            return target;
        }
    }
    ""
}

/// Where what has a name of its own stands.
fn names(value: &Value) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    each(value, "", &mut |pointer, key, child| {
        if let (Some("$anchor" | "$dynamicAnchor" | "$id" | "id"), Some(name)) =
            (key, child.as_str())
            && let Some((place, _)) = pointer.rsplit_once('/')
        {
            named.insert(name.trim_start_matches('#').to_owned(), place.to_owned());
        }
    });
    named
}

/// The pointer that a reference leads to.
fn resolve(value: &Value, named: &BTreeMap<String, String>, target: &str) -> Option<String> {
    let name = target.trim_start_matches('#');
    if target.starts_with('#') && value.pointer(name).is_some() {
        return Some(name.to_owned());
    }
    named.get(name).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    /// `count` definitions, each of which is or has in a field what `next` says of the one before.
    fn chain(count: usize, next: impl Fn(String) -> Value) -> Value {
        let mut definitions = Map::new();
        definitions.insert("d0".to_owned(), json!({"type": "number"}));
        for at in 1..count {
            definitions.insert(format!("d{at}"), next(format!("d{}", at - 1)));
        }
        let last = format!("#/$defs/d{}", count - 1);
        json!({"type": "object", "properties": {"a": {"$ref": last}}, "$defs": definitions})
    }

    #[test]
    fn the_longest_way_counts() {
        let reference = |to: String| json!({"$ref": format!("#/$defs/{to}")});
        let plain = levels(&chain(100, reference));
        assert!((200..210).contains(&plain), "{plain}");
        let nested = levels(&chain(
            100,
            |to| json!({"properties": {"a": reference(to)}}),
        ));
        assert!((400..410).contains(&nested), "{nested}");
        // Many that refer to one are not deep.
        let wide = levels(&chain(1000, |_| reference("d0".to_owned())));
        assert!(wide < 10, "{wide}");
    }

    #[test]
    fn what_leads_back_to_itself_has_an_end() {
        let tree = json!({
            "type": "object",
            "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#/$defs/leaf"}},
            "$defs": {"leaf": {"properties": {"up": {"$ref": "#/properties/left"}}}}
        });
        assert!(levels(&tree) < 20, "{}", levels(&tree));
    }

    #[test]
    fn names_are_followed_and_strangers_count() {
        let named = json!({
            "properties": {"a": {"$ref": "#money"}},
            "$defs": {"m": {"$anchor": "money", "properties": {"b": {"$ref": "#/$defs/n"}}}, "n": {}}
        });
        let strange = json!({"properties": {"a": {"$ref": "#/%24defs/n"}}});
        assert!((6..10).contains(&levels(&named)), "{}", levels(&named));
        assert!(levels(&strange) > levels(&json!({"properties": {"a": {}}})));
    }
}
