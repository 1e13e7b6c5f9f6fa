//! `topogen build`

use anstream::eprintln;
use clap::Args;

use super::{CliError, Common, Exit, project};
use crate::build::{self, BuildError, Zip};
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
    /// Services to build [default: all]
    services: Vec<String>,
}

pub(super) fn run(args: &BuildArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let plan = opened.plan(&environment)?;
    handlers(&opened, &plan, &chosen(&plan, &args.services)?)?;
    Ok(())
}

/// Builds the handlers of `services` and says of each what came of it.
pub(super) fn handlers(
    opened: &project::Opened,
    plan: &Plan,
    services: &[ServiceName],
) -> Result<Vec<Zip>, CliError> {
    let mut wanted = plan.clone();
    wanted
        .handlers
        .retain(|service, _| services.contains(service));
    let missing = build::missing(&wanted, &opened.root);
    if missing.has_errors() {
        opened.show(&missing);
        return Err(CliError::findings());
    }
    let mut zips = Vec::new();
    let mut failures = Vec::new();
    // One handler that does not compile keeps none of the others from being built and reported.
    for (service, handler) in &wanted.handlers {
        match build::build(plan, service, handler, &opened.root) {
            Ok(zip) => {
                report(&zip);
                zips.push(zip);
            }
            Err(error) => {
                eprintln!("{}: {error}", handler.origin);
                failures.push(error);
            }
        }
    }
    match failures.first() {
        None => Ok(zips),
        Some(first) => {
            let error = CliError::new(
                Exit::Findings,
                format!(
                    "{} of {} handlers were not built",
                    failures.len(),
                    wanted.handlers.len()
                ),
            );
            Err(match BuildError::help(first) {
                Some(help) => error.help(help),
                None => error,
            })
        }
    }
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
