//! Processes that may hang or eat memory: run with a limit, looked at when they have ended.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use wait4::Wait4;

/// Nothing of a user's takes that long, not even on a busy machine without optimisation.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that has ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    /// The most memory that it had at once, in bytes.
    pub memory: u64,
}

impl Ended {
    /// Its exit status; a signal fails.
    pub fn code(&self) -> i32 {
        let code = self.status.code();
        code.unwrap_or_else(|| panic!("ended by signal {:?}: {self:?}", self.status.signal()))
    }
}

/// topogen in `folder`.
pub fn topogen(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topogen"));
    command.current_dir(folder).args(arguments);
    command
}

/// Runs to the end; what takes too long is killed, and fails.
pub fn run(command: &mut Command) -> Ended {
    // Into files: a pipe that nobody reads from would hold the process up.
    let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(stdout.try_clone().unwrap())
        .stderr(stderr.try_clone().unwrap())
        .spawn()
        .unwrap();
    let (done, is_done) = mpsc::channel::<()>();
    let id = child.id().to_string();
    let watch = std::thread::spawn(move || {
        let late = is_done.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout);
        if late {
            Command::new("kill").args(["-KILL", &id]).status().unwrap();
        }
        late
    });
    let used = child.wait4().unwrap();
    drop(done);
    assert!(!watch.join().unwrap(), "{command:?} does not end");
    Ended {
        status: used.status,
        stdout: text(&mut stdout),
        stderr: text(&mut stderr),
        memory: used.rusage.maxrss,
    }
}

fn text(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// Whether this process is let by everywhere.
pub fn is_superuser() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    id == b"0\n"
}
