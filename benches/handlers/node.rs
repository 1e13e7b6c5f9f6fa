//! The same handlers for Node 20, from benches/node, bundled and minified as the field does it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// As benches/node has them. The bundles stand beside the handlers.
const FILES: [&str; 7] = [
    ".npmrc",
    "package.json",
    "package-lock.json",
    "consumer.mjs",
    "notification.mjs",
    "payment.mjs",
    "runtime.mjs",
];
const LOCK: &str = "package-lock.json";

/// The folder with its dependencies, installed from the lock file.
pub struct Node {
    folder: PathBuf,
    program: PathBuf,
}

impl Node {
    pub fn install(target: &Path) -> Self {
        let version =
            output(Command::new("node").args(["-p", "process.version + ' ' + process.execPath"]));
        let (version, program) = version.trim().split_once(' ').unwrap();
        assert!(
            version.starts_with("v20."),
            "the comparison is with Node 20, and `node` on the PATH is {version}"
        );
        let folder = target.join("node");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/node");
        let stale = fs::read(folder.join("node_modules").join(LOCK)).ok()
            != fs::read(source.join(LOCK)).ok();
        fs::create_dir_all(&folder).unwrap();
        for file in FILES {
            fs::copy(source.join(file), folder.join(file)).unwrap();
        }
        if stale {
            output(
                Command::new("npm")
                    .args(["ci", "--no-audit", "--no-fund"])
                    .current_dir(&folder),
            );
            fs::copy(source.join(LOCK), folder.join("node_modules").join(LOCK)).unwrap();
        }
        println!("node {version}");
        Self {
            folder,
            program: program.into(),
        }
    }

    /// A service's handler in one minified file.
    pub fn bundle(&self, service: &str) -> PathBuf {
        let bundle = self.folder.join(format!("{service}.bundle.cjs"));
        let esbuild = self.folder.join("node_modules/.bin/esbuild");
        output(
            Command::new(esbuild)
                .arg(format!("{service}.mjs"))
                .arg(format!("--outfile={}", bundle.display()))
                .args(["--bundle", "--minify", "--platform=node", "--target=node20"])
                // The SDK's smaller build, and CommonJS, which starts sooner.
                .args(["--main-fields=module,main", "--format=cjs"])
                .current_dir(&self.folder),
        );
        bundle
    }

    /// A service's handler as it is written, beside `node_modules`.
    pub fn plain(&self, service: &str) -> PathBuf {
        self.folder.join(format!("{service}.mjs"))
    }

    /// How a handler is run.
    pub fn command(&self, handler: PathBuf) -> Vec<PathBuf> {
        // Lambda gives the heap what the function has; this one has 256 MB.
        let heap = "--max-old-space-size=230".into();
        vec![
            self.program.clone(),
            heap,
            self.folder.join("runtime.mjs"),
            handler,
        ]
    }
}

/// What a program says; it must be there and succeed.
fn output(command: &mut Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output = output.unwrap_or_else(|error| {
        panic!("`{program}`, which the comparison with Node needs, does not start: {error}")
    });
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{program}` failed: {said}");
    String::from_utf8(output.stdout).unwrap()
}
