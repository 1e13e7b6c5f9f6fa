//! `schedule = "rate(5 minutes)" | "cron(…)"`: when EventBridge starts a service by itself.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use crate::syntax::read::from_text;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A rate or cron expression of EventBridge, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(extend("pattern" = "^(rate|cron)\\(.+\\)$"))]
pub struct Schedule(String);

from_text!(Schedule);

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let inside = |name: &str| {
            written
                .strip_prefix(name)?
                .strip_prefix('(')?
                .strip_suffix(')')
        };
        let fault = match (inside("rate"), inside("cron")) {
            (Some(rate), _) => self::rate(rate),
            (_, Some(cron)) => self::cron(cron),
            (None, None) => {
                Err("write \"rate(5 minutes)\" or \"cron(0 8 ? * MON-FRI *)\"".to_owned())
            }
        };
        match fault {
            Ok(()) => Ok(Self(written.to_owned())),
            Err(why) => Err(format!("`{written}` is not a schedule: {why}")),
        }
    }
}

/// A number from 1 and its unit, in the singular for 1 alone (eb-rate-expressions.html).
fn rate(text: &str) -> Result<(), String> {
    let example = "write a number and a unit, such as \"rate(1 hour)\" or \"rate(5 minutes)\"";
    let (number, unit) = text.split_once(' ').ok_or(example)?;
    if !is_digits(number) {
        return Err(example.to_owned());
    }
    let stem = unit.strip_suffix('s').unwrap_or(unit);
    if !["minute", "hour", "day"].contains(&stem) {
        return Err(format!("`{unit}` is not `minutes`, `hours` or `days`"));
    }
    match number.parse::<u32>() {
        Ok(0) => Err("the number starts at 1".to_owned()),
        Ok(1) if unit != stem => Err(format!("after 1 comes `{stem}`")),
        Ok(n) if n > 1 && unit == stem => Err(format!("after {n} comes `{stem}s`")),
        Ok(_) => Ok(()),
        Err(_) => Err(format!("{number} is too large a number")),
    }
}

/// What a cron field takes.
struct Field {
    name: &'static str,
    range: (u32, u32),
    names: &'static [&'static str],
    is_day_of_month: bool,
    is_day_of_week: bool,
}

const fn field(name: &'static str, range: (u32, u32), names: &'static [&'static str]) -> Field {
    Field {
        name,
        range,
        names,
        is_day_of_month: false,
        is_day_of_week: false,
    }
}

/// In the order of writing (eb-cron-expressions.html).
const FIELDS: [Field; 6] = [
    field("minutes", (0, 59), &[]),
    field("hours", (0, 23), &[]),
    Field {
        is_day_of_month: true,
        ..field("day of month", (1, 31), &[])
    },
    field("month", (1, 12), &MONTHS),
    Field {
        is_day_of_week: true,
        ..field("day of week", (1, 7), &DAYS)
    },
    field("year", (1970, 2199), &[]),
];

fn cron(text: &str) -> Result<(), String> {
    let written: Vec<&str> = text.split(' ').collect();
    if written.len() != FIELDS.len() {
        return Err(format!(
            "it has {} fields, cron has six: minutes, hours, day of month, month, day of week, year",
            written.len()
        ));
    }
    for (field, written) in FIELDS.iter().zip(&written) {
        if !field.takes(written) {
            return Err(format!(
                "`{written}` is no {}: {}",
                field.name,
                field.description()
            ));
        }
    }
    let unsaid = FIELDS
        .iter()
        .zip(&written)
        .filter(|(field, written)| field.is_day() && **written == "?");
    if unsaid.count() == 1 {
        Ok(())
    } else {
        Err("exactly one of day of month and day of week is `?`".to_owned())
    }
}

impl Field {
    fn is_day(&self) -> bool {
        self.is_day_of_month || self.is_day_of_week
    }

    fn description(&self) -> String {
        let (from, to) = self.range;
        let names = match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        let more = match (self.is_day_of_month, self.is_day_of_week) {
            (true, _) => ", `?`, `L`, or a day with `W`",
            (_, true) => ", `?`, a day with `L`, or a day with `#` and 1 to 5",
            (false, false) => "",
        };
        format!("it takes {from} to {to}{names}, `*`, ranges, lists and steps{more}")
    }

    fn takes(&self, written: &str) -> bool {
        if self.is_day() && written == "?" {
            return true;
        }
        // `#` names one day of the month and stands alone.
        if let (true, Some((day, nth))) = (self.is_day_of_week, written.split_once('#')) {
            return self.value(day).is_some() && number(nth, (1, 5)).is_some();
        }
        written.split(',').all(|part| self.takes_part(part))
    }

    fn takes_part(&self, part: &str) -> bool {
        let last = match (self.is_day_of_month, self.is_day_of_week) {
            (true, _) => {
                part == "L"
                    || part
                        .strip_suffix('W')
                        .is_some_and(|d| d == "L" || self.value(d).is_some())
            }
            (_, true) => {
                part == "L"
                    || part
                        .strip_suffix('L')
                        .is_some_and(|d| self.value(d).is_some())
            }
            (false, false) => false,
        };
        if last {
            return true;
        }
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let step_is_good = match step {
            Some(step) => number(step, (1, self.range.1)).is_some() && !self.is_day_of_week,
            None => true,
        };
        let range_is_good = range == "*"
            || match range.split_once('-') {
                // A range may go round: `20-2` in the hours is a night.
                Some((from, to)) => self.value(from).is_some() && self.value(to).is_some(),
                None => self.value(range).is_some(),
            };
        step_is_good && range_is_good
    }

    fn value(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| *name == text);
        let from_first = |at: usize| u32::try_from(at).ok().map(|at| at + self.range.0);
        named
            .and_then(from_first)
            .or_else(|| number(text, self.range))
    }
}

fn number(text: &str, (from, to): (u32, u32)) -> Option<u32> {
    let number: u32 = Some(text).filter(|text| is_digits(text))?.parse().ok()?;
    (from..=to).contains(&number).then_some(number)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first group stands on AWS's own page of examples.
    #[test]
    fn expressions_that_eventbridge_takes() {
        for text in [
            "cron(0 10 * * ? *)",
            "cron(15 12 * * ? *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0 8 1 * ? *)",
            "cron(0/15 * * * ? *)",
            "cron(0/10 * ? * MON-FRI *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(0/30 20-2 ? * MON-FRI *)",
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 hour)",
            "rate(7 days)",
            "cron(0 6 L * ? *)",
            "cron(0 6 3W * ? *)",
            "cron(0 6 ? JAN,JUL 3#2 2026-2030)",
            "cron(0 6 ? * 6L *)",
            "cron(0 6 ? * FRI#1 *)",
        ] {
            assert!(
                text.parse::<Schedule>().is_ok(),
                "{:?}",
                text.parse::<Schedule>()
            );
        }
    }

    #[test]
    fn expressions_that_it_refuses() {
        for (text, why) in [
            ("5 minutes", "write \"rate(5 minutes)\""),
            ("rate(5)", "a number and a unit"),
            ("rate(0 minutes)", "starts at 1"),
            ("rate(1 minutes)", "after 1 comes `minute`"),
            ("rate(5 minute)", "after 5 comes `minutes`"),
            ("rate(5 seconds)", "`seconds` is not"),
            ("rate(-5 minutes)", "a number and a unit"),
            ("rate(99999999999 days)", "too large"),
            ("cron(0 10 * * *)", "it has 5 fields"),
            ("cron(0  10 * * ? *)", "it has 7 fields"),
            ("cron(0 10 * * * *)", "exactly one"),
            ("cron(0 10 ? * ? *)", "exactly one"),
            ("cron(0 10 1 * MON *)", "exactly one"),
            ("cron(60 10 * * ? *)", "`60` is no minutes"),
            ("cron(0 24 * * ? *)", "`24` is no hours"),
            ("cron(0 10 32 * ? *)", "`32` is no day of month"),
            ("cron(0 10 * 13 ? *)", "`13` is no month"),
            ("cron(0 10 ? * 8 *)", "`8` is no day of week"),
            ("cron(0 10 ? * 3#1,6#3 *)", "is no day of week"),
            ("cron(0 10 ? * MON#6 *)", "is no day of week"),
            ("cron(0 10 * * ? 1969)", "is no year"),
            ("cron(5- 10 * * ? *)", "`5-` is no minutes"),
            ("cron(*/0 10 * * ? *)", "is no minutes"),
            ("cron(0 10 W * ? *)", "is no day of month"),
            ("cron(, 10 * * ? *)", "is no minutes"),
            ("cron(0 L * * ? *)", "is no hours"),
        ] {
            let error = text.parse::<Schedule>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
