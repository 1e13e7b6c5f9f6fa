//! The local cloud: MiniStack as a child process, the same template, the same binaries, the same deployment.
//!
//! However topogen ends, no process and no file of the local cloud stays behind.

pub mod alarms;
mod child;
pub mod cloud;
mod gateway;
mod install;
pub mod scenario;

use std::fmt;

/// Why the local cloud does not run.
#[derive(Debug)]
pub enum LocalError {
    /// There is no Python 3 to run it with.
    NoPython(String),
    /// It could not be installed.
    Install(String),
    /// It did not start; what it said last.
    Start(String),
    /// It ended by itself.
    Ended,
    /// The port that was asked for is taken.
    Port {
        /// The port.
        port: u16,
        /// Why.
        error: std::io::Error,
    },
    /// A file or process could not be made.
    Io(std::io::Error),
    /// A call to it failed.
    Call(String),
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPython(reason) => {
                write!(f, "the local cloud needs Python 3.10 or later: {reason}")
            }
            Self::Install(reason) => write!(f, "the local cloud could not be installed: {reason}"),
            Self::Start(reason) => write!(f, "the local cloud did not start: {reason}"),
            Self::Ended => f.write_str("the local cloud has ended by itself"),
            Self::Port { port, error } => write!(f, "cannot listen on port {port}: {error}"),
            Self::Io(error) => write!(f, "the local cloud could not be run: {error}"),
            Self::Call(reason) => write!(f, "the local cloud did not answer as expected: {reason}"),
        }
    }
}

impl LocalError {
    /// What to type.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NoPython(_) => {
                Some("install Python 3 with its venv module, and put `python3` on PATH")
            }
            Self::Install(_) => {
                Some("check that pip reaches its package index, or put `ministack` 1.5.33 on PATH")
            }
            Self::Port { .. } => {
                Some("choose another with `--port`, or leave it out to take a free one")
            }
            Self::Ended => Some("run the command again; the system's log tells if memory ran out"),
            Self::Start(_) | Self::Io(_) | Self::Call(_) => None,
        }
    }
}

impl From<std::io::Error> for LocalError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
