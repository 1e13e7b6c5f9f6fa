//! The project on disk: the topology file, the folder that it lies in, what it refers to.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::patience::Patience;
use super::terminal::{eprint, eprintln};
use super::{CliError, Common, Exit, file};
use crate::Project;
use crate::contracts::Library;
use crate::diag::{Diagnostics, human, one_line};
use crate::lints::drawn;
use crate::model::Topology;
use crate::model::environment;
use crate::model::names::EnvironmentName;
use crate::plan::Plan;
use crate::source::Source;
use crate::syntax::suggest;

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
    let text = file::text(path)?;
    let root = folder(common);
    let contracts = root.clone();
    let patience = Patience::default();
    Ok(Opened {
        project: Project::parse(Source::new(path.display().to_string(), text)),
        root,
        library: Library::new(move |path| {
            file::regular(&contracts.join(path)).map_err(|refusal| refusal.to_string())
        })
        .watched(move |path| patience.watch(path)),
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

impl Opened {
    /// The environment to work on: the one named, or `dev`.
    pub fn environment(&self, named: Option<&str>) -> Result<EnvironmentName, CliError> {
        let known = self.project.environments();
        let wanted = named.unwrap_or(environment::DEFAULT);
        let found = known.iter().find(|name| name.as_str() == wanted).cloned();
        // Of a file that is not TOML nobody knows which it has: that is the finding, wherever it is looked into.
        let unknown = || wanted.parse().ok().filter(|_| self.project.is_broken());
        found.or_else(unknown).ok_or_else(|| {
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

    /// The file as the user named it, in words of one line.
    pub fn shown(&self) -> Cow<'_, str> {
        one_line(self.project.source.path())
    }

    /// Prints findings for people.
    pub fn show(&self, diagnostics: &Diagnostics) {
        if !diagnostics.is_empty() {
            let source = &self.project.source;
            // A line may hold a secret where none belongs, and be drawn for another reason.
            let secrets = drawn::secrets(source, &human::drawn(source, diagnostics));
            let veiled = drawn::veiled(diagnostics, source, &secrets);
            eprint!("{}", human::render(&source.concealing(&secrets), &veiled));
        }
        if let Some(summary) = human::summary(diagnostics) {
            eprintln!("{}: {summary}", self.shown());
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
