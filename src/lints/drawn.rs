//! What no finding draws, whichever it is: strings that look like secrets, in a file that may be broken or hold them where none belongs.

use super::secret_shape::by_name;
use crate::source::{Source, Span};
use crate::syntax::strings::{self, Written};

/// Places of the strings of `source` that look like secrets, by their form or by the key before them, as far as any of it lies in `shown`.
pub fn secrets(source: &Source, shown: &[Span]) -> Vec<Span> {
    let end = shown
        .iter()
        .map(|shown| shown.end)
        .max()
        .unwrap_or_default();
    let is_shown = |value: &Written<'_>| {
        let meets = |shown: &Span| shown.start < value.span.end && value.span.start < shown.end;
        shown.iter().any(meets)
    };
    strings::values(source.text())
        .take_while(|value| value.span.start < end)
        .filter(is_shown)
        .filter(|value| by_name(value.key, value.text).is_some())
        .map(|value| value.span)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    fn shown(text: &str) -> String {
        let source = Source::new("topology.toml", text);
        let whole = Span::from(0..text.len());
        let starred = source.concealing(&secrets(&source, &[whole])).into_owned();
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
    fn what_is_drawn_in_part_is_starred_whole() {
        let text = format!("a = 1\nb = \"{TOKEN}\" # b\nc = \"{TOKEN}\"\n");
        let source = Source::new("topology.toml", text.as_str());
        let second = text.find('b').unwrap();
        let token = text.find('"').unwrap();
        let token = Span::from(token..token + TOKEN.len() + 2);
        for (shown, starred) in [
            (0..second, vec![]),
            (second..token.start + 9, vec![token]),
            (token.end - 1..token.end, vec![token]),
            (token.end..token.end + 4, vec![]),
        ] {
            assert_eq!(
                secrets(&source, &[Span::from(shown.clone())]),
                starred,
                "{shown:?}"
            );
        }
        assert!(secrets(&source, &[]).is_empty());
    }

    #[test]
    fn all_else_is_shown() {
        let text = "[services.order]\ntable = { name = \"Orders\", key = \"orderId\" } # a table\n\"ghp\" = 'x'\n";
        assert_eq!(shown(text), text);
    }
}
