//! New sections in a file that is there: what stands in it stays as it is.

use super::tree::{Node, Table, Value};
use crate::diag::fix::Edit;
use crate::source::Source;

/// Writes `section`, lines that begin with a header, after the last section of the first of `words` that the file has; at
/// its end when it has none.
pub fn add(source: &Source, tree: &Table, words: &[&str], section: &str) -> Edit {
    let text = source.text();
    let last = words.iter().find_map(|word| tree.get(*word));
    let from = last.map_or(text.len(), end);
    let rest = text.get(from..).unwrap_or_default();
    let line = rest.find('\n').map_or(text.len(), |length| from + length);
    let before = text.get(..line).unwrap_or_default();
    let (at, newline) = match before.strip_suffix('\r') {
        Some(line) => (line.len(), "\r\n"),
        None => (line, "\n"),
    };
    let lines = section.lines().map(|line| format!("{newline}{line}"));
    let ends_the_file = if line == text.len() { newline } else { "" };
    Edit {
        span: (at..at).into(),
        replacement: format!("{newline}{}{ends_the_file}", lines.collect::<String>()),
    }
}

/// Where the last of what belongs to `node` ends.
fn end(node: &Node) -> usize {
    let own = node.name.end.max(node.span.end);
    match &node.value {
        Value::Table(entries) => entries.values().map(end).fold(own, usize::max),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime
        | Value::Array(_) => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::fix;

    fn added(text: &str) -> String {
        let source = Source::new("t", text);
        let (tree, _) = super::super::parse(&source);
        let edit = add(&source, &tree, &["services", "app"], "[services.x]\na = 1");
        fix::apply(text, [edit].iter())
    }

    #[test]
    fn a_section_comes_after_the_last_of_its_kind() {
        for (text, wanted) in [
            (
                "[app]\n[services.b]\n[services.a] # why\n\n# ---- next\n[lints]\n",
                "[app]\n[services.b]\n[services.a] # why\n\n[services.x]\na = 1\n\n# ---- next\n[lints]\n",
            ),
            (
                "[services.a]\nl = [\n  1,\n] # why\n[lints]\n",
                "[services.a]\nl = [\n  1,\n] # why\n\n[services.x]\na = 1\n[lints]\n",
            ),
            (
                "[services.a.b]\nc = 1\r\n[lints]",
                "[services.a.b]\nc = 1\r\n\r\n[services.x]\r\na = 1\r\n[lints]",
            ),
            ("[app]\nn = 1", "[app]\nn = 1\n\n[services.x]\na = 1\n"),
            ("[lints]\n", "[lints]\n\n\n[services.x]\na = 1\n"),
        ] {
            assert_eq!(added(text), wanted);
        }
    }
}
