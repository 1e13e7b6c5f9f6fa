//! Where below `out/` a file may lie: never outside, never behind a link, never in the place of a folder.
//!
//! `out` itself may be a link, since whoever made it wants the files elsewhere. A link below it is no work of topogen's: files
//! written through it would land in a folder that nobody named.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path};
use std::sync::Mutex;

use super::error::{Fault, OutError, at};
use super::holds;
use crate::parallel::locked;

/// Checks places below one `out`; a folder is looked at once.
pub(super) struct Places<'a> {
    pub(super) out: &'a Path,
    /// Whether each is there; none of them may not be written to.
    folders: Mutex<HashMap<String, bool>>,
}

/// What is at a place where a file will be.
pub(super) enum Present {
    /// Nothing, or a link, which a file may take the place of.
    Nothing,
    /// A file.
    File(Metadata),
}

impl<'a> Places<'a> {
    pub(super) fn below(out: &'a Path) -> Self {
        Self {
            out,
            folders: Mutex::default(),
        }
    }

    /// Looks at `path`, from `out` with forward slashes, and at the folders above it.
    pub(super) fn look(&self, path: &str) -> Result<Present, OutError> {
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if path.is_empty() || !Path::new(path).components().all(plain) {
            let full = self.out.join(path);
            return Err(OutError::in_the_way(&full, "no place below the folder out"));
        }
        if !self.folder(above(path))? {
            return Ok(Present::Nothing);
        }
        let full = self.out.join(path);
        match look(&full)? {
            Some(metadata) if metadata.is_dir() => Err(OutError::in_the_way(
                &full,
                "a folder where a file should be",
            )),
            Some(metadata) if metadata.is_file() => Ok(Present::File(metadata)),
            Some(_) | None => Ok(Present::Nothing),
        }
    }

    /// Whether what is at `path` is a file of these bytes.
    pub(super) fn holds(&self, path: &str, present: &Present, bytes: &[u8]) -> bool {
        match present {
            Present::Nothing => false,
            Present::File(metadata) => holds(&self.out.join(path), metadata, bytes),
        }
    }

    /// Whether the folder `path`, from `out`, or `out` itself, is there and may be written to.
    fn folder(&self, path: &str) -> Result<bool, OutError> {
        let known = locked(&self.folders).get(path).copied();
        if let Some(is_there) = known {
            return Ok(is_there);
        }
        // In a folder that is not there, nothing is.
        let is_there = match path.is_empty() {
            true => is_out(self.out)?,
            false => self.folder(above(path))? && is_folder(&self.out.join(path))?,
        };
        locked(&self.folders).insert(path.to_owned(), is_there);
        Ok(is_there)
    }
}

/// The folder that `path` is in; of one in `out` itself, nothing.
fn above(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether the folder `out` is there, or behind a link.
fn is_out(out: &Path) -> Result<bool, OutError> {
    match fs::metadata(out) {
        Ok(metadata) if metadata.is_dir() => Ok(true),
        Ok(_) => Err(OutError::in_the_way(out, A_FILE)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(out)(error)),
        Err(_) => match look(out)? {
            Some(_) => Err(OutError {
                path: out.to_owned(),
                fault: Fault::Dangling,
            }),
            None => Ok(false),
        },
    }
}

const A_FILE: &str = "a file where a folder should be";

/// Whether a folder is there; nothing else may be.
fn is_folder(path: &Path) -> Result<bool, OutError> {
    match look(path)? {
        Some(metadata) if metadata.is_symlink() => Err(OutError::in_the_way(
            path,
            "a symbolic link, and topogen writes through none below the folder out",
        )),
        Some(metadata) if !metadata.is_dir() => Err(OutError::in_the_way(path, A_FILE)),
        Some(_) => Ok(true),
        None => Ok(false),
    }
}

/// What is at `path` itself, without following a link.
fn look(path: &Path) -> Result<Option<Metadata>, OutError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}
