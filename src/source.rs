//! A file's text with its line index: turns byte spans into lines and columns.
//!
//! Never does IO: the command line reads the file and hands the text over.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A half-open range of bytes in one [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self {
            start: range.start,
            end: range.end,
        }
    }
}

/// A place in a file, as people and editors count: both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A value and the place it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where; for a section, the name in its header.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Ties a value to its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T: std::fmt::Display> std::fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

/// One text file.
#[derive(Debug, Clone)]
pub struct Source {
    path: String,
    text: String,
    line_starts: Vec<usize>,
    /// Characters before each block of [`BLOCK`] bytes: a column costs no walk through a line of a megabyte.
    characters: Vec<usize>,
}

/// Bytes that are counted anew for a column.
const BLOCK: usize = 1024;

impl Source {
    /// Indexes `text`; `path` is what findings print, so it should be what the user typed.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let mut count = 0;
        let mut characters = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            count += begun_in(block);
            characters.push(count);
        }
        Self {
            path: path.into(),
            text,
            line_starts,
            characters,
        }
    }

    /// The same file with stars for everything in `secrets`; every other byte stays in its place.
    pub fn concealing(&self, secrets: &[Span]) -> Cow<'_, Self> {
        if secrets.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut starred = self.text.clone().into_bytes();
        for secret in secrets {
            let bytes = starred.get_mut(secret.start..secret.end);
            let letters = bytes.into_iter().flatten().filter(|byte| **byte != b'\n');
            letters.for_each(|byte| *byte = b'*');
        }
        let text = String::from_utf8_lossy(&starred).into_owned();
        Cow::Owned(Self::new(self.path.clone(), text))
    }

    /// The path as the user typed it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The file's name without its folders, which differ from machine to machine.
    pub fn file_name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(&self.path)
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line, from 1, that holds byte `offset`.
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// Line and column of byte `offset`; an offset past the end is the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.floor_char_boundary(offset);
        let line = self.line(offset);
        let start = self.line_starts[line - 1];
        Position {
            line,
            column: self.characters_before(offset) - self.characters_before(start) + 1,
        }
    }

    /// The lines `first..=last` (from 1, clamped) and the byte at which they start.
    pub fn lines(&self, first: usize, last: usize) -> (&str, usize) {
        let count = self.line_starts.len();
        let first = first.clamp(1, count);
        let start = self.line_starts[first - 1];
        let end = self
            .line_starts
            .get(last.max(first))
            .copied()
            .unwrap_or(self.text.len());
        (&self.text[start..end], start)
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters[block] + begun_in(&self.text.as_bytes()[block * BLOCK..offset])
    }

    fn floor_char_boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// Characters whose first byte is in `bytes`.
fn begun_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("t", "a\nüb = 1\n");
        assert_eq!(source.position(4), Position { line: 2, column: 2 });
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
    }

    #[test]
    fn columns_of_long_lines_are_right() {
        let text = format!("ü\n{}x{}", "üa".repeat(5000), "é".repeat(1012));
        let source = Source::new("t", text.clone());
        for (offset, column) in [
            (3, 1),
            (15003, 10_001),
            (15004, 10_002),
            (text.len(), 11_014),
        ] {
            assert_eq!(source.position(offset), Position { line: 2, column });
        }
        let exact = Source::new("t", "é".repeat(512));
        assert_eq!(
            exact.position(1024),
            Position {
                line: 1,
                column: 513
            }
        );
    }

    #[test]
    fn secrets_are_starred_and_nothing_moves() {
        let source = Source::new("t", "a = \"ü12\"\nb");
        let starred = source.concealing(&[Span::from(4..10)]);
        assert_eq!(starred.text(), "a = ******\nb");
        assert!(matches!(source.concealing(&[]), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_are_cut_with_their_offset() {
        let source = Source::new("t", "one\ntwo\nthree");
        assert_eq!(source.lines(2, 3), ("two\nthree", 4));
        assert_eq!(source.lines(0, 1), ("one\n", 0));
        assert_eq!(source.lines(9, 12), ("three", 8));
    }
}
