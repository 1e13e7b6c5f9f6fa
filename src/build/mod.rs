//! Handlers: crate to `bootstrap` to zip.
//!
//! cargo decides what has changed. The same source makes the same binary in every folder, and the same binary the same zip.

mod cargo;
mod error;
mod package;
pub mod runtime;
mod tool;
mod workspace;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use error::BuildError;
use runtime::{Place, Unfit};
use workspace::Crate;
pub use workspace::Workspaces;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::environment::LOCAL;
use crate::model::function::Architecture;
use crate::model::names::ServiceName;
use crate::out::{self, OutError};
use crate::plan::outbox::RELAY;
use crate::plan::{self, Origin, Plan};

/// A crate to be built once, for all services that it is the handler of.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its folder, from that of the topology.
    pub folder: String,
    /// Processor to build for.
    pub architecture: Architecture,
    /// The services, in their order.
    pub services: Vec<ServiceName>,
    /// The line that asks for the first of them.
    pub origin: Origin,
}

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
    /// Processor that it was built for.
    pub architecture: Architecture,
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

/// Who watches a handler being built.
pub trait Watch: Sync {
    /// How cargo is to speak.
    fn words(&self) -> Words;
    /// The tool that compiles.
    fn started(&self, tool: &str);
    /// A line of cargo's own words.
    fn line(&self, line: &str);
    /// One more crate is compiled, or was before.
    fn compiled(&self);
    /// Something worth knowing that stops nothing.
    fn note(&self, note: &str);
}

/// How cargo speaks to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// It writes to stderr as it likes.
    AsTheyAre,
    /// The same, and no progress.
    Errors,
    /// Line by line to [`Watch::line`], where something else is drawn on the same terminal.
    Lines {
        /// Whether in colours.
        colour: bool,
    },
}

/// What has to be built for `services`.
pub fn jobs(plan: &Plan, services: &[ServiceName]) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    for (service, handler) in &plan.handlers {
        if !services.contains(service) {
            continue;
        }
        let same = jobs
            .iter_mut()
            .find(|job| job.folder == handler.folder && job.architecture == handler.architecture);
        match same {
            Some(job) => job.services.push(service.clone()),
            None => jobs.push(Job {
                folder: handler.folder.clone(),
                architecture: handler.architecture,
                services: vec![service.clone()],
                origin: handler.origin.clone(),
            }),
        }
    }
    jobs
}

/// Reports every handler whose crate is not there, and how to make it.
pub fn missing(plan: &Plan, services: &[ServiceName], root: &Path) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    for (service, handler) in &plan.handlers {
        if !services.contains(service) || root.join(&handler.folder).join("Cargo.toml").is_file() {
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
            .help(if folder == RELAY {
                format!("it is the relay of every outbox, and comes with topogen: copy topogen's own `{RELAY}`")
            } else {
                format!(
                    "make it with `topogen add service {service}`, or write `handler = \"…\"` to use a crate that is there"
                )
            }),
        );
    }
    diagnostics
}

/// Builds a crate into `out/{environment}/functions/{service}.zip` of each of its services, with its SHA-256 beside it. What
/// was there stays as it is when that fails.
pub fn build(
    plan: &Plan,
    job: &Job,
    root: &Path,
    workspaces: &mut Workspaces,
    watch: &dyn Watch,
) -> Result<Vec<Zip>, BuildError> {
    let started = Instant::now();
    let path = root.join(&job.folder);
    let at = Crate {
        folder: &job.folder,
        path: path.canonicalize().map_err(|error| file(&path, error))?,
        watch,
    };
    // The local cloud runs functions as processes of this machine.
    let place = if plan.environment == LOCAL {
        Place::Here
    } else {
        Place::Lambda
    };
    let (binary, bootstrap) = bootstrap(&at, job.architecture, place, workspaces)?;
    let out = root.join("out");
    let path = |service: &ServiceName| format!("{}/{}", plan.environment, plan::zip_path(service));
    let places = job.services.iter().map(|service| out.join(path(service)));
    let (bytes, sha256) = package::pack(&binary, &bootstrap, places).map_err(BuildError::Zip)?;
    if bytes.len() as u64 > runtime::MAX_DIRECT_UPLOAD {
        watch.note(&format!(
            "`{}` is larger than 50 MB as a zip: Lambda takes it from S3, as `topogen deploy` does, and no direct upload",
            job.folder
        ));
    }
    let put = |service: &ServiceName| {
        let zip = path(service);
        let changed = out::put(&out, &zip, &bytes).map_err(BuildError::File)?;
        let line = format!("{sha256}  {service}.zip\n");
        out::put(&out, &format!("{zip}.sha256"), line.as_bytes()).map_err(BuildError::File)?;
        Ok(Zip {
            service: service.clone(),
            path: out.join(zip),
            size: bytes.len(),
            sha256: sha256.clone(),
            architecture: job.architecture,
            changed,
            took: started.elapsed(),
        })
    };
    job.services.iter().map(put).collect()
}

/// The crate's binary, which starts in that place. The first tool that can build is taken, and the next when its C library is
/// too new.
fn bootstrap(
    at: &Crate<'_>,
    architecture: Architecture,
    place: Place,
    workspaces: &mut Workspaces,
) -> Result<(PathBuf, Vec<u8>), BuildError> {
    let folder = || at.folder.to_owned();
    let target = tool::target(architecture);
    let workspace = workspaces.of(at)?;
    for outsider in workspace.outsiders(at) {
        at.watch.note(&format!(
            "`{}` uses `{outsider}`, which is not in its workspace: its zip will differ from folder to folder \
             (put both into one, with `[workspace] members = [\"functions/*\"]` in the folder above)",
            at.folder
        ));
    }
    let mut tools = tool::that_build(target, &workspace.host)
        .into_iter()
        .peekable();
    while let Some(tool) = tools.next() {
        at.watch.started(tool.name());
        let binary = cargo::build(at, workspace, tool, target)?;
        let size = std::fs::metadata(&binary)
            .map_err(|error| file(&binary, error))?
            .len();
        if size > runtime::MAX_UNZIPPED {
            return Err(BuildError::TooLarge {
                folder: folder(),
                size,
            });
        }
        let bootstrap = std::fs::read(&binary).map_err(|error| file(&binary, error))?;
        match (
            runtime::check(&bootstrap, architecture, place),
            tools.peek(),
        ) {
            (Ok(()), _) => return Ok((binary, bootstrap)),
            (Err(why @ (Unfit::Glibc { .. } | Unfit::Interpreter(_))), Some(next)) => {
                at.watch.note(&format!(
                    "`{}` {why}: building it with {}",
                    at.folder,
                    next.name()
                ));
            }
            (Err(why), _) => {
                return Err(BuildError::Unfit {
                    folder: folder(),
                    why,
                });
            }
        }
    }
    Err(BuildError::Cross {
        folder: folder(),
        architecture,
    })
}

fn file(path: &Path, error: std::io::Error) -> BuildError {
    BuildError::File(OutError::io(path, error))
}
