//! What becomes of `out/` when things go well and when they do not.

use super::*;

fn artefact(path: &str, text: &str) -> Artefact {
    Artefact {
        path: path.to_owned(),
        bytes: text.into(),
    }
}

/// What would change.
fn check(
    out: &Path,
    environment: &str,
    artefacts: impl IntoIterator<Item = impl Borrow<Artefact>>,
) -> Result<Vec<Stale>, OutError> {
    let checker = Checker::new(out, environment);
    for artefact in artefacts {
        checker.add(artefact.borrow())?;
    }
    Ok(checker.finish())
}

#[test]
fn only_what_was_written_before_is_removed() {
    let out = tempfile::tempdir().unwrap();
    let first = [artefact("dev/a", "1"), artefact("dev/b", "2")];
    write(out.path(), "dev", &first).unwrap();
    fs::write(out.path().join("dev/mine"), "keep").unwrap();

    let second = [artefact("dev/a", "1")];
    assert_eq!(
        check(out.path(), "dev", &second).unwrap(),
        [Stale::Leftover("dev/b".into())]
    );
    let written = write(out.path(), "dev", &second).unwrap();
    assert_eq!(
        (written.changed, written.removed, written.files),
        (vec![], vec!["dev/b".to_owned()], 1)
    );
    assert!(check(out.path(), "dev", &second).unwrap().is_empty());
    assert!(out.path().join("dev/mine").exists());
    assert!(!out.path().join("dev/b").exists());
}

#[test]
fn a_list_that_points_outside_is_not_followed() {
    let out = tempfile::tempdir().unwrap();
    fs::create_dir(out.path().join("dev")).unwrap();
    fs::write(out.path().join("victim"), "x").unwrap();
    fs::write(
        out.path().join("dev").join(MANIFEST),
        "dev/../victim\nvictim\n",
    )
    .unwrap();
    write(out.path(), "dev", &[] as &[Artefact]).unwrap();
    assert!(out.path().join("victim").exists());
}

#[test]
fn nothing_changes_when_one_file_cannot_be_written() {
    let out = tempfile::tempdir().unwrap();
    write(
        out.path(),
        "dev",
        [artefact("dev/a", "old"), artefact("dev/z/c", "old")],
    )
    .unwrap();
    fs::remove_file(out.path().join("dev/z/c")).unwrap();
    fs::create_dir(out.path().join("dev/z/c")).unwrap();

    let second = [
        artefact("dev/a", "new"),
        artefact("dev/b", "new"),
        artefact("dev/z/c", "new"),
    ];
    let error = write(out.path(), "dev", &second).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("dev/z/c is a folder where a file should be"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(out.path().join("dev/a")).unwrap(), "old");
    assert!(!out.path().join("dev/b").exists());
    assert!(!out.path().join("dev/.staging").exists());
}

#[test]
fn nothing_changes_when_the_artefacts_end_in_a_panic() {
    let out = tempfile::tempdir().unwrap();
    write(out.path(), "dev", [artefact("dev/a", "old")]).unwrap();
    let broken = (0..3).map(|n| match n {
        0 => artefact("dev/a", "new"),
        1 => artefact("dev/b", "new"),
        _ => panic!("no more"),
    });
    let write = std::panic::AssertUnwindSafe(|| write(out.path(), "dev", broken));
    assert!(std::panic::catch_unwind(write).is_err());
    assert_eq!(fs::read_to_string(out.path().join("dev/a")).unwrap(), "old");
    assert!(!out.path().join("dev/b").exists());
    assert!(!out.path().join("dev/.staging").exists());
}

#[test]
fn what_a_killed_run_left_is_cleared_away() {
    let out = tempfile::tempdir().unwrap();
    let staging = out.path().join("dev/.staging");
    fs::create_dir_all(&staging).unwrap();
    fs::write(staging.join("0"), "half").unwrap();
    fs::write(out.path().join("dev/.topogen-new-x"), "half").unwrap();
    write(out.path(), "dev", [artefact("dev/a", "1")]).unwrap();
    let mut names: Vec<_> = fs::read_dir(out.path().join("dev"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [".lock", MANIFEST, "a"]);
}

/// It had come as far as the folders of its files, which the next one does not want.
#[test]
fn folders_of_a_killed_run_go() {
    let out = tempfile::tempdir().unwrap();
    fs::create_dir_all(out.path().join("dev/x/y")).unwrap();
    fs::write(
        out.path().join("dev").join(MANIFEST),
        "dev/x/y/a\ndev/z/b\n",
    )
    .unwrap();
    write(out.path(), "dev", [artefact("dev/a", "1")]).unwrap();
    assert!(!out.path().join("dev/x").exists());
    let list = fs::read_to_string(out.path().join("dev").join(MANIFEST));
    assert_eq!(list.unwrap(), "dev/a\n");
}

/// A list that names a file twice stops nobody.
#[test]
fn a_file_that_is_listed_twice_is_removed_once() {
    let out = tempfile::tempdir().unwrap();
    write(
        out.path(),
        "dev",
        [artefact("dev/a", "1"), artefact("dev/b", "1")],
    )
    .unwrap();
    fs::write(
        out.path().join("dev").join(MANIFEST),
        "dev/b\ndev/a\ndev/b\n",
    )
    .unwrap();
    let written = write(out.path(), "dev", [artefact("dev/a", "1")]).unwrap();
    assert_eq!(written.removed, ["dev/b"]);
}

#[test]
fn folders_go_with_their_last_file() {
    let out = tempfile::tempdir().unwrap();
    write(
        out.path(),
        "dev",
        [artefact("dev/x/y/a", "1"), artefact("dev/x/b", "2")],
    )
    .unwrap();
    write(out.path(), "dev", [artefact("dev/x/b", "2")]).unwrap();
    assert!(!out.path().join("dev/x/y").exists());
    write(out.path(), "dev", &[] as &[Artefact]).unwrap();
    assert!(!out.path().join("dev/x").exists() && out.path().join("dev").exists());
}

#[test]
fn a_path_never_leaves_out() {
    let out = tempfile::tempdir().unwrap();
    for path in ["../x", "dev/../../x", "/x", ""] {
        let error = write(&out.path().join("out"), "dev", [artefact(path, "1")]).unwrap_err();
        assert!(
            error.to_string().contains("no place below"),
            "{path}: {error}"
        );
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_at_out_and_nowhere_below() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (elsewhere, out) = (folder.path().join("elsewhere"), folder.path().join("out"));
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, &out).unwrap();
    write(&out, "dev", [artefact("dev/a", "1")]).unwrap();
    assert_eq!(fs::read_to_string(elsewhere.join("dev/a")).unwrap(), "1");

    // A link in the place of a file makes room for the file; what it points at stays as it is.
    fs::write(folder.path().join("victim"), "mine").unwrap();
    fs::remove_file(out.join("dev/a")).unwrap();
    symlink(folder.path().join("victim"), out.join("dev/a")).unwrap();
    assert_eq!(
        check(&out, "dev", [artefact("dev/a", "1")]).unwrap(),
        [Stale::Missing("dev/a".into())]
    );
    write(&out, "dev", [artefact("dev/a", "1")]).unwrap();
    assert!(!out.join("dev/a").is_symlink());

    symlink(folder.path(), out.join("dev/docs")).unwrap();
    symlink(folder.path(), out.join("prod")).unwrap();
    for (environment, path) in [("dev", "dev/docs/victim"), ("prod", "prod/victim")] {
        let error = write(&out, environment, [artefact(path, "1")]).unwrap_err();
        assert!(error.to_string().contains("a symbolic link"), "{error}");
    }
    let error = put(&out, "dev/docs/victim", b"1").unwrap_err();
    assert!(error.to_string().contains("a symbolic link"), "{error}");
    // Nor is anything removed behind one.
    fs::write(out.join("dev").join(MANIFEST), "dev/docs/victim\ndev/a\n").unwrap();
    write(&out, "dev", [artefact("dev/a", "1")]).unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("victim")).unwrap(),
        "mine"
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_is_replaced_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topology.toml");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(replace(&path, b"new").unwrap());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_folder_that_another_run_holds_is_waited_for() {
    let out = tempfile::tempdir().unwrap();
    write(out.path(), "dev", [artefact("dev/a", "1")]).unwrap();
    let other = fs::File::open(out.path().join("dev/.lock")).unwrap();
    other.lock().unwrap();
    let (path, started) = (out.path().to_owned(), std::time::Instant::now());
    let writer = std::thread::spawn(move || write(&path, "dev", [artefact("dev/a", "2")]));
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(fs::read_to_string(out.path().join("dev/a")).unwrap(), "1");
    other.unlock().unwrap();
    writer.join().unwrap().unwrap();
    assert!(started.elapsed().as_millis() >= 200);
    assert_eq!(fs::read_to_string(out.path().join("dev/a")).unwrap(), "2");
}

#[test]
fn stale_files_are_told_apart() {
    let out = tempfile::tempdir().unwrap();
    write(out.path(), "dev", &[artefact("dev/a", "1")]).unwrap();
    let wanted = [artefact("dev/a", "2"), artefact("dev/c", "3")];
    assert_eq!(
        check(out.path(), "dev", &wanted).unwrap(),
        [
            Stale::Differs("dev/a".into()),
            Stale::Missing("dev/c".into())
        ]
    );
}
