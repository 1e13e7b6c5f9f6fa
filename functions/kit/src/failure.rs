//! How a step ends: [`Handled`], or a technical [`Failure`] that the queue answers with another attempt.
//!
//! A business failure (a declined card, an empty shelf) is neither: it is an outcome, hence `Handled`.

use std::error::Error;
use std::fmt;

/// How a step ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// The event was new, and its effect is stored.
    Processed,
    /// The event had been handled before; nothing was written twice.
    Duplicate,
}

impl Handled {
    /// The word for it in the logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Duplicate => "duplicate",
        }
    }

    /// The metric that counts records that ended so.
    pub(crate) fn metric(self) -> &'static str {
        match self {
            Self::Processed => "RecordsProcessed",
            Self::Duplicate => "RecordsDuplicate",
        }
    }

    /// The metric of how long such records took.
    pub(crate) fn duration_metric(self) -> &'static str {
        match self {
            Self::Processed => "ProcessedDuration",
            Self::Duplicate => "DuplicateDuration",
        }
    }
}

/// A technical failure: this message has not been handled and must come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    kind: Kind,
    message: String,
}

/// What kind of technical failure: the first thing to know when reading a dead-letter queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The event itself is at fault; trying again will not help.
    Malformed,
    /// Something the step needs did not answer, or refused.
    Unavailable,
    /// A test control asked for it.
    Simulated,
    /// The invocation's time ran out first.
    TimedOut,
    /// The step panicked.
    Panicked,
    /// An earlier record of the same ordered group failed, and order must hold.
    Blocked,
}

impl Kind {
    /// The word for it in the logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unavailable => "unavailable",
            Self::Simulated => "simulated",
            Self::TimedOut => "timed_out",
            Self::Panicked => "panicked",
            Self::Blocked => "blocked",
        }
    }

    /// The metric that counts records that failed so.
    pub(crate) fn metric(self) -> &'static str {
        match self {
            Self::Malformed => "RecordsMalformed",
            Self::Unavailable => "RecordsUnavailable",
            Self::Simulated => "RecordsSimulated",
            Self::TimedOut => "RecordsTimedOut",
            Self::Panicked => "RecordsPanicked",
            Self::Blocked => "RecordsBlocked",
        }
    }
}

impl Failure {
    /// A failure of that kind; the message goes to the logs, so it holds no personal data.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }

    /// The event is at fault.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, message)
    }

    /// JSON is at fault: `what` says whose. The offending value is left out, since it may be personal.
    pub fn json(what: &str, error: &serde_json::Error) -> Self {
        Self::malformed(format!("{what}: {}", without_values(&error.to_string())))
    }

    /// Something the step needs did not answer, or refused.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, message)
    }

    /// The test control `simulateTechnicalFailure` named this service.
    pub fn simulated(service: &str) -> Self {
        Self::new(
            Kind::Simulated,
            format!("`simulateTechnicalFailure` asked `{service}` to fail"),
        )
    }

    /// What kind it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl Error for Failure {}

/// What is wrong with a field: what must hold, without what was found. Serde says both, and the value first.
pub(crate) fn fault(field: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let missing = message.strip_prefix("missing field `");
    if let Some(name) = missing.and_then(|rest| rest.strip_suffix('`')) {
        return format!("`{field}.{name}` is missing");
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if expected.starts_with("struct ") => {
            format!("`{field}` must be an object")
        }
        Some((_, expected)) => format!("`{field}` must be {expected}"),
        None if message.starts_with("must ") => format!("`{field}` {message}"),
        None => format!("`{field}`: {message}"),
    }
}

/// Serde quotes an unexpected text in double quotes, and names what it knows in backticks; only an unknown variant is a
/// value in backticks. Drop what is a value.
fn without_values(message: &str) -> String {
    const VARIANT: &str = "unknown variant `";
    let value = if message.starts_with(VARIANT) {
        let start = VARIANT.len();
        message[start..]
            .find('`')
            .map(|length| start..start + length)
    } else {
        message
            .find('"')
            .zip(message.rfind('"'))
            .map(|(first, last)| first + 1..last)
    };
    match value {
        Some(value) if value.start <= value.end => {
            format!("{}…{}", &message[..value.start], &message[value.end..])
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_failures_keep_the_place_and_drop_the_value() {
        let error = serde_json::from_str::<u32>(r#""ann \" lee@example.com""#).unwrap_err();
        let failure = Failure::json("`data`", &error);
        assert_eq!(
            failure.to_string(),
            "`data`: invalid type: string \"…\", expected u32 at line 1 column 24"
        );
        assert_eq!(failure.kind(), Kind::Malformed);

        #[derive(Debug, serde::Deserialize)]
        enum Known {
            Ann,
        }
        let error = serde_json::from_str::<Known>(r#""lee@example.com""#).unwrap_err();
        assert_eq!(
            Failure::json("`data`", &error).to_string(),
            "`data`: unknown variant `…`, expected `Ann` at line 1 column 17"
        );
    }
}
