//! Money: exact decimals, from the digits in the JSON to the digits in the JSON.
//!
//! Invariant: no amount is ever a binary float, not even on the way through the JSON parser, and none is ever rounded:
//! what cannot be held exactly is refused.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

/// An amount in the major unit of a currency that is told elsewhere. Equal amounts are written alike: `12.50` as
/// `12.5`. No event can say an amount that is not more than zero; sums on the way there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(Decimal);

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// It is not a JSON number; a number in quotes is text.
    NotANumber,
    /// It is zero or less.
    NotPositive,
    /// It has more digits than can be held exactly.
    TooManyDigits,
}

impl Money {
    /// Reads a JSON number from its own text. An exponent is understood: `1e2` is one hundred.
    ///
    /// # Errors
    /// When it is no number, or has more digits than can be held.
    pub fn from_json(text: &str) -> Result<Self, MoneyError> {
        let of_a_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        if text.is_empty() || !text.bytes().all(of_a_number) {
            return Err(MoneyError::NotANumber);
        }
        // The mantissa is checked on its own, since reading both at once would round it.
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        let exact = Decimal::from_str_exact(mantissa).map_err(|_| MoneyError::TooManyDigits)?;
        let amount = if mantissa.len() == text.len() {
            exact
        } else {
            Decimal::from_scientific(text).map_err(|_| MoneyError::TooManyDigits)?
        };
        Ok(Self(amount.normalize()))
    }

    /// So many whole units.
    pub fn whole(units: u32) -> Self {
        Self(Decimal::from(units))
    }

    /// This amount that many times, or `None` when it cannot be held exactly.
    pub fn checked_times(self, count: i64) -> Option<Self> {
        let product = self.0.checked_mul(Decimal::from(count))?;
        // A whole count leaves the number of decimals alone, unless some had to be dropped to make room.
        let exact = product.is_zero() || product.scale() == self.decimals();
        exact.then(|| Self(product.normalize()))
    }

    /// The sum, or `None` when it cannot be held exactly.
    pub fn checked_plus(self, other: Self) -> Option<Self> {
        let sum = self.0.checked_add(other.0)?;
        // The same holds for a sum and the longer of its two parts.
        let exact = sum.scale() == self.decimals().max(other.decimals());
        exact.then(|| Self(sum.normalize()))
    }

    /// This amount, if an event may say it.
    fn positive(self) -> Result<Self, MoneyError> {
        if self > Self::whole(0) {
            Ok(self)
        } else {
            Err(MoneyError::NotPositive)
        }
    }

    /// How many digits stand after the point.
    pub fn decimals(self) -> u32 {
        self.0.scale()
    }

    /// The amount with at least that many digits after the point, as people write prices.
    pub fn with_decimals(self, digits: u32) -> String {
        let digits = digits.max(self.decimals()) as usize;
        format!("{:.digits$}", self.0)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

impl fmt::Display for MoneyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotANumber => "must be a number, such as 12.50",
            Self::NotPositive => "must be more than 0",
            Self::TooManyDigits => "has more digits than can be held exactly",
        })
    }
}

impl std::error::Error for MoneyError {}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let text = self.positive().map_err(ser::Error::custom)?.to_string();
        RawValue::from_string(text)
            .map_err(ser::Error::custom)?
            .serialize(out)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        // Borrowed on purpose: only a JSON text can lend its digits. A parsed tree, where they already are a float,
        // cannot, and is refused.
        let raw = <&RawValue>::deserialize(input)?;
        Self::from_json(raw.get())
            .and_then(Self::positive)
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(text: &str) -> Money {
        Money::from_json(text).unwrap()
    }

    #[test]
    fn tenths_add_up() {
        assert_eq!(money("0.1").checked_plus(money("0.2")), Some(money("0.3")));
        assert_eq!(money("0.1").checked_times(3), Some(money("0.3")));
        assert_eq!(
            serde_json::from_str::<Money>("0.30").unwrap().to_string(),
            "0.3"
        );
    }

    #[test]
    fn only_numbers_are_amounts() {
        for text in [r#""12.50""#, "true", "null", "[1]", "{}"] {
            assert_eq!(
                Money::from_json(text),
                Err(MoneyError::NotANumber),
                "{text}"
            );
            assert!(serde_json::from_str::<Money>(text).is_err(), "{text}");
        }
        for text in ["", "12_000", "0x10", "NaN"] {
            assert_eq!(
                Money::from_json(text),
                Err(MoneyError::NotANumber),
                "{text}"
            );
        }
    }

    #[test]
    fn no_event_says_an_amount_that_is_not_more_than_zero() {
        for text in ["0", "-0.0", "-1"] {
            let error = serde_json::from_str::<Money>(text).unwrap_err().to_string();
            assert!(error.starts_with("must be more than 0"), "{text}: {error}");
            assert!(serde_json::to_string(&money(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_that_was_a_float_already_is_refused() {
        assert!(serde_json::from_value::<Money>(serde_json::json!(0.1)).is_err());
    }

    #[test]
    fn exponents_are_read_exactly_or_refused() {
        let read = |text| Money::from_json(text).map(|amount| amount.to_string());
        assert_eq!(read("1e2").as_deref(), Ok("100"));
        assert_eq!(read("1.25E+1").as_deref(), Ok("12.5"));
        assert_eq!(read("125e-2").as_deref(), Ok("1.25"));
        for text in [
            "1e400",
            "1e-400",
            "9e28",
            "0.12345678901234567890123456789",
            "1e99999999999",
        ] {
            assert_eq!(read(text), Err(MoneyError::TooManyDigits), "{text}");
        }
    }

    #[test]
    fn overflow_is_an_answer_not_a_panic() {
        let most = money("79228162514264337593543950335");
        assert_eq!(most.checked_plus(money("1")), None);
        assert_eq!(most.checked_times(2), None);
        assert_eq!(most.checked_times(0), Some(Money::whole(0)));
        assert_eq!(
            money("0.0000000000000000000000000001").checked_plus(most),
            None
        );
    }

    #[test]
    fn prices_show_their_minor_digits() {
        assert_eq!(money("900").with_decimals(2), "900.00");
        assert_eq!(money("0.5").with_decimals(0), "0.5");
    }

    proptest! {
        /// Cents as integers are the judge.
        #[test]
        fn sums_and_products_agree_with_integers(a in 0i64..1_000_000_000_000, b in 0i64..1_000_000_000_000, count in 0i64..10_000) {
            let cents = |cents: i64| money(&format!("{}.{:02}", cents / 100, cents % 100));
            prop_assert_eq!(cents(a).checked_plus(cents(b)), Some(cents(a + b)));
            prop_assert_eq!(cents(a).checked_times(count), Some(cents(a * count)));
        }

        #[test]
        fn what_is_written_is_read_back(mantissa in 1..i64::MAX, exponent in -9i32..9) {
            let amount = money(&format!("{mantissa}e{exponent}"));
            let text = serde_json::to_string(&amount).unwrap();
            prop_assert!(!text.contains('e'));
            prop_assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), amount);
        }
    }
}
