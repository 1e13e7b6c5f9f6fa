//! Time as a port: a decision that asks a [`Clock`] can be repeated in a test.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, to the millisecond; written as RFC 3339, `2026-01-31T09:30:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The moment so many milliseconds after 1970, or `None` outside the years that RFC 3339 can write.
    pub fn from_epoch_millis(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis).ok().map(Self)
    }

    /// That much earlier; the same moment where there is none.
    #[must_use]
    pub fn before(self, time: Duration) -> Self {
        self.0.checked_sub(time).map_or(self, Self)
    }

    /// Milliseconds since 1970.
    pub fn epoch_millis(self) -> i64 {
        self.0.as_millisecond()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The precision keeps the three digits even when they are zero: one width, sortable as text.
        write!(out, "{:.3}", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        let moment = is_rfc_3339(&text).then(|| text.parse::<jiff::Timestamp>().ok());
        let moment = moment
            .flatten()
            .ok_or_else(|| serde::de::Error::custom("must be a moment in RFC 3339"))?;
        // Others may write microseconds; what we pass on is always our own width.
        Self::from_epoch_millis(moment.as_millisecond())
            .ok_or_else(|| serde::de::Error::custom("must be within the years of RFC 3339"))
    }
}

/// The library reads more than that: a space for the `T`, no seconds, an offset without a colon.
fn is_rfc_3339(text: &str) -> bool {
    let digits = |letter: char| if letter.is_ascii_digit() { '0' } else { letter };
    let shape: String = text.to_ascii_uppercase().chars().map(digits).collect();
    let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else {
        return false;
    };
    let fraction = rest.strip_prefix('.');
    let zone = fraction.map_or(rest, |fraction| fraction.trim_start_matches('0'));
    matches!(zone, "Z" | "+00:00" | "-00:00")
}

/// Tells the time.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_three_digits_and_read_from_any_rfc_3339() {
        let whole = Timestamp::from_epoch_millis(1_767_225_600_000).unwrap();
        assert_eq!(whole.to_string(), "2026-01-01T00:00:00.000Z");

        let read: Timestamp = serde_json::from_str(r#""2026-01-01T02:00:00.1239+02:00""#).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#""2026-01-01T00:00:00.123Z""#
        );
        for other in [
            "yesterday",
            "2026-01-01 02:00:00Z",
            "2026-01-01T02:00Z",
            "20260101T020000Z",
        ] {
            assert!(
                serde_json::from_str::<Timestamp>(&format!("{other:?}")).is_err(),
                "{other}"
            );
        }
    }
}
