//! What speaks to AWS or to the local cloud: a program of its own, `topogen-cloud`, which `topogen` runs in its place.
//!
//! Half of the machine code is the AWS SDK's, and loading it took up to a third of the time in which a small topology is rendered. Whoever
//! checks and renders has no network code in the process at all.

use std::env::consts::EXE_SUFFIX;
use std::process::Command;

use clap::Subcommand;

use super::{CliError, Exit, deploy, destroy, local};

const PROGRAM: &str = "topogen-cloud";

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum CloudCommand {
    /// Run the app on the local cloud, until Ctrl-C
    Local(local::LocalArgs),
    /// Render, build and deploy an environment through a change set
    Deploy(deploy::DeployArgs),
    /// Delete the stacks of an environment
    Destroy(destroy::DestroyArgs),
}

pub(super) fn run(command: &CloudCommand) -> Result<(), CliError> {
    match command {
        CloudCommand::Local(args) => local::run(args),
        CloudCommand::Deploy(args) => deploy::run(args),
        CloudCommand::Destroy(args) => destroy::run(args),
    }
}

/// Becomes the program beside this one, with the command line as it was typed. Returns why that cannot be.
pub(super) fn hand_over() -> CliError {
    let this = match std::env::current_exe() {
        Ok(this) => this,
        Err(error) => {
            let lost =
                format!("cannot tell where topogen lies, to find {PROGRAM} beside it: {error}");
            return CliError::new(Exit::Usage, lost);
        }
    };
    let program = this.with_file_name(format!("{PROGRAM}{EXE_SUFFIX}"));
    let mut command = Command::new(&program);
    command.args(std::env::args_os().skip(1));
    let failed = replace_with(&mut command);
    if program.exists() {
        let failed = format!("cannot run {}: {failed}", program.display());
        return CliError::new(Exit::Usage, failed);
    }
    let missing = format!(
        "cannot find {}, which runs `local`, `deploy` and `destroy`",
        program.display()
    );
    CliError::new(Exit::Usage, missing)
        .help("the two programs belong together: `cargo install` puts them in one folder")
}

#[cfg(unix)]
fn replace_with(command: &mut Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

#[cfg(not(unix))]
fn replace_with(command: &mut Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(Exit::Bug as i32)),
        Err(error) => error,
    }
}
