//! Reading files that a user names: they may be anything, or not be there.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use super::{CliError, Exit};
use crate::diag::one_line;

/// Larger files are no topology and no contract: ten thousand consumers take about 2 MB.
const MAX_MEBIBYTES: u64 = 16;

/// The text of the topology file.
pub(super) fn text(path: &Path) -> Result<String, CliError> {
    let shown = path.display().to_string();
    let shown = one_line(&shown);
    let bytes = regular(path).map_err(|refusal| {
        let failure = CliError::new(Exit::Usage, format!("cannot read {shown}: {refusal}"));
        match refusal.help() {
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
    let limit = MAX_MEBIBYTES * 1024 * 1024;
    // Looked at before it is opened: opening a pipe waits for a writer.
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Refusal::Folder);
    }
    if !metadata.is_file() {
        return Err(Refusal::NoFile);
    }
    if metadata.len() > limit {
        return Err(Refusal::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    // The file may grow meanwhile.
    let file = std::fs::File::open(path)?;
    file.take(limit + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
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
