//! What no finding shows, whichever it is: strings that look like secrets, in a file that may be broken or hold them where none belongs.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::secret_shape::by_name;
use super::secret_words::{by_form, by_form_or_name};
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::{Source, Span};
use crate::syntax::strings::{self, Written};

/// Places in `source` of what looks like a secret, by its form or by a name before it, as far as any of it lies in `shown`; in their order.
pub fn secrets(source: &Source, shown: &[Span]) -> Vec<Span> {
    let shown = joined(shown);
    let end = shown.last().map_or(0, |last| last.end);
    let is_shown = |value: &Written<'_>| {
        let next = shown.partition_point(|shown| shown.end <= value.span.start);
        shown
            .get(next)
            .is_some_and(|shown| shown.start < value.span.end)
    };
    let strings = strings::values(source.text())
        .take_while(|value| value.span.start < end)
        .filter(is_shown)
        .filter(|value| by_name(value.key, value.text).is_some())
        .map(|value| value.span);
    // A comment, or a line of what is no TOML, has no strings.
    let words = shown.iter().flat_map(|shown| {
        let text = source
            .text()
            .get(shown.start..shown.end)
            .unwrap_or_default();
        let found = by_form_or_name(text).into_iter();
        found.map(|word| Span::from(shown.start + word.start..shown.start + word.end))
    });
    let mut found: Vec<Span> = strings.chain(words).collect();
    found.sort_unstable();
    found
}

/// The same places in their order, those that meet as one.
fn joined(places: &[Span]) -> Vec<Span> {
    let mut places = places.to_vec();
    places.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for place in places {
        match joined.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            Some(_) | None => joined.push(place),
        }
    }
    joined
}

/// The findings with stars for what of `secrets` their own places hold, and for whatever else looks like one, where their words repeat it.
pub fn veiled<'a>(
    diagnostics: &'a Diagnostics,
    source: &Source,
    secrets: &[Span],
) -> Cow<'a, Diagnostics> {
    let texts = |finding: &Diagnostic| texts(finding, source, secrets);
    let repeats = |finding: &Diagnostic| {
        let texts = texts(finding);
        let mut words = finding.words();
        words.any(|words| !places(words, &texts).is_empty())
    };
    if !diagnostics.all().any(repeats) {
        return Cow::Borrowed(diagnostics);
    }
    let mut veiled = diagnostics.clone();
    for finding in veiled.all_mut() {
        let texts = texts(finding);
        finding
            .words_mut()
            .for_each(|words| *words = veil(words, &texts));
    }
    Cow::Owned(veiled)
}

/// Secrets of one finding: nobody writes more in one place.
const MOST: usize = 100;

/// The secrets that stand where the finding is.
fn texts<'a>(finding: &Diagnostic, source: &'a Source, secrets: &[Span]) -> BTreeSet<&'a str> {
    let here = |place: Span| {
        // Of those that lie in one another the outer one comes first.
        let first = secrets
            .partition_point(|secret| secret.start < place.start)
            .saturating_sub(1);
        let near = secrets.iter().skip(first);
        let near = near.take_while(move |secret| secret.start < place.end);
        near.filter(move |secret| place.start < secret.end)
            .take(MOST)
    };
    let secrets = finding.places().flat_map(here);
    let texts = secrets.filter_map(|secret| source.text().get(secret.start..secret.end));
    let texts = texts.map(|text| text.trim_matches(['"', '\'']));
    texts.filter(|text| !text.is_empty()).take(MOST).collect()
}

/// Where `words` repeat one of `texts`, or have what looks like a secret by itself.
fn places(words: &str, texts: &BTreeSet<&str>) -> Vec<Range<usize>> {
    let repeated = texts.iter().flat_map(|text| {
        let places = words.match_indices(text);
        places.map(|(at, text)| at..at + text.len())
    });
    let mut found: Vec<Range<usize>> = by_form(words).into_iter().chain(repeated).collect();
    found.sort_unstable_by_key(|place| (place.start, place.end));
    found
}

/// `words` with stars for what looks like a secret by itself.
pub fn starred(words: &str) -> String {
    veil(words, &BTreeSet::new())
}

/// `words` with stars for secrets.
fn veil(words: &str, texts: &BTreeSet<&str>) -> String {
    const STARS: &str = "***";
    let (mut veiled, mut at) = (String::new(), 0);
    for secret in places(words, texts) {
        // One may begin in another.
        if secret.start >= at {
            veiled.extend([&words[at..secret.start], STARS]);
        }
        at = at.max(secret.end);
    }
    veiled + &words[at..]
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
