//! Values within the bounds that a contract sets. The bounds are part of the type, so a value that was read is within
//! them, one that is not cannot be made, and a bound that changes is a change of type: `minLength` and `maxLength` make a
//! [`Text`], `minimum` and `maximum` of whole numbers a [`Whole`], `minItems` and `maxItems` a [`List`].
//!
//! ```
//! use topogen_kit::bounded::Text;
//!
//! let sku: Text<1, 64> = "LAPTOP-001".try_into()?;
//! assert_eq!(&*sku, "LAPTOP-001");
//! assert_eq!(Text::<1, 64>::try_from("").unwrap_err().to_string(), "must have 1 to 64 characters");
//! # Ok::<(), topogen_kit::bounded::OutOfBounds>(())
//! ```

use std::fmt;
use std::ops::Deref;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::Failure;

/// Floats hold every whole number up to here, 2 to the power of 53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A text of `MIN` to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MIN: usize, const MAX: usize = { usize::MAX }>(String);

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Whole<const MIN: i64 = { i64::MIN }, const MAX: i64 = { i64::MAX }>(i64);

/// A list of `MIN` to `MAX` entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize = { usize::MAX }>(Vec<T>);

/// A value that is not within its bounds. It says what must hold, and not what was found: that may be personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfBounds(String);

impl fmt::Display for OutOfBounds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for OutOfBounds {}

/// For a producer: what it was about to say would break the contract.
impl From<OutOfBounds> for Failure {
    fn from(error: OutOfBounds) -> Self {
        Self::malformed(format!("a value of the event {error}"))
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(text: String) -> Result<Self, OutOfBounds> {
        sized(text.chars().count(), MIN, MAX, ["character", "characters"])?;
        Ok(Self(text))
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<&str> for Text<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(text: &str) -> Result<Self, OutOfBounds> {
        text.to_owned().try_into()
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for String {
    fn from(text: Text<MIN, MAX>) -> Self {
        text.0
    }
}

impl<const MIN: usize, const MAX: usize> From<&Text<MIN, MAX>> for String {
    fn from(text: &Text<MIN, MAX>) -> Self {
        text.0.clone()
    }
}

impl<const MIN: usize, const MAX: usize> Deref for Text<MIN, MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> Serialize for Text<MIN, MAX> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(out)
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input)?
            .try_into()
            .map_err(de::Error::custom)
    }
}

impl<const MIN: i64, const MAX: i64> Whole<MIN, MAX> {
    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl<const MIN: i64, const MAX: i64> TryFrom<i64> for Whole<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(number: i64) -> Result<Self, OutOfBounds> {
        if (MIN..=MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(OutOfBounds(format!("must be {}", range(MIN, MAX))))
        }
    }
}

impl<const MIN: i64, const MAX: i64> fmt::Display for Whole<MIN, MAX> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

impl<const MIN: i64, const MAX: i64> Serialize for Whole<MIN, MAX> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(out)
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input
            .deserialize_i64(AWhole { min: MIN, max: MAX })?
            .try_into()
            .map_err(de::Error::custom)
    }
}

/// Reads a whole number however JSON writes it: to a schema `2.0` is an integer too.
struct AWhole {
    min: i64,
    max: i64,
}

impl Visitor<'_> for AWhole {
    type Value = i64;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&range(self.min, self.max))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<i64, E> {
        let unexpected = de::Unexpected::Unsigned(number);
        i64::try_from(number).map_err(|_| E::invalid_value(unexpected, &self))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number that floats hold exactly"
    )]
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<i64, E> {
        if number.fract() == 0.0 && number.abs() <= EXACT {
            Ok(number as i64)
        } else {
            Err(E::invalid_value(de::Unexpected::Float(number), &self))
        }
    }
}

impl<T, const MIN: usize, const MAX: usize> TryFrom<Vec<T>> for List<T, MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(entries: Vec<T>) -> Result<Self, OutOfBounds> {
        sized(entries.len(), MIN, MAX, ["entry", "entries"])?;
        Ok(Self(entries))
    }
}

impl<T, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// As many entries, each made of its own: the length stays within the bounds.
    pub fn map<U>(&self, each: impl FnMut(&T) -> U) -> List<U, MIN, MAX> {
        List(self.0.iter().map(each).collect())
    }
}

impl<T, const MIN: usize, const MAX: usize> From<List<T, MIN, MAX>> for Vec<T> {
    fn from(list: List<T, MIN, MAX>) -> Self {
        list.0
    }
}

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Serialize, const MIN: usize, const MAX: usize> Serialize for List<T, MIN, MAX> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(out)
    }
}

impl<'de, T: Deserialize<'de>, const MIN: usize, const MAX: usize> Deserialize<'de>
    for List<T, MIN, MAX>
{
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Vec::deserialize(input)?
            .try_into()
            .map_err(de::Error::custom)
    }
}

fn range(min: i64, max: i64) -> String {
    match (min, max) {
        (i64::MIN, i64::MAX) => "a whole number of 64 bits".to_owned(),
        (min, i64::MAX) => format!("a whole number of at least {min}"),
        (i64::MIN, max) => format!("a whole number of at most {max}"),
        (min, max) => format!("a whole number from {min} to {max}"),
    }
}

fn sized(length: usize, min: usize, max: usize, [one, many]: [&str; 2]) -> Result<(), OutOfBounds> {
    if (min..=max).contains(&length) {
        return Ok(());
    }
    let unit = |count| if count == 1 { one } else { many };
    Err(OutOfBounds(match (min, max) {
        (min, usize::MAX) => format!("must have at least {min} {}", unit(min)),
        (0, max) => format!("must have at most {max} {}", unit(max)),
        (min, max) if min == max => format!("must have {min} {}", unit(min)),
        (min, max) => format!("must have {min} to {max} {}", unit(max)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert!(Text::<1, 3>::try_from("äöü").is_ok());
        assert!(Text::<1, 3>::try_from("").is_err());
        assert!(Text::<0, 3>::try_from("abcd").is_err());
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let read = |json| serde_json::from_str::<Whole<1, 10>>(json).map(Whole::get);
        for (json, number) in [("1", 1), ("10", 10), ("2.0", 2), ("1e1", 10)] {
            assert_eq!(read(json).unwrap(), number, "{json}");
        }
        for json in [
            "0",
            "11",
            "1.5",
            "\"1\"",
            "null",
            "1e30",
            "-1",
            "18446744073709551615",
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(
                error.contains("a whole number from 1 to 10"),
                "{json}: {error}"
            );
        }
    }

    #[test]
    fn what_must_hold_is_said_in_plain_words() {
        let text = |error: OutOfBounds| error.to_string();
        let cases = [
            (
                text(Text::<1>::try_from("").unwrap_err()),
                "must have at least 1 character",
            ),
            (
                text(Text::<0, 1>::try_from("ab").unwrap_err()),
                "must have at most 1 character",
            ),
            (
                text(Text::<3, 3>::try_from("ab").unwrap_err()),
                "must have 3 characters",
            ),
            (
                text(List::<u8, 1, 9>::try_from(vec![]).unwrap_err()),
                "must have 1 to 9 entries",
            ),
            (
                text(Whole::<1>::try_from(0).unwrap_err()),
                "must be a whole number of at least 1",
            ),
        ];
        for (said, wanted) in cases {
            assert_eq!(said, wanted);
        }
    }

    #[test]
    fn all_are_written_as_what_they_hold() {
        let list: List<Text<1>, 1> = vec![Text::try_from("a").unwrap()].try_into().unwrap();
        let whole = Whole::<1, 9>::try_from(7).unwrap();
        assert_eq!(
            serde_json::to_string(&(list, whole)).unwrap(),
            r#"[["a"],7]"#
        );
    }
}
