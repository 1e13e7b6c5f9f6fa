//! What is refused before the TOML reader sees the text: characters that no TOML file holds, and nesting without end.
//!
//! The reader bounds brackets and dotted keys each on its own; together they still make trees so deep that walking one
//! overflows the stack. Here their sum is bounded.

use toml_parser::lexer::TokenKind;

use crate::diag::{Diagnostic, codes};
use crate::source::Span;

/// Levels of tables and lists; the deepest word of the language needs fewer than ten.
const MAX_DEPTH: usize = 64;

/// The first thing that makes further reading senseless.
pub(super) fn fault(text: &str) -> Option<Diagnostic> {
    forbidden_character(text).or_else(|| too_deep(text))
}

/// TOML allows no control character but tab and line ends, not even in a comment.
fn forbidden_character(text: &str) -> Option<Diagnostic> {
    let bytes = text.as_bytes();
    // Most files have none, and all bytes together are looked at in a tenth of the time.
    let suspicious = |byte: &u8| (*byte < b' ' && !matches!(byte, b'\t' | b'\n')) || *byte == 0x7f;
    if !bytes.iter().fold(false, |any, byte| any | suspicious(byte)) {
        return None;
    }
    let forbidden = |(at, byte): &(usize, u8)| {
        let line_end = *byte == b'\r' && bytes.get(at + 1) == Some(&b'\n');
        byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n') && !line_end
    };
    let first = bytes.iter().copied().enumerate().find(forbidden)?;
    // Where there is a NUL byte, no other character is the matter.
    let nul = bytes.iter().position(|byte| *byte == 0).map(|at| (at, 0));
    let (at, byte) = nul.unwrap_or(first);
    let (message, help) = match byte {
        b'\r' => (
            "a carriage return that no line feed follows".to_owned(),
            "save the file with the line ends of Unix or of Windows",
        ),
        0 => (
            "the file holds a NUL byte".to_owned(),
            "it is no text, or text in another encoding: save it as UTF-8",
        ),
        byte => (
            format!("the file holds the control character U+{byte:04X}"),
            "delete it, or write it as `\\u` and four digits in a string in double quotes",
        ),
    };
    let span = Span::from(at..at + 1);
    Some(Diagnostic::error(codes::SYNTAX, span, message).help(help))
}

/// Counts open brackets and the dots of the keys before them. In a broken file it may count more than there is, never less.
fn too_deep(text: &str) -> Option<Diagnostic> {
    // In most pieces of a long text there are not as many.
    let deepens = |byte: &u8| matches!(byte, b'[' | b'{' | b'.');
    if text.bytes().filter(deepens).count() <= MAX_DEPTH {
        return None;
    }
    let mut open: Vec<(TokenKind, usize)> = Vec::new();
    let mut dots = 0;
    for token in toml_parser::Source::new(text).lex() {
        let outside = open.last().map_or(0, |(_, depth)| *depth);
        match token.kind() {
            TokenKind::LeftSquareBracket => {
                open.push((TokenKind::RightSquareBracket, outside + dots + 1))
            }
            TokenKind::LeftCurlyBracket => {
                open.push((TokenKind::RightCurlyBracket, outside + dots + 1))
            }
            kind @ (TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket) => {
                if open.last().is_some_and(|(closing, _)| *closing == kind) {
                    open.pop();
                }
            }
            TokenKind::Dot => {
                dots += 1;
                if outside + dots <= MAX_DEPTH {
                    continue;
                }
            }
            TokenKind::Comma => dots = 0,
            TokenKind::Newline if open.is_empty() => dots = 0,
            TokenKind::Equals
            | TokenKind::Newline
            | TokenKind::Whitespace
            | TokenKind::Comment
            | TokenKind::LiteralString
            | TokenKind::BasicString
            | TokenKind::MlLiteralString
            | TokenKind::MlBasicString
            | TokenKind::Atom
            | TokenKind::Eof => {}
        }
        let depth = open.last().map_or(0, |(_, depth)| *depth) + dots;
        if depth > MAX_DEPTH {
            let span = Span::from(token.span().start()..token.span().end());
            let message = format!("tables and lists are nested deeper than {MAX_DEPTH} levels");
            return Some(Diagnostic::error(codes::SYNTAX, span, message).help(
                "no word of the language needs more than ten: most often a bracket is not closed",
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Option<String> {
        fault(text).map(|fault| fault.message)
    }

    #[test]
    fn nesting_is_counted_over_brackets_and_dots() {
        let path = |n: usize| vec!["a"; n].join(".");
        assert!(message(&format!("a = {}{}", "[".repeat(64), "]".repeat(64))).is_none());
        assert!(message(&format!("a = {}", "[".repeat(65))).is_some());
        assert!(message(&format!("{} = 1", path(60))).is_none());
        assert!(message(&format!("{} = 1", path(70))).is_some());
        assert!(message(&format!("a = {{ {} = {{ {} = 1 }} }}", path(35), path(35))).is_some());
    }

    #[test]
    fn what_only_follows_one_another_is_not_deep() {
        assert!(message(&"[a.b.c]\nx.y = [1.5, 2.5, [3.5]]\n".repeat(100)).is_none());
        assert!(message(&format!("a = [{}]", "{ x.y = 1.5 }, ".repeat(100))).is_none());
        assert!(message(&format!("a = '{}' # {}", "[".repeat(100), "[".repeat(100))).is_none());
    }

    #[test]
    fn characters_that_toml_forbids_are_named() {
        assert!(message("a = 1\r\nb = \"\t\"\r\n").is_none());
        assert!(message("a = 1\rb = 2").is_some_and(|m| m.contains("carriage return")));
        assert!(message("a = \"\u{1b}\"").is_some_and(|m| m.contains("U+001B")));
        assert!(message("# \u{7f}").is_some_and(|m| m.contains("U+007F")));
        assert!(message("\u{7f}a\0").is_some_and(|m| m.contains("NUL")));
    }
}
