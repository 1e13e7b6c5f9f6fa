//! Secrets in any text, word by word: in a line that is drawn whatever it is, a comment or what is no TOML, and in the words of a finding.

use std::ops::Range;

use super::secret_shape::{by_name, by_value};

/// No secret that is known by its form is as short.
const SHORT: usize = 9;

/// What stands between words: a secret that holds one of these is known by the string that it stands in.
fn parts(c: char) -> bool {
    c.is_whitespace() || "\"'`()[]{}<>,;|".contains(c)
}

/// Secrets that are known by their own form.
pub(super) fn by_form(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = private_keys(text).collect();
    for word in words(text) {
        let whole = &text[word.clone()];
        if whole.len() < SHORT {
            continue;
        }
        if by_value(whole).is_some() {
            found.push(word);
        } else {
            found.extend(
                tokens(whole).map(|token| word.start + token.start..word.start + token.end),
            );
        }
    }
    found
}

/// As [`by_form`], and those that the word before them names: of `DB_PASSWORD: "…"`, `{ name = "DB_PASSWORD", value = "…" }` and `DB_PASSWORD=…`.
pub(super) fn by_form_or_name(text: &str) -> Vec<Range<usize>> {
    let mut found = by_form(text);
    let (mut name, mut end) = ("", 0);
    for word in words(text) {
        let whole = &text[word.clone()];
        let plain = whole.trim_end_matches([':', '=']);
        if plain.is_empty() {
            continue;
        }
        let is_value = plain.eq_ignore_ascii_case("value");
        // The next item, line or section has another name.
        let parted = text[end..word.start].contains([',', ']', '\n']);
        if parted && !is_value {
            name = "";
        }
        end = word.end;
        if by_name(name, whole).is_some() && !is_key(&text[word.end..]) {
            found.push(word.clone());
        } else if let Some((name, value)) = whole.split_once('=')
            && by_name(name, value).is_some()
        {
            found.push(word.end - value.len()..word.end);
        }
        if !is_value {
            name = plain;
        }
    }
    found
}

/// Whether the word before `rest` is one of TOML's keys.
fn is_key(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['"', '\'', ' ', '\t']);
    rest.starts_with('=')
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let words = text.split(parts).filter(|word| !word.is_empty());
    words.map(|word| place(text, word))
}

/// Tokens in a word that is none as a whole: of `--token=…` and `POST /hooks/…`.
fn tokens(word: &str) -> impl Iterator<Item = Range<usize>> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let tokens = word.split(move |c| !belongs(c));
    let tokens = tokens.map(|token| token.trim_start_matches(['-', '_', '.']));
    let tokens = tokens.filter(|token| token.len() >= SHORT && by_value(token).is_some());
    tokens.map(|token| place(word, token))
}

/// From the first line of each to its last one, or to the end of the text.
fn private_keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let begin = from + text[from..].find(BEGIN)?;
            let inner = begin + BEGIN.len();
            from = inner;
            let kind = text[inner..].split("-----").next().unwrap_or_default();
            if !kind.contains("PRIVATE KEY") || kind.contains('\n') {
                continue;
            }
            let last = text[inner..].find(END).map(|end| inner + end);
            let end = last.and_then(|last| text[last..].find('\n').map(|length| last + length));
            from = end.unwrap_or(text.len());
            return Some(begin..from);
        }
    })
}

/// Where `part`, which is a part of `text`, stands in it.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starred(text: &str, find: fn(&str) -> Vec<Range<usize>>) -> String {
        let mut starred = text.to_owned();
        for secret in find(text) {
            let stars = "*".repeat(secret.len());
            starred.replace_range(secret, &stars);
        }
        starred
    }

    /// Put together here, so that no scanner takes this file for a leak.
    fn token() -> String {
        ["ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"].concat()
    }

    #[test]
    fn a_token_is_found_wherever_it_stands() {
        for text in [
            "`ghp` is no ARN",
            "anybody may call `POST /hooks/ghp`",
            "--token=ghp",
            "# was ghp, see the wiki",
            "a = b/ghp/c",
        ] {
            let text = text.replace("ghp", &token());
            let shown = starred(&text, by_form);
            assert!(!shown.contains(&token()[4..]), "{shown}");
        }
        let url = format!("cannot read `https://app:{}@x/y.json`", "hunter2X");
        assert!(!starred(&url, by_form).contains("hunter2X"));
        let key = format!(
            "a -----BEGIN RSA PRIVATE {}-----\nMIIE\nabc\n-----END RSA-----\nb",
            "KEY"
        );
        assert!(starred(&key, by_form).ends_with("*\nb"));
    }

    #[test]
    fn a_name_gives_its_neighbour_away() {
        for text in [
            "DB_PASSWORD: \"hunter2X\"",
            "DB_PASSWORD == \"hunter2X\"",
            "DB_PASSWORD \"hunter2X\"",
            "DB_PASSWORD = hunter2X # why",
            "x = [\"DB_PASSWORD=hunter2X\"]",
            "[{ name = \"DB_PASSWORD\", value = \"hunter2X\" }]",
            "DB_PASSWORD = { Value = \"hunter2X\" }",
        ] {
            let shown = starred(text, by_form_or_name);
            assert!(
                !shown.contains("hunter2X") && shown.contains("DB_PASSWORD"),
                "{shown}"
            );
        }
    }

    #[test]
    fn all_else_is_shown() {
        for text in [
            "table = { name = \"Orders\", key = \"orderId\" } # a table",
            "the event `PaymentCompleted` is not declared: did you mean `PaymentComplete`?",
            "token_table = \"Tokens1\"",
            "https://example.com/a?b=c&d=e",
            "arn:aws:sns:eu-west-1:111122223333:oncall",
            "publishes = [\"PasswordChanged\", \"EmailChanged\", \"BoardingPass\", \"CheckedIn1\"]",
            "handler = \"functions/password\"\nPublishes = 1",
            "[resources.DbPassword.Properties]\nGenerateSecretString = 1",
            "MasterUserPassword = { \"Fn::If\" = [] }",
        ] {
            assert_eq!(starred(text, by_form_or_name), text);
        }
    }
}
