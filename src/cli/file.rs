//! Reading files that a user names: they may be anything, or not be there.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use super::{CliError, Exit};
use crate::diag::one_line;

/// Larger files are no topology and no contract: ten thousand consumers take about 2 MB. Nor are they an event's data.
const MAX_MEBIBYTES: u64 = 16;
const LIMIT: u64 = MAX_MEBIBYTES * 1024 * 1024;

/// The text of the topology file.
pub(super) fn text(path: &Path) -> Result<String, CliError> {
    text_of(&path.display().to_string(), regular(path), Refusal::help)
}

/// The text of an event's data; `-` is stdin. A pipe is as good as a file: `--data <(jq .data event.json)`.
pub(super) fn data(path: &Path) -> Result<String, CliError> {
    let (shown, read) = match path.as_os_str() == "-" {
        true => ("stdin".to_owned(), bounded(io::stdin().lock(), 0)),
        false => (path.display().to_string(), any(path)),
    };
    text_of(&shown, read, Refusal::help_on_data)
}

fn any(path: &Path) -> Result<Vec<u8>, Refusal> {
    match path.is_dir() {
        true => Err(Refusal::Folder),
        false => bounded(std::fs::File::open(path)?, 0),
    }
}

/// The text of what was read, or what to type in place of it.
fn text_of(
    shown: &str,
    read: Result<Vec<u8>, Refusal>,
    help: fn(&Refusal) -> Option<&'static str>,
) -> Result<String, CliError> {
    let bytes = read.map_err(|refusal| {
        let shown = one_line(shown);
        let failure = CliError::new(Exit::Usage, format!("cannot read {shown}: {refusal}"));
        match help(&refusal) {
            Some(help) => failure.help(help),
            None => failure,
        }
    })?;
    decoded(bytes).map_err(|(line, why)| {
        CliError::new(Exit::Usage, format!("{shown}:{line}: {why}")).help("save it as UTF-8")
    })
}

/// Why a file is not read.
pub(super) enum Refusal {
    System(io::Error),
    Folder,
    NoFile,
    TooLarge,
}

impl Refusal {
    /// What to type when it is the topology file.
    fn help(&self) -> Option<&'static str> {
        match self {
            Self::System(error) => (error.kind() == io::ErrorKind::NotFound)
                .then_some("name another file with `--file`, or go to the folder of topology.toml"),
            Self::Folder => Some("name the file in it, such as `--file folder/topology.toml`"),
            Self::NoFile => Some("write the topology to a file first"),
            Self::TooLarge => Some(
                "a topology of ten thousand consumers takes about 2 MB: name another file with `--file`",
            ),
        }
    }

    /// What to type when it is an event's data.
    fn help_on_data(&self) -> Option<&'static str> {
        match self {
            Self::System(error) => (error.kind() == io::ErrorKind::NotFound)
                .then_some("name a file with the event's `data`, or pipe it into `--data -`"),
            Self::Folder | Self::NoFile => Some("name the file in it"),
            Self::TooLarge => Some("give one event's `data`: no topic takes more than 1 MiB"),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::Folder => f.write_str("it is a folder"),
            Self::NoFile => f.write_str("it is not a file"),
            Self::TooLarge => write!(f, "it is larger than {MAX_MEBIBYTES} MiB"),
        }
    }
}

/// The bytes of a file; a pipe or a device, which may never end, is none.
pub(super) fn regular(path: &Path) -> Result<Vec<u8>, Refusal> {
    // Looked at before it is opened: opening a pipe waits for a writer.
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Refusal::Folder);
    }
    if !metadata.is_file() {
        return Err(Refusal::NoFile);
    }
    if metadata.len() > LIMIT {
        return Err(Refusal::TooLarge);
    }
    let size = usize::try_from(metadata.len()).unwrap_or_default();
    // The file may grow meanwhile.
    bounded(std::fs::File::open(path)?, size + 1)
}

/// All bytes of what may have no end; about `expected` of them.
fn bounded(source: impl Read, expected: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::with_capacity(expected);
    source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LIMIT {
        true => Err(Refusal::TooLarge),
        false => Ok(bytes),
    }
}

/// The text of a file, without its byte-order mark; or the line at which it stops being UTF-8, and why.
fn decoded(bytes: Vec<u8>) -> Result<String, (usize, &'static str)> {
    const MARK: &str = "\u{feff}";
    match bytes.as_slice() {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => {
            return Err((1, "the file is UTF-32 text"));
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err((1, "the file is UTF-16 text")),
        _ => {}
    }
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with(MARK) {
                text.drain(..MARK.len());
            }
            Ok(text)
        }
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let before = error.as_bytes().iter().take(good);
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            Err((line, "the file is not UTF-8 text"))
        }
    }
}
