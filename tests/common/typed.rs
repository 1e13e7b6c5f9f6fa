//! topogen as a user types it.

use std::path::Path;

use assert_cmd::Command;

/// Runs it in `folder`: its exit status, and what it says on stdout and on stderr.
pub fn topogen(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("topogen")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}
