//! Changes to the file that mend a finding for certain.
//!
//! Whoever finds a fault says what to change; how that is done depends on the text around it, so edits are made from the
//! text, last. They touch nothing else: comments and layout stay.

use std::collections::BTreeMap;

use super::{Diagnostic, Diagnostics};
use crate::source::{Source, Span};

/// What mends a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    change: Change,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Change {
    Replace { span: Span, text: String },
    RemoveItem { item: Span },
    AddAfter { value: Span, line: String },
}

/// Other text in the place of what stands at `span`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub replacement: String,
}

impl Fix {
    /// Writes `text` where `span` is.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            title: format!("write `{text}`"),
            change: Change::Replace { span, text },
        }
    }

    /// Deletes an item of a list, with its comma.
    pub fn remove_item(item: Span) -> Self {
        Self {
            title: "delete the item".to_owned(),
            change: Change::RemoveItem { item },
        }
    }

    /// Adds `line`, a key and its value, to the section or inline table of the key whose value is at `value`.
    pub fn add_after(value: Span, line: impl Into<String>) -> Self {
        let line = line.into();
        Self {
            title: format!("add `{line}`"),
            change: Change::AddAfter { value, line },
        }
    }

    /// The edit of `source` that it comes to.
    pub fn edit(&self, source: &Source) -> Edit {
        let text = source.text();
        match &self.change {
            Change::Replace { span, text } => Edit {
                span: *span,
                replacement: text.clone(),
            },
            Change::RemoveItem { item } => Edit {
                span: with_comma(text, *item),
                replacement: String::new(),
            },
            Change::AddAfter { value, line } => add_after(text, *value, line),
        }
    }
}

/// The fixes of `diagnostics` that can be made at once: of two that touch each other, the first.
pub fn compatible<'a>(
    source: &Source,
    diagnostics: &'a Diagnostics,
) -> Vec<(&'a Diagnostic, &'a Fix, Edit)> {
    let mut chosen: Vec<(&Diagnostic, &Fix, Edit)> = Vec::new();
    // Where each chosen one starts and ends. As they are apart, the last that starts before an edit ends is its neighbour.
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for diagnostic in diagnostics.iter() {
        let Some(fix) = &diagnostic.fix else {
            continue;
        };
        let edit = fix.edit(source);
        let before = taken.range(..=edit.span.end).next_back();
        if before.is_none_or(|(_, end)| *end < edit.span.start) {
            taken.insert(edit.span.start, edit.span.end);
            chosen.push((diagnostic, fix, edit));
        }
    }
    chosen
}

/// `text` with all `edits` made; they do not overlap.
pub fn apply<'a>(text: &str, edits: impl Iterator<Item = &'a Edit>) -> String {
    let mut edits: Vec<&Edit> = edits.collect();
    edits.sort_by_key(|edit| edit.span);
    let mut made = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        made.push_str(text.get(at..edit.span.start).unwrap_or_default());
        made.push_str(&edit.replacement);
        at = edit.span.end;
    }
    made.push_str(text.get(at..).unwrap_or_default());
    made
}

const BLANK: [char; 2] = [' ', '\t'];

/// The item, the comma after it (or else the one before it), and its line when nothing else stands there.
fn with_comma(text: &str, item: Span) -> Span {
    let (before, after) = (
        text.get(..item.start).unwrap_or_default(),
        text.get(item.end..).unwrap_or_default(),
    );
    let Some(rest) = after.trim_start().strip_prefix(',') else {
        let start = match before.trim_end().strip_suffix(',') {
            Some(kept) => kept.len(),
            None => item.start,
        };
        return (start..item.end).into();
    };
    let tail = rest.trim_start_matches(BLANK);
    let end = text.len() - tail.len();
    let above = before.trim_end_matches(BLANK);
    let above = above
        .strip_suffix("\r\n")
        .or_else(|| above.strip_suffix('\n'));
    if let Some(above) = above
        && (tail.starts_with('\n') || tail.starts_with("\r\n"))
    {
        return (above.len()..end).into();
    }
    (item.start..end).into()
}

fn add_after(text: &str, value: Span, line: &str) -> Edit {
    let (before, after) = (
        text.get(..value.start).unwrap_or_default(),
        text.get(value.end..).unwrap_or_default(),
    );
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let head = text.get(start..value.start).unwrap_or_default();
    let inline = head.contains('{') || after.trim_start().starts_with([',', '}']);
    if inline {
        return Edit {
            span: (value.end..value.end).into(),
            replacement: format!(", {line}"),
        };
    }
    let end = after
        .find('\n')
        .map_or(text.len(), |length| value.end + length);
    let (end, newline) = match text.get(..end).and_then(|line| line.strip_suffix('\r')) {
        Some(line) => (line.len(), "\r\n"),
        None => (end, "\n"),
    };
    // `  a.b = 1` goes on with `  a.`.
    let key = head.split('=').next().unwrap_or_default().trim_end();
    let indent = key.len() - key.trim_start().len();
    let prefix = key.rfind('.').map_or(indent, |dot| dot + 1);
    let prefix = key.get(..prefix).unwrap_or_default();
    Edit {
        span: (end..end).into(),
        replacement: format!("{newline}{prefix}{line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str, fix: impl Fn(Span) -> Fix, part: &str) -> String {
        let start = text.rfind(part).unwrap();
        let fix = fix((start..start + part.len()).into());
        apply(text, [fix.edit(&Source::new("t", text))].iter())
    }

    #[test]
    fn an_item_goes_with_its_comma_and_leaves_comments() {
        for (text, wanted) in [
            ("a = [\"x\", \"x\"]", "a = [\"x\"]"),
            ("a = [\"x\", \"x\", \"y\"]", "a = [\"x\", \"y\"]"),
            ("a = [\"x\", \"x\",]", "a = [\"x\", ]"),
            ("a = [\n  \"x\",\n  \"x\",\n]", "a = [\n  \"x\",\n]"),
            (
                "a = [\r\n  \"x\",\r\n  \"x\",\r\n]",
                "a = [\r\n  \"x\",\r\n]",
            ),
            ("a = [\n  \"x\",\n  \"x\"\n]", "a = [\n  \"x\"\n]"),
            (
                "a = [\n  \"x\", # why\n  \"x\"\n]",
                "a = [\n  \"x\", # why\n  \n]",
            ),
            (
                "a = [\n  \"x\",\n  \"x\", # why\n]",
                "a = [\n  \"x\",\n  # why\n]",
            ),
        ] {
            assert_eq!(fixed(text, Fix::remove_item, "\"x\""), wanted);
        }
    }

    #[test]
    fn a_line_is_added_as_its_neighbour_is_written() {
        let add = |value| Fix::add_after(value, "b = 2");
        for (text, wanted) in [
            ("[s]\na = 1\n", "[s]\na = 1\nb = 2\n"),
            ("[s]\n  a = 1 # why\n", "[s]\n  a = 1 # why\n  b = 2\n"),
            ("[s]\r\na = 1\r\n", "[s]\r\na = 1\r\nb = 2\r\n"),
            ("[s]\na = 1", "[s]\na = 1\nb = 2"),
            ("s.t.a = 1\n", "s.t.a = 1\ns.t.b = 2\n"),
            ("s = { a = 1 }\n", "s = { a = 1, b = 2 }\n"),
            ("s = {\n  a = 1,\n}\n", "s = {\n  a = 1, b = 2,\n}\n"),
        ] {
            assert_eq!(fixed(text, add, "1"), wanted);
        }
    }
}
