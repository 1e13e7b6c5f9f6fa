//! Files of an earlier revision, read through git: the topology and its contracts as they were.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{CliError, Exit};

/// A commit, and the folder whose files are read of it.
pub(super) struct Revision {
    folder: PathBuf,
    commit: String,
}

impl Revision {
    /// The commit that `name` names in the repository around `folder`.
    pub(super) fn find(folder: &Path, name: &str) -> Result<Self, CliError> {
        let usage = |message: String| CliError::new(Exit::Usage, message);
        git(folder, &["rev-parse", "--is-inside-work-tree"]).map_err(|why| match why {
            Refusal::Missing => {
                usage("git is not there".to_owned()).help("install git, or run where it is")
            }
            Refusal::Said(said) => usage(format!(
                "`{}` is in no git repository: {said}",
                folder.display()
            ))
            .help("earlier contracts are read from git: `git init`, and commit"),
        })?;
        let commit = format!("{name}^{{commit}}");
        let found = git(
            folder,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &commit,
            ],
        );
        let commit = found.map_err(|_| {
            usage(format!("there is no revision `{name}`"))
                .help("name a branch, a tag or a commit; in a shallow clone, fetch it first")
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            commit: String::from_utf8_lossy(&commit).trim().to_owned(),
        })
    }

    /// A file of the commit by its path from the folder.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let object = format!("{}:./{path}", self.commit);
        git(
            &self.folder,
            &["show", "--no-textconv", "--end-of-options", &object],
        )
        .map_err(|why| match why {
            Refusal::Missing => "git is not there".to_owned(),
            Refusal::Said(said) => said,
        })
    }
}

/// Why git gave nothing.
enum Refusal {
    /// It cannot be started.
    Missing,
    /// Its own words.
    Said(String),
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, Refusal> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // Its words are repeated to the user, and compared with nothing.
        .env("LC_ALL", "C")
        .output()
        .map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                return Refusal::Missing;
            }
            Refusal::Said(error.to_string())
        })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("git failed").trim();
    Err(Refusal::Said(said.trim_start_matches("fatal: ").to_owned()))
}
