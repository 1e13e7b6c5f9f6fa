//! Laying one tree over another: environments over the base, settings over defaults.

use std::sync::Arc;

use super::tree::{Node, Table, Value};

/// `over` laid on `base`: tables are merged key by key, anything else is replaced. Places come with the values.
pub fn overlay(base: &mut Table, over: &Table) {
    let mut new = Vec::new();
    for (key, node) in over {
        match (base.get_mut(key), &node.value) {
            (
                Some(Node {
                    value: Value::Table(below),
                    ..
                }),
                Value::Table(above),
            ) => overlay(Arc::make_mut(below), above),
            (Some(below), _) => *below = node.clone(),
            (None, _) => new.push((key.clone(), node.clone())),
        }
    }
    base.extend(new);
}

/// `base` filled up from `defaults`: what is written stays, what is not comes from there.
pub fn underlay(base: &mut Table, defaults: &Table) {
    let mut new = Vec::new();
    for (key, node) in defaults {
        match (base.get_mut(key), &node.value) {
            (
                Some(Node {
                    value: Value::Table(above),
                    ..
                }),
                Value::Table(below),
            ) => underlay(Arc::make_mut(above), below),
            (Some(_), _) => {}
            (None, _) => new.push((key.clone(), node.clone())),
        }
    }
    base.extend(new);
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
        Some(Value::Table(table)) => Some(Arc::make_mut(table)),
        _ => None,
    }
}

/// Whether the text stays TOML when `key` becomes `word`: nothing is there yet, or two tables meet that may be written in parts
/// and have no key in common.
pub fn can_rename(tree: &Table, key: &str, word: &str) -> bool {
    let (Some(from), Some(to)) = (tree.get(key), tree.get(word)) else {
        return true;
    };
    let (Value::Table(one), Value::Table(other)) = (&from.value, &to.value) else {
        return false;
    };
    let meet = match (form(from), form(to)) {
        (Form::Dotted, Form::Dotted) => true,
        (Form::Above, Form::Above | Form::Header) | (Form::Header, Form::Above) => true,
        (Form::Dotted | Form::Above | Form::Header | Form::Inline, _) => false,
    };
    meet && one.keys().all(|key| !other.contains_key(key))
}

/// How a table is written.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// `[table]`
    Header,
    /// `[table.inner]` alone, which makes it as well.
    Above,
    /// `table.key = 1`, or `[[table.key]]` alone.
    Dotted,
    /// `table = { key = 1 }`
    Inline,
}

pub(super) fn form(node: &Node) -> Form {
    let Value::Table(table) = &node.value else {
        return Form::Inline;
    };
    if node.span.start < node.name.start {
        return Form::Header;
    }
    if node.span != node.name {
        return Form::Inline;
    }
    let in_header = |node: &Node| matches!(form(node), Form::Header | Form::Above);
    match table.values().all(in_header) {
        true => Form::Above,
        false => Form::Dotted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::syntax::parse;

    /// As TOML itself decides: the renamed text is read again.
    #[test]
    fn what_can_be_renamed_stays_toml() {
        for (text, expected) in [
            ("key = 1", true),
            ("key = 1\nword = 2", false),
            ("key.a = 1\nword.b = 2", true),
            ("key.a = 1\nword.a = 2", false),
            ("key = { a = 1 }\nword = { b = 2 }", false),
            ("key.a = 1\nword = { b = 2 }", false),
            ("key.a = 1\n[word]\nb = 2", false),
            ("[key]\na = 1\n[word]\nb = 2", false),
            ("[key]\na = 1\n[word.b]\nc = 2", true),
            ("[key.a]\n[word]\nb = 2", true),
            ("[key.a]\n[word.b]", true),
            ("[key.a.b]\n[word.c]\nd.e = 1", true),
            ("[key.a]\n[word.a]", false),
            ("[[key]]\na = 1\n[word]\nb = 2", false),
        ] {
            let broken = |text: &str| parse(&Source::new("t", text)).1.has_errors();
            let (tree, _) = parse(&Source::new("t", text));
            assert_eq!(can_rename(&tree, "key", "word"), expected, "{text}");
            assert_eq!(broken(&text.replace("key", "word")), !expected, "{text}");
        }
    }
}
