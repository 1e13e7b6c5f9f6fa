//! "did you mean": the nearest of the known words.

/// The known word nearest to `written`, when it is near enough to be a slip of the hand.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = written.to_lowercase();
    let allowed = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|word| *word != written)
        .map(|word| {
            (
                strsim::damerau_levenshtein(&folded, &word.to_lowercase()),
                word,
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, word)| word)
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
}
