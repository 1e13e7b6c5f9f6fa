//! What compiles a handler: cargo where it builds for what the function runs on, else a cargo that brings a linker and a C
//! library along.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::runtime::GLIBC;
use crate::model::function::Architecture;

/// Installs the first of the tools that build for another machine, and the compiler that it needs.
pub const INSTALL: &str = "pip install cargo-zigbuild ziglang";

/// A cargo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// cargo itself.
    Cargo,
    /// cargo-zigbuild.
    Zigbuild,
    /// cargo-lambda, which has cargo-zigbuild inside.
    Lambda,
}

impl Tool {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Zigbuild => "cargo-zigbuild",
            Self::Lambda => "cargo-lambda",
        }
    }

    /// Where it builds, when cargo itself does so in `folder`. Apart: another linker makes all artefacts other ones, and cargo
    /// would begin anew whenever the tool changes.
    pub fn target_dir(self, folder: &Path) -> PathBuf {
        match self {
            Self::Cargo => folder.to_owned(),
            Self::Zigbuild | Self::Lambda => folder.join(self.name()),
        }
    }

    /// The command that builds for `target` into `target_dir`.
    pub fn command(self, target: &str, target_dir: &Path) -> Command {
        let with_glibc = format!("{target}.{GLIBC}");
        let mut command = match self {
            Self::Cargo => Command::new(cargo()),
            Self::Zigbuild | Self::Lambda => Command::new(self.name()),
        };
        match self {
            Self::Cargo => command.args(["build", "--target", target]),
            Self::Zigbuild => command.args(["zigbuild", "--target", &with_glibc]),
            Self::Lambda => command
                .args(["lambda", "build", "--target", &with_glibc, "--lambda-dir"])
                .arg(target_dir.join(BOOTSTRAPS)),
        };
        // Not as an argument: cargo-lambda 1.9 hands that on to `cargo metadata`, which refuses it.
        command.env("CARGO_TARGET_DIR", target_dir);
        command
    }

    /// Where the binary `name` is in the end, which cargo made as `executable`.
    pub fn binary(self, name: &str, executable: &Path, target_dir: &Path) -> PathBuf {
        match self {
            Self::Cargo | Self::Zigbuild => executable.to_owned(),
            Self::Lambda => target_dir.join(BOOTSTRAPS).join(name).join("bootstrap"),
        }
    }
}

/// Where cargo-lambda moves what it has built.
const BOOTSTRAPS: &str = "bootstraps";

/// cargo sets CARGO when it runs us; its own toolchain is then the one to use.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Rust's name of Linux on `architecture`.
pub fn target(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "aarch64-unknown-linux-gnu",
        Architecture::X86_64 => "x86_64-unknown-linux-gnu",
    }
}

/// What can build for `target` on a machine that is `host`, the first choice first.
pub fn that_build(target: &str, host: &str) -> Vec<Tool> {
    let native = (host == target).then_some(Tool::Cargo);
    let cross = [Tool::Zigbuild, Tool::Lambda]
        .into_iter()
        .find(|tool| is_there(tool.name()));
    native.into_iter().chain(cross).collect()
}

fn is_there(program: &str) -> bool {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(&file).is_file())
}
