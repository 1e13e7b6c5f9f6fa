//! Runs cargo for one handler and finds the binary that it made.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Message, TargetKind};

use super::BuildError;
use crate::model::names::ServiceName;
use crate::plan::Handler;

/// Lambda's runtime `provided.al2023` has this C library (AL2023); a newer one would not start.
const GLIBC: &str = "2.34";

/// Rust's name of Linux on `architecture` (`arm64` or `x86_64`).
pub fn target(architecture: &str) -> String {
    let processor = if architecture == "arm64" {
        "aarch64"
    } else {
        architecture
    };
    format!("{processor}-unknown-linux-gnu")
}

/// Builds the handler's crate with the profile `lambda` and returns its one binary. cargo's progress and its errors go to
/// stderr as they are.
pub fn build(service: &ServiceName, handler: &Handler, root: &Path) -> Result<PathBuf, BuildError> {
    let mut child = command(service, handler)?
        // A workspace may tune the profile; one that does not define it gets a plain release build.
        .args([
            "--config",
            "profile.lambda.inherits='release'",
            "--profile",
            "lambda",
            "--bins",
            "--message-format",
            "json-render-diagnostics",
        ])
        .arg("--manifest-path")
        .arg(root.join(&handler.folder).join("Cargo.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(BuildError::Cargo)?;
    let mut binaries = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(stdout)) {
            if let Message::CompilerArtifact(artifact) = message.map_err(BuildError::Cargo)?
                && artifact.target.kind.contains(&TargetKind::Bin)
                && let Some(executable) = artifact.executable
            {
                binaries.push(executable.into_std_path_buf());
            }
        }
    }
    if !child.wait().map_err(BuildError::Cargo)?.success() {
        return Err(BuildError::Compile(handler.folder.clone()));
    }
    match <[PathBuf; 1]>::try_from(binaries) {
        Ok([binary]) => Ok(binary),
        Err(binaries) => Err(BuildError::Binaries {
            folder: handler.folder.clone(),
            found: binaries.len(),
        }),
    }
}

/// Plain cargo where the host is what the function runs on; else cargo-zigbuild, when it is there.
fn command(service: &ServiceName, handler: &Handler) -> Result<Command, BuildError> {
    let target = target(&handler.architecture.to_string());
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    // cargo sets CARGO when it runs us; its own toolchain is then the one to use.
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if std::env::consts::OS == "linux" && target == host {
        command.arg("build");
        return Ok(command);
    }
    if !zigbuild_is_there() {
        return Err(BuildError::Cross {
            service: service.clone(),
            architecture: handler.architecture.to_string(),
        });
    }
    command
        .args(["zigbuild", "--target"])
        .arg(format!("{target}.{GLIBC}"));
    Ok(command)
}

fn zigbuild_is_there() -> bool {
    Command::new("cargo-zigbuild")
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
