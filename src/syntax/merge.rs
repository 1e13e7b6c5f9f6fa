//! Laying one tree over another: environments over the base, settings over defaults.

use super::tree::{Node, Table, Value};

/// `over` laid on `base`: tables are merged key by key, anything else is replaced. Places come with the values.
pub fn overlay(base: &mut Table, over: &Table) {
    for (key, node) in over {
        match (base.get_mut(key), &node.value) {
            (
                Some(Node {
                    value: Value::Table(below),
                    ..
                }),
                Value::Table(above),
            ) => overlay(below, above),
            (Some(below), _) => *below = node.clone(),
            (None, _) => {
                base.insert(key.clone(), node.clone());
            }
        }
    }
}

/// `base` filled up from `defaults`: what is written stays, what is not comes from there.
pub fn underlay(base: &mut Table, defaults: &Table) {
    for (key, node) in defaults {
        match (base.get_mut(key), &node.value) {
            (
                Some(Node {
                    value: Value::Table(above),
                    ..
                }),
                Value::Table(below),
            ) => underlay(above, below),
            (Some(_), _) => {}
            (None, _) => {
                base.insert(key.clone(), node.clone());
            }
        }
    }
}

/// The table under `key`, when there is one.
pub fn table<'a>(tree: &'a Table, key: &str) -> Option<&'a Table> {
    match tree.get(key).map(|node| &node.value) {
        Some(Value::Table(table)) => Some(table),
        _ => None,
    }
}

/// As [`table`], to change it.
pub fn table_mut<'a>(tree: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    match tree.get_mut(key).map(|node| &mut node.value) {
        Some(Value::Table(table)) => Some(table),
        _ => None,
    }
}

/// Whether the text stays TOML when `key` becomes `word`: nothing is there yet, or two tables without a common key meet.
pub fn can_rename(tree: &Table, key: &str, word: &str) -> bool {
    match (tree.get(word), table(tree, key), table(tree, word)) {
        (None, ..) => true,
        (Some(_), Some(from), Some(to)) => from.keys().all(|key| !to.contains_key(key)),
        (Some(_), ..) => false,
    }
}
