//! Where a key that stands twice stood first. The TOML reader tells of the second place alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use toml_parser::parser::{Event, EventKind, parse_document};

use crate::source::Span;

/// For each of `seconds`, which are spans of keys, the key that took its place before.
pub(super) fn firsts(text: &str, seconds: &BTreeSet<Span>) -> BTreeMap<Span, Span> {
    let source = toml_parser::Source::new(text);
    let tokens = source.lex().into_vec();
    let mut walk = Walk::default();
    let mut firsts = BTreeMap::new();
    let mut receive = |event: Event| {
        if event.kind() != EventKind::SimpleKey {
            walk.step(event.kind());
            return;
        }
        let mut name = Cow::Borrowed("");
        if let Some(raw) = source.get(event) {
            raw.decode_key(&mut name, &mut ());
        }
        let span = Span::from(event.span().start()..event.span().end());
        let first = walk.key(name.into_owned(), span);
        if first != span && seconds.contains(&span) {
            firsts.insert(span, first);
        }
    };
    parse_document(&tokens, &mut receive, &mut ());
    firsts
}

/// A table, by the order in which tables were met.
type TableId = usize;

/// The tables of a file as they are met, and where in them the next key belongs.
#[derive(Default)]
struct Walk {
    entries: BTreeMap<(TableId, String), (TableId, Span)>,
    tables: TableId,
    /// The table of the last header.
    section: TableId,
    /// The table of each open bracket; none for a list.
    open: Vec<Option<TableId>>,
    /// The entry that the last key named.
    last: Option<(TableId, String)>,
    /// Whether a dot came since.
    dotted: bool,
    header: bool,
}

impl Walk {
    fn key(&mut self, name: String, span: Span) -> Span {
        let within = if self.dotted {
            self.table_of_last()
        } else if self.header {
            0
        } else {
            self.open.last().copied().flatten().unwrap_or(self.section)
        };
        self.dotted = false;
        let place = (within, name);
        self.last = Some(place.clone());
        let next = self.tables + 1;
        let (table, first) = *self.entries.entry(place).or_insert((next, span));
        self.tables = self.tables.max(table);
        first
    }

    fn step(&mut self, kind: EventKind) {
        match kind {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                self.open.clear();
                self.dotted = false;
                self.header = true;
            }
            EventKind::StdTableClose => {
                self.section = self.table_of_last();
                self.header = false;
            }
            EventKind::ArrayTableClose => {
                // Each such header begins a table of its own.
                self.section = self.new_table();
                let section = self.section;
                if let Some(entry) = self
                    .last
                    .as_ref()
                    .and_then(|last| self.entries.get_mut(last))
                {
                    entry.0 = section;
                }
                self.header = false;
            }
            EventKind::KeySep => self.dotted = true,
            EventKind::ArrayOpen => self.open.push(None),
            EventKind::InlineTableOpen => {
                let table = match self.open.last() {
                    Some(None) => self.new_table(),
                    Some(Some(_)) | None => self.table_of_last(),
                };
                self.open.push(Some(table));
            }
            EventKind::ArrayClose | EventKind::InlineTableClose => {
                self.open.pop();
            }
            EventKind::SimpleKey
            | EventKind::KeyValSep
            | EventKind::Scalar
            | EventKind::ValueSep
            | EventKind::Whitespace
            | EventKind::Comment
            | EventKind::Newline
            | EventKind::Error => {}
        }
    }

    fn table_of_last(&self) -> TableId {
        self.last
            .as_ref()
            .and_then(|last| self.entries.get(last))
            .map_or(0, |(table, _)| *table)
    }

    fn new_table(&mut self) -> TableId {
        self.tables += 1;
        self.tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        let places: Vec<Span> = text
            .match_indices("twice")
            .map(|(at, word)| Span::from(at..at + word.len()))
            .collect();
        let seconds = places[1..].iter().copied().collect();
        let found = firsts(text, &seconds);
        let wanted = if expected {
            BTreeMap::from([(places[1], places[0])])
        } else {
            BTreeMap::new()
        };
        assert_eq!(found, wanted, "{text}");
    }

    #[test]
    fn the_first_place_is_found() {
        check("twice = 1\ntwice = 2", true);
        check("[a]\nx = 1\n[twice]\n[b]\n[twice]", true);
        check("[a.twice]\n[b]\n[a.twice]", true);
        check("[a]\nx = { twice = 1, twice = 2 }", true);
        check("[a]\nb.twice = 1\n[a.b]\ntwice = 1", true);
        check("a = [{ twice = 1 }, { twice = 2 }]", false);
        check("[[a]]\ntwice = 1\n[[a]]\ntwice = 2", false);
        check("[a]\ntwice = 1\n[b]\ntwice = 1", false);
    }
}
