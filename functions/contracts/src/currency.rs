//! Currencies by their ISO 4217 code.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// A currency code: three capital letters.
///
/// Who takes an order checks the code against ISO 4217, with [`Currency::iso_4217`]. Who reads an event checks its
/// shape alone, so that a currency that is new to the world is no reason to refuse a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// The currency of that code, if people pay in it: gold and test codes have no minor unit and are none.
    pub fn iso_4217(code: &str) -> Option<Self> {
        let currency = Self(code.to_owned());
        currency.minor_digits().map(|_| currency)
    }

    /// How many digits its amounts have after the point, where it is known: 2 for `EUR`, 0 for `JPY`.
    pub fn minor_digits(&self) -> Option<u32> {
        let known = iso_currency::Currency::from_code(&self.0)?;
        known.exponent().map(u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let code = String::deserialize(input)?;
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(Self(code))
        } else {
            Err(de::Error::custom(
                "must be a currency code of three capital letters",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_one_that_people_pay_in() {
        let digits = |code| Currency::iso_4217(code).and_then(|currency| currency.minor_digits());
        assert_eq!(digits("EUR"), Some(2));
        assert_eq!(digits("JPY"), Some(0));
        assert_eq!(digits("KWD"), Some(3));
        for code in ["eur", "EURO", "ZZZ", "XAU", "XXX", ""] {
            assert_eq!(Currency::iso_4217(code), None, "{code}");
        }
    }

    #[test]
    fn a_reader_accepts_any_code_of_the_right_shape() {
        let read =
            |json| serde_json::from_str::<Currency>(json).map(|currency| currency.to_string());
        assert_eq!(read(r#""ZZZ""#).unwrap(), "ZZZ");
        assert!(read(r#""usd""#).is_err());
    }
}
