//! Which key of the file a place belongs to.

use super::tree::{Node, Table, Value};
use crate::source::Span;

/// The start of every key and value, with its path.
#[derive(Debug, Clone, Default)]
pub struct Places(Vec<(usize, String)>);

impl Places {
    /// Every place of `tree`.
    pub fn of(tree: &Table) -> Self {
        let mut places = Vec::new();
        walk(tree, "", &mut places);
        places.sort();
        Self(places)
    }

    /// The path at `span`, such as `subscriptions.payment.batch_size`: that of the last key or value that starts no later.
    pub fn path(&self, span: Span) -> &str {
        let after = self.0.partition_point(|(start, _)| *start <= span.start);
        let last = after.checked_sub(1).and_then(|at| self.0.get(at));
        last.map_or("", |(_, path)| path)
    }

    /// Every path, each once.
    pub fn paths(&self) -> impl Iterator<Item = &str> + Clone {
        let mut paths: Vec<&str> = self.0.iter().map(|(_, path)| path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        paths.into_iter()
    }
}

fn walk(table: &Table, above: &str, places: &mut Vec<(usize, String)>) {
    for (key, node) in table {
        let path = if above.is_empty() {
            key.clone()
        } else {
            format!("{above}.{key}")
        };
        visit(node, &path, places);
    }
}

fn visit(node: &Node, path: &str, places: &mut Vec<(usize, String)>) {
    places.push((node.name.start, path.to_owned()));
    match &node.value {
        Value::Table(table) => walk(table, path, places),
        Value::Array(items) => {
            places.push((node.span.start, path.to_owned()));
            items.iter().for_each(|item| visit(item, path, places));
        }
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime => places.push((node.span.start, path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::syntax::parse;

    #[test]
    fn a_place_belongs_to_the_key_before_it() {
        let text = "[a.b]\nc = [1, 2]\nd = { e = 3 }\n[x]\na.b = 4\na.c = 5\n";
        let source = Source::new("t", text);
        let places = Places::of(&parse(&source).0);
        let at = |needle: &str| {
            let start = text.find(needle).unwrap();
            places.path((start..start + 1).into())
        };
        assert_eq!(at("b]"), "a.b");
        assert_eq!(at("2]"), "a.b.c");
        assert_eq!(at("3"), "a.b.d.e");
        assert_eq!(at("4"), "x.a.b");
        assert_eq!(at("c = 5"), "x.a.c");
    }
}
