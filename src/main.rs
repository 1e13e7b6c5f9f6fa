//! The `topogen` command: all behaviour is in the library, this owns the process's exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    topogen::cli::main()
}
