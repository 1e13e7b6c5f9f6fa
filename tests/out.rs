//! `out/` when things go wrong while `topogen render` writes it: killed, out of room, not allowed, two at once, in the way.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use common::process::{Ended, is_superuser, run, topogen};
use tempfile::TempDir;

/// An app of one stack for each of `services`, every file of which depends on `memory`.
fn topology(services: std::ops::Range<usize>, memory: u32) -> String {
    let mut text = format!(
        "[app]\nname = \"shop\"\nstacks = \"per-service\"\n\n[alarms]\nnotify = [\"email:a@example.com\"]\n\n\
         [api.routes.\"POST /orders\"]\npublic = true\n\n[defaults.function]\nmemory = {memory}\n\n\
         [events.OrderCreated]\n\n[services.order]\nhttp = [\"POST /orders\"]\npublishes = [\"OrderCreated\"]\n"
    );
    for at in services {
        text += &format!("[services.s{at}]\n[subscriptions.s{at}]\nevents = [\"OrderCreated\"]\n");
    }
    text
}

/// A folder with a topology.
fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), text);
    folder
}

fn write(folder: &Path, text: &str) {
    fs::write(folder.join("topology.toml"), text).unwrap();
}

fn render(folder: &Path) -> Ended {
    run(&mut topogen(folder, &["render"]))
}

#[track_caller]
fn renders(folder: &Path) {
    let ended = render(folder);
    assert_eq!(ended.code(), 0, "{}", ended.stderr);
}

/// What rendering `text` makes of an empty folder.
fn rendered(text: &str) -> Files {
    let folder = folder(text);
    renders(folder.path());
    files(folder.path())
}

/// Paths below out/ and what they hold; a folder holds nothing.
type Files = BTreeMap<String, Vec<u8>>;

/// What topogen keeps for itself in an environment's folder, when it is not at work.
const OWN: [&str; 2] = ["dev/.lock", "dev/.topogen-files"];
/// What it has there while it works, and what a killed run leaves.
const AT_WORK: [&str; 2] = ["dev/.staging", "dev/.topogen-new-"];

fn files(folder: &Path) -> Files {
    let out = folder.join("out");
    let mut found = Files::new();
    let mut folders = vec![out.clone()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&out).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
                found.insert(name + "/", Vec::new());
            } else {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Without what is topogen's own.
fn artefacts(folder: &Path) -> Files {
    let mut files = files(folder);
    let own = |path: &str| OWN.iter().chain(&AT_WORK).any(|own| path.starts_with(own));
    files.retain(|path, _| !own(path) && !path.ends_with('/'));
    files
}

fn only_artefacts(files: &Files) -> Files {
    let mut files = files.clone();
    files.retain(|path, _| !OWN.contains(&path.as_str()) && !path.ends_with('/'));
    files
}

#[track_caller]
fn assert_same(found: &Files, wanted: &Files) {
    let missing: Vec<&String> = wanted
        .keys()
        .filter(|path| !found.contains_key(*path))
        .collect();
    let strange: Vec<&String> = found
        .keys()
        .filter(|path| !wanted.contains_key(*path))
        .collect();
    assert!(
        missing.is_empty() && strange.is_empty(),
        "missing: {missing:?}, too much: {strange:?}"
    );
    let different: Vec<&String> = found
        .keys()
        .filter(|path| found[*path] != wanted[*path])
        .collect();
    assert!(different.is_empty(), "different: {different:?}");
}

/// Whatever the moment, every file is whole, old or new, and none is missing that is in both; the next run makes all new, or old
/// again, and nothing else is left. Unless it is SIGKILL, all are old or all are new.
#[test]
fn a_killed_render_leaves_whole_files_and_the_next_one_finishes() {
    let (before, after) = (topology(0..60, 128), topology(30..100, 256));
    let (old, new) = (rendered(&before), rendered(&after));
    let folder = folder(&before);
    let path = folder.path();
    renders(path);
    write(path, &after);
    let started = Instant::now();
    renders(path);
    let whole = started.elapsed();
    assert_same(&files(path), &new);

    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for round in 0..18_u32 {
        write(path, &before);
        renders(path);
        assert_same(&files(path), &old);

        write(path, &after);
        let mut child = topogen(path, &["render"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        match round % 3 {
            0 => std::thread::sleep(whole.mul_f64(f64::from(round) / 18.0)),
            // The list is written before anything is moved into place.
            1 => wait_for(&mut child, || {
                fs::read(path.join("out/dev/.topogen-files")).ok() != old.get(OWN[1]).cloned()
            }),
            _ => wait_for(&mut child, || {
                path.join("out/dev/services/s60.template.json").exists()
            }),
        }
        let signal = ["-KILL", "-INT", "-TERM", "-KILL", "-HUP", "-QUIT"][round as usize / 3];
        let id = child.id().to_string();
        // It may have ended by itself.
        let mut kill = Command::new("kill");
        kill.args([signal, &id])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let status = child.wait().unwrap();
        assert!(status.signal().is_some() || status.success(), "{status}");

        let found = artefacts(path);
        let state = state(&found, &only_artefacts(&old), &only_artefacts(&new));
        *seen.entry(state).or_default() += 1;
        if signal != "-KILL" {
            assert_ne!(state, "some of each", "{signal}");
        }
        if state != "new" {
            let mut check = topogen(path, &["render", "--check"]);
            assert_eq!(run(&mut check).code(), 3, "{state}");
        }
        // Half of them go back to what was.
        let (text, wanted) = if round % 4 < 2 {
            (&after, &new)
        } else {
            (&before, &old)
        };
        write(path, text);
        renders(path);
        assert_same(&files(path), wanted);
    }
    println!("{seen:?}");
    assert!(seen.len() > 1, "the moments were all the same: {seen:?}");
}

/// Until something is seen, or the process has ended.
fn wait_for(child: &mut Child, mut is_there: impl FnMut() -> bool) {
    while !is_there() && child.try_wait().unwrap().is_none() {}
}

/// All old, all new, or some of each; anything else fails.
fn state(found: &Files, old: &Files, new: &Files) -> &'static str {
    if found == old {
        return "old";
    }
    if found == new {
        return "new";
    }
    for (path, bytes) in found {
        let known = [old, new]
            .iter()
            .any(|files| files.get(path) == Some(bytes));
        assert!(known, "{path} is neither old nor new");
    }
    for path in old.keys().filter(|path| new.contains_key(*path)) {
        assert!(found.contains_key(path), "{path} is missing");
    }
    "some of each"
}

/// Two people, or an editor and a person: one comes after the other, and out/ is as one of them wanted it.
#[test]
fn of_two_renders_at_once_one_wins_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let both = ["one.toml", "two.toml"];
    fs::write(path.join(both[0]), topology(0..30, 128)).unwrap();
    fs::write(path.join(both[1]), topology(20..50, 256)).unwrap();
    let render = |file| topogen(path, &["render", "--file", file]);
    let wanted = both.map(|file| {
        assert_eq!(run(&mut render(file)).code(), 0);
        files(path)
    });
    for _ in 0..10 {
        let children = both.map(|file| render(file).stderr(Stdio::null()).spawn().unwrap());
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let found = files(path);
        let list = |files: &Files| files[OWN[1]].clone();
        let winner = wanted.iter().find(|files| list(files) == list(&found));
        assert_same(&found, winner.expect("the list is that of one of the two"));
    }
}

/// The limit of a file's size stands in for a full disk where no file system may be mounted.
#[test]
fn when_a_file_cannot_grow_out_is_as_it_was() {
    let (before, after) = (topology(0..3, 128), topology(0..30, 256));
    let old = rendered(&before);
    for signals in ["trap '' XFSZ;", ""] {
        let folder = folder(&before);
        renders(folder.path());
        write(folder.path(), &after);
        // Of 512 bytes each: what the list of files takes, and no template.
        let script = format!("{signals} ulimit -f 10; exec \"$0\" render");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script, env!("CARGO_BIN_EXE_topogen")])
            .current_dir(folder.path());
        // What is said goes into a file, too, and is shorter.
        let ended = run(&mut shell);
        assert_eq!(ended.code(), 2, "{ended:?}");
        let said = ended
            .stderr
            .strip_prefix("error: ./out/dev/")
            .unwrap_or_default();
        let end = ".json: File too large (os error 27)\n  \
            help: make room and run it again; what was there before is as it was\n";
        assert!(said.ends_with(end), "{}", ended.stderr);
        assert_same(&files(folder.path()), &old);
    }
}

/// A file system of few bytes. Where this process may mount none, the test above has to do.
#[test]
fn on_a_full_disk_out_is_as_it_was() {
    let (before, after) = (topology(0..3, 128), topology(0..100, 256));
    let folder = folder(&before);
    let path = folder.path();
    fs::create_dir(path.join("out")).unwrap();
    let Some(_mounted) = Mounted::at(&path.join("out")) else {
        assert!(!is_superuser(), "the superuser may mount");
        println!("no file system may be mounted here");
        return;
    };
    renders(path);
    let old = files(path);
    write(path, &after);
    for _ in 0..2 {
        let ended = render(path);
        assert_eq!(ended.code(), 2, "{ended:?}");
        assert!(
            ended
                .stderr
                .contains("No space left on device (os error 28)\n  help: make room"),
            "{}",
            ended.stderr
        );
        assert_same(&files(path), &old);
    }
    write(path, &topology(0..3, 256));
    renders(path);
    assert_eq!(artefacts(path).len(), only_artefacts(&old).len());
}

/// A small file system in memory, until it is dropped.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn at(folder: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=256k", "topogen"])
            .arg(folder);
        let status = mount.stderr(Stdio::null()).status();
        status
            .is_ok_and(|status| status.success())
            .then(|| Self(folder.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Somebody else, unless this is no superuser, who may write anywhere.
const NOBODY: u32 = 65_534;

/// Runs `script` of a shell as nobody, with the program as its `$0`.
fn as_nobody(folder: &Path, script: &str) -> Ended {
    let program = folder.join("topogen");
    if !program.exists() {
        fs::copy(env!("CARGO_BIN_EXE_topogen"), &program).unwrap();
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(program).current_dir(folder);
    if is_superuser() {
        shell.uid(NOBODY);
    }
    run(&mut shell)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn denied(folder: &Path, place: &str) {
    let ended = as_nobody(folder, RENDER);
    let words = format!(
        "error: ./out/{place}: Permission denied (os error 13)\n  \
        help: give yourself the right to write there, and run it again; what was there before is as it was\n"
    );
    assert_eq!((ended.code(), ended.stderr), (2, words));
}

const RENDER: &str = "exec \"$0\" render";

/// A folder in it that may not be written to stands for whatever makes the system refuse one move of many.
#[test]
fn when_a_move_is_refused_the_others_are_undone() {
    let before = topology(0..4, 128);
    let folder = folder(&before);
    let path = folder.path();
    mode(path, 0o777);
    assert_eq!(as_nobody(path, RENDER).code(), 0);
    let old = files(path);
    let services = path.join("out/dev/services");
    mode(&services, 0o555);
    let refused = || {
        let ended = as_nobody(path, RENDER);
        let (error, help) = ended.stderr.split_once('\n').unwrap();
        assert!(error.starts_with("error: ./out/dev/services/s"), "{error}");
        assert_eq!(ended.code(), 2);
        (error.to_owned(), help.to_owned())
    };
    // Files to replace, files that are new, and files that go once all others are in place.
    let all = [
        topology(0..4, 256),
        topology(0..9, 128),
        topology(0..2, 128),
    ];
    for after in &all {
        write(path, after);
        let (error, help) = refused();
        assert!(
            error.ends_with(": Permission denied (os error 13)"),
            "{error}"
        );
        assert!(
            help.ends_with("what was there before is as it was\n"),
            "{help}"
        );
        assert_same(&files(path), &old);
    }
    // What another owns may be replaced where the system lets no second name be made for it, so that it cannot be put back.
    let protected = fs::read("/proc/sys/fs/protected_hardlinks").is_ok_and(|on| on == b"1\n");
    if is_superuser() && protected {
        let map = path.join("out/dev/source-map.json");
        std::os::unix::fs::chown(&map, Some(0), None).unwrap();
        let (error, help) = refused();
        assert!(
            error.ends_with("; the files in out/ are a mixture of old and new ones"),
            "{error}"
        );
        assert_eq!(
            help,
            "  help: see to that; the next `topogen render` makes all of them new\n"
        );
        let found = files(path);
        assert_ne!(found["dev/source-map.json"], old["dev/source-map.json"]);
        assert_eq!(
            found["dev/core.template.json"],
            old["dev/core.template.json"]
        );
    }
    mode(&services, 0o755);
    assert_eq!(as_nobody(path, RENDER).code(), 0);
    assert_same(&files(path), &rendered(&all[2]));
}

/// As under a limit of a container: what is there does it all.
#[test]
fn where_no_thread_can_be_made_one_does_it_all() {
    let text = topology(0..40, 128);
    let folder = folder(&text);
    mode(folder.path(), 0o777);
    // Of two shells, each has its own letter.
    let script = format!("ulimit -u 1 2>/dev/null || ulimit -p 1; {RENDER}");
    let ended = as_nobody(folder.path(), &script);
    assert_eq!(ended.code(), 0, "{}", ended.stderr);
    assert_same(&files(folder.path()), &rendered(&text));
}

#[test]
fn where_nobody_may_write_nothing_changes() {
    let folder = folder(&topology(0..2, 128));
    let path = folder.path();
    renders(path);
    let old = files(path);
    write(path, &topology(0..3, 256));
    mode(path, 0o755);
    mode(&path.join("topology.toml"), 0o644);
    // The folder alone, then its lock as well: it can be opened only when it is there and may be written to.
    for (place, its_mode) in [("out/dev", 0o555), ("out/dev/.lock", 0o444)] {
        mode(&path.join(place), its_mode);
    }
    denied(path, "dev/.lock");
    mode(&path.join("out/dev/.lock"), 0o666);
    denied(path, "dev/.staging");
    mode(&path.join("out/dev"), 0o755);
    assert_same(&files(path), &old);

    fs::remove_dir_all(path.join("out")).unwrap();
    mode(path, 0o555);
    denied(path, "dev");
    assert!(!path.join("out").exists());
    mode(path, 0o755);
}

/// Whatever stands where a file or folder has to be is told of by name, or makes room when it is a link or a pipe.
#[test]
fn what_is_in_the_way_is_named_or_makes_room() {
    let text = topology(0..2, 128);
    let wanted = rendered(&text);
    let folder = folder(&text);
    let path = folder.path();
    let at = |name: &str| path.join(name);
    let refused = |words: &str| {
        let ended = render(path);
        let words =
            format!("error: ./{words}\n  help: move it away or delete it, and run it again\n");
        assert_eq!((ended.code(), ended.stderr), (2, words));
    };
    let clear = || {
        let out = at("out");
        let _ = fs::remove_file(&out).or_else(|_| fs::remove_dir_all(&out));
    };

    for (name, what) in [
        ("out", "a file where a folder should be"),
        ("out/dev", "a file where a folder should be"),
        ("out/dev/services", "a file where a folder should be"),
        (
            "out/dev/core.template.json/x",
            "a folder where a file should be",
        ),
        (
            "out/dev/.topogen-files/x",
            "a folder where a file should be",
        ),
    ] {
        clear();
        fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        fs::write(at(name), "mine").unwrap();
        refused(&format!("{} is {what}", name.trim_end_matches("/x")));
        assert_eq!(fs::read_to_string(at(name)).unwrap(), "mine");
        assert!(!at("out/dev/core.template.yaml").exists());
    }

    // A link below out/ is followed by nobody, wherever it leads.
    fs::create_dir(at("elsewhere")).unwrap();
    for link in ["out/dev", "out/dev/services"] {
        clear();
        fs::create_dir_all(at(link).parent().unwrap()).unwrap();
        symlink(at("elsewhere"), at(link)).unwrap();
        refused(&format!(
            "{link} is a symbolic link, and topogen writes through none below the folder out"
        ));
        assert_eq!(fs::read_dir(at("elsewhere")).unwrap().count(), 0);
    }

    // Nor is one in the place of a file; and a pipe is not waited for.
    clear();
    fs::create_dir_all(at("out/dev")).unwrap();
    fs::write(at("victim"), "mine").unwrap();
    for link in ["core.template.json", ".lock", ".topogen-files", ".staging"] {
        symlink(at("victim"), at("out/dev").join(link)).unwrap();
    }
    renders(path);
    assert_same(&files(path), &wanted);
    assert_eq!(fs::read_to_string(at("victim")).unwrap(), "mine");
    for pipe in ["core.template.json", ".lock", ".topogen-files", ".staging"] {
        let pipe = at("out/dev").join(pipe);
        let _ = fs::remove_file(&pipe);
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
    }
    renders(path);
    assert_same(&files(path), &wanted);

    // `out` itself is a link of whoever wants the files elsewhere.
    clear();
    symlink(at("elsewhere"), at("out")).unwrap();
    renders(path);
    assert_same(&files(path), &wanted);
    assert!(at("out").is_symlink() && at("elsewhere/dev/core.template.json").is_file());
    clear();
    symlink(at("nowhere"), at("out")).unwrap();
    for arguments in [&["render"][..], &["render", "--check"], &["schema"]] {
        let ended = run(&mut topogen(path, arguments));
        let words = "error: ./out is a symbolic link to a folder that is not there\n  \
            help: make the folder that it leads to or delete the link, and run it again\n";
        assert_eq!((ended.code(), ended.stderr.as_str()), (2, words));
        assert!(!at("nowhere").exists());
    }
    fs::create_dir(at("nowhere")).unwrap();
    renders(path);
    assert_same(&files(path), &wanted);
}

/// Only what topogen has written goes when it is no longer made, with the folders that hold nothing else.
#[test]
fn files_of_others_stay() {
    let (before, after) = (topology(0..4, 128), topology(0..2, 128));
    let folder = folder(&before);
    let path = folder.path();
    renders(path);
    let mine = [
        "notes.md",
        "dev/notes.md",
        "dev/sam.yaml",
        "dev/services/s3/notes.md",
        "dev/services/s3/deep/notes.md",
        "dev/functions/s3.zip",
        "prod/template.json",
        "topology.schema.json",
    ];
    for name in mine {
        let file = path.join("out").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "mine").unwrap();
    }
    write(path, &after);
    renders(path);
    let found = artefacts(path);
    let mut wanted = only_artefacts(&rendered(&after));
    wanted.extend(mine.map(|name| (name.to_owned(), b"mine".to_vec())));
    assert_same(&found, &wanted);
    assert!(!path.join("out/dev/services/s2.template.json").exists());

    // A folder goes with the last file in it.
    fs::remove_dir_all(path.join("out/dev/services/s3")).unwrap();
    write(path, &after.replace("per-service", "single"));
    renders(path);
    assert!(!path.join("out/dev/services").exists());
}
