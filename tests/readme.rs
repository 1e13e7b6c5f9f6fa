//! The README is run: its `sh` blocks as a stranger would type them, its topologies through the compiler.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::process::Command;

use common::plan_of;
use topogen::Project;
use topogen::source::Source;

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string("README.md").unwrap();
    let opening = format!("```{language}\n");
    text.split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// A copy of what git knows, so that what a reader writes does not reach the tree.
fn clone() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script =
        "git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c | tar -x -C \"$1\"";
    let status = Command::new("bash")
        .args(["-c", script, "bash"])
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    folder
}

/// The third block is typed in, and adds what stands below it.
#[test]
fn a_stranger_can_add_a_consumer() {
    let folder = clone();
    let shell = blocks("sh");
    assert_eq!(
        shell.len(),
        3,
        "every block is run: here, or by the tests named below"
    );
    // tests/local_cloud.rs runs the first, by way of `topogen`; the second is what runs this test.
    assert_eq!(shell[0], "cargo run -- local test\n");
    assert_eq!(shell[1], "tests/run\n");

    // Building topogen a second time would prove nothing: the installation is replaced by the binary that is tested.
    let binary = assert_cmd::cargo::cargo_bin("topogen");
    let script = shell[2]
        .lines()
        .filter(|line| !line.starts_with("cargo install"))
        .collect::<Vec<_>>()
        .join("\n");
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("bash")
        .args(["-euc", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    let topology = std::fs::read_to_string(folder.path().join("topology.toml")).unwrap();
    for section in blocks("toml")[1].split("\n\n") {
        assert!(topology.contains(section), "{section}: {topology}");
    }
    assert!(folder.path().join("functions/fraud/src/lib.rs").is_file());
    let yaml = std::fs::read_to_string(folder.path().join("out/dev/template.yaml")).unwrap();
    assert!(yaml.contains("\n  FraudQueue:\n"), "{said}");
}

#[test]
fn the_topology_shown_compiles() {
    plan_of(&blocks("toml")[0], "dev");
}

/// The finding shown is the finding made.
#[test]
fn the_mistake_shown_looks_like_that() {
    let wrong = blocks("toml")[0].replace(
        "publishes = [\"OrderCreated\"]",
        "publishes = [\"OrderCreatd\"]",
    );
    let project = Project::parse(Source::new("topology.toml", wrong));
    let (_, found) = project.compile(&"dev".parse().unwrap());
    let drawn = topogen::diag::human::render(&project.source, &found);
    let drawn = anstream::adapter::strip_str(&drawn).to_string();
    assert_eq!(drawn.trim_end(), blocks("text")[0].trim_end());
}

/// Every command of the table exists, and every command that exists stands in it.
#[cfg(feature = "cloud")]
#[test]
fn the_table_of_commands_is_complete() {
    let output = Command::new(assert_cmd::cargo::cargo_bin("topogen"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let listed = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let readme = std::fs::read_to_string("README.md").unwrap();
    let mut count = 0;
    for line in listed.lines() {
        let command = line.split_whitespace().next().unwrap();
        if command != "help" {
            // Its arguments may follow.
            let row = |end| readme.contains(&format!("| `topogen {command}{end}"));
            assert!(row('`') || row(' '), "{command}");
            count += 1;
        }
    }
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `topogen "))
        .count();
    // `local test` is a row of its own.
    assert_eq!(rows, count + 1);
}
