//! The command line: one file for each command, its arguments and its `run`.
//!
//! Data goes to stdout, talk to stderr. What a command returns decides the exit status.

mod add;
mod build;
mod check;
#[cfg(feature = "cloud")]
mod cloud;
mod contracts;
#[cfg(feature = "cloud")]
mod deploy;
#[cfg(feature = "cloud")]
mod destroy;
mod error;
mod explain;
mod file;
mod fix;
#[cfg(feature = "cloud")]
mod local;
mod patience;
mod progress;
mod project;
mod render;
mod revision;
mod schema;
mod terminal;
mod trace;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::out;
pub use error::{CliError, Exit};
use terminal::{eprintln, print};

/// The compiler for event-driven microservices on AWS.
///
/// One topology.toml of services, events and subscriptions is checked, rendered to CloudFormation, built, run on the local
/// cloud and deployed.
///
/// Exit status: 0 clean, 1 findings, 2 usage, 3 stale, 4 refused by AWS, 70 a bug of topogen.
#[derive(Debug, Parser)]
#[command(
    name = "topogen",
    bin_name = "topogen",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Arguments that every command on a topology takes.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The topology file; out/ and functions/ lie beside it
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "topology.toml",
        global = true
    )]
    file: std::path::PathBuf,
}

#[derive(Debug, Subcommand)]
// Only the command that is run sets up its arguments, and its help has all that its own file says.
#[command(defer = true)]
enum Command {
    /// Report every mistake of the topology at once
    Check(check::CheckArgs),
    /// Say what a finding means, why it matters and what to write instead
    Explain(explain::ExplainArgs),
    /// Write the templates of an environment into out/
    Render(render::RenderArgs),
    /// Add a consumer to the topology, and scaffold its handler
    Add(add::AddArgs),
    /// Build the handlers of an environment into zips in out/
    Build(build::BuildArgs),
    #[cfg(feature = "cloud")]
    #[command(flatten)]
    Cloud(cloud::CloudCommand),
    /// Tell who receives an event, by which filter, and where it can end
    Trace(trace::TraceArgs),
    /// Compare the contracts of events with those of an earlier revision
    Contracts(contracts::ContractsArgs),
    /// Write the JSON Schema of topology.toml, for editors
    Schema(schema::SchemaArgs),
}

/// The program `topogen`. What speaks to a cloud it hands to the one beside it.
pub fn main() -> ExitCode {
    process(run)
}

/// The program `topogen-cloud`, which does all of it.
#[cfg(feature = "cloud")]
pub fn main_of_cloud() -> ExitCode {
    process(|command| {
        if let Command::Cloud(command) = &command {
            return cloud::run(command);
        }
        run(command)
    })
}

/// Runs the command line, reports what went wrong, and owns up to a panic.
fn process(run: fn(Command) -> Result<(), CliError>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("topogen has a bug: {panic}");
        eprintln!("  help: please report it with the topology file and this text");
    }));
    out::outgrowing_is_an_error();
    let run = || {
        let done = match Cli::try_parse() {
            Ok(cli) => run(cli.command),
            // Help and version are data as any other; a command line that cannot be is told by clap.
            Err(asked) if !asked.use_stderr() => {
                print!("{}", asked.render().ansi());
                Ok(())
            }
            Err(mistake) => mistake.exit(),
        };
        terminal::printed().and(done)
    };
    match std::panic::catch_unwind(run) {
        Ok(Ok(())) => Exit::Clean.into(),
        Ok(Err(error)) => {
            error.print();
            error.exit.into()
        }
        Err(_) => Exit::Bug.into(),
    }
}

fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Render(args) => render::run(&args),
        Command::Add(args) => add::run(&args),
        Command::Build(args) => build::run(&args),
        #[cfg(feature = "cloud")]
        Command::Cloud(_) => Err(cloud::hand_over()),
        Command::Trace(args) => trace::run(&args),
        Command::Contracts(args) => contracts::run(&args),
        Command::Schema(args) => schema::run(&args),
    }
}
