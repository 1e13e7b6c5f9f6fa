//! The one writer of `out/`: each file complete or untouched, and only what topogen wrote before is ever removed.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::emit::Artefact;

/// Names, in each environment's folder, the files that topogen wrote there.
const MANIFEST: &str = ".topogen-files";

/// What could not be done to which file.
#[derive(Debug)]
pub struct OutError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

impl std::fmt::Display for OutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> OutError + '_ {
    move |error| OutError {
        path: path.to_owned(),
        error,
    }
}

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

/// Writes one environment's files below `out` and removes those of an earlier run that are no longer made. Returns the
/// paths that changed.
pub fn write(
    out: &Path,
    environment: &str,
    artefacts: &[Artefact],
) -> Result<Vec<String>, OutError> {
    let mut changed = Vec::new();
    for artefact in artefacts {
        if replace(&out.join(&artefact.path), &artefact.bytes)? {
            changed.push(artefact.path.clone());
        }
    }
    for path in leftovers(out, environment, artefacts) {
        let file = out.join(&path);
        fs::remove_file(&file).map_err(at(&file))?;
        changed.push(path);
    }
    let list: String = artefacts.iter().map(|a| format!("{}\n", a.path)).collect();
    replace(&out.join(environment).join(MANIFEST), list.as_bytes())?;
    Ok(changed)
}

/// What [`write()`] would change.
pub fn check(out: &Path, environment: &str, artefacts: &[Artefact]) -> Vec<Stale> {
    let compared =
        artefacts
            .iter()
            .filter_map(|artefact| match fs::read(out.join(&artefact.path)) {
                Ok(bytes) if bytes == artefact.bytes => None,
                Ok(_) => Some(Stale::Differs(artefact.path.clone())),
                Err(_) => Some(Stale::Missing(artefact.path.clone())),
            });
    let leftovers = leftovers(out, environment, artefacts)
        .into_iter()
        .map(Stale::Leftover);
    compared.chain(leftovers).collect()
}

/// Puts `bytes` at `path`: a reader sees the old file or the new one, never a part. Who may read it
/// stays as it was. Returns whether anything changed.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<bool, OutError> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(at(folder))?;
    file.write_all(bytes).map_err(at(path))?;
    match fs::metadata(path) {
        Ok(present) => file.as_file().set_permissions(present.permissions()),
        Err(_) => readable_by_all(file.as_file()),
    }
    .map_err(at(path))?;
    file.persist(path).map_err(|error| at(path)(error.error))?;
    Ok(true)
}

/// Temporary files are private; what lies in `out/` is for everybody.
#[cfg(unix)]
fn readable_by_all(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// Files that an earlier run wrote, that are still there and are not among `artefacts`.
fn leftovers(out: &Path, environment: &str, artefacts: &[Artefact]) -> Vec<String> {
    let kept: BTreeSet<&str> = artefacts.iter().map(|a| a.path.as_str()).collect();
    let prefix = format!("{environment}/");
    fs::read_to_string(out.join(environment).join(MANIFEST))
        .unwrap_or_default()
        .lines()
        // The list lies where anyone may edit it: never follow it out of the folder.
        .filter(|path| path.starts_with(&prefix) && !path.split('/').any(|part| part == ".."))
        .filter(|path| !kept.contains(path) && out.join(path).is_file())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artefact(path: &str, text: &str) -> Artefact {
        Artefact {
            path: path.to_owned(),
            bytes: text.into(),
        }
    }

    #[test]
    fn only_what_was_written_before_is_removed() {
        let out = tempfile::tempdir().unwrap();
        let first = [artefact("dev/a", "1"), artefact("dev/b", "2")];
        write(out.path(), "dev", &first).unwrap();
        fs::write(out.path().join("dev/mine"), "keep").unwrap();

        let second = [artefact("dev/a", "1")];
        assert_eq!(
            check(out.path(), "dev", &second),
            [Stale::Leftover("dev/b".into())]
        );
        assert_eq!(write(out.path(), "dev", &second).unwrap(), ["dev/b"]);
        assert!(check(out.path(), "dev", &second).is_empty());
        assert!(out.path().join("dev/mine").exists());
        assert!(!out.path().join("dev/b").exists());
    }

    #[test]
    fn a_list_that_points_outside_is_not_followed() {
        let out = tempfile::tempdir().unwrap();
        fs::create_dir(out.path().join("dev")).unwrap();
        fs::write(out.path().join("victim"), "x").unwrap();
        fs::write(
            out.path().join("dev").join(MANIFEST),
            "dev/../victim\nvictim\n",
        )
        .unwrap();
        write(out.path(), "dev", &[]).unwrap();
        assert!(out.path().join("victim").exists());
    }

    #[test]
    fn stale_files_are_told_apart() {
        let out = tempfile::tempdir().unwrap();
        write(out.path(), "dev", &[artefact("dev/a", "1")]).unwrap();
        let wanted = [artefact("dev/a", "2"), artefact("dev/c", "3")];
        assert_eq!(
            check(out.path(), "dev", &wanted),
            [
                Stale::Differs("dev/a".into()),
                Stale::Missing("dev/c".into())
            ]
        );
    }
}
