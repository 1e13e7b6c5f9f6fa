//! The `topogen` command: all behaviour is in the library, this owns the process's exit.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    topogen::cli::main()
}
