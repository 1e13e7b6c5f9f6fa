//! What could not be done to which file, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// What could not be done to which file.
#[derive(Debug)]
pub struct OutError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub fault: Fault,
}

/// Why a file could not be written.
#[derive(Debug)]
pub enum Fault {
    /// The system says so.
    Io(io::Error),
    /// The system says so, when some files had been moved already and could not be put back.
    Mixture(io::Error),
    /// A link in the place of a folder leads nowhere.
    Dangling,
    /// Something else is there.
    InTheWay(&'static str),
    /// Another process holds the folder.
    Busy,
}

impl OutError {
    /// What to type.
    pub fn help(&self) -> Option<&'static str> {
        match &self.fault {
            Fault::Busy => Some("wait until the other one is done, and run it again"),
            Fault::InTheWay(_) => Some("move it away or delete it, and run it again"),
            Fault::Dangling => {
                Some("make the folder that it leads to or delete the link, and run it again")
            }
            Fault::Mixture(_) => {
                Some("see to that; the next `topogen render` makes all of them new")
            }
            Fault::Io(error) => io_help(error.kind()),
        }
    }
}

fn io_help(kind: io::ErrorKind) -> Option<&'static str> {
    use io::ErrorKind as Kind;
    if matches!(
        kind,
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge
    ) {
        Some("make room and run it again; what was there before is as it was")
    } else if matches!(kind, Kind::PermissionDenied | Kind::ReadOnlyFilesystem) {
        Some(
            "give yourself the right to write there, and run it again; what was there before is as it was",
        )
    } else {
        None
    }
}

impl std::fmt::Display for OutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.display();
        match &self.fault {
            Fault::Io(error) => write!(f, "{path}: {error}"),
            Fault::Mixture(error) => write!(
                f,
                "{path}: {error}; the files in out/ are a mixture of old and new ones"
            ),
            Fault::Dangling => write!(f, "{path} is a symbolic link to a folder that is not there"),
            Fault::InTheWay(what) => write!(f, "{path} is {what}"),
            Fault::Busy => write!(f, "another topogen is writing to {path}"),
        }
    }
}

impl std::error::Error for OutError {}

/// Ties what the system says to the file it was said of.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> OutError + '_ {
    move |error| OutError::io(path, error)
}

impl OutError {
    /// What the system says of `path`.
    pub fn io(path: &Path, error: io::Error) -> Self {
        Self {
            path: path.to_owned(),
            fault: Fault::Io(error),
        }
    }

    /// The same, when files that moved before could not be put back.
    pub(super) fn of_a_mixture(self) -> Self {
        let fault = match self.fault {
            Fault::Io(error) => Fault::Mixture(error),
            Fault::Mixture(_) | Fault::Dangling | Fault::InTheWay(_) | Fault::Busy => self.fault,
        };
        Self { fault, ..self }
    }

    pub(super) fn in_the_way(path: &Path, what: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            fault: Fault::InTheWay(what),
        }
    }
}
