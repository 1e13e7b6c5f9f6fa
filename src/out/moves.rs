//! Files that move into place and out of it: all of them or, when the system refuses one, none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{OutError, at};

/// What has moved, and how it goes back.
pub(super) struct Moves<'a> {
    /// Where files that make way are kept, under names that begin with a dot and a number.
    kept: &'a Path,
    /// From where to where, in the order in which they came.
    back: Vec<(PathBuf, PathBuf)>,
    /// Whether a file made way that could not be kept.
    is_one_lost: bool,
}

impl<'a> Moves<'a> {
    /// None yet. The folder `kept` is on the file system of all that will move.
    pub(super) fn new(kept: &'a Path) -> Self {
        Self {
            kept,
            back: Vec::new(),
            is_one_lost: false,
        }
    }

    /// Moves all that is in the folder `from` into the folder `to`, where folders of the same name become one and files make way.
    pub(super) fn bring(&mut self, from: &Path, to: &Path) -> Result<(), OutError> {
        // Read to its end before anything leaves it, or is kept there.
        let entries: Vec<fs::DirEntry> = fs::read_dir(from)
            .and_then(Iterator::collect)
            .map_err(at(to))?;
        for entry in entries {
            let (aside, path) = (entry.path(), to.join(entry.file_name()));
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.replace(aside, &path).map_err(at(&path))?;
            } else if fs::symlink_metadata(&path).is_ok() {
                self.bring(&aside, &path)?;
            } else {
                self.rename(aside, path.clone()).map_err(at(&path))?;
            }
        }
        Ok(())
    }

    /// Takes a file out of its place, unless somebody has.
    pub(super) fn away(&mut self, path: &Path) -> Result<(), OutError> {
        match self.rename(path.to_owned(), self.next()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Puts all of it back, the last first: whether everything is as it was.
    pub(super) fn undo(self) -> bool {
        let mut is_whole = !self.is_one_lost;
        for (from, to) in self.back.into_iter().rev() {
            is_whole &= fs::rename(from, to).is_ok();
        }
        is_whole
    }

    fn rename(&mut self, from: PathBuf, to: PathBuf) -> io::Result<()> {
        fs::rename(&from, &to)?;
        self.back.push((to, from));
        Ok(())
    }

    /// Moves a file into place. One that is there gets a second name instead of being moved away: whoever kills this run, or reads
    /// meanwhile, finds the old one or the new one.
    fn replace(&mut self, aside: PathBuf, path: &Path) -> io::Result<()> {
        let kept = self.next();
        let named = fs::hard_link(path, &kept);
        fs::rename(&aside, path)?;
        match named {
            Ok(()) => self.back.push((kept, path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.back.push((path.to_owned(), aside));
            }
            // Some file systems know no second names, and some files of others may be given none.
            Err(_) => self.is_one_lost = true,
        }
        Ok(())
    }

    fn next(&self) -> PathBuf {
        self.kept.join(format!(".{}", self.back.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files and folders, with what is in them, and what begins with a dot left out.
    fn there(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            match entry.file_type().unwrap().is_dir() {
                _ if name.starts_with('.') => {}
                true => {
                    let below = there(&entry.path()).into_iter();
                    found.extend(below.map(|path| format!("{name}/{path}")));
                }
                false => {
                    let text = fs::read_to_string(entry.path()).unwrap();
                    found.push(format!("{name}={text}"));
                }
            }
        }
        found.sort();
        found
    }

    /// A folder with the folders `aside` and `out`, in which some files are new, some replaced, some in a new folder.
    fn staged() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("out/a", "old"),
            ("out/x/b", "old"),
            ("out/x/gone", "old"),
            ("aside/a", "new"),
            ("aside/c", "new"),
            ("aside/x/b", "new"),
            ("aside/x/d", "new"),
            ("aside/y/z/e", "new"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn what_has_moved_goes_back() {
        let folder = staged();
        let (aside, out) = (folder.path().join("aside"), folder.path().join("out"));
        let mut moves = Moves::new(&aside);
        moves.bring(&aside, &out).unwrap();
        moves.away(&out.join("x/gone")).unwrap();
        let new = ["a=new", "c=new", "x/b=new", "x/d=new", "y/z/e=new"];
        assert_eq!(there(&out), new);
        moves.away(&out.join("x/gone")).unwrap();
        let error = moves.away(&out.join("a/b")).unwrap_err();
        assert_eq!(error.path, out.join("a/b"));
        assert!(moves.undo());
        assert_eq!(there(&out), ["a=old", "x/b=old", "x/gone=old"]);
    }

    /// Whichever comes first: folders are in no order.
    #[test]
    fn a_move_that_is_refused_undoes_the_others() {
        let folder = staged();
        let (aside, out) = (folder.path().join("aside"), folder.path().join("out"));
        fs::remove_file(out.join("x/b")).unwrap();
        fs::create_dir(out.join("x/b")).unwrap();
        let mut moves = Moves::new(&aside);
        let error = moves.bring(&aside, &out).unwrap_err();
        assert_eq!(error.path, out.join("x/b"));
        assert!(moves.undo());
        assert_eq!(there(&out), ["a=old", "x/gone=old"]);
    }

    #[test]
    fn what_cannot_go_back_is_told() {
        let folder = staged();
        let (aside, out) = (folder.path().join("aside"), folder.path().join("out"));
        let mut moves = Moves::new(&aside);
        moves.bring(&aside, &out).unwrap();
        fs::remove_dir_all(out.join("y")).unwrap();
        assert!(!moves.undo());
        assert_eq!(
            there(&out),
            ["a=old", "x/b=old", "x/gone=old"],
            "all others are back"
        );

        // No folder to keep anything in stands for a file system without second names.
        let folder = staged();
        let (aside, out) = (folder.path().join("aside"), folder.path().join("out"));
        fs::write(folder.path().join("file"), "").unwrap();
        let kept = folder.path().join("file");
        let mut moves = Moves::new(&kept);
        moves.bring(&aside, &out).unwrap();
        assert!(!moves.undo());
    }
}
