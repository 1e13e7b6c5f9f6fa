//! The project on disk: the topology file, the folder that it lies in, what it refers to.

use std::path::{Path, PathBuf};

use anstream::{eprint, eprintln};

use super::{CliError, Common, Exit};
use crate::Project;
use crate::diag::{Diagnostic, Diagnostics, codes, human};
use crate::model::environment;
use crate::model::names::EnvironmentName;
use crate::plan::Plan;
use crate::source::Source;
use crate::syntax::suggest;

/// Larger files are no topology: ten thousand consumers take about 2 MB.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A topology file and its folder.
pub struct Opened {
    /// The parsed file.
    pub project: Project,
    /// The folder of the file; `out/` and `functions/` lie in it.
    pub root: PathBuf,
}

/// Reads and parses the file.
pub fn open(common: &Common) -> Result<Opened, CliError> {
    let path = &common.file;
    let text = read(path)?;
    Ok(Opened {
        project: Project::parse(Source::new(path.display().to_string(), text)),
        root: folder(common),
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
    let unreadable = |error: std::io::Error| {
        let failure = CliError::new(Exit::Usage, format!("cannot read {shown}: {error}"));
        if error.kind() == std::io::ErrorKind::NotFound {
            return failure
                .help("name another file with `--file`, or go to the folder of topology.toml");
        }
        failure
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_BYTES {
        return Err(CliError::new(
            Exit::Usage,
            format!("{shown} has {length} bytes; a topology has {MAX_BYTES} at most"),
        ));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        CliError::new(
            Exit::Usage,
            format!("{shown}:{line}: the file is not UTF-8 text"),
        )
        .help("save it as UTF-8")
    })
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
        let (plan, mut diagnostics) = self.project.compile(environment);
        for (schema, span) in plan.iter().flat_map(|plan| &plan.contracts) {
            let fault = match std::fs::read(self.root.join(schema)) {
                Err(error) => format!("cannot read the contract `{schema}`: {error}"),
                Ok(bytes) => match serde_json::from_slice::<serde_json::Value>(&bytes) {
                    Ok(_) => continue,
                    Err(error) => format!("the contract `{schema}` is not JSON: {error}"),
                },
            };
            diagnostics.push(Diagnostic::error(codes::CONTRACT_FILE, *span, fault).help(
                "a contract is a JSON Schema; its path starts at the folder of topology.toml",
            ));
        }
        let diagnostics = diagnostics.sorted();
        (plan.filter(|_| !diagnostics.has_errors()), diagnostics)
    }

    /// Compiles, shows the findings, and stops at errors.
    pub fn plan(&self, environment: &EnvironmentName) -> Result<Plan, CliError> {
        let (plan, diagnostics) = self.compile(environment);
        self.show(&diagnostics);
        plan.ok_or_else(CliError::findings)
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
