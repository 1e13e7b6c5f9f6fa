//! Where below `out/` a file may lie: never outside, never behind a link, never in the place of a folder.
//!
//! `out` itself may be a link, since whoever made it wants the files elsewhere. A link below it is no work of topogen's: files
//! written through it would land in a folder that nobody named.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::error::{OutError, at};

/// Checks places below one `out`; a folder that was found good is not looked at again.
pub(super) struct Places<'a> {
    out: &'a Path,
    good: BTreeSet<PathBuf>,
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
            good: BTreeSet::new(),
        }
    }

    /// Looks at `path`, from `out` with forward slashes, and at the folders above it.
    pub(super) fn look(&mut self, path: &str) -> Result<Present, OutError> {
        let full = self.out.join(path);
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if path.is_empty() || !Path::new(path).components().all(plain) {
            return Err(OutError::in_the_way(&full, "no place below the folder out"));
        }
        if !self.folder(Path::new(path).parent().unwrap_or(Path::new("")))? {
            return Ok(Present::Nothing);
        }
        match look(&full)? {
            Some(metadata) if metadata.is_dir() => Err(OutError::in_the_way(
                &full,
                "a folder where a file should be",
            )),
            Some(metadata) if metadata.is_file() => Ok(Present::File(metadata)),
            Some(_) | None => Ok(Present::Nothing),
        }
    }

    /// Whether the folder `path`, from `out`, is there and may be written to.
    fn folder(&mut self, path: &Path) -> Result<bool, OutError> {
        if path.as_os_str().is_empty() || self.good.contains(path) {
            return Ok(true);
        }
        if !self.folder(path.parent().unwrap_or(Path::new("")))? {
            return Ok(false);
        }
        let full = self.out.join(path);
        match look(&full)? {
            Some(metadata) if metadata.is_symlink() => Err(OutError::in_the_way(
                &full,
                "a symbolic link, and topogen writes through none below the folder out",
            )),
            Some(metadata) if !metadata.is_dir() => Err(OutError::in_the_way(
                &full,
                "a file where a folder should be",
            )),
            Some(_) => Ok(self.good.insert(path.to_owned())),
            None => Ok(false),
        }
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
