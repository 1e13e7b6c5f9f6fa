//! Decimal numbers as they are written: compared exactly, never rounded.

use std::cmp::Ordering;
use std::fmt;

/// A decimal number: its text, and its value in a form that compares without rounding.
#[derive(Debug, Clone)]
pub struct Number {
    text: String,
    negative: bool,
    /// Without leading and trailing zeros; none for zero. The value is `0.digits × 10^exponent`.
    digits: String,
    exponent: i64,
}

impl Number {
    /// Reads what JSON and TOML take for a decimal number; anything else, `inf` and `nan` among it, is none.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let decimal = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !decimal(whole) || !decimal(fraction) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let leading = all.len() - significant.len();
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
        let digits = significant.trim_end_matches('0').to_owned();
        Some(Self {
            text: text.to_owned(),
            negative: text.starts_with('-') && !digits.is_empty(),
            exponent: if digits.is_empty() {
                0
            } else {
                point + i64::from(exponent)
            },
            digits,
        })
    }

    /// The very same number in JSON; none when neither 64 bits nor a double hold it.
    pub fn to_json(&self) -> Option<serde_json::Number> {
        let plain = self.text.strip_prefix('+').unwrap_or(&self.text);
        if let Ok(integer) = plain.parse::<i64>() {
            return Some(integer.into());
        }
        if let Ok(integer) = plain.parse::<u64>() {
            return Some(integer.into());
        }
        let double: f64 = plain.parse().ok()?;
        let same = Self::parse(&double.to_string()).is_some_and(|read| read == *self);
        serde_json::Number::from_f64(double).filter(|_| same)
    }

    /// Whether it lies where AWS promises to compare exactly: ±10^9, five digits after the point
    /// (subscription-filter-policy-constraints.html).
    pub fn is_documented(&self) -> bool {
        let decimals = i64::try_from(self.digits.len()).unwrap_or(i64::MAX) - self.exponent;
        let billion = self.exponent == 10 && self.digits == "1";
        (self.exponent <= 9 || billion) && decimals <= 5
    }

    /// Whether it lies between two integers.
    pub fn has_fraction(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|digits| digits > self.exponent)
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        // No digits, no exponent: zero is below everything, whatever the others' exponent.
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => (self.exponent, &self.digits).cmp(&(other.exponent, &other.digits)),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn values_count_and_not_spellings() {
        for (a, b) in [
            ("100", "1e2"),
            ("0.5", "5E-1"),
            ("-0", "0.000"),
            ("+7.10", "7.1"),
            ("007", "7"),
        ] {
            assert_eq!(number(a), number(b));
        }
        let rising = [
            "-1e3",
            "-10",
            "-9.99",
            "-0.001",
            "0",
            "1e-9",
            "0.1",
            "0.12",
            "0.2",
            "9",
            "10",
            "9007199254740992",
            "9007199254740993",
        ];
        for pair in rising.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "-",
            "1.",
            ".5",
            "1e",
            "nan",
            "inf",
            "0x10",
            "1_000",
            "1 ",
            "--1",
            "1e99999999999",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn json_holds_it_or_it_is_none() {
        for text in [
            "0",
            "-5",
            "18446744073709551615",
            "0.1",
            "100.0",
            "1e5",
            "123456.78901",
        ] {
            let written = number(text).to_json().unwrap().to_string();
            assert_eq!(number(&written), number(text));
        }
        for text in [
            "18446744073709551616.5",
            "0.12345678901234567890123",
            "1e400",
        ] {
            assert!(number(text).to_json().is_none(), "{text}");
        }
    }

    #[test]
    fn the_documented_range_is_known() {
        for (text, within) in [
            ("1000000000", true),
            ("-1000000000", true),
            ("1000000000.1", false),
            ("1000000001", false),
            ("0.00001", true),
            ("0.000001", false),
            ("999999999.99999", true),
        ] {
            assert_eq!(number(text).is_documented(), within, "{text}");
        }
    }
}
