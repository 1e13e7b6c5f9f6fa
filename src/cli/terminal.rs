//! Printing: data to stdout, talk to stderr, both with colour only where it is wanted.
//!
//! What cannot be printed is no bug. A reader of data that has left, such as `head`, wants no more; any other failure ends
//! the command with an error once it is done. Talk that nobody can hear is lost.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use anstream::ColorChoice;
use anstream::adapter::strip_str;

use super::{CliError, Exit};

/// The first failure; nothing is printed to stdout after it.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Prints data.
pub(super) fn data(words: Arguments<'_>) {
    if FAILED.get().is_some() {
        return;
    }
    let mut stdout = anstream::stdout().lock();
    if let Err(error) = stdout.write_fmt(words).and_then(|()| stdout.flush()) {
        let _ = FAILED.set(error);
    }
}

/// Prints what is said beside it, in one piece: stderr has no buffer, and each colour taken out would part it.
pub(super) fn talk(words: Arguments<'_>) {
    let mut stderr = anstream::stderr().lock();
    let mut text = words.to_string();
    if stderr.current_choice() == ColorChoice::Never {
        text = strip_str(&text).to_string();
    }
    let _ = stderr.write_all(text.as_bytes());
}

/// Whether all data has found its way.
pub(super) fn printed() -> Result<(), CliError> {
    match FAILED.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::new(
            Exit::Usage,
            format!("cannot write to stdout: {error}"),
        )),
        Some(_) | None => Ok(()),
    }
}

macro_rules! data {
    ($($words:tt)*) => { $crate::cli::terminal::data(format_args!($($words)*)) };
}

macro_rules! data_line {
    () => { $crate::cli::terminal::data(format_args!("\n")) };
    ($($words:tt)*) => { $crate::cli::terminal::data(format_args!("{}\n", format_args!($($words)*))) };
}

macro_rules! talk {
    ($($words:tt)*) => { $crate::cli::terminal::talk(format_args!($($words)*)) };
}

macro_rules! talk_line {
    ($($words:tt)*) => { $crate::cli::terminal::talk(format_args!("{}\n", format_args!($($words)*))) };
}

// Under the names of the standard library's, which panic where these do not.
pub(super) use {data as print, data_line as println, talk as eprint, talk_line as eprintln};
