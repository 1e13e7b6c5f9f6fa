//! Runs cargo for one handler and finds the binary that it made.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use cargo_metadata::{Message, TargetKind};

use super::tool::Tool;
use super::workspace::{Crate, Workspace};
use super::{BuildError, Words};

/// What cargo asks for whether to write in colours; without it, it does not do so into a pipe.
const COLOUR: &str = "CARGO_TERM_COLOR";

/// Builds the crate for `target` with the profile `lambda` and returns its one binary.
pub fn build(
    at: &Crate<'_>,
    workspace: &Workspace,
    tool: Tool,
    target: &str,
) -> Result<PathBuf, BuildError> {
    let target_dir = tool.target_dir(workspace.target_directory());
    let mut command = tool.command(target, &target_dir);
    // A workspace may tune the profile; one that does not define it gets a plain release build.
    if !workspace.has_profile("lambda") {
        command.args(["--config", "profile.lambda.inherits='release'"]);
    }
    command
        .args(["--profile", "lambda", "--bins"])
        .args(["--message-format", "json-render-diagnostics"])
        .env("CARGO_ENCODED_RUSTFLAGS", workspace.rustflags(at, target)?)
        // Incremental compilation cuts the code into other pieces: a binary would depend on what was built before it.
        .env("CARGO_INCREMENTAL", "0")
        // cargo, rustup and the tools all read their configuration from the folder they run in.
        .current_dir(&at.path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut binaries = Vec::new();
    let succeeded = run(&mut command, at, &mut |message| {
        if let Message::CompilerArtifact(artifact) = message {
            at.watch.compiled();
            if artifact.target.kind.contains(&TargetKind::Bin)
                && let Some(executable) = &artifact.executable
            {
                let name = &artifact.target.name;
                binaries.push(tool.binary(name, executable.as_std_path(), &target_dir));
            }
        }
    })
    .map_err(|error| BuildError::Run {
        program: tool.name().to_owned(),
        error,
    })?;
    if !succeeded {
        let target_missing = (!workspace.has_target(target)).then(|| target.to_owned());
        return Err(BuildError::Compile {
            folder: at.folder.to_owned(),
            target_missing,
        });
    }
    match <[PathBuf; 1]>::try_from(binaries) {
        Ok([binary]) => Ok(binary),
        Err(binaries) => Err(BuildError::Binaries {
            folder: at.folder.to_owned(),
            found: binaries.len(),
        }),
    }
}

/// Runs `command` to its end and hands on what it says: messages, and words for people.
fn run(
    command: &mut Command,
    at: &Crate<'_>,
    hear: &mut dyn FnMut(&Message),
) -> std::io::Result<bool> {
    match at.watch.words() {
        Words::AsTheyAre => {}
        Words::Errors => {
            command.arg("--quiet");
        }
        Words::Lines { colour } => {
            command.stderr(Stdio::piped());
            if colour && std::env::var_os(COLOUR).is_none() {
                command.env(COLOUR, "always");
            }
        }
    }
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let heard = thread::scope(|scope| {
        scope.spawn(|| stderr.map(|stderr| lines(stderr, |line| at.watch.line(line))));
        let mut messages = stdout
            .into_iter()
            .flat_map(|stdout| Message::parse_stream(BufReader::new(stdout)));
        messages.try_for_each(|message| message.map(|message| hear(&message)))
    });
    let status = child.wait()?;
    heard?;
    Ok(status.success())
}

fn lines(from: impl Read, mut each: impl FnMut(&str)) {
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        each(&String::from_utf8_lossy(&line));
    }
}
