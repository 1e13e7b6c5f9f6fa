//! The one writer of `out/`: the files of an environment change together, each complete or untouched, and only what topogen
//! wrote before is ever removed.
//!
//! All are moved into place at once, in milliseconds, and Ctrl-C waits for so long. When the system refuses one of the moves, those
//! before it are put back. Nothing but SIGKILL or a loss of power parts them: some old and some new files are there then, each
//! whole, `render --check` fails, and the next run finishes.

mod error;
pub mod folder;
mod interrupt;
mod moves;
mod place;
mod stage;

use std::borrow::Borrow;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::emit::Artefact;
use crate::parallel::{Desk, locked};
use error::at;
pub use error::{Fault, OutError};
pub use interrupt::{hold, outgrowing_is_an_error};
use place::{Places, Present};
use stage::Stage;

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

impl Stale {
    /// Its path, from `out`.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing(path) | Self::Differs(path) | Self::Leftover(path) => path,
        }
    }
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

/// What [`Writer`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Paths that were written, from `out`, in their order.
    pub changed: Vec<String>,
    /// Paths of files that are no longer made and were removed, in their order.
    pub removed: Vec<String>,
    /// How many files there are now.
    pub files: usize,
}

/// Writes one environment's files below `out` and removes those of an earlier run that are no longer made.
pub fn write(
    out: &Path,
    environment: &str,
    artefacts: impl IntoIterator<Item = impl Borrow<Artefact>>,
) -> Result<Written, OutError> {
    let writer = Writer::begin(out, environment)?;
    for artefact in artefacts {
        writer.put_aside(artefact.borrow())?;
    }
    writer.commit()
}

/// Takes the files of one environment as they are made, by as many threads as there are.
///
/// Each is written aside as it comes. [`Writer::commit`] moves them into place; when the writer is dropped before, `out` is as
/// it was. Two runs wait for each other.
pub struct Writer<'a> {
    environment: &'a str,
    places: Places<'a>,
    stage: Stage,
    /// Threads that make files in one folder wait for each other in the kernel: one of them does it for all.
    desk: Desk<Artefact>,
    taken: Mutex<Vec<Taken>>,
}

/// A path from `out`, and whether its file changes.
type Taken = (String, bool);

impl<'a> Writer<'a> {
    /// Takes the environment's folder for this process alone.
    pub fn begin(out: &'a Path, environment: &'a str) -> Result<Self, OutError> {
        Places::below(out).look(&manifest(environment))?;
        let stage = Stage::begin(out, environment)?;
        Ok(Self {
            environment,
            // Of what is there once no other run changes it.
            places: Places::below(out),
            stage,
            desk: Desk::default(),
            taken: Mutex::default(),
        })
    }

    /// Takes a file, which is aside at the latest when every thread has come back from here. After an error others may not be, and
    /// nothing is to be committed.
    pub fn add(&self, artefact: Artefact) -> Result<(), OutError> {
        self.desk
            .bring(artefact, |artefact| self.put_aside(&artefact))
    }

    /// Writes a file aside, unless the one in its place holds the same.
    fn put_aside(&self, Artefact { path, bytes }: &Artefact) -> Result<(), OutError> {
        let present = self.places.look(path)?;
        let differs = !self.places.holds(path, &present, bytes);
        if differs {
            self.stage.add(path, bytes)?;
        }
        locked(&self.taken).push((path.clone(), differs));
        Ok(())
    }

    /// Moves what was added into place, and removes what was not. Ctrl-C waits, unless there are other threads.
    pub fn commit(self) -> Result<Written, OutError> {
        let _held = hold();
        // They go before it does, and what is aside with them.
        let Self {
            environment,
            places,
            stage,
            desk: _,
            taken,
        } = self;
        let mut taken = taken.into_inner().unwrap_or_else(PoisonError::into_inner);
        taken.sort_unstable();
        let changed = taken.iter().filter(|(_, differs)| *differs);
        let changed: Vec<String> = changed.map(|(path, _)| path.clone()).collect();
        let all: Vec<String> = taken.into_iter().map(|(path, _)| path).collect();
        let out = places.out;
        let list = out.join(manifest(environment));
        let before = listed(&places, environment);
        let past = past(&places, environment, before.as_deref(), &all);
        // Until they are gone they stand in the list: a run that is killed meanwhile leaves nothing that nobody knows.
        if !changed.is_empty() || !past.is_empty() {
            let paths = all.iter().chain(past.iter().map(|(path, _)| path));
            replace(&list, lines(paths).as_bytes())?;
        }
        let gone = past.iter().filter(|(_, is_there)| *is_there);
        if let Err(error) = stage.commit(gone.map(|(path, _)| path)) {
            if !matches!(error.fault, Fault::Mixture(_)) {
                put_list_back(&list, before.as_deref());
            }
            return Err(error);
        }
        for (path, _) in &past {
            remove_empty_folders(out, environment, &out.join(path));
        }
        replace(&list, lines(all.iter()).as_bytes())?;
        let gone = past.into_iter().filter(|(_, is_there)| *is_there);
        let mut removed: Vec<String> = gone.map(|(path, _)| path).collect();
        removed.sort();
        // A list that was edited may name one twice.
        removed.dedup();
        Ok(Written {
            changed,
            removed,
            files: all.len(),
        })
    }
}

/// What [`Writer`] would change, of files that come in the same way.
pub struct Checker<'a> {
    environment: &'a str,
    places: Places<'a>,
    looked_at: Mutex<Vec<(String, Option<Stale>)>>,
}

impl<'a> Checker<'a> {
    /// Of one environment's files below `out`.
    pub fn new(out: &'a Path, environment: &'a str) -> Self {
        Self {
            environment,
            places: Places::below(out),
            looked_at: Mutex::default(),
        }
    }

    /// Compares a file with the one in its place.
    pub fn add(&self, Artefact { path, bytes }: &Artefact) -> Result<(), OutError> {
        let present = self.places.look(path)?;
        let stale = match &present {
            _ if self.places.holds(path, &present, bytes) => None,
            Present::Nothing => Some(Stale::Missing(path.clone())),
            Present::File(_) => Some(Stale::Differs(path.clone())),
        };
        locked(&self.looked_at).push((path.clone(), stale));
        Ok(())
    }

    /// What differs, in the order of the paths, and then what is left over.
    pub fn finish(self) -> Vec<Stale> {
        let mut looked_at = std::mem::take(&mut *locked(&self.looked_at));
        looked_at.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let (all, stale): (Vec<_>, Vec<_>) = looked_at.into_iter().unzip();
        let mut stale: Vec<Stale> = stale.into_iter().flatten().collect();
        let listed = listed(&self.places, self.environment);
        let past = past(&self.places, self.environment, listed.as_deref(), &all).into_iter();
        stale.extend(past.filter_map(|(path, is_there)| is_there.then_some(Stale::Leftover(path))));
        stale
    }
}

/// Names, in each environment's folder, the files that topogen wrote there.
fn manifest(environment: &str) -> String {
    format!("{environment}/{MANIFEST}")
}

fn lines<'a>(paths: impl Iterator<Item = &'a String>) -> String {
    paths.flat_map(|path| [path.as_str(), "\n"]).collect()
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
    if present.is_some_and(|metadata| holds(path, &metadata, bytes)) {
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

/// Whether the file at `path`, of which `metadata` is known, has these bytes.
fn holds(path: &Path, metadata: &Metadata, bytes: &[u8]) -> bool {
    metadata.len() == bytes.len() as u64 && fs::read(path).is_ok_and(|there| there == bytes)
}

/// The list of the files that an earlier run wrote, where there is one.
fn listed(places: &Places<'_>, environment: &str) -> Option<String> {
    let manifest = manifest(environment);
    match places.look(&manifest) {
        Ok(Present::File(_)) => fs::read_to_string(places.out.join(&manifest)).ok(),
        Ok(Present::Nothing) | Err(_) => None,
    }
}

/// Makes the list what it was, for files that are so too. When that fails it names some that are not there, which harms nobody.
fn put_list_back(list: &Path, before: Option<&str>) {
    let _ = match before {
        Some(before) => replace(list, before.as_bytes()).map(drop),
        None => fs::remove_file(list).map_err(at(list)),
    };
}

/// Those of an earlier run's files, as it `listed` them, that are not among `kept`, which is sorted, and whether each is still there.
/// A run that was killed may have come as far as its folder.
fn past(
    places: &Places<'_>,
    environment: &str,
    listed: Option<&str>,
    kept: &[String],
) -> Vec<(String, bool)> {
    let is_kept = |path: &str| kept.binary_search_by(|one| one.as_str().cmp(path)).is_ok();
    let prefix = format!("{environment}/");
    listed
        .unwrap_or_default()
        .lines()
        // The list lies where anyone may edit it: never follow it out of the folder, nor behind a link.
        .filter(|path| path.starts_with(&prefix) && !is_kept(path))
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
