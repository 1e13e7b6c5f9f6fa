//! What no finding draws, whichever it is: strings that look like secrets, in a file that may be broken or hold them where none belongs.

use toml_parser::Source as Text;
use toml_parser::lexer::TokenKind;

use super::secret_shape::by_name;
use crate::source::{Source, Span};

/// Places of the strings of `source` that look like secrets, by their form or by the key before them.
pub fn secrets(source: &Source) -> Vec<Span> {
    let text = source.text();
    let mut found = Vec::new();
    let mut name = "";
    let mut last: Option<(&str, Span)> = None;
    for token in Text::new(text).lex() {
        let span = Span::from(token.span().start()..token.span().end());
        match token.kind() {
            TokenKind::Whitespace => {}
            TokenKind::Equals => name = last.take().map_or("", |(text, _)| text),
            TokenKind::BasicString
            | TokenKind::LiteralString
            | TokenKind::MlBasicString
            | TokenKind::MlLiteralString
            | TokenKind::Atom => {
                found.extend(secret(name, last));
                let written = text.get(span.start..span.end).unwrap_or_default();
                last = Some((written.trim_matches(['"', '\'']), span));
            }
            TokenKind::Dot
            | TokenKind::Comma
            | TokenKind::Comment
            | TokenKind::Newline
            | TokenKind::LeftSquareBracket
            | TokenKind::RightSquareBracket
            | TokenKind::LeftCurlyBracket
            | TokenKind::RightCurlyBracket
            | TokenKind::Eof => found.extend(secret(name, last.take())),
        }
    }
    found
}

/// A value, and no key: what an equals sign follows was taken before.
fn secret(name: &str, value: Option<(&str, Span)>) -> Option<Span> {
    let (text, span) = value?;
    by_name(name, text).map(|_| span)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    fn shown(text: &str) -> String {
        let source = Source::new("topology.toml", text);
        let starred = source.concealing(&secrets(&source)).into_owned();
        assert_eq!(starred.text().len(), text.len());
        starred.text().to_owned()
    }

    #[test]
    fn a_token_is_starred_wherever_it_stands() {
        for text in [
            "environment = { A = \"ghp_\" }",
            "environment = { TOKENS = [\"x\", \"ghp_\"] }",
            "token = 'ghp_'",
            "environment = { API_TOKEN = \"ghp_\" B = \"z\" }",
            "a = [\n  \"ghp_\"",
            "timeout = ghp_",
            "DB_PASSWORD = \"hunter2X\"\n[a]\nb = \"ghp_\"",
        ] {
            let text = text.replace("ghp_", TOKEN);
            let shown = shown(&text);
            assert!(
                !shown.contains(TOKEN) && !shown.contains("hunter2X"),
                "{shown}"
            );
        }
    }

    #[test]
    fn all_else_is_shown() {
        let text = "[services.order]\ntable = { name = \"Orders\", key = \"orderId\" } # a table\n\"ghp\" = 'x'\n";
        assert_eq!(shown(text), text);
    }
}
