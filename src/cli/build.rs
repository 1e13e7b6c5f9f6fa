//! `topogen build`

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::progress::Progress;
use super::terminal::{eprintln, println};
use super::{CliError, Common, Exit, project};
use crate::build::{self, Workspaces, Zip};
use crate::model::names::ServiceName;
use crate::plan::Plan;
use crate::syntax::suggest;

/// Build the handlers of an environment into zips in out/.
#[derive(Debug, Args)]
pub struct BuildArgs {
    #[command(flatten)]
    common: Common,
    /// The environment [default: dev]
    #[arg(short, long)]
    environment: Option<String>,
    /// How to report what was built
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Say only what goes wrong
    #[arg(short, long)]
    quiet: bool,
    /// Services to build [default: all]
    services: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each service, on stderr
    #[default]
    Human,
    /// One JSON array, on stdout
    Json,
}

pub(super) fn run(args: &BuildArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let plan = opened.plan(&environment)?;
    let services = chosen(&plan, &args.services)?;
    let progress = Progress::on_stderr(args.quiet);
    let (zips, result) = build(&opened, &plan, &services, progress)?;
    if args.format == Format::Json {
        println!("{:#}", json(&zips));
    }
    result
}

/// Builds the handlers of `services`, all of them.
#[cfg(feature = "cloud")]
pub(super) fn handlers(
    opened: &project::Opened,
    plan: &Plan,
    services: &[ServiceName],
) -> Result<Vec<Zip>, CliError> {
    let (zips, result) = build(opened, plan, services, Progress::on_stderr(false))?;
    result.map(|()| zips)
}

/// Builds the handlers of `services` and says of each what came of it: those that were built, and whether that is all.
fn build(
    opened: &project::Opened,
    plan: &Plan,
    services: &[ServiceName],
    progress: Progress,
) -> Result<(Vec<Zip>, Result<(), CliError>), CliError> {
    let missing = build::missing(plan, services, &opened.root);
    if missing.has_errors() {
        opened.show(&missing);
        return Err(CliError::findings());
    }
    let jobs = build::jobs(plan, services);
    let mut workspaces = Workspaces::default();
    let mut zips = Vec::new();
    let mut failed = 0;
    // One handler that does not compile keeps none of the others from being built and reported.
    for (before, job) in jobs.iter().enumerate() {
        let line = progress.begin(job, (before + 1, jobs.len()));
        let built = build::build(plan, job, &opened.root, &mut workspaces, &line);
        drop(line);
        match built {
            Ok(built) => {
                if progress != Progress::Quiet {
                    built.iter().for_each(report);
                }
                zips.extend(built);
            }
            Err(error) => {
                eprintln!("{}: {error}", job.origin);
                if let Some(help) = error.help() {
                    eprintln!("  help: {help}");
                }
                failed += 1;
            }
        }
    }
    let result = match failed {
        0 => Ok(()),
        _ => Err(CliError::new(
            Exit::Findings,
            format!("{failed} of {} handlers were not built", jobs.len()),
        )),
    };
    Ok((zips, result))
}

fn report(zip: &Zip) {
    eprintln!(
        "{:<9} {:<20} {:>6} KiB  sha256 {}…  {:.1} s",
        if zip.changed { "built" } else { "unchanged" },
        zip.service.as_str(),
        zip.size / 1024,
        &zip.sha256[..12],
        zip.took.as_secs_f64()
    );
}

fn json(zips: &[Zip]) -> serde_json::Value {
    #[derive(Serialize)]
    struct Built<'a> {
        service: &'a str,
        path: String,
        sha256: &'a str,
        size: usize,
        architecture: String,
        changed: bool,
    }
    let built: Vec<Built<'_>> = zips
        .iter()
        .map(|zip| Built {
            service: zip.service.as_str(),
            path: zip
                .path
                .strip_prefix(".")
                .unwrap_or(&zip.path)
                .display()
                .to_string(),
            sha256: &zip.sha256,
            size: zip.size,
            architecture: zip.architecture.to_string(),
            changed: zip.changed,
        })
        .collect();
    serde_json::json!(built)
}

/// The named services, or all.
fn chosen(plan: &Plan, names: &[String]) -> Result<Vec<ServiceName>, CliError> {
    if names.is_empty() {
        return Ok(plan.handlers.keys().cloned().collect());
    }
    names
        .iter()
        .map(|name| {
            plan.handlers
                .keys()
                .find(|service| service.as_str() == name)
                .cloned()
                .ok_or_else(|| {
                    CliError::new(Exit::Usage, format!("there is no service `{name}`")).help(
                        suggest::help(name, plan.handlers.keys().map(|service| service.as_str())),
                    )
                })
        })
        .collect()
}
