//! `topogen build` as a user runs it, on handlers that do nothing and compile in a moment.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "common/elf.rs"]
mod elf;

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use elf::{Program, Version};
use serde_json::Value;
use tempfile::TempDir;

use topogen::model::function::Architecture;

const NOTHING: &str = "fn main() {}\n";

/// A project on disk, and the environment that it is built in.
struct Project {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What a run came to.
struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.stderr);
        self
    }

    #[track_caller]
    fn said(&self, text: &str) -> &Self {
        assert!(
            self.stderr.contains(text),
            "`{text}` is not in\n{}",
            self.stderr
        );
        self
    }
}

impl Project {
    /// A workspace with a handler for each service, and services that nothing connects.
    fn new(handlers: &[(&str, &str)]) -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
            variables: vec![("PATH", bare_path())],
        };
        let services: String = handlers.iter().map(|(name, _)| service(name)).collect();
        project.topology(Architecture::host(), &services);
        project.write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"functions/*\"]\nresolver = \"3\"\n",
        );
        for (name, main) in handlers {
            project.handler(name, main);
        }
        project
    }

    fn topology(&self, architecture: Architecture, services: &str) {
        self.write(
            "topology.toml",
            &format!(
                "[app]\nname = \"tiny\"\n[defaults.function]\narchitecture = \"{architecture}\"\n{services}"
            ),
        );
    }

    fn handler(&self, name: &str, main: &str) {
        self.write(
            &format!("functions/{name}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        );
        self.write(&format!("functions/{name}/src/main.rs"), main);
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.into()));
    }

    /// Puts a program before all others.
    fn program(&mut self, name: &str, script: &str) {
        let path = format!("programs/{name}");
        self.write(&path, &format!("#!/bin/sh\n{script}"));
        fs::set_permissions(self.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
        let folder = self.path("programs").display().to_string();
        let (_, old) = self
            .variables
            .iter()
            .find(|(name, _)| *name == "PATH")
            .unwrap();
        if !old.starts_with(&folder) {
            self.set("PATH", format!("{folder}:{old}"));
        }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::cargo_bin("topogen").unwrap();
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            // What the tests themselves are built with is not what a user has set.
            if name.contains("RUSTFLAGS")
                || name.starts_with("CARGO_TARGET")
                || name.starts_with("CARGO_BUILD")
            {
                command.env_remove(name);
            }
        }
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        let output = command
            .current_dir(self.folder.path())
            .args(arguments)
            .env("CARGO_NET_OFFLINE", "true")
            .envs(variables)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran {
            status: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    fn build(&self) -> Ran {
        self.run(&["build"])
    }

    /// What `--format json` reports.
    fn reported(&self) -> Vec<Value> {
        let ran = self.run(&["build", "--format", "json"]).ended(0);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    fn zip(&self, service: &str) -> Vec<u8> {
        fs::read(self.path(&format!("out/dev/functions/{service}.zip"))).unwrap()
    }

    fn bootstrap(&self, service: &str) -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(self.zip(service))).unwrap();
        let mut bytes = Vec::new();
        archive
            .by_name("bootstrap")
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        bytes
    }
}

/// PATH without the tools that build for another machine, which this machine may have.
fn bare_path() -> String {
    static BARE: LazyLock<String> = LazyLock::new(|| {
        let path = std::env::var_os("PATH").unwrap();
        let without = std::env::split_paths(&path).filter(|folder| {
            !["cargo-zigbuild", "cargo-lambda"]
                .iter()
                .any(|tool| folder.join(tool).exists())
        });
        std::env::join_paths(without)
            .unwrap()
            .into_string()
            .unwrap()
    });
    BARE.clone()
}

/// A service that something starts.
fn service(name: &str) -> String {
    format!("[services.{name}]\nschedule = \"rate(1 day)\"\n")
}

fn cargo() -> String {
    std::env::var("CARGO").unwrap()
}

fn other() -> Architecture {
    match Architecture::host() {
        Architecture::Arm64 => Architecture::X86_64,
        Architecture::X86_64 => Architecture::Arm64,
    }
}

fn elf_number(architecture: Architecture) -> u16 {
    match architecture {
        Architecture::Arm64 => elf::ARM64,
        Architecture::X86_64 => elf::X86_64,
    }
}

fn rust_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "aarch64-unknown-linux-gnu",
        Architecture::X86_64 => "x86_64-unknown-linux-gnu",
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// cargo's message that a binary was made.
fn artifact(executable: &Path) -> String {
    serde_json::json!({
        "reason": "compiler-artifact",
        "package_id": "path+file:///a#0.1.0",
        "manifest_path": "/a/Cargo.toml",
        "target": {
            "kind": ["bin"], "crate_types": ["bin"], "name": "a", "src_path": "/a/src/main.rs", "edition": "2024",
            "doc": true, "doctest": false, "test": true
        },
        "profile": {
            "opt_level": "z", "debuginfo": 0, "debug_assertions": false, "overflow_checks": false, "test": false
        },
        "features": [],
        "filenames": [executable],
        "executable": executable,
        "fresh": false
    })
    .to_string()
}

// ---- the same bytes

/// Code that keeps paths: of its own file, of a generated one, of another crate's, of a crate from the registry.
fn with_paths(project: &Project) {
    project.handler(
        "a",
        "include!(concat!(env!(\"OUT_DIR\"), \"/generated.rs\"));\n\
         fn main() {\n\
         \x20   let n = std::env::args().count();\n\
         \x20   println!(\"{} {} {} {}\", here(n), generated(n + 1), beside::beside(n + 2), file!());\n\
         \x20   println!(\"{}\", strsim::jaro_winkler(&\"a\".repeat(n), \"b\"));\n\
         \x20   println!(\"{:?}\", strsim::hamming(&\"a\".repeat(n), \"b\"));\n\
         \x20   println!(\"{:?}\", strsim::damerau_levenshtein(&\"a\".repeat(n), \"b\"));\n\
         }\n\
         fn here(n: usize) -> usize { [1, 2, 3][n] }\n",
    );
    project.write(
        "functions/a/build.rs",
        "fn main() {\n\
         \x20   let path = std::path::Path::new(&std::env::var(\"OUT_DIR\").unwrap()).join(\"generated.rs\");\n\
         \x20   std::fs::write(path, \"fn generated(n: usize) -> usize { [4, 5, 6][n] }\").unwrap();\n\
         }\n",
    );
    project.write(
        "functions/a/Cargo.toml",
        "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\nbeside = { path = \"../beside\" }\nstrsim = \"0.11.1\"\n",
    );
    project.write(
        "functions/beside/Cargo.toml",
        "[package]\nname = \"beside\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    project.write(
        "functions/beside/src/lib.rs",
        "pub fn beside(n: usize) -> usize { [7, 8, 9][n] }\n",
    );
}

/// cargo's own folder, by another name.
fn other_cargo_home(project: &mut Project) {
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || std::env::home_dir().unwrap().join(".cargo"),
        PathBuf::from,
    );
    let other = project.path("cargo-home");
    fs::create_dir(&other).unwrap();
    std::os::unix::fs::symlink(home.join("registry"), other.join("registry")).unwrap();
    project.set("CARGO_HOME", other.display().to_string());
}

#[test]
fn the_same_source_makes_the_same_zip_in_every_folder() {
    let mut one = Project::new(&[("a", NOTHING)]);
    with_paths(&one);
    one.build().ended(0);

    let mut two = Project::new(&[("a", NOTHING)]);
    with_paths(&two);
    other_cargo_home(&mut two);
    let target = two.path("far/away");
    two.set("CARGO_TARGET_DIR", target.display().to_string());
    two.build().ended(0);

    let bootstrap = two.bootstrap("a");
    assert!(
        holds(&bootstrap, "/target/"),
        "the generated file keeps a path"
    );
    assert!(
        holds(&bootstrap, "/cargo/registry/src/"),
        "a crate of the registry keeps a path"
    );
    for folder in [one.folder.path(), two.folder.path()] {
        let folder = folder.display().to_string();
        assert!(
            !holds(&one.bootstrap("a"), &folder),
            "{folder} reached the binary"
        );
        assert!(!holds(&bootstrap, &folder), "{folder} reached the binary");
    }
    assert!(one.zip("a") == two.zip("a"), "the zips differ");

    // Again, from nothing.
    fs::remove_dir_all(one.path("target")).unwrap();
    one.set("CARGO_INCREMENTAL", "1");
    one.build().ended(0);
    assert!(one.zip("a") == two.zip("a"), "the second build differs");
}

#[test]
fn a_crate_outside_the_workspace_is_warned_of() {
    let project = Project::new(&[("a", NOTHING)]);
    with_paths(&project);
    fs::remove_file(project.path("Cargo.toml")).unwrap();
    let ran = project.build().ended(0);
    ran.said(
        "topology.toml:5: warning: `functions/a` uses `beside`, which is not in its workspace: its zip will differ from \
         folder to folder",
    );
    let folder = project.folder.path().display().to_string();
    assert!(!holds(&project.bootstrap("a"), &folder));
}

#[test]
fn the_users_rustflags_are_kept() {
    let main = "#[cfg(not(mine))]\ncompile_error!(\"the flag is lost\");\nfn main() {}\n";
    let mut project = Project::new(&[("a", main)]);
    project.build().ended(1).said("the flag is lost");

    project.set("RUSTFLAGS", "--cfg mine");
    project.build().ended(0);
    project.set("RUSTFLAGS", "");
    project.set("CARGO_ENCODED_RUSTFLAGS", "--cfg\u{1f}mine");
    project.build().ended(0);

    let mut project = Project::new(&[("a", main)]);
    with_paths(&project);
    project.write("functions/a/src/main.rs", main);
    project.write(
        ".cargo/config.toml",
        "[build]\nrustflags = [\"--cfg\", \"mine\"]\n",
    );
    project.build().ended(0);
    let target = rust_name(Architecture::host());
    project.write(
        ".cargo/config.toml",
        &format!("[build]\nrustflags = \"-g\"\n[target.{target}]\nrustflags = \"--cfg mine\"\n"),
    );
    project.build().ended(0);
    project.write("functions/a/src/main.rs", NOTHING);
    project.set("RUSTFLAGS", "-C debuginfo=2 -C strip=none");
    project.build().ended(0);
    let folder = project.folder.path().display().to_string();
    assert!(
        !holds(&project.bootstrap("a"), &folder),
        "debug information names {folder}"
    );
}

#[test]
fn a_workspace_may_have_a_profile_of_its_own() {
    let checked =
        "#[cfg(not(debug_assertions))]\ncompile_error!(\"a plain release\");\nfn main() {}\n";
    let project = Project::new(&[("a", checked)]);
    project.build().ended(1).said("a plain release");
    let workspace = fs::read_to_string(project.path("Cargo.toml")).unwrap();
    project.write(
        "Cargo.toml",
        &format!("{workspace}[profile.lambda]\ninherits = \"dev\"\n"),
    );
    project.build().ended(0);
}

// ---- what changed, and nothing else

#[test]
fn only_a_changed_handler_changes_its_zip() {
    let project = Project::new(&[("a", NOTHING), ("b", NOTHING)]);
    let ran = project.build().ended(0);
    ran.said("built     a ").said("built     b ");

    let written = |service: &str| {
        let zip = project.path(&format!("out/dev/functions/{service}.zip"));
        fs::metadata(zip).unwrap().modified().unwrap()
    };
    let before = (written("a"), written("b"));
    project.write(
        "functions/b/src/main.rs",
        "fn main() { println!(\"new\") }\n",
    );
    let ran = project.build().ended(0);
    ran.said("unchanged a ").said("built     b ");
    assert!(!ran.stderr.contains("Compiling a "), "{}", ran.stderr);
    assert_eq!(written("a"), before.0);
    assert!(written("b") > before.1);
    ran.said("Compiling b ");

    // What lies in out/ is what was built, whoever wrote there.
    let good = project.zip("a");
    let zip = project.path("out/dev/functions/a.zip");
    fs::write(&zip, [&good[..good.len() - 1], b"?"].concat()).unwrap();
    project
        .build()
        .ended(0)
        .said("built     a ")
        .said("unchanged b ");
    assert!(project.zip("a") == good);
    fs::remove_file(&zip).unwrap();
    project.build().ended(0).said("built     a ");
    assert!(project.zip("a") == good);
}

#[test]
fn one_crate_behind_several_services_is_built_once() {
    let project = Project::new(&[("shared", NOTHING), ("own", NOTHING)]);
    let handler = "handler = \"functions/shared\"\n";
    project.topology(
        Architecture::host(),
        &[service("a"), service("b"), service("own")].join(handler),
    );
    let ran = project.build().ended(0);
    assert_eq!(
        ran.stderr.matches("building  ").count(),
        2,
        "{}",
        ran.stderr
    );
    ran.said("building  a, b ")
        .said("built     a ")
        .said("built     b ");
    assert!(project.zip("a") == project.zip("b"));
    let sha256 = fs::read_to_string(project.path("out/dev/functions/b.zip.sha256")).unwrap();
    assert!(sha256.ends_with("  b.zip\n"), "{sha256}");

    // Each of them can be asked for.
    let ran = project.run(&["build", "b"]).ended(0);
    ran.said("unchanged b ");
    assert!(!ran.stderr.contains("unchanged a "), "{}", ran.stderr);
}

#[test]
fn a_program_reads_what_was_built() {
    let project = Project::new(&[("a", NOTHING), ("b", NOTHING)]);
    let first = project.reported();
    let fields = |zip: &Value| {
        let fields = zip.as_object().unwrap();
        fields.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(first.len(), 2);
    assert_eq!(
        fields(&first[0]),
        "service path sha256 size architecture changed"
    );
    assert_eq!(first[0]["service"], "a");
    assert_eq!(first[0]["path"], "out/dev/functions/a.zip");
    assert_eq!(first[0]["size"], project.zip("a").len());
    assert_eq!(first[0]["architecture"], Architecture::host().to_string());
    assert_eq!(first[0]["changed"], true);
    let written = fs::read_to_string(project.path("out/dev/functions/a.zip.sha256")).unwrap();
    assert_eq!(
        written,
        format!("{}  a.zip\n", first[0]["sha256"].as_str().unwrap())
    );

    let second = project.reported();
    assert_eq!(second[0]["changed"], false);
    assert_eq!(second[0]["sha256"], first[0]["sha256"]);

    // What could be built is reported beside what could not.
    project.write("functions/a/src/main.rs", "fn main() { nowhere() }\n");
    let ran = project.run(&["build", "--format", "json"]).ended(1);
    let zips: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(zips.len(), 1);
    assert_eq!(zips[0]["service"], "b");
    ran.said("`functions/a` does not compile");
}

#[test]
fn quiet_says_only_what_goes_wrong() {
    let project = Project::new(&[("a", NOTHING)]);
    assert_eq!(project.run(&["build", "--quiet"]).ended(0).stderr, "");
    project.write("functions/a/src/main.rs", "fn main() { nowhere() }\n");
    let ran = project.run(&["build", "--quiet"]).ended(1);
    ran.said("cannot find function `nowhere`")
        .said("`functions/a` does not compile");
    assert!(!ran.stderr.contains("Compiling"), "{}", ran.stderr);
}

// ---- what does not compile

#[test]
fn every_handler_that_does_not_compile_is_reported_and_the_others_are_built() {
    let project = Project::new(&[("a", NOTHING), ("b", NOTHING), ("good", NOTHING)]);
    project.build().ended(0);
    let before = (project.zip("a"), project.zip("b"), project.zip("good"));

    project.write("functions/a/src/main.rs", "fn main() { nowhere() }\n");
    project.write(
        "functions/b/src/main.rs",
        "fn main() { let x: u8 = \"text\"; }\n",
    );
    project.write(
        "functions/good/src/main.rs",
        "fn main() { println!(\"new\") }\n",
    );
    let ran = project.build().ended(1);
    ran.said("error[E0425]: cannot find function `nowhere` in this scope")
        .said("--> functions/a/src/main.rs:1:13")
        .said("topology.toml:5: `functions/a` does not compile")
        .said("error[E0308]: mismatched types")
        .said("--> functions/b/src/main.rs:1:25")
        .said("topology.toml:7: `functions/b` does not compile")
        .said("built     good ")
        .said("error: 2 of 3 handlers were not built");
    assert!(
        project.zip("a") == before.0 && project.zip("b") == before.1,
        "a zip changed"
    );
    assert!(project.zip("good") != before.2);
}

#[test]
fn a_crate_that_cargo_cannot_read_is_reported_beside_the_others() {
    let project = Project::new(&[("a", NOTHING), ("b", NOTHING)]);
    fs::remove_file(project.path("Cargo.toml")).unwrap();
    project.write("functions/a/Cargo.toml", "[package]\nnam = \"a\"\n");
    let ran = project.build().ended(1);
    ran.said("failed to parse manifest at")
        .said("topology.toml:5: `functions/a` is no crate that cargo can read")
        .said("built     b ");
    assert!(!project.path("out/dev/functions/a.zip").exists());
}

#[test]
fn a_handler_is_one_binary() {
    let project = Project::new(&[("a", NOTHING)]);
    project.write("functions/a/src/bin/second.rs", NOTHING);
    project.build().ended(1).said(
        "`functions/a` makes 2 binaries, a handler makes one\n  help: keep one `src/main.rs`",
    );
}

#[cfg(feature = "cloud")]
#[test]
fn nothing_is_deployed_while_a_handler_does_not_compile() {
    let project = Project::new(&[("a", NOTHING), ("b", NOTHING)]);
    project.run(&["build", "--environment", "local"]).ended(0);
    project.write("functions/a/src/main.rs", "fn main() { nowhere() }\n");
    let ran = project.run(&["local"]).ended(1);
    ran.said("error: 1 of 2 handlers were not built");
    assert!(!ran.stderr.contains("the local cloud"), "{}", ran.stderr);
}

// ---- another machine

/// Writes what it was called with, and leaves `binary` where cargo would have left its own.
fn recording(project: &mut Project, tool: &str, binary: &[u8], moved_to: Option<&str>) {
    fs::write(project.path("made"), binary).unwrap();
    let said = artifact(&project.path("made"));
    let place = match moved_to {
        Some(path) => format!("mkdir -p \"$(dirname \"{path}\")\" && cp ../../made \"{path}\"\n"),
        None => String::new(),
    };
    project.program(
        tool,
        &format!(
            "(pwd; echo \"$CARGO_ENCODED_RUSTFLAGS\"; echo \"$CARGO_TARGET_DIR\") > ../../recorded\n\
             echo \"$@\" >> ../../recorded\n{place}echo 'compiling with {tool}' >&2\ncat <<'END'\n{said}\nEND\n"
        ),
    );
}

#[test]
fn another_processor_needs_a_tool_that_builds_for_it() {
    let project = Project::new(&[("a", NOTHING)]);
    project.topology(other(), &service("a"));
    let ran = project.build().ended(1);
    ran.said(&format!(
        "`functions/a` is for {} Linux, which this machine cannot build by itself",
        other()
    ));
    ran.said("help: install cargo-zigbuild with `pip install cargo-zigbuild ziglang`");
    ran.said(&format!("`rustup target add {}`", rust_name(other())));
    ran.said(&format!(
        "`function = {{ architecture = \"{}\" }}`",
        Architecture::host()
    ));
}

#[test]
fn cargo_zigbuild_builds_for_another_processor() {
    let mut project = Project::new(&[("a", NOTHING)]);
    project.topology(other(), &service("a"));
    let binary = Program::usual(elf_number(other())).bytes();
    recording(&mut project, "cargo-zigbuild", &binary, None);
    let ran = project.build().ended(0);
    ran.said(&format!("{}, cargo-zigbuild", other()))
        .said("compiling with cargo-zigbuild");
    assert!(project.bootstrap("a") == binary);

    let recorded = fs::read_to_string(project.path("recorded")).unwrap();
    let [folder, flags, target_dir, arguments] = recorded.lines().collect::<Vec<_>>()[..] else {
        panic!("{recorded}");
    };
    assert!(folder.ends_with("/functions/a"), "{folder}");
    let root = project.folder.path().canonicalize().unwrap();
    assert!(
        flags.contains(&format!(
            "--remap-path-prefix={}=/workspace",
            root.display()
        )),
        "{flags}"
    );
    let target = rust_name(other());
    assert_eq!(
        target_dir,
        root.join("target/cargo-zigbuild").display().to_string()
    );
    assert_eq!(
        arguments,
        format!(
            "zigbuild --target {target}.2.34 --config profile.lambda.inherits='release' --profile lambda --bins \
             --message-format json-render-diagnostics"
        )
    );
}

#[test]
fn cargo_lambda_will_do_as_well() {
    let mut project = Project::new(&[("a", NOTHING)]);
    project.topology(other(), &service("a"));
    let binary = Program::usual(elf_number(other())).bytes();
    // It moves the binary away from where cargo says that it is.
    let moved = project.path("target/cargo-lambda/bootstraps/a/bootstrap");
    recording(
        &mut project,
        "cargo-lambda",
        &binary,
        Some(&moved.display().to_string()),
    );
    fs::rename(project.path("made"), project.path("made-elsewhere")).unwrap();
    project.program("cp", "exec /bin/cp ../../made-elsewhere \"$2\"\n");
    project.build().ended(0).said("cargo-lambda");
    assert!(project.bootstrap("a") == binary);
    let recorded = fs::read_to_string(project.path("recorded")).unwrap();
    let target = rust_name(other());
    assert!(
        recorded.contains(&format!(
            "lambda build --target {target}.2.34 --lambda-dir "
        )),
        "{recorded}"
    );
}

#[test]
fn a_missing_target_is_said_in_rustcs_words_with_what_to_type() {
    let mut project = Project::new(&[("a", NOTHING)]);
    project.topology(other(), &service("a"));
    // A toolchain that has no standard library for any target, and a tool that hands on to it.
    let empty = project.path("sysroot");
    fs::create_dir_all(empty.join("lib/rustlib")).unwrap();
    project.program(
        "bare-rustc",
        &format!("exec rustc --sysroot '{}' \"$@\"\n", empty.display()),
    );
    let rustc = project.path("programs/bare-rustc").display().to_string();
    project.set("RUSTC", rustc);
    let target = rust_name(other());
    project.program(
        "cargo-zigbuild",
        &format!(
            "shift 3\nexec '{}' build --target {target} \"$@\"\n",
            cargo()
        ),
    );
    project
        .build()
        .ended(1)
        .said("error[E0463]: can't find crate for `std`")
        .said(&format!("the `{target}` target may not be installed"))
        .said(&format!(
            "topology.toml:5: `functions/a` does not compile\n  help: install the target with `rustup target add {target}`"
        ));
}

// ---- what starts in Lambda

/// A cargo whose builds come to `binary`; all else is left to the real one.
fn cargo_that_makes(project: &mut Project, binary: &[u8]) {
    fs::write(project.path("native"), binary).unwrap();
    let said = artifact(&project.path("native"));
    project.program(
        "fake-cargo",
        &format!(
            "if [ \"$1\" != build ]; then exec '{}' \"$@\"; fi\ncat <<'END'\n{said}\nEND\n",
            cargo()
        ),
    );
    let fake = project.path("programs/fake-cargo").display().to_string();
    project.set("CARGO", fake);
}

fn native() -> Program<'static> {
    Program::usual(elf_number(Architecture::host()))
}

#[test]
fn a_newer_glibc_is_found_in_the_binary() {
    let mut project = Project::new(&[("a", NOTHING)]);
    let versions = [
        Version::of_libc("GLIBC_2.34", "__libc_start_main"),
        Version::of_libc("GLIBC_2.38", "__isoc23_strtol"),
        Version::of_libc("GLIBC_2.4", "__stack_chk_fail"),
    ];
    let binary = Program {
        versions: &versions,
        ..native()
    }
    .bytes();
    cargo_that_makes(&mut project, &binary);
    let ran = project.build().ended(1);
    ran.said(
        "topology.toml:5: `functions/a` needs `__isoc23_strtol` of glibc 2.38, the Lambda runtime has 2.34\n  help: install \
         cargo-zigbuild with `pip install cargo-zigbuild ziglang`, which builds for glibc 2.34, and run it again",
    );
    assert!(!project.path("out/dev/functions/a.zip").exists());

    // On this machine itself it starts.
    project.run(&["build", "--environment", "local"]).ended(0);

    // With a tool that builds for Lambda, it is built again.
    let good = native().bytes();
    recording(&mut project, "cargo-zigbuild", &good, None);
    project
        .build()
        .ended(0)
        .said("the Lambda runtime has 2.34: building it with cargo-zigbuild");
    assert!(project.bootstrap("a") == good);
}

#[test]
fn what_lambda_has_not_is_named() {
    use topogen::build::runtime::{Place, check};
    let host = Architecture::host();
    let refused = |bytes: &[u8]| match check(bytes, host, Place::Lambda) {
        Ok(()) => "nothing".to_owned(),
        Err(why) => why.to_string(),
    };
    assert_eq!(refused(&native().bytes()), "nothing");
    let alone = Program {
        interpreter: None,
        libraries: &[],
        ..native()
    };
    assert_eq!(refused(&alone.bytes()), "nothing");

    let with = |versions: &[Version<'_>]| {
        refused(
            &Program {
                versions,
                ..native()
            }
            .bytes(),
        )
    };
    assert_eq!(
        with(&[
            Version::of_libc("GLIBC_2.34", "a"),
            Version::of_libc("GLIBC_2.2.5", "b")
        ]),
        "nothing"
    );
    assert_eq!(
        with(&[Version::of_libc("GLIBC_2.34.1", "a")]),
        "needs `a` of glibc 2.34.1, the Lambda runtime has 2.34"
    );
    assert_eq!(
        with(&[
            Version::of_libc("GLIBC_2.100", "a"),
            Version::of_libc("GLIBC_2.99", "b")
        ]),
        "needs `a` of glibc 2.100, the Lambda runtime has 2.34"
    );
    // Needed weakly, the loader goes on without it.
    assert_eq!(
        with(&[Version {
            weak: true,
            ..Version::of_libc("GLIBC_2.38", "a")
        }]),
        "nothing"
    );
    // Asked for by the file as a whole.
    assert_eq!(
        with(&[Version {
            symbol: None,
            ..Version::of_libc("GLIBC_ABI_DT_RELR", "")
        }]),
        "needs glibc ABI_DT_RELR, the Lambda runtime has 2.34"
    );
    assert_eq!(
        with(&[Version {
            library: "libgcc_s.so.1",
            ..Version::of_libc("GCC_3.0", "_Unwind_Resume")
        }]),
        "nothing"
    );

    let libraries = Program {
        libraries: &["libc.so.6", "libssl.so.3"],
        ..native()
    };
    assert_eq!(
        refused(&libraries.bytes()),
        "needs libssl.so.3, which the Lambda runtime has not"
    );
    let loader = Program {
        interpreter: Some("/lib/ld-musl-x86_64.so.1"),
        ..native()
    };
    assert_eq!(
        refused(&loader.bytes()),
        "is loaded by /lib/ld-musl-x86_64.so.1, which the Lambda runtime has not"
    );
    let foreign = Program::usual(elf_number(other())).bytes();
    assert_eq!(
        refused(&foreign),
        format!("was built for {}, and the function runs on {host}", other())
    );
    let s390 = Program {
        processor: 22,
        ..native()
    };
    assert!(refused(&s390.bytes()).contains("was built for S390x"));

    assert!(refused(b"#!/bin/sh\n").contains("not a program for 64-bit Linux"));
    let mut narrow = native().bytes();
    narrow[4] = 1;
    assert!(refused(&narrow).contains("Elf32"), "{}", refused(&narrow));
    let mut object = native().bytes();
    object[16] = 1;
    assert!(
        refused(&object).contains("not linked"),
        "{}",
        refused(&object)
    );
    let whole = native().bytes();
    for length in 0..whole.len() {
        // Cut off anywhere, it is refused or understood, and nothing panics.
        let _ = check(&whole[..length], host, Place::Lambda);
    }
    assert!(refused(&whole[..whole.len() - 8]).contains("damaged"));
}

#[test]
fn lambdas_limits_are_kept() {
    let mut project = Project::new(&[("a", NOTHING)]);
    cargo_that_makes(&mut project, &native().bytes());
    let file = fs::OpenOptions::new()
        .write(true)
        .open(project.path("native"))
        .unwrap();
    file.set_len(251 * 1024 * 1024).unwrap();
    project.build().ended(1).said(
        "`functions/a` has 251 MiB, Lambda takes 250 MiB\n  help: leave debug information out",
    );
    assert!(!project.path("out/dev/functions/a.zip").exists());

    // What no compression makes smaller.
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = native().bytes();
    while bytes.len() < 51 * 1024 * 1024 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        bytes.extend(random.to_le_bytes());
    }
    fs::write(project.path("native"), bytes).unwrap();
    project
        .build()
        .ended(0)
        .said("warning: `functions/a` is larger than 50 MB as a zip");
}
