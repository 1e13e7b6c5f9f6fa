//! `topogen check`

use anstream::{eprintln, println};
use clap::{Args, ValueEnum};

use super::{CliError, Common, project};
use crate::diag::{Diagnostics, human, json};

/// Report every mistake of the topology at once.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    common: Common,
    /// Check one environment instead of all
    #[arg(short, long)]
    environment: Option<String>,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// Snippets of the file, on stderr
    #[default]
    Human,
    /// One JSON object, on stdout
    Json,
}

pub(super) fn run(args: &CheckArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environments = match &args.environment {
        Some(name) => vec![opened.environment(Some(name))?],
        None => opened.project.environments(),
    };
    let mut diagnostics = Diagnostics::default();
    for environment in &environments {
        diagnostics.extend(opened.compile(environment).1);
    }
    if args.environment.is_none() {
        let unused = opened.project.unused(&diagnostics);
        diagnostics.extend(unused);
    }
    let diagnostics = diagnostics.sorted();
    match args.format {
        Format::Human if diagnostics.is_empty() => {
            let names: Vec<&str> = environments.iter().map(|name| name.as_str()).collect();
            let silenced = match human::silenced(&diagnostics) {
                Some(count) => format!(", {count}"),
                None => String::new(),
            };
            eprintln!(
                "{}: no findings{silenced} ({})",
                opened.project.source.path(),
                names.join(", ")
            );
        }
        Format::Human => opened.show(&diagnostics),
        Format::Json => println!("{}", json::render(&opened.project.source, &diagnostics)),
    }
    if diagnostics.has_errors() {
        return Err(CliError::findings());
    }
    Ok(())
}
