//! The two programs: one compiles, the other speaks to a cloud, and users call the first for both.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use object::{Object, ObjectSymbol, SymbolKind};

const TOPOGEN: &str = env!("CARGO_BIN_EXE_topogen");
const CLOUD: &str = env!("CARGO_BIN_EXE_topogen-cloud");

fn run(program: impl AsRef<Path>, args: &[&str]) -> Output {
    Command::new(program.as_ref()).args(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What it starts with is what it needs: no SDK, no TLS.
#[test]
fn only_one_of_them_has_the_sdk() {
    let has = |program: &str, what: &str| {
        let bytes = fs::read(program).unwrap();
        let file = object::File::parse(&*bytes).unwrap();
        file.symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text)
            .any(|symbol| symbol.name().is_ok_and(|name| name.contains(what)))
    };
    for part in ["aws_smithy_runtime", "rustls"] {
        assert!(has(CLOUD, part), "{part}");
        assert!(!has(TOPOGEN, part), "{part}");
    }
    assert!(has(TOPOGEN, "jsonschema"), "symbols are there to be read");
}

#[test]
fn they_take_the_same_commands() {
    for command in [&["--help"][..], &["deploy", "--help"], &["check", "--help"]] {
        let (one, other) = (run(TOPOGEN, command), run(CLOUD, command));
        assert!(one.status.success() && other.status.success());
        assert_eq!(
            String::from_utf8(one.stdout).unwrap(),
            String::from_utf8(other.stdout).unwrap()
        );
    }
}

/// Arguments, output and exit status are those of the second program.
#[test]
fn a_command_is_handed_over_as_it_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not there.toml");
    let args = [
        "deploy",
        "--environment",
        "dev",
        "--file",
        file.to_str().unwrap(),
    ];
    let (one, other) = (run(TOPOGEN, &args), run(CLOUD, &args));
    assert_eq!(one.status.code(), Some(2));
    assert!(stderr(&one).contains("not there.toml"), "{}", stderr(&one));
    assert_eq!((one.status, one.stderr), (other.status, other.stderr));
}

#[test]
fn alone_it_compiles_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("topogen");
    fs::copy(TOPOGEN, &alone).unwrap();
    assert!(run(&alone, &["explain", "TG201"]).status.success());

    let output = run(&alone, &["deploy"]);
    assert_eq!(output.status.code(), Some(2));
    let folder = folder.path().canonicalize().unwrap();
    assert_eq!(
        stderr(&output),
        format!(
            "error: cannot find {}/topogen-cloud, which runs `local`, `deploy` and `destroy`\n  \
             help: the two programs belong together: `cargo install` puts them in one folder\n",
            folder.display()
        )
    );
}
