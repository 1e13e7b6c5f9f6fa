//! What speaks to AWS or to the local cloud: a program of its own, `topogen-cloud`, which `topogen` runs in its place.
//!
//! The AWS SDK makes most of the machine code, and to load it takes longer than to render a small topology. Whoever checks and renders
//! has no network code in the process at all.

use std::env::consts::EXE_SUFFIX;
use std::io;
use std::process::Command;

use clap::Subcommand;

use super::{CliError, Exit, deploy, destroy, local};

const PROGRAM: &str = "topogen-cloud";

#[derive(Debug, Subcommand)]
pub(super) enum CloudCommand {
    /// Run the app on the local cloud, until Ctrl-C
    Local(local::LocalArgs),
    /// Render, build and deploy an environment through a change set
    Deploy(deploy::DeployArgs),
    /// Delete the stack of an environment
    Destroy(destroy::DestroyArgs),
}

pub(super) fn run(command: &CloudCommand) -> Result<(), CliError> {
    match command {
        CloudCommand::Local(args) => local::run(args),
        CloudCommand::Deploy(args) => deploy::run(args),
        CloudCommand::Destroy(args) => destroy::run(args),
    }
}

/// Becomes the program beside this one, with the command line as it was typed. Returns when that cannot be.
pub(super) fn hand_over() -> Result<(), CliError> {
    let this = std::env::current_exe().map_err(|error| {
        CliError::new(
            Exit::Usage,
            format!("cannot tell where topogen lies, to find {PROGRAM} beside it: {error}"),
        )
    })?;
    let program = this.with_file_name(format!("{PROGRAM}{EXE_SUFFIX}"));
    let mut command = Command::new(&program);
    command.args(std::env::args_os().skip(1));
    let failed = replace_with(&mut command);
    let program = program.display();
    if failed.kind() == io::ErrorKind::NotFound {
        let missing = format!("{program} is not there: it runs what speaks to a cloud");
        return Err(CliError::new(Exit::Usage, missing)
            .help("the two programs belong together: `cargo install` puts them in one folder"));
    }
    let failed = format!("cannot run {program}: {failed}");
    Err(CliError::new(Exit::Usage, failed))
}

#[cfg(unix)]
fn replace_with(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

#[cfg(not(unix))]
fn replace_with(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(Exit::Bug as i32)),
        Err(error) => error,
    }
}
