//! "did you mean": the nearest of the known words.

use crate::diag::{Diagnostics, Fix};
use crate::source::Span;

/// Nobody reads a suggestion below so many findings, and each is a search through all that is known.
const ENOUGH: usize = 200;
/// Longer words are no slip of the hand.
const MAX_LENGTH: usize = 128;
/// Words that are compared letter by letter; those that look least like what is written drop out before.
const MAX_COMPARED: usize = 64;

/// `known`, while there are so few findings that somebody reads a suggestion; then nothing.
pub fn while_few<'a, I: Iterator<Item = &'a str>>(
    diagnostics: &Diagnostics,
    known: I,
) -> std::iter::Take<I> {
    match diagnostics.len() < ENOUGH {
        true => known.take(usize::MAX),
        false => known.take(0),
    }
}

/// Slips of more letters are guesses.
const CERTAIN: usize = 2;
/// A single letter makes another word of one as short as this: `app` is no slip of `api`.
const SHORT: usize = 3;

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

/// As [`mend_key`], of a name that people have chosen: `PaymentLate` beside `PaymentMade` may be one that nobody has declared yet.
pub fn mend_name<'a>(
    at: Span,
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<Fix> {
    certain_name(written, known).map(|word| Fix::replace(at, word))
}

/// As [`mend_name`], of one in quotes.
pub fn mend_text<'a>(
    at: Span,
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<Fix> {
    certain_name(written, known).map(|word| Fix::replace(at, format!("\"{word}\"")))
}

fn certain_name<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    certain(written, known).filter(|word| is_slip(written, word))
}

/// Whether nothing differs but capitals, what is between words, and letters that were struck twice. One letter more or less makes another
/// name: `ContactCreated` beside `ContractCreated`.
fn is_slip(written: &str, word: &str) -> bool {
    let plain = |text: &str| -> String {
        let mut letters: Vec<char> = text.chars().collect();
        letters.dedup_by(|one, before| one == before && !one.is_ascii_digit());
        let letters = letters.into_iter().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let numbers = |text: &str| -> Vec<String> {
        let runs = text.split(|c: char| !c.is_ascii_digit());
        runs.filter(|run| !run.is_empty())
            .map(str::to_owned)
            .collect()
    };
    plain(written) == plain(word) && numbers(written) == numbers(word)
}

/// The known word that is surely meant: the only one that is near, by a letter or two.
pub fn certain<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    match candidates(written, known).as_slice() {
        _ if written.chars().count() <= SHORT => None,
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
    if written.len() > MAX_LENGTH {
        return Vec::new();
    }
    let folded = written.to_lowercase();
    let length = written.chars().count();
    let allowed = (length / 3).max(1);
    let mut similar: Vec<&str> = known
        .into_iter()
        .filter(|word| *word != written && word.len() <= MAX_LENGTH)
        // One edit changes a word's length by one letter at most.
        .filter(|word| word.chars().count().abs_diff(length) <= allowed)
        .collect();
    if similar.len() > MAX_COMPARED {
        similar.select_nth_unstable_by_key(MAX_COMPARED, |word| (unlike(written, word), *word));
        similar.truncate(MAX_COMPARED);
    }
    let mut found: Vec<(usize, &str)> = similar
        .into_iter()
        .map(|word| {
            let distance = strsim::damerau_levenshtein(&folded, &word.to_lowercase());
            (distance, word)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    found.sort_unstable();
    found
}

/// Letters that are not in the common beginning and end: a slip of the hand leaves most of a word as it was.
fn unlike(a: &str, b: &str) -> usize {
    let same = |(a, b): &(u8, u8)| a.eq_ignore_ascii_case(b);
    let beginning = a.bytes().zip(b.bytes()).take_while(same).count();
    let end = a.bytes().rev().zip(b.bytes().rev());
    let end = end.take_while(same).count();
    a.len().max(b.len()).saturating_sub(beginning + end)
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
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }

    #[test]
    fn the_nearest_of_many_is_found() {
        let known: Vec<String> = (0..10_000).map(|n| format!("Order{n:05}Created")).collect();
        let known = || known.iter().map(String::as_str);
        for (written, meant) in [
            ("Oder07123Created", "Order07123Created"),
            ("Order09876Craeted", "Order09876Created"),
        ] {
            assert_eq!(nearest(written, known()), Some(meant));
        }
    }

    #[test]
    fn only_what_must_be_meant_is_certain() {
        assert_eq!(certain("evnets", ["events", "service"]), Some("events"));
        assert_eq!(certain("paymen", ["payment", "payments"]), Some("payment"));
        assert_eq!(certain("order-x", ["order-a", "order-b"]), None);
        assert_eq!(certain("notificatoins", ["notes"]), None);
        assert_eq!(certain("app", ["api", "alarms"]), None);
    }

    #[test]
    fn another_letter_makes_another_name() {
        for (written, word) in [
            ("order_placed", "OrderPlaced"),
            ("ORDERPLACED", "OrderPlaced"),
            ("OrderPlaceed", "OrderPlaced"),
            ("AdressChanged", "AddressChanged"),
            ("paymentUk", "payment-uk"),
        ] {
            assert!(is_slip(written, word), "{written}");
        }
        for (written, word) in [
            ("OrderPlacedV3", "OrderPlacedV2"),
            ("OrderPlaced1", "OrderPlaced"),
            ("OrderPlaced11", "OrderPlaced1"),
            ("shard-1-1", "shard-11"),
            ("ContactCreated", "ContractCreated"),
            ("ItemsShipped", "ItemShipped"),
            ("TrailStarted", "TrialStarted"),
            ("payment-uk", "payment-us"),
            ("PaymentLate", "PaymentMade"),
            ("ItemPicked", "ItemPacked"),
            ("JobRestarted", "JobStarted"),
        ] {
            assert!(!is_slip(written, word), "{written}");
        }
    }
}
