//! `function = { … }`: the Lambda function of a service.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use super::limits::within;
use super::units::Seconds;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::{from_text, words};

/// Retentions that CloudWatch Logs accepts, in days (API_PutRetentionPolicy).
const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];
const DAY: u32 = 86_400;

words! {
    /// The Lambda function of a service.
    pub struct FunctionWords {
        /// Memory in MiB, 128 to 10240; 1769 is one whole CPU. Default 256.
        pub memory: Option<Spanned<u32>>,
        /// Longest run of one invocation, `1s` to `15m`. Default `15s`.
        pub timeout: Option<Spanned<Seconds>>,
        /// `arm64` (default) or `x86_64`.
        pub architecture: Option<Architecture>,
        /// How long logs are kept, such as `30d` (default).
        pub log_retention: Option<Spanned<Seconds>>,
    }
}

/// Processor of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
pub enum Architecture {
    /// AWS Graviton.
    #[schemars(rename = "arm64")]
    Arm64,
    /// Intel and AMD.
    #[schemars(rename = "x86_64")]
    X86_64,
}

from_text!(Architecture);

impl Architecture {
    /// That of the machine that topogen runs on.
    pub fn host() -> Self {
        if cfg!(target_arch = "aarch64") {
            Self::Arm64
        } else {
            Self::X86_64
        }
    }
}

impl FromStr for Architecture {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        match written {
            "arm64" => Ok(Self::Arm64),
            "x86_64" => Ok(Self::X86_64),
            _ => Err(format!(
                "`{written}` is not an architecture: write \"arm64\" or \"x86_64\""
            )),
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        })
    }
}

/// The Lambda function of a service, complete.
#[derive(Debug, Clone)]
pub struct Function {
    /// Memory in MiB.
    pub memory: u32,
    /// Longest run of one invocation.
    pub timeout: Spanned<Seconds>,
    /// Processor.
    pub architecture: Architecture,
    /// How long logs are kept, in days; one of the values that CloudWatch Logs accepts.
    pub log_retention_days: u32,
}

impl Function {
    /// `service` is the place to point at for a setting that is not written.
    pub(super) fn resolve(
        words: Option<FunctionWords>,
        service: Span,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let (memory, timeout, architecture, log_retention) = words.map_or_else(
            || (None, None, None, None),
            |w| (w.memory, w.timeout, w.architecture, w.log_retention),
        );
        let or_default = |written: Option<Spanned<Seconds>>, default| {
            written.unwrap_or(Spanned::new(Seconds(default), service))
        };
        let mut memory = memory.unwrap_or(Spanned::new(256, service));
        within("memory", &mut memory, 128..=10_240, diagnostics);
        let mut timeout = or_default(timeout, 15);
        within(
            "timeout",
            &mut timeout,
            Seconds(1)..=Seconds(900),
            diagnostics,
        );
        Self {
            memory: memory.value,
            timeout,
            architecture: architecture.unwrap_or(Architecture::Arm64),
            log_retention_days: days(&or_default(log_retention, 30 * DAY), diagnostics),
        }
    }
}

/// Whole days, one of the values that CloudWatch Logs accepts.
pub(super) fn days(retention: &Spanned<Seconds>, diagnostics: &mut Diagnostics) -> u32 {
    let days = retention.value.0 / DAY;
    if !retention.value.0.is_multiple_of(DAY) || !RETENTION_DAYS.contains(&days) {
        let allowed: Vec<String> = RETENTION_DAYS
            .iter()
            .map(|days| format!("{days}d"))
            .collect();
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                retention.span,
                format!("CloudWatch Logs cannot keep logs for {}", retention.value),
            )
            .help(format!("use one of {}", allowed.join(", "))),
        );
    }
    days
}
