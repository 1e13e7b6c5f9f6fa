//! Finds MiniStack at the pinned version, or installs it into a virtual environment of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::LocalError;

/// The pinned version: the one whose behaviour was measured.
pub const VERSION: &str = "1.5.33";

/// MiniStack and all that it needs, each at one version.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Says, in the installation's folder, what was installed there.
const STAMP: &str = "complete";

/// What it takes to run MiniStack.
#[derive(Debug, Clone)]
pub struct Installation {
    /// A Python 3, for the supervisor.
    pub python: PathBuf,
    /// MiniStack's command.
    pub ministack: PathBuf,
}

/// MiniStack on PATH when it has the pinned version; else the private installation, made on first use. `tell` hears of
/// what takes time.
pub fn find_or_install(tell: impl Fn(&str)) -> Result<Installation, LocalError> {
    let python = python()?;
    if let Some(ministack) = on_path("ministack")
        && is_fit(&ministack)
    {
        return Ok(Installation { python, ministack });
    }
    let home = cache().join(format!("ministack-{VERSION}"));
    std::fs::create_dir_all(&home)?;
    // Two topogens may start at once: one installs, the other waits.
    let lock = std::fs::File::create(home.with_extension("lock"))?;
    lock.lock()?;
    if !is_complete(&home) {
        tell(&format!(
            "installing MiniStack {VERSION} into {}",
            home.display()
        ));
        install(&python, &home)?;
        std::fs::write(home.join(STAMP), REQUIREMENTS)?;
    }
    Ok(Installation {
        python: bin(&home, "python"),
        ministack: bin(&home, "ministack"),
    })
}

/// The stamp is written last: an installation without it is half made. One whose Python has gone since is of no use.
fn is_complete(home: &Path) -> bool {
    std::fs::read_to_string(home.join(STAMP)).is_ok_and(|stamp| stamp == REQUIREMENTS)
        && Command::new(bin(home, "python"))
            .args(["-c", ""])
            .status()
            .is_ok_and(|status| status.success())
}

fn install(python: &Path, home: &Path) -> Result<(), LocalError> {
    let venv = Command::new(python)
        .args(["-m", "venv", "--clear"])
        .arg(home)
        .output()?;
    succeeded(&venv)?;
    let list = home.join("requirements.txt");
    std::fs::write(&list, REQUIREMENTS)?;
    let pip = Command::new(bin(home, "python"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(&list)
        .output()?;
    succeeded(&pip)
}

fn succeeded(output: &Output) -> Result<(), LocalError> {
    if output.status.success() {
        return Ok(());
    }
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    Err(LocalError::Install(
        last.unwrap_or("no reason was given").trim().to_owned(),
    ))
}

fn python() -> Result<PathBuf, LocalError> {
    let python = on_path("python3")
        .ok_or_else(|| LocalError::NoPython("`python3` is not on PATH".to_owned()))?;
    let check = "import sys, venv; sys.exit(sys.version_info < (3, 10))";
    let output = Command::new(&python).args(["-c", check]).output()?;
    if output.status.success() {
        Ok(python)
    } else {
        Err(LocalError::NoPython(format!(
            "`{}` is older, or has no venv module",
            python.display()
        )))
    }
}

/// Whether it has the pinned version, and can read CBOR. Asks the interpreter that the command itself names in its first
/// line: the package has no `--version`.
fn is_fit(ministack: &Path) -> bool {
    let Ok(script) = std::fs::read_to_string(ministack) else {
        return false;
    };
    let Some(interpreter) = script
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("#!"))
    else {
        return false;
    };
    let ask = "import cbor2, importlib.metadata as m; print(m.version('ministack'))";
    Command::new(interpreter.trim())
        .args(["-c", ask])
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == VERSION)
}

fn on_path(command: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(command))
        .find(|candidate| candidate.is_file())
}

fn bin(home: &Path, command: &str) -> PathBuf {
    home.join("bin").join(command)
}

/// `$XDG_CACHE_HOME/topogen`, or `~/.cache/topogen`.
fn cache() -> PathBuf {
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("topogen")
}
