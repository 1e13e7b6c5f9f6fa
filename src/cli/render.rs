//! `topogen render`

use anstream::eprintln;
use clap::Args;

use super::{CliError, Common, Exit, project};
use crate::{emit, out};

/// Write the templates of an environment into out/.
#[derive(Debug, Args)]
pub struct RenderArgs {
    #[command(flatten)]
    common: Common,
    /// The environment [default: dev]
    #[arg(short, long)]
    environment: Option<String>,
    /// Write nothing, and fail when out/ is stale
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &RenderArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let plan = opened.plan(&environment)?;
    let artefacts = emit::artefacts(&plan);
    let out = opened.out();
    if args.check {
        let stale = out::check(&out, environment.as_str(), &artefacts);
        for file in &stale {
            eprintln!("out/{file}");
        }
        return if stale.is_empty() {
            Ok(())
        } else {
            Err(
                CliError::new(Exit::Stale, "out/ is not what the topology says")
                    .help(format!("run `topogen render --environment {environment}`")),
            )
        };
    }
    let changed = out::write(&out, environment.as_str(), &artefacts)
        .map_err(|error| CliError::new(Exit::Usage, error))?;
    for path in &changed {
        eprintln!("wrote out/{path}");
    }
    eprintln!(
        "{}: {} resources, {} of {} files changed",
        plan.name,
        plan.resources().count(),
        changed.len(),
        artefacts.len()
    );
    Ok(())
}
