//! The one writer of `out/`: the files of an environment change together, each complete or untouched, and only what topogen
//! wrote before is ever removed.
//!
//! Nothing but a kill parts them: all are moved into place at once, in milliseconds, and a run that is killed within these leaves
//! some old and some new ones, each whole. Then `render --check` fails, and the next run finishes.

mod error;
pub mod folder;
mod place;
mod stage;

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::emit::Artefact;
use error::at;
pub use error::{Fault, OutError};
use place::{Places, Present};
use stage::Stage;

/// Names, in each environment's folder, the files that topogen wrote there.
const MANIFEST: &str = ".topogen-files";

/// How a file on disk differs from what would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// It is not there.
    Missing(String),
    /// It has other bytes.
    Differs(String),
    /// topogen wrote it once and no longer would.
    Leftover(String),
}

impl std::fmt::Display for Stale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{path} is missing"),
            Self::Differs(path) => write!(f, "{path} is stale"),
            Self::Leftover(path) => write!(f, "{path} is no longer made"),
        }
    }
}

/// What [`write()`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Paths that were written or removed, from `out`.
    pub changed: Vec<String>,
    /// How many files there are now.
    pub files: usize,
}

/// Writes one environment's files below `out` and removes those of an earlier run that are no longer made.
///
/// Each artefact is written aside as it comes and may be dropped then. When all have come they are moved into place; when
/// anything fails before that, `out` is as it was. Two runs wait for each other.
pub fn write(
    out: &Path,
    environment: &str,
    artefacts: impl IntoIterator<Item = impl Borrow<Artefact>>,
) -> Result<Written, OutError> {
    try_write(out, environment, artefacts.into_iter().map(Ok))
}

/// As [`write()`], of artefacts that may turn out not to be made: `out` is then as it was.
pub fn try_write<E: From<OutError>>(
    out: &Path,
    environment: &str,
    artefacts: impl IntoIterator<Item = Result<impl Borrow<Artefact>, E>>,
) -> Result<Written, E> {
    let mut places = Places::below(out);
    let manifest = format!("{environment}/{MANIFEST}");
    places.look(&manifest)?;
    let mut stage = Stage::begin(&out.join(environment))?;
    let mut paths = BTreeSet::new();
    let mut changed = Vec::new();
    for artefact in artefacts {
        let artefact = artefact?;
        let artefact = artefact.borrow();
        let present = places.look(&artefact.path)?;
        let path = out.join(&artefact.path);
        if !holds(&path, &present, &artefact.bytes) {
            stage.add(path, &artefact.bytes)?;
            changed.push(artefact.path.clone());
        }
        paths.insert(artefact.path.clone());
    }
    let past = past(out, environment, &paths);
    // Until they are gone they stand in the list: a run that is killed meanwhile leaves nothing that nobody knows.
    let list = |paths: &mut dyn Iterator<Item = &String>| -> String {
        paths.map(|path| format!("{path}\n")).collect()
    };
    if !changed.is_empty() || !past.is_empty() {
        let all = list(&mut paths.iter().chain(past.iter().map(|(path, _)| path)));
        replace(&out.join(&manifest), all.as_bytes())?;
    }
    stage.commit()?;
    for (path, is_there) in past {
        let file = out.join(&path);
        if is_there {
            fs::remove_file(&file).map_err(at(&file))?;
            changed.push(path);
        }
        remove_empty_folders(out, environment, &file);
    }
    replace(&out.join(&manifest), list(&mut paths.iter()).as_bytes())?;
    drop(stage);
    Ok(Written {
        changed,
        files: paths.len(),
    })
}

/// What [`write()`] would change.
pub fn check(
    out: &Path,
    environment: &str,
    artefacts: impl IntoIterator<Item = impl Borrow<Artefact>>,
) -> Result<Vec<Stale>, OutError> {
    let mut places = Places::below(out);
    let mut paths = BTreeSet::new();
    let mut stale = Vec::new();
    for artefact in artefacts {
        let Artefact { path, bytes } = artefact.borrow();
        let present = places.look(path)?;
        if !holds(&out.join(path), &present, bytes) {
            stale.push(match present {
                Present::Nothing => Stale::Missing(path.clone()),
                Present::File(_) => Stale::Differs(path.clone()),
            });
        }
        paths.insert(path.clone());
    }
    let past = past(out, environment, &paths).into_iter();
    stale.extend(past.filter_map(|(path, is_there)| is_there.then_some(Stale::Leftover(path))));
    Ok(stale)
}

/// Puts `bytes` at `path` below `out`, as [`replace()`] does.
pub fn put(out: &Path, path: &str, bytes: &[u8]) -> Result<bool, OutError> {
    Places::below(out).look(path)?;
    replace(&out.join(path), bytes)
}

/// Puts `bytes` at `path`: a reader sees the old file or the new one, never a part. Returns whether anything changed.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<bool, OutError> {
    let present = fs::symlink_metadata(path)
        .ok()
        .filter(|metadata| metadata.is_file());
    let mode = present.as_ref().map(fs::Metadata::permissions);
    if present.is_some_and(|metadata| holds(path, &Present::File(metadata), bytes)) {
        return Ok(false);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    sweep(folder);
    let mut options = tempfile::Builder::new();
    options.prefix(TEMPORARY);
    // Temporary files are private; what lies in `out/` is for everybody that the user's mask allows.
    #[cfg(unix)]
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = options.tempfile_in(folder).map_err(at(folder))?;
    // Held while it is written, so that no other run takes it for one left behind.
    let _ = file.as_file().try_lock();
    file.write_all(bytes).map_err(at(path))?;
    if let Some(mode) = mode {
        file.as_file().set_permissions(mode).map_err(at(path))?;
    }
    file.persist(path).map_err(|error| at(path)(error.error))?;
    Ok(true)
}

const TEMPORARY: &str = ".topogen-new-";

/// Removes the temporary files of runs that were killed: whoever still writes one holds it.
fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        is_file && entry.file_name().to_string_lossy().starts_with(TEMPORARY)
    });
    for entry in ours {
        let held = match fs::File::open(entry.path()) {
            Ok(file) => file.try_lock().is_err(),
            Err(_) => true,
        };
        if !held {
            // Left for the next run when it cannot be removed.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn holds(path: &Path, present: &Present, bytes: &[u8]) -> bool {
    match present {
        Present::Nothing => false,
        Present::File(metadata) => {
            metadata.len() == bytes.len() as u64 && fs::read(path).is_ok_and(|there| there == bytes)
        }
    }
}

/// Files that an earlier run wrote and that are not among `kept`, and whether each is still there. A run that was killed may have
/// come as far as its folder.
fn past(out: &Path, environment: &str, kept: &BTreeSet<String>) -> Vec<(String, bool)> {
    let prefix = format!("{environment}/");
    let manifest = prefix.clone() + MANIFEST;
    let mut places = Places::below(out);
    let list = match places.look(&manifest) {
        Ok(Present::File(_)) => fs::read_to_string(out.join(&manifest)).unwrap_or_default(),
        Ok(Present::Nothing) | Err(_) => String::new(),
    };
    list.lines()
        // The list lies where anyone may edit it: never follow it out of the folder, nor behind a link.
        .filter(|path| path.starts_with(&prefix) && !kept.contains(*path))
        .filter_map(|path| {
            let is_there = matches!(places.look(path).ok()?, Present::File(_));
            Some((path.to_owned(), is_there))
        })
        .collect()
}

/// Folders that hold nothing once `file` is gone.
fn remove_empty_folders(out: &Path, environment: &str, file: &Path) {
    let top = out.join(environment);
    let above = file.ancestors().skip(1).take_while(|folder| *folder != top);
    for folder in above {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // One that holds something else stays.
            Err(_) => return,
            Ok(()) => {}
        }
    }
}

#[cfg(test)]
mod tests;
