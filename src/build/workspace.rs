//! A handler's crate as cargo sees it: its workspace, its toolchain, and the flags that keep the folders of this machine out of
//! the binary.
//!
//! The same source makes the same bytes in every folder: rustc writes paths into panic messages, so each folder that may
//! stand there gets a name that is the same everywhere.

use std::ffi::OsStr;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_config2::{Config, Flags, cargo_home_with_cwd};
use cargo_metadata::{Dependency, DependencyKind, Error, Metadata, MetadataCommand};
use toml::de::DeTable;

use super::{BuildError, Watch, tool};

/// A handler's crate, and who watches it being built.
pub struct Crate<'a> {
    /// Its folder, from that of the topology.
    pub folder: &'a str,
    /// The same folder on this machine.
    pub path: PathBuf,
    /// Hears what cargo says.
    pub watch: &'a dyn Watch,
}

impl Crate<'_> {
    fn refused(&self, why: impl Display) -> BuildError {
        why.to_string()
            .lines()
            .for_each(|line| self.watch.line(line));
        BuildError::Crate(self.folder.to_owned())
    }

    fn manifest(&self) -> PathBuf {
        self.path.join("Cargo.toml")
    }

    /// cargo's configuration there: files of that folder and those above it, and the environment.
    fn config(&self) -> Result<Config, BuildError> {
        Config::load_with_cwd(&self.path).map_err(|error| self.refused(error))
    }
}

/// The workspaces that were met. Handlers mostly share one, and cargo is not asked again.
#[derive(Debug, Default)]
pub struct Workspaces(Vec<Workspace>);

impl Workspaces {
    /// The workspace that the crate is in.
    pub fn of(&mut self, at: &Crate<'_>) -> Result<&Workspace, BuildError> {
        let manifest = at.manifest();
        let known = self.0.iter().position(|workspace| workspace.has(&manifest));
        let index = match known {
            Some(index) => index,
            None => {
                self.0.push(Workspace::open(at)?);
                self.0.len() - 1
            }
        };
        Ok(&self.0[index])
    }
}

/// A workspace and the toolchain that builds it.
#[derive(Debug)]
pub struct Workspace {
    metadata: Metadata,
    /// The machine that the toolchain builds for by itself.
    pub host: String,
    commit: Option<String>,
    sysroot: PathBuf,
}

impl Workspace {
    fn open(at: &Crate<'_>) -> Result<Self, BuildError> {
        let metadata = MetadataCommand::new()
            .cargo_path(tool::cargo())
            .current_dir(&at.path)
            .no_deps()
            .exec();
        let metadata = metadata.map_err(|error| match error {
            Error::Io(error) => not_run("cargo".as_ref(), error),
            Error::CargoMetadata { stderr } => at.refused(stderr),
            Error::Utf8(_) | Error::ErrUtf8(_) | Error::Json(_) | Error::NoJson => {
                at.refused(error)
            }
        })?;
        let config = at.config()?;
        let ask = |arguments: &[&str]| {
            let mut rustc = Command::from(config.rustc());
            let output = rustc.args(arguments).current_dir(&at.path).output();
            let output = output.map_err(|error| not_run(rustc.get_program(), error))?;
            if !output.status.success() {
                return Err(at.refused(String::from_utf8_lossy(&output.stderr)));
            }
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let version = ask(&["-vV"])?;
        let line = |name| {
            let mut lines = version.lines();
            lines
                .find_map(|line| line.strip_prefix(name))
                .map(str::to_owned)
        };
        Ok(Self {
            metadata,
            host: line("host: ").unwrap_or_default(),
            commit: line("commit-hash: "),
            sysroot: ask(&["--print", "sysroot"])?.into(),
        })
    }

    fn has(&self, manifest: &Path) -> bool {
        let mut packages = self.metadata.packages.iter();
        packages.any(|package| package.manifest_path == manifest)
    }

    /// Whether the toolchain has the standard library for `target`.
    pub fn has_target(&self, target: &str) -> bool {
        let installed = self.sysroot.join("lib/rustlib").join(target);
        installed.join("lib").is_dir()
    }

    /// Where its artefacts are.
    pub fn target_directory(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// Whether it has a profile of that name.
    pub fn has_profile(&self, name: &str) -> bool {
        let manifest = self.metadata.workspace_root.join("Cargo.toml");
        let text = std::fs::read_to_string(manifest).unwrap_or_default();
        let (table, _) = DeTable::parse_recoverable(&text);
        let profiles = table.get_ref().get("profile");
        profiles.is_some_and(|profiles| profiles.get_ref().get(name).is_some())
    }

    /// Crates outside the workspace that the crate uses. cargo names what is in them by their folder on this machine.
    pub fn outsiders(&self, at: &Crate<'_>) -> Vec<&str> {
        let manifest = at.manifest();
        let packages = self.metadata.packages.iter();
        let own = packages.filter(|package| package.manifest_path == manifest);
        own.flat_map(|package| &package.dependencies)
            .filter(|dependency| dependency.kind != DependencyKind::Development)
            .filter_map(|dependency| Some((dependency, self.outside(dependency)?)))
            .map(|(dependency, _)| dependency.name.as_str())
            .collect()
    }

    fn outside<'a>(&self, dependency: &'a Dependency) -> Option<&'a Path> {
        let path = dependency.path.as_ref()?;
        (!path.starts_with(&self.metadata.workspace_root)).then_some(path.as_std_path())
    }

    /// The compiler's flags for `target`, as CARGO_ENCODED_RUSTFLAGS takes them: names for folders, and after them, so that they
    /// win, the user's own from wherever cargo would take them.
    pub fn rustflags(&self, at: &Crate<'_>, target: &str) -> Result<String, BuildError> {
        let refused = |error| at.refused(error);
        let mut flags = Flags::default();
        for (from, to) in self.names(at) {
            flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        }
        let own = at.config()?.rustflags(target).map_err(refused)?;
        for flag in own.unwrap_or_default().flags {
            flags.push(flag);
        }
        flags.encode().map_err(refused)
    }

    /// Folders and their names. The compiler takes the last that fits, so a folder comes after those that it lies in.
    fn names(&self, at: &Crate<'_>) -> Vec<(PathBuf, String)> {
        let metadata = &self.metadata;
        let mut names = vec![
            (
                metadata.workspace_root.clone().into(),
                "/workspace".to_owned(),
            ),
            (
                metadata.target_directory.clone().into(),
                "/target".to_owned(),
            ),
        ];
        if let Some(folder) = &metadata.build_directory
            && *folder != metadata.target_directory
        {
            names.push((folder.clone().into(), "/target".to_owned()));
        }
        if let Some(home) = cargo_home_with_cwd(&at.path) {
            names.push((home, "/cargo".to_owned()));
        }
        // The standard library was built as `/rustc/…`, and loses that name where its source is installed.
        if let Some(commit) = &self.commit {
            let source = self.sysroot.join("lib/rustlib/src/rust");
            names.push((source, format!("/rustc/{commit}")));
        }
        let packages = metadata.packages.iter();
        for dependency in packages.flat_map(|package| &package.dependencies) {
            if let Some(path) = self.outside(dependency) {
                names.push((path.to_owned(), format!("/outside/{}", dependency.name)));
            }
        }
        names.sort_by_key(|(folder, _)| folder.components().count());
        names
    }
}

fn not_run(program: &OsStr, error: std::io::Error) -> BuildError {
    BuildError::Run {
        program: program.to_string_lossy().into_owned(),
        error,
    }
}
