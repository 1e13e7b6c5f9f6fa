//! Unique ids as a port: a test numbers them, the world draws them.

/// Makes ids that no one else makes.
pub trait Ids {
    /// A new id.
    fn next(&self) -> String;
}

/// UUIDs of version 7: unique without a coordinator, and sorted by the time they were made.
#[derive(Clone, Copy, Debug, Default)]
pub struct UniqueIds;

impl Ids for UniqueIds {
    fn next(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_unique_and_sorted_by_time() {
        let made: Vec<String> = (0..1_000).map(|_| UniqueIds.next()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
