//! `topogen check`

use clap::{Args, ValueEnum};

use super::project::{self, Opened};
use super::terminal::{eprintln, println};
use super::{CliError, Common, fix};
use crate::diag::{Diagnostics, human, json, sarif};
use crate::lints::{self, drawn};
use crate::model::environment::LOCAL;
use crate::model::names::EnvironmentName;
use crate::source::Span;

/// With more findings than that in all, a file is not checked for a further environment: most would be the same again.
const MANY: usize = 100_000;

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
    /// Mend in the file what can be mended for certain, and report the rest
    #[arg(long)]
    fix: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum Format {
    /// Snippets of the file, on stderr
    #[default]
    Human,
    /// One JSON object, on stdout
    Json,
    /// SARIF 2.1.0 for code scanning, on stdout
    Sarif,
}

pub(super) fn run(args: &CheckArgs) -> Result<(), CliError> {
    let mut opened = project::open(&args.common)?;
    let named = match &args.environment {
        Some(name) => Some(opened.environment(Some(name))?),
        None => None,
    };
    if args.fix {
        let find = |opened: &Opened| find(opened, named.as_ref());
        opened = fix::run(opened, &args.common.file, find)?;
    }
    let diagnostics = find(&opened, named.as_ref());
    report(&opened, &args.common, args.format, &diagnostics, || {
        let environments = environments(&opened, named.as_ref());
        let names: Vec<&str> = environments.iter().map(|name| name.as_str()).collect();
        let silenced = match human::silenced(&diagnostics) {
            Some(count) => format!(", {count}"),
            None => String::new(),
        };
        format!("no findings{silenced} ({})", names.join(", "))
    })
}

/// Prints findings as asked for; `clean` is what people are told when there are none. Errors end the command.
pub(super) fn report(
    opened: &Opened,
    common: &Common,
    format: Format,
    diagnostics: &Diagnostics,
    clean: impl FnOnce() -> String,
) -> Result<(), CliError> {
    let source = &opened.project.source;
    let veiled = || {
        let whole = Span::from(0..source.text().len());
        drawn::veiled(diagnostics, source, &drawn::secrets(source, &[whole]))
    };
    match format {
        Format::Human if diagnostics.is_empty() => eprintln!("{}: {}", opened.shown(), clean()),
        Format::Human => opened.show(diagnostics),
        Format::Json => println!("{}", json::render(source, &veiled())),
        Format::Sarif => {
            let path = project::from_here(&common.file);
            println!(
                "{}",
                sarif::render(&path, source, &lints::pages(), &veiled())
            );
        }
    }
    if diagnostics.has_errors() {
        return Err(CliError::findings());
    }
    Ok(())
}

fn environments(opened: &Opened, named: Option<&EnvironmentName>) -> Vec<EnvironmentName> {
    named.map_or_else(|| opened.project.environments(), |name| vec![name.clone()])
}

/// The findings of the environment that is named, or of all, and then those that need to know all as well.
pub(super) fn find(opened: &Opened, named: Option<&EnvironmentName>) -> Diagnostics {
    let (mut each, mut count) = (Vec::new(), 0);
    let environments = environments(opened, named);
    for environment in &environments {
        let found = opened.findings(environment);
        count += found.len();
        each.push((environment.as_str(), found));
        if count > MANY {
            return Diagnostics::of_environments(each, LOCAL);
        }
    }
    let mut diagnostics = Diagnostics::of_environments(each, LOCAL);
    if named.is_none() {
        let unused = opened.project.unused(&diagnostics);
        diagnostics.extend(unused);
    }
    fix::without_bad(&opened.project.source, diagnostics.sorted())
}
