//! Writing many files so that they change together: each is written aside as it comes, and once all are there they are
//! moved into place, which needs no more room and takes no time: a folder that is new moves as one.
//!
//! Nothing is forced to the disk: after a loss of power the next run compares and writes again, and waiting for the disk
//! at each of twenty thousand files would take minutes.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::{Fault, OutError, at};
use super::moves::Moves;

/// In the folder that is written to, held while it is. It stays there: removing it would let two in.
const LOCK: &str = ".lock";
/// Beside it; a run that was killed leaves it behind, and the next one clears it away.
const STAGING: &str = ".staging";
/// Another run is waited for that long; writing takes a second at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// Files that are written and not in place yet. Without [`Stage::commit`] all of them vanish again.
pub(super) struct Stage {
    out: PathBuf,
    folder: PathBuf,
    _lock: Option<File>,
}

impl Stage {
    /// Takes the folder `environment` of `out` for this process alone; it is made when it is not there.
    pub(super) fn begin(out: &Path, environment: &str) -> Result<Self, OutError> {
        let folder = out.join(environment);
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let lock = lock(&folder)?;
        let staging = folder.join(STAGING);
        remove(&staging)?;
        fs::create_dir(&staging).map_err(at(&staging))?;
        Ok(Self {
            out: out.to_owned(),
            folder: staging,
            _lock: lock,
        })
    }

    /// Writes a file that [`Stage::commit`] puts at `path`, from `out`. Threads may do so side by side.
    pub(super) fn add(&self, path: &str, bytes: &[u8]) -> Result<(), OutError> {
        let aside = self.folder.join(path);
        let file = match File::create_new(&aside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => aside
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| File::create_new(&aside)),
            tried => tried,
        };
        // The error names the file that the user knows.
        file.and_then(|mut file| file.write_all(bytes))
            .map_err(|error| OutError::io(&self.out.join(path), error))
    }

    /// Moves every file into place, and those at the paths `gone`, from `out`, out of it. When one is refused, all that moved before
    /// is put back. The folder is held until the stage is dropped.
    pub(super) fn commit<'a>(
        &self,
        mut gone: impl Iterator<Item = &'a String>,
    ) -> Result<(), OutError> {
        let mut moves = Moves::new(&self.folder);
        let moved = moves
            .bring(&self.folder, &self.out)
            .and_then(|()| gone.try_for_each(|path| moves.away(&self.out.join(path))));
        moved.map_err(|error| match moves.undo() {
            true => error,
            false => error.of_a_mixture(),
        })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next run.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn remove(staging: &Path) -> Result<(), OutError> {
    let removed = match fs::symlink_metadata(staging) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(staging),
        Ok(_) => fs::remove_file(staging),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(staging)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The lock goes with the process, however that ends. Where the file system knows no locks there is none.
fn lock(folder: &Path) -> Result<Option<File>, OutError> {
    let path = folder.join(LOCK);
    // What is no file may lie elsewhere, or never be opened.
    if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_file()) {
        fs::remove_file(&path).map_err(at(&path))?;
    }
    let file = File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(at(&path))?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(None);
            }
            Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
            Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                return Err(OutError {
                    path: folder.to_owned(),
                    fault: Fault::Busy,
                });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
