//! Types of contracts that are about nothing.

fn main() -> std::process::ExitCode {
    topogen_typegen::build("schemas", &[])
}
