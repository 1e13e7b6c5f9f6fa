//! A long text is read in pieces, side by side: what the TOML reader keeps of a text takes thirty times its room, and of a piece that
//! room is used again for the next.
//!
//! Each piece but the first begins with a header. The text is what its pieces make together when each is TOML by itself and they have no
//! table in common but those that several headers may add to. Otherwise, be the text broken or only cut at a bad place, [`read`] leaves it to
//! who sees the whole to say what it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use toml::de::DeTable;

use super::merge::{Form, form};
use super::tree::{Node, Table, Value};
use super::{precheck, tree};
use crate::parallel;

/// A text of fewer bytes is read by one thread: a second one would not pay.
const SHORT: usize = 32 * 1024;

/// Bytes of a piece, and as many more as there are up to the next header, or to an end that is near.
const PIECE: usize = 1024;

/// No section takes as much: what does is no TOML, or as quickly read alone.
const LONGEST: usize = 64 * 1024;

/// The tree of `text`; none when it is short or has no second piece, or its pieces alone do not tell what it is.
pub(super) fn read(text: &str) -> Option<Table> {
    if text.len() < SHORT {
        return None;
    }
    let pieces = cut(text, PIECE);
    let is_worthwhile = pieces.len() > 1 && pieces.iter().all(|(_, piece)| piece.len() <= LONGEST);
    is_worthwhile.then(|| all(&pieces)).flatten()
}

/// The text from each cut to the next, and where that begins.
fn cut(text: &str, least: usize) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    // A cut in the middle of a list or a string leaves a piece before it that is no TOML.
    while let Some(more) = text.as_bytes().get(start + least..)
        && more.len() >= least
    {
        let Some(at) = more.windows(2).position(|two| two == b"\n[") else {
            break;
        };
        let end = start + least + at + 1;
        pieces.push((start, &text[start..end]));
        start = end;
    }
    pieces.push((start, &text[start..]));
    pieces
}

fn all(pieces: &[(usize, &str)]) -> Option<Table> {
    let failed = AtomicBool::new(false);
    let threads = parallel::threads(true).min(pieces.len());
    let read = parallel::each(threads, pieces.len(), |at, tables: &mut Vec<_>| {
        // Once one failed, nobody needs the others any more.
        if failed.load(Ordering::Relaxed) {
            return;
        }
        match pieces.get(at).and_then(|(start, piece)| one(*start, piece)) {
            Some(table) => tables.push((at, table)),
            None => failed.store(true, Ordering::Relaxed),
        }
    });
    if failed.into_inner() {
        return None;
    }
    let mut tables: Vec<(usize, Table)> = read.into_iter().flatten().collect();
    tables.sort_unstable_by_key(|(at, _)| *at);
    join(tables.into_iter().map(|(_, table)| table))
}

fn one(start: usize, piece: &str) -> Option<Table> {
    if precheck::fault(piece).is_some() {
        return None;
    }
    // It keeps the first error alone.
    let table = DeTable::parse(piece).ok()?;
    Some(tree::from_toml(table.get_ref(), start))
}

/// One table of those that the pieces have, in their order.
fn join(tables: impl Iterator<Item = Table>) -> Option<Table> {
    let mut entries: Vec<(String, Node)> = tables.flat_map(Table::into_tuple_vec).collect();
    // What is written first stays first.
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut joined = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter().peekable();
    while let Some((key, first)) = entries.next() {
        let mut others = Vec::new();
        while let Some((_, other)) = entries.next_if(|(next, _)| *next == key) {
            others.push(other);
        }
        let node = match others.is_empty() {
            true => first,
            false => meet(first, others)?,
        };
        joined.push((key, node));
    }
    Some(Table::from_sorted_store_unchecked(joined))
}

/// What headers make together: any number of them may go through a table, and one may be its own.
fn meet(first: Node, others: Vec<Node>) -> Option<Node> {
    let (mut name, mut span) = (first.name, first.span);
    let mut own = 0;
    let mut tables = Vec::with_capacity(1 + others.len());
    for node in std::iter::once(first).chain(others) {
        match form(&node) {
            Form::Above => {}
            Form::Header => {
                own += 1;
                (name, span) = (node.name, node.span);
            }
            Form::Dotted | Form::Inline => return None,
        }
        if let Value::Table(table) = node.value {
            tables.push(Arc::unwrap_or_clone(table));
        }
    }
    let table = (own < 2).then(|| join(tables.into_iter())).flatten()?;
    Some(Node {
        name,
        span,
        value: Value::Table(Arc::new(table)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// As it is read as a whole; none when it is broken.
    fn whole(text: &str) -> Option<String> {
        one(0, text).map(|table| format!("{table:?}"))
    }

    /// As it is read in pieces, the smallest that there are.
    fn in_pieces(text: &str) -> Option<String> {
        all(&cut(text, 0)).map(|table| format!("{table:?}"))
    }

    #[test]
    fn pieces_are_the_text() {
        let text = "a = 1\n[b]\n[c]\nd = [\n[1],\n]\n";
        for least in 0..=text.len() + 1 {
            let pieces = cut(text, least);
            let mut end = 0;
            for (start, piece) in &pieces {
                assert_eq!(*start, end);
                assert!(*start == 0 || piece.starts_with('['), "{piece}");
                end += piece.len();
            }
            assert_eq!(end, text.len());
        }
        assert_eq!(cut(text, 0).len(), 4);
    }

    #[test]
    fn headers_meet_in_the_tables_above_them() {
        for text in [
            "[a]\nx = 1\n[b]\n",
            "v = 1\n[a.b]\nx = 1\n[a.c]\n[d]\n[a.e.f]\n",
            "[a.b]\n[a]\nx = 1\n[a.c]\n",
            "[a]\nx = 1\n[a.b]\n[a.c.d]\n",
            "[[a]]\nx = 1\n[b]\nc = [{ x = 1 }]\n",
        ] {
            assert!(whole(text).is_some(), "{text}");
            assert_eq!(in_pieces(text), whole(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_toml_as_a_whole_is_none_in_pieces() {
        for text in [
            "[a]\n[a]\n",
            "[a.b]\n[c]\n[a.b]\n",
            "a = { b = 1 }\n[a.c]\n",
            "a.b = 1\n[a]\n",
            "[a]\nb.c = 1\n[a.b]\n",
            "a = 1\n[a.b]\n",
            "[a]\n[[a]]\n",
            "[a.b]\n[[a]]\n",
            "a = [\n[1],\n[2]\n",
        ] {
            assert!(whole(text).is_none(), "{text}");
            assert_eq!(in_pieces(text), None, "{text}");
        }
    }

    #[test]
    fn a_cut_in_a_string_or_a_list_is_seen() {
        for text in [
            "a = \"\"\"\n[b]\n\"\"\"\n",
            "a = '''\n[b]\nc = 1\n'''\n",
            "a = [\n[1],\n]\n",
        ] {
            assert!(whole(text).is_some(), "{text}");
            assert_eq!(in_pieces(text), None, "{text}");
        }
    }

    /// Lines that mean other things after one another, and what some of them break.
    fn line() -> impl Strategy<Value = &'static str> {
        select(vec![
            "[a]",
            "[b]",
            "[a.b]",
            "[a.c]",
            "[b.a]",
            "[a.b.c]",
            "[a.b.d]",
            "[c.\"d e\"]",
            "[[d]]",
            "[[a.d]]",
            "[d.e]",
            "x = 1",
            "y = 'ü'",
            "z.x = 2",
            "b.x = 3",
            "c = { x = 1 }",
            "s = \"\"\"",
            "\"\"\"",
            "l = [",
            "[1],",
            "]",
            "# [a]",
            "",
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn pieces_make_what_the_whole_makes(lines in proptest::collection::vec(line(), 1..12)) {
            let text = lines.join("\n");
            if let Some(joined) = in_pieces(&text) {
                prop_assert_eq!(Some(joined), whole(&text));
            }
        }
    }

    /// Else the property above would hold of nothing.
    #[test]
    fn real_files_are_read_in_pieces() {
        let text = std::fs::read_to_string("topology.toml").unwrap();
        assert!(cut(&text, 0).len() > 10);
        assert_eq!(in_pieces(&text), whole(&text));
        assert!(whole(&text).is_some());
    }
}
