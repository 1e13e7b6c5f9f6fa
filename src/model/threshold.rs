//! `alarm = { … }`: from where on the alarms of a service or a subscription speak.

use super::limits::within;
use super::units::Seconds;
use crate::diag::Diagnostics;
use crate::source::{Span, Spanned};
use crate::syntax::read::words;

words! {
    /// From where on the alarms of a service speak.
    pub struct ServiceAlarmWords {
        /// Failed invocations in one minute. Default 1.
        pub errors: Option<Spanned<u32>>,
        /// Throttled invocations in each of three minutes. Default 1.
        pub throttles: Option<Spanned<u32>>,
        /// Percent of the time-out that the slowest invocations take. Default 80.
        pub duration_percent: Option<Spanned<u32>>,
        /// How long an event waits in the outbox. Default `10m`.
        pub backlog_age: Option<Spanned<Seconds>>,
        /// Whether failures of the schedule and of the outbox have an alarm. Default `true`.
        pub dead_letters: Option<Spanned<bool>>,
    }

    /// From where on the alarms of a subscription speak.
    pub struct SubscriptionAlarmWords {
        /// How long the oldest message waits. Default: what all its receives take, `5m` at least.
        pub backlog_age: Option<Spanned<Seconds>>,
        /// Whether messages in the dead-letter queue have an alarm. Default `true`.
        pub dead_letters: Option<Spanned<bool>>,
    }

    /// From where on alarms speak.
    pub struct AlarmWords {
        /// Failed invocations in one minute. Default 1.
        pub errors: Option<Spanned<u32>>,
        /// Throttled invocations in each of three minutes. Default 1.
        pub throttles: Option<Spanned<u32>>,
        /// Percent of the time-out that the slowest invocations take. Default 80.
        pub duration_percent: Option<Spanned<u32>>,
        /// How long the oldest message of a queue, or event of an outbox, waits.
        pub backlog_age: Option<Spanned<Seconds>>,
        /// Whether queues of failed messages have an alarm. Default `true`.
        pub dead_letters: Option<Spanned<bool>>,
    }
}

/// What a subscription takes of the defaults for all alarms.
pub(super) const OF_SUBSCRIPTION: [&str; 2] = ["backlog_age", "dead_letters"];

/// From where on the alarms of a service speak.
#[derive(Debug, Clone)]
pub struct ServiceAlarm {
    /// Failed invocations in one minute.
    pub errors: u32,
    /// Throttled invocations in each of three minutes.
    pub throttles: u32,
    /// Percent of the time-out that the slowest invocations take.
    pub duration_percent: u32,
    /// How long an event waits in the outbox.
    pub backlog_age: Seconds,
    /// Whether failures of the schedule and of the outbox have an alarm.
    pub dead_letters: Spanned<bool>,
}

/// From where on the alarms of a subscription speak.
#[derive(Debug, Clone)]
pub struct SubscriptionAlarm {
    /// How long the oldest message waits; none is what all its receives take.
    pub backlog_age: Option<Seconds>,
    /// Whether messages in the dead-letter queue have an alarm.
    pub dead_letters: Spanned<bool>,
}

impl ServiceAlarm {
    /// `service` is the place to point at for what is not written.
    pub(super) fn resolve(
        words: Option<ServiceAlarmWords>,
        service: Span,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let words = words.unwrap_or(ServiceAlarmWords {
            errors: None,
            throttles: None,
            duration_percent: None,
            backlog_age: None,
            dead_letters: None,
        });
        let mut number = |key, written: Option<Spanned<u32>>, default, range| {
            let mut value = written.unwrap_or(Spanned::new(default, service));
            within(key, &mut value, range, diagnostics);
            value.value
        };
        Self {
            errors: number("errors", words.errors, 1, 1..=1_000_000),
            throttles: number("throttles", words.throttles, 1, 1..=1_000_000),
            duration_percent: number("duration_percent", words.duration_percent, 80, 1..=99),
            backlog_age: age(words.backlog_age, diagnostics).unwrap_or(Seconds(600)),
            dead_letters: words.dead_letters.unwrap_or(Spanned::new(true, service)),
        }
    }
}

impl SubscriptionAlarm {
    /// `subscription` is the place to point at for what is not written.
    pub(super) fn resolve(
        words: Option<SubscriptionAlarmWords>,
        subscription: Span,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let (backlog_age, dead_letters) = words.map_or((None, None), |words| {
            (words.backlog_age, words.dead_letters)
        });
        Self {
            backlog_age: age(backlog_age, diagnostics),
            dead_letters: dead_letters.unwrap_or(Spanned::new(true, subscription)),
        }
    }
}

/// No message waits for longer than SQS keeps it, and the metric comes once in a minute.
fn age(written: Option<Spanned<Seconds>>, diagnostics: &mut Diagnostics) -> Option<Seconds> {
    let mut age = written?;
    let range = Seconds(60)..=Seconds(14 * 86_400);
    within("backlog_age", &mut age, range, diagnostics);
    Some(age.value)
}
