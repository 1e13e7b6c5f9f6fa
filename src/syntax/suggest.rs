//! "did you mean": the nearest of the known words.

use crate::diag::Fix;
use crate::source::Span;

/// Slips of more letters are guesses.
const CERTAIN: usize = 2;

/// The known word nearest to `written`, when it is near enough to be a slip of the hand.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates(written, known)
        .into_iter()
        .next()
        .map(|(_, word)| word)
}

/// The fix of a misspelt key, bare, when only one of `known` can be meant.
pub fn mend_key<'a>(
    at: Span,
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<Fix> {
    certain(written, known).map(|word| Fix::replace(at, word))
}

/// The fix of a misspelt string, in quotes, when only one of `known` can be meant.
pub fn mend_text<'a>(
    at: Span,
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<Fix> {
    certain(written, known).map(|word| Fix::replace(at, format!("\"{word}\"")))
}

fn certain<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    match candidates(written, known).as_slice() {
        [(distance, word), rest @ ..]
            if *distance <= CERTAIN && rest.first().is_none_or(|(next, _)| next > distance) =>
        {
            Some(word)
        }
        _ => None,
    }
}

/// Known words that are near enough to be a slip of the hand, the nearest first.
fn candidates<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Vec<(usize, &'a str)> {
    let folded = written.to_lowercase();
    let allowed = (written.chars().count() / 3).max(1);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter(|word| *word != written)
        .map(|word| {
            let distance = strsim::damerau_levenshtein(&folded, &word.to_lowercase());
            (distance, word)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    found.sort_unstable();
    found
}

/// A help line: the nearest word, or else all of them.
pub fn help<'a>(written: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(written, known.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => {
            let known: Vec<String> = known.into_iter().map(|word| format!("`{word}`")).collect();
            match known.len() {
                0 => "none is declared yet".to_owned(),
                1..=12 => format!("known here: {}", known.join(", ")),
                n => format!(
                    "known here: {}, and {} more",
                    known[..12].join(", "),
                    n - 12
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["batch_size", "batching_window", "events"];
        assert_eq!(nearest("bach_size", known), Some("batch_size"));
        assert_eq!(nearest("batchSize", known), Some("batch_size"));
        assert_eq!(nearest("evnets", known), Some("events"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn only_what_must_be_meant_is_certain() {
        assert_eq!(certain("evnets", ["events", "service"]), Some("events"));
        assert_eq!(certain("paymen", ["payment", "payments"]), Some("payment"));
        assert_eq!(certain("order-x", ["order-a", "order-b"]), None);
        assert_eq!(certain("notificatoins", ["notes"]), None);
    }
}
