//! A folder that is new: there with all its files, or not there.

use std::fs;
use std::path::Path;

use super::error::at;
use super::{OutError, TEMPORARY};
use crate::emit::Artefact;

/// Makes the folder `path`, which must not be there yet, with `files` in it.
pub fn create(path: &Path, files: &[Artefact]) -> Result<(), OutError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(at(parent))?;
    let mut options = tempfile::Builder::new();
    options.prefix(TEMPORARY);
    // Temporary folders are private; this one is for everybody that the user's mask allows.
    #[cfg(unix)]
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let aside = options.tempdir_in(parent).map_err(at(parent))?;
    for file in files {
        let path = aside.path().join(&file.path);
        let folder = path.parent().unwrap_or(aside.path());
        fs::create_dir_all(folder).map_err(at(folder))?;
        fs::write(&path, &file.bytes).map_err(at(&path))?;
    }
    fs::rename(aside.path(), path).map_err(at(path))
}
