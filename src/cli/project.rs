//! The project on disk: the topology file, the folder that it lies in, what it refers to.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anstream::{eprint, eprintln};

use super::{CliError, Common, Exit};
use crate::Project;
use crate::contracts::Library;
use crate::diag::{Diagnostics, human};
use crate::model::Topology;
use crate::model::environment;
use crate::model::names::EnvironmentName;
use crate::plan::Plan;
use crate::source::Source;
use crate::syntax::suggest;

/// Larger files are no topology: ten thousand consumers take about 2 MB.
const MAX_MEBIBYTES: u64 = 16;

/// A topology file and its folder.
pub struct Opened {
    /// The parsed file.
    pub project: Project,
    /// The folder of the file; `out/` and `functions/` lie in it.
    pub root: PathBuf,
    /// The contracts in that folder.
    pub library: Library<'static>,
}

/// Reads and parses the file.
pub fn open(common: &Common) -> Result<Opened, CliError> {
    let path = &common.file;
    let text = read(path)?;
    let root = folder(common);
    let contracts = root.clone();
    Ok(Opened {
        project: Project::parse(Source::new(path.display().to_string(), text)),
        root,
        library: Library::new(move |path| {
            std::fs::read(contracts.join(path)).map_err(|error| error.to_string())
        }),
    })
}

/// The folder of the topology file.
pub fn folder(common: &Common) -> PathBuf {
    match common.file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// `path` from the folder that the command runs in, so that no folder of this machine shows.
pub fn from_here(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let relative = match path.strip_prefix(&here) {
        Ok(below) => below,
        Err(_) if path.is_absolute() => Path::new(path.file_name().unwrap_or_default()),
        Err(_) => path,
    };
    relative.display().to_string()
}

fn read(path: &Path) -> Result<String, CliError> {
    let shown = path.display();
    let refused = |why: String| CliError::new(Exit::Usage, format!("cannot read {shown}: {why}"));
    let unreadable = |error: io::Error| {
        let failure = refused(error.to_string());
        if error.kind() == io::ErrorKind::NotFound {
            return failure
                .help("name another file with `--file`, or go to the folder of topology.toml");
        }
        failure
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(refused("it is a folder".into())
            .help("name the file in it, such as `--file folder/topology.toml`"));
    }
    // A pipe or a device may never end, and has no folder for `out/` beside it.
    if !metadata.is_file() {
        return Err(refused("it is not a file".into()).help("write the topology to a file first"));
    }
    let limit = MAX_MEBIBYTES * 1024 * 1024;
    let too_large = || {
        refused(format!("it is larger than {MAX_MEBIBYTES} MiB"))
            .help("a topology of ten thousand consumers takes about 2 MB: name another file with `--file`")
    };
    if metadata.len() > limit {
        return Err(too_large());
    }
    // The file may grow meanwhile.
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    text(bytes).map_err(|(line, why)| {
        CliError::new(Exit::Usage, format!("{shown}:{line}: {why}")).help("save it as UTF-8")
    })
}

/// The text of a file, without its byte-order mark; or the line at which it stops being UTF-8, and why.
fn text(bytes: Vec<u8>) -> Result<String, (usize, &'static str)> {
    const MARK: &str = "\u{feff}";
    match bytes.as_slice() {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => {
            return Err((1, "the file is UTF-32 text"));
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err((1, "the file is UTF-16 text")),
        _ => {}
    }
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with(MARK) {
                text.drain(..MARK.len());
            }
            Ok(text)
        }
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let before = error.as_bytes().iter().take(good);
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            Err((line, "the file is not UTF-8 text"))
        }
    }
}

impl Opened {
    /// The environment to work on: the one named, or `dev`.
    pub fn environment(&self, named: Option<&str>) -> Result<EnvironmentName, CliError> {
        let known = self.project.environments();
        let wanted = named.unwrap_or(environment::DEFAULT);
        known
            .iter()
            .find(|name| name.as_str() == wanted)
            .cloned()
            .ok_or_else(|| {
                CliError::new(Exit::Usage, format!("there is no environment `{wanted}`")).help(
                    suggest::help(wanted, known.iter().map(|name| name.as_str())),
                )
            })
    }

    /// Compiles for one environment, with the files it refers to.
    pub fn compile(&self, environment: &EnvironmentName) -> (Option<Plan>, Diagnostics) {
        self.project.compile_with(environment, Some(&self.library))
    }

    /// All findings for one environment.
    pub fn findings(&self, environment: &EnvironmentName) -> Diagnostics {
        self.project.findings(environment, Some(&self.library))
    }

    /// Compiles, shows the findings, and stops at errors.
    pub fn plan(&self, environment: &EnvironmentName) -> Result<Plan, CliError> {
        let (plan, diagnostics) = self.compile(environment);
        self.show(&diagnostics);
        plan.ok_or_else(CliError::findings)
    }

    /// The system of one environment; shows the findings when it has none that is good.
    pub fn topology(&self, environment: &EnvironmentName) -> Result<Topology, CliError> {
        let (topology, diagnostics) = self.project.topology(environment);
        topology.ok_or_else(|| {
            self.show(&diagnostics);
            CliError::findings()
        })
    }

    /// Prints findings for people.
    pub fn show(&self, diagnostics: &Diagnostics) {
        eprint!("{}", human::render(&self.project.source, diagnostics));
        if let Some(summary) = human::summary(diagnostics) {
            eprintln!("{}: {summary}", self.project.source.path());
        }
        let lines = [human::fixable(diagnostics), human::more(diagnostics)];
        for line in lines.into_iter().flatten() {
            eprintln!("{line}");
        }
    }

    /// Where artefacts are written.
    pub fn out(&self) -> PathBuf {
        self.root.join("out")
    }
}
