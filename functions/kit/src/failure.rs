//! How a step ends: [`Handled`], or a technical [`Failure`] that the queue answers with another attempt.
//!
//! A business failure (a declined card, an empty shelf) is neither: it is an outcome, hence `Handled`.

use std::any::Any;
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

    /// A panic that was caught. A literal is the programmer's own words; a message that was put together may quote what the
    /// code was given, so it stays out of the logs. Their line `panic` says where to look.
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let message = match panic.downcast_ref::<&'static str>() {
            Some(text) => format!("a panic: {text}"),
            None => "a panic, in words that may hold data".to_owned(),
        };
        Self::new(Kind::Panicked, message)
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
        None => format!("`{field}`: {}", without_values(message)),
    }
}

/// What serde says before a value that it has found: texts stand in double quotes, all else in backticks. Fields that are
/// missing are our own words.
const BEFORE_VALUES: [&str; 9] = [
    "unknown variant ",
    "unknown field ",
    "invalid type: string ",
    "invalid value: string ",
    "invalid type: character ",
    "invalid value: character ",
    "invalid type: integer ",
    "invalid value: integer ",
    "invalid type: floating point ",
];

/// The message without the value that it quotes. The value itself may hold quotes, and look like the end of the message.
fn without_values(message: &str) -> String {
    let Some(start) = BEFORE_VALUES
        .iter()
        .find(|before| message.starts_with(**before))
        .map(|before| before.len())
    else {
        return message.to_owned();
    };
    let quote = if message[start..].starts_with('"') {
        '"'
    } else {
        '`'
    };
    let end = [", expected", ", there are no"]
        .iter()
        .filter_map(|after| message.rfind(&format!("{quote}{after}")))
        .max();
    let rest = end
        .filter(|end| *end > start)
        .map_or("", |end| &message[end + 1..]);
    format!("{}{quote}…{quote}{rest}", &message[..start])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    enum Known {
        Ann,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Closed {}

    fn said<T: serde::de::DeserializeOwned>(json: &str) -> String {
        let error = serde_json::from_str::<T>(json).err().unwrap();
        let failure = Failure::json("`data`", &error);
        assert_eq!(failure.kind(), Kind::Malformed);
        failure.to_string()
    }

    #[test]
    fn json_failures_keep_the_place_and_drop_the_value() {
        let cases = [
            (
                said::<u32>(r#""ann \" lee@example.com""#),
                "invalid type: string \"…\", expected u32 at line 1 column 24",
            ),
            (
                said::<u32>(r#""ann\", expected lee""#),
                "invalid type: string \"…\", expected u32 at line 1 column 21",
            ),
            (
                said::<Known>(r#""lee@example.com""#),
                "unknown variant `…`, expected `Ann` at line 1 column 17",
            ),
            (
                said::<Known>(r#""ann`, expected lee""#),
                "unknown variant `…`, expected `Ann` at line 1 column 20",
            ),
            (
                said::<Closed>(r#"{"lee@example.com":1}"#),
                "unknown field `…`, there are no fields at line 1 column 18",
            ),
            (
                said::<String>("4111111111111111"),
                "invalid type: integer `…`, expected a string at line 1 column 16",
            ),
            (
                said::<u8>("4111"),
                "invalid value: integer `…`, expected u8 at line 1 column 4",
            ),
            (
                said::<u8>("48.1372"),
                "invalid type: floating point `…`, expected u8 at line 1 column 7",
            ),
            (
                said::<u8>("[48]"),
                "invalid type: sequence, expected u8 at line 1 column 0",
            ),
        ];
        for (said, expected) in cases {
            assert_eq!(said, format!("`data`: {expected}"));
        }
    }

    #[test]
    fn a_panic_is_quoted_only_where_its_message_cannot_hold_data() {
        let caught = |panic: fn()| {
            let panic = std::panic::catch_unwind(panic).unwrap_err();
            Failure::panicked(&*panic).to_string()
        };
        assert_eq!(caught(|| panic!("no such rule")), "a panic: no such rule");
        assert_eq!(
            caught(|| panic!("no rule for {}", std::hint::black_box("ann@example.com"))),
            "a panic, in words that may hold data"
        );
    }
}
