//! Durations as people write them: `"15s"`, `"2m"`, `"12h"`, `"14d"`.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use crate::syntax::read::from_text;

const UNITS: [(&str, u32); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^[0-9]+[smhd]$"))]
pub struct Seconds(pub u32);

from_text!(Seconds, Bytes);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let error = || {
            format!(
                "`{written}` is not a duration: write a whole number and a unit, such as \"15s\", \"2m\", \"12h\" or \"4d\""
            )
        };
        let (unit, factor) = UNITS
            .into_iter()
            .find(|(unit, _)| written.ends_with(unit))
            .ok_or_else(error)?;
        let digits = &written[..written.len() - unit.len()];
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        digits
            .parse::<u32>()
            .ok()
            .and_then(|number| number.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| format!("`{written}` is too long a duration"))
    }
}

impl fmt::Display for Seconds {
    /// In the largest unit that loses nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS
            .into_iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            .unwrap_or(("s", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

const SIZES: [(&str, u32); 3] = [("MiB", 1_048_576), ("KiB", 1_024), ("B", 1)];

/// A size in bytes: `"256KiB"`, `"1MiB"`, `"512B"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^[0-9]+(B|KiB|MiB)$"))]
pub struct Bytes(pub u32);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let found = SIZES
            .into_iter()
            .find_map(|(unit, factor)| Some((written.strip_suffix(unit)?, factor)));
        found
            .filter(|(digits, _)| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|(digits, factor)| digits.parse::<u32>().ok()?.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| {
                format!("`{written}` is not a size: write a whole number and a unit, such as \"256KiB\" or \"1MiB\"")
            })
    }
}

impl fmt::Display for Bytes {
    /// In the largest unit that loses nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = SIZES
            .into_iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            .unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print_the_same() {
        for text in ["15s", "2m", "12h", "14d", "0s"] {
            assert_eq!(text.parse::<Seconds>().unwrap().to_string(), text);
        }
        assert_eq!("90s".parse::<Seconds>().unwrap(), Seconds(90));
    }

    #[test]
    fn sizes_read_and_print_the_same() {
        for text in ["256KiB", "1MiB", "1023B", "0B"] {
            assert_eq!(text.parse::<Bytes>().unwrap().to_string(), text);
        }
        for text in ["", "KiB", "1KB", "1.5MiB", "5000MiB", "-1B"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in [
            "",
            "15",
            "s",
            "1.5s",
            "-1s",
            "15 s",
            "+3s",
            "15ms",
            "99999999999d",
            "四s",
        ] {
            assert!(text.parse::<Seconds>().is_err(), "{text}");
        }
    }
}
