//! Handlers: crate to `bootstrap` to zip.
//!
//! cargo decides what has changed; the zip has fixed times and modes, so the same binary makes the same bytes.

mod cargo;
mod package;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::names::ServiceName;
use crate::out::{self, OutError};
use crate::plan::{self, Handler, Plan};

/// The zip of one function.
#[derive(Debug, Clone)]
pub struct Zip {
    /// The service.
    pub service: ServiceName,
    /// The file.
    pub path: PathBuf,
    /// Bytes.
    pub size: usize,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Whether the file changed.
    pub changed: bool,
    /// How long it took.
    pub took: Duration,
}

impl Zip {
    /// Its key in the artefact bucket. New content has a new key, so CloudFormation sees the change.
    pub fn key(&self) -> String {
        format!("functions/{}/{}.zip", self.service, self.sha256)
    }
}

/// Why a handler could not be built.
#[derive(Debug)]
pub enum BuildError {
    /// cargo is not there, or could not be run.
    Cargo(std::io::Error),
    /// The crate does not compile; cargo has said why.
    Compile(String),
    /// The crate makes no binary, or several.
    Binaries {
        /// The crate's folder.
        folder: String,
        /// How many it makes.
        found: usize,
    },
    /// This machine builds for another processor or system.
    Cross {
        /// The service.
        service: ServiceName,
        /// What it asks for.
        architecture: String,
    },
    /// A file could not be read or written.
    File(OutError),
    /// The zip could not be made.
    Zip(zip::result::ZipError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cargo(error) => write!(f, "cannot run cargo: {error}"),
            Self::Compile(folder) => write!(f, "`{folder}` does not compile"),
            Self::Binaries { folder, found } => {
                write!(f, "`{folder}` makes {found} binaries, a handler makes one")
            }
            Self::Cross {
                service,
                architecture,
            } => write!(
                f,
                "`{service}` is for {architecture} Linux, which this machine cannot build by itself"
            ),
            Self::File(error) => error.fmt(f),
            Self::Zip(error) => write!(f, "cannot make the zip: {error}"),
        }
    }
}

impl BuildError {
    /// What to type.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Cargo(_) => Some("install Rust, or put cargo on PATH".to_owned()),
            Self::Cross { architecture, .. } => Some(format!(
                "install cargo-zigbuild with `pip install cargo-zigbuild` and the target with \
                 `rustup target add {}`, or set `function = {{ architecture = \"{}\" }}`",
                cargo::target(architecture),
                std::env::consts::ARCH
            )),
            Self::Binaries { .. } => {
                Some("keep one `src/main.rs` and no other binary in the crate".to_owned())
            }
            Self::File(error) => error.help().map(str::to_owned),
            Self::Compile(_) | Self::Zip(_) => None,
        }
    }
}

/// Reports every handler whose crate is not there, and how to make it.
pub fn missing(plan: &Plan, root: &Path) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    for (service, handler) in &plan.handlers {
        if root.join(&handler.folder).join("Cargo.toml").is_file() {
            continue;
        }
        let folder = &handler.folder;
        diagnostics.push(
            Diagnostic::error(
                codes::HANDLER_MISSING,
                handler.origin.span,
                format!("the service `{service}` has no handler: there is no crate in `{folder}`"),
            )
            .label("asked for here")
            .help(format!(
                "make it with `cargo new --bin {folder}` and `cargo add --path functions/kit --package {service}`, and \
                 start from `functions/notification/src`; or write `handler = \"…\"` to use a crate that is there"
            )),
        );
    }
    diagnostics
}

/// Builds one handler into `out/{environment}/functions/{service}.zip`, with its SHA-256 beside it.
pub fn build(
    plan: &Plan,
    service: &ServiceName,
    handler: &Handler,
    root: &Path,
) -> Result<Zip, BuildError> {
    let started = std::time::Instant::now();
    let binary = cargo::build(service, handler, root)?;
    let bootstrap =
        std::fs::read(&binary).map_err(|error| BuildError::File(OutError::io(&binary, error)))?;
    let bytes = package::zip(&bootstrap).map_err(BuildError::Zip)?;
    let sha256 = package::sha256(&bytes);
    let out = root.join("out");
    let zip = format!("{}/{}", plan.environment, plan::zip_path(service));
    let changed = out::put(&out, &zip, &bytes).map_err(BuildError::File)?;
    let line = format!("{sha256}  {service}.zip\n");
    out::put(&out, &format!("{zip}.sha256"), line.as_bytes()).map_err(BuildError::File)?;
    Ok(Zip {
        service: service.clone(),
        path: out.join(zip),
        size: bytes.len(),
        sha256,
        changed,
        took: started.elapsed(),
    })
}
