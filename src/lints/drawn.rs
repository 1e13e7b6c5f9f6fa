//! What no finding draws, whichever it is: strings that look like secrets, in a file that may be broken or hold them where none belongs.

use super::secret_shape::by_name;
use crate::source::{Source, Span};
use crate::syntax::strings;

/// Places of the strings of `source` that look like secrets, by their form or by the key before them.
pub fn secrets(source: &Source) -> Vec<Span> {
    let values = strings::values(source.text()).into_iter();
    let secrets = values.filter(|value| by_name(value.key, value.text).is_some());
    secrets.map(|value| value.span).collect()
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
