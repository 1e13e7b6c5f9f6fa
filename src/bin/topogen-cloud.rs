//! The `topogen-cloud` command: all that `topogen` does, and what speaks to AWS or to the local cloud.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    topogen::cli::main_of_cloud()
}
