//! Why a handler could not be built, and what to do about it.

use std::fmt;

use super::runtime::{GLIBC, MAX_UNZIPPED, Unfit};
use super::tool;
use crate::model::function::Architecture;
use crate::out::OutError;

/// Why a handler could not be built. Its crate is named by its folder.
#[derive(Debug)]
pub enum BuildError {
    /// A program is not there, or could not be run.
    Run {
        /// Which one.
        program: String,
        /// Why not.
        error: std::io::Error,
    },
    /// cargo cannot read the crate, or its own configuration there; it has said why.
    Crate(String),
    /// The crate does not compile; cargo has said why.
    Compile {
        /// The crate's folder.
        folder: String,
        /// The compiler's target, when the toolchain has none of that name.
        target_missing: Option<String>,
    },
    /// The crate makes no binary, or several.
    Binaries {
        /// The crate's folder.
        folder: String,
        /// How many it makes.
        found: usize,
    },
    /// This machine builds for another processor or system.
    Cross {
        /// The crate's folder.
        folder: String,
        /// What it is to run on.
        architecture: Architecture,
    },
    /// The binary would not start.
    Unfit {
        /// The crate's folder.
        folder: String,
        /// Why not.
        why: Unfit,
    },
    /// Lambda does not take a function of that size.
    TooLarge {
        /// The crate's folder.
        folder: String,
        /// Bytes.
        size: u64,
    },
    /// A file could not be read or written.
    File(OutError),
    /// The zip could not be made.
    Zip(zip::result::ZipError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { program, error } => write!(f, "cannot run {program}: {error}"),
            Self::Crate(folder) => write!(f, "`{folder}` is no crate that cargo can read"),
            Self::Compile { folder, .. } => write!(f, "`{folder}` does not compile"),
            Self::Binaries { folder, found } => {
                write!(f, "`{folder}` makes {found} binaries, a handler makes one")
            }
            Self::Cross {
                folder,
                architecture,
            } => write!(
                f,
                "`{folder}` is for {architecture} Linux, which this machine cannot build by itself"
            ),
            Self::Unfit { folder, why } => write!(f, "`{folder}` {why}"),
            Self::TooLarge { folder, size } => write!(
                f,
                "`{folder}` has {} MiB, Lambda takes {} MiB",
                size.div_ceil(MEBIBYTE),
                MAX_UNZIPPED / MEBIBYTE
            ),
            Self::File(error) => error.fmt(f),
            Self::Zip(error) => write!(f, "cannot make the zip: {error}"),
        }
    }
}

const MEBIBYTE: u64 = 1024 * 1024;

impl BuildError {
    /// What to type.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Run { .. } => Some("install Rust, or put it on PATH".to_owned()),
            Self::Compile { target_missing, .. } => target_missing
                .as_ref()
                .map(|target| format!("install the target with `rustup target add {target}`")),
            Self::Binaries { .. } => {
                Some("keep one `src/main.rs` and no other binary in the crate".to_owned())
            }
            Self::Cross { architecture, .. } => Some(format!(
                "install cargo-zigbuild with `{}` and the target with `rustup target add {}`, or set \
                 `function = {{ architecture = \"{}\" }}`",
                tool::INSTALL,
                tool::target(*architecture),
                Architecture::host()
            )),
            Self::Unfit { why, .. } => Some(match why {
                Unfit::Kind(_) | Unfit::Processor { .. } => {
                    "look for what sets another target or linker: `.cargo/config.toml`, RUSTFLAGS, CARGO_TARGET_*"
                        .to_owned()
                }
                Unfit::Interpreter(_) | Unfit::Glibc { .. } => format!(
                    "install cargo-zigbuild with `{}`, which builds for glibc {GLIBC}, and run it again",
                    tool::INSTALL
                ),
                Unfit::Library(_) => {
                    "link it statically; the crate that asks for it often has a feature `vendored` or `bundled`"
                        .to_owned()
                }
            }),
            Self::TooLarge { .. } => {
                Some("leave debug information out, and put large data into S3".to_owned())
            }
            Self::File(error) => error.help().map(str::to_owned),
            Self::Crate(_) | Self::Zip(_) => None,
        }
    }
}
