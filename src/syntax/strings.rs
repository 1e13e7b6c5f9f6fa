//! The strings of a text as they are written, each with the key before it: of a broken text as well, of which there is no tree.

use toml_parser::lexer::TokenKind;

use crate::source::Span;

/// A string or a bare word that is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<'a> {
    /// The last key before it; of several items of a list, that of the list.
    pub key: &'a str,
    /// What is written, without its quotes and with its escapes.
    pub text: &'a str,
    /// Where, with its quotes.
    pub span: Span,
}

/// Every value of `text`, in its order, that is a string, or a word that could have been meant for one.
pub fn values(text: &str) -> impl Iterator<Item = Written<'_>> {
    let mut key = "";
    let mut last: Option<Written<'_>> = None;
    toml_parser::Source::new(text)
        .lex()
        .filter_map(move |token| {
            let span = Span::from(token.span().start()..token.span().end());
            match token.kind() {
                TokenKind::Whitespace => None,
                // What stood before it was a key.
                TokenKind::Equals => {
                    key = last.take().map_or("", |word| word.text);
                    None
                }
                TokenKind::BasicString
                | TokenKind::LiteralString
                | TokenKind::MlBasicString
                | TokenKind::MlLiteralString
                | TokenKind::Atom => {
                    let written = text.get(span.start..span.end).unwrap_or_default();
                    let text = written.trim_matches(['"', '\'']);
                    last.replace(Written { key, text, span })
                }
                TokenKind::Dot
                | TokenKind::Comma
                | TokenKind::Comment
                | TokenKind::Newline
                | TokenKind::LeftSquareBracket
                | TokenKind::RightSquareBracket
                | TokenKind::LeftCurlyBracket
                | TokenKind::RightCurlyBracket
                | TokenKind::Eof => last.take(),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_knows_its_key() {
        let text = "[t]\na = \"x\" b.c = [ 'y', \"z\" ]\n\"d\" = w \"v";
        let found: Vec<(&str, &str)> = values(text).map(|w| (w.key, w.text)).collect();
        for expected in [("a", "x"), ("c", "y"), ("c", "z"), ("d", "w"), ("d", "v")] {
            assert!(found.contains(&expected), "{expected:?} {found:?}");
        }
        assert!(found.iter().all(|(_, text)| !["a", "d"].contains(text)));
    }
}
