//! What ends a command early: an exit status, one line, and what to do about it.

use std::fmt::Display;
use std::process::ExitCode;

use super::terminal::eprintln;
use crate::diag::one_line;
use crate::out::OutError;

/// Exit status of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is as it should be.
    Clean = 0,
    /// There are findings, or a check failed.
    Findings = 1,
    /// The command was called in a way that cannot work.
    Usage = 2,
    /// `out/` is not what the topology says.
    Stale = 3,
    /// AWS, or what stands in for it, refused.
    Refused = 4,
    /// A bug of topogen.
    Bug = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A file that cannot be written.
impl From<OutError> for CliError {
    fn from(error: OutError) -> Self {
        let failure = Self::new(Exit::Usage, one_line(&error.to_string()));
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// What ends a command early.
#[derive(Debug)]
pub struct CliError {
    /// Exit status.
    pub exit: Exit,
    message: String,
    help: Option<String>,
}

impl CliError {
    /// One line: lower case, no full stop. An empty one prints nothing: the findings have said it.
    pub fn new(exit: Exit, message: impl Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            help: None,
        }
    }

    /// The findings are on the screen already.
    pub fn findings() -> Self {
        Self::new(Exit::Findings, "")
    }

    /// What to type.
    #[must_use]
    pub fn help(mut self, help: impl Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    pub(super) fn print(&self) {
        self.print_as("\u{1b}[1;91merror\u{1b}[0m");
    }

    /// Tells it, and lets the command go on.
    pub(super) fn warn(&self) {
        self.print_as("\u{1b}[1;33mwarning\u{1b}[0m");
    }

    fn print_as(&self, severity: &str) {
        if !self.message.is_empty() {
            eprintln!("{severity}: {}", self.message);
        }
        if let Some(help) = &self.help {
            eprintln!("  help: {help}");
        }
    }
}
