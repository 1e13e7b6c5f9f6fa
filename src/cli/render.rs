//! `topogen render`

use anstream::eprintln;
use clap::{Args, ValueEnum};

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
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Cfn)]
    format: Format,
    /// Write nothing, and fail when out/ is stale
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The native CloudFormation templates
    Cfn,
    /// The same, and beside each a sam.yaml that the SAM transform expands to it
    Sam,
}

pub(super) fn run(args: &RenderArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let plan = opened.plan(&environment)?;
    let mut artefacts = emit::artefacts(&plan);
    let mut again = format!("topogen render --environment {environment}");
    match args.format {
        Format::Cfn => {}
        Format::Sam => {
            artefacts.extend(plan.stacks.iter().map(|stack| emit::sam_view(&plan, stack)));
            again += " --format sam";
        }
    }
    let out = opened.out();
    if args.check {
        let stale = out::check(&out, environment.as_str(), &artefacts)?;
        for file in &stale {
            eprintln!("out/{file}");
        }
        return if stale.is_empty() {
            Ok(())
        } else {
            Err(
                CliError::new(Exit::Stale, "out/ is not what the topology says")
                    .help(format!("run `{again}`")),
            )
        };
    }
    let written = out::write(&out, environment.as_str(), &artefacts)?;
    for path in &written.changed {
        eprintln!("wrote out/{path}");
    }
    eprintln!(
        "{}: {} resources, {} of {} files changed",
        plan.name,
        plan.resources().count(),
        written.changed.len(),
        written.files
    );
    Ok(())
}
