//! `topogen check --fix`: what it mends in every fixture, and what it leaves alone.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "common/typed.rs"]
mod typed;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use topogen::Project;
use topogen::contracts::Library;
use topogen::diag::{Diagnostics, fix};
use topogen::source::Source;
use typed::topogen;

fn findings(project: &Project) -> Diagnostics {
    let library = Library::new(|path| {
        fs::read(Path::new("tests/diagnostics").join(path)).map_err(|error| error.to_string())
    });
    let mut all = Diagnostics::default();
    for environment in project.environments() {
        all.extend(project.compile_with(&environment, Some(&library)).1);
    }
    let unused = project.unused(&all);
    all.extend(unused);
    all.sorted()
}

/// What stays the same of a finding when lines move.
fn identities(found: &Diagnostics) -> BTreeSet<(String, String)> {
    let identity = |d: &topogen::diag::Diagnostic| (d.code.id.to_owned(), d.message.clone());
    found.iter().map(identity).collect()
}

/// In every fixture the fixes make exactly the findings that they belong to disappear, and leave nothing to be fixed.
#[test]
fn every_fix_mends_its_finding_and_nothing_else() {
    let mut count = 0;
    for entry in fs::read_dir("tests/diagnostics").unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut text = fs::read_to_string(&path).unwrap();
        for round in 0.. {
            assert!(round < 5, "{name}: fixing does not come to an end");
            let project = Project::parse(Source::new(name.clone(), text.clone()));
            let before = findings(&project);
            let fixes = fix::compatible(&project.source, &before);
            if fixes.is_empty() {
                break;
            }
            count += fixes.len();
            let fixed = fix::apply(&text, fixes.iter().map(|(_, _, edit)| edit));
            let after = findings(&Project::parse(Source::new(name.clone(), fixed.clone())));
            let mended: BTreeSet<(String, String)> = fixes
                .iter()
                .map(|(finding, ..)| (finding.code.id.to_owned(), finding.message.clone()))
                .collect();
            let left: BTreeSet<(String, String)> =
                identities(&before).difference(&mended).cloned().collect();
            // What is mended may have been the cause of another finding, and never causes one.
            assert!(identities(&after).is_subset(&left), "{name}:\n{fixed}");
            text = fixed;
        }
    }
    assert!(count >= 15, "only {count} findings could be fixed");
}

const BROKEN: &str = r#"# A shop.
[app]
name = "shop"

[alarms]
notify = ["email:oncall@example.com"]

[events.OrderCreated]

[services.order]
http = ["POST /orders"]
publishes = ["orderCreated"]     # in small letters

[service.payment]
function = { memroy = 512, timeout = "60s" }

[subscriptions.payment]
events = [
    "OrderCreated",   # the first
    "OrderCreated",
]
batch_size = 50                 # many
visibility_timeout = '30s'

[environments.prod]
subscriptions.payment.retention = "7d"
subscriptions.payment.dead_letter_retention = "4d"

[api.routes."POST /orders"]
public = true
"#;

const FIXED: &str = r#"# A shop.
[app]
name = "shop"

[alarms]
notify = ["email:oncall@example.com"]

[events.OrderCreated]

[services.order]
http = ["POST /orders"]
publishes = ["OrderCreated"]     # in small letters

[services.payment]
function = { memory = 512, timeout = "60s" }

[subscriptions.payment]
events = [
    "OrderCreated",   # the first
]
batch_size = 50                 # many
batching_window = "1s"
visibility_timeout = "361s"

[environments.prod]
subscriptions.payment.retention = "7d"
subscriptions.payment.dead_letter_retention = "14d"

[api.routes."POST /orders"]
public = true
"#;

#[test]
fn the_file_is_mended_and_keeps_its_comments() {
    for (broken, fixed) in [
        (BROKEN.to_owned(), FIXED.to_owned()),
        (BROKEN.replace('\n', "\r\n"), FIXED.replace('\n', "\r\n")),
        (format!("\u{feff}{BROKEN}"), format!("\u{feff}{FIXED}")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("topology.toml");
        fs::write(&path, broken).unwrap();
        let (status, stdout, stderr) = topogen(folder.path(), &["check", "--fix"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), fixed, "{stderr}");
        assert_eq!((status, stdout.as_str()), (0, ""), "{stderr}");
        assert!(
            stderr.contains("fixed topology.toml:15: write `memory` (TG002)\n"),
            "{stderr}"
        );
        assert!(
            stderr.ends_with("topology.toml: no findings (dev, local, prod)\n"),
            "{stderr}"
        );

        let (status, _, stderr) = topogen(folder.path(), &["check", "--fix"]);
        assert_eq!((status, fs::read_to_string(&path).unwrap()), (0, fixed));
        assert!(!stderr.contains("fixed "), "{stderr}");
    }
}

/// A fix that would break the file is not made, not offered, and in nobody's way.
#[test]
fn a_fix_that_is_no_toml_stops_no_other() {
    let text = r#"[app]
name = "shop"
[alarms]
notify = ["email:ops@example.com"]
[events.OrderPaid]
[services.order]
schedule = "rate(1 hour)"
publishes = ["OrderPaid"]
[services.pay]
[services.book]
[subscriptions]
pay = { events = ["OrderPaid"],
  batch_size = 11 # why
}
[subscriptions.book]
events = ["OrderPaid"]
batch_size = 12
"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topology.toml");
    fs::write(&path, text).unwrap();
    let arguments = ["check", "-e", "dev", "--format", "json"];
    let offered = |report: &str| -> Vec<bool> {
        let report: serde_json::Value = serde_json::from_str(report).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let ours = findings.iter().filter(|finding| finding["code"] == "TG203");
        ours.map(|finding| finding["fix"].is_object()).collect()
    };
    let (_, stdout, _) = topogen(folder.path(), &arguments);
    assert_eq!(offered(&stdout), [false, true], "{stdout}");

    let (_, _, stderr) = topogen(folder.path(), &["check", "-e", "dev", "--fix"]);
    assert!(!stderr.contains("TOML"), "{stderr}");
    let fixed = text.replace("12\n", "12\nbatching_window = \"1s\"\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), fixed);
}

#[test]
fn what_cannot_be_mended_is_reported_and_decides_the_exit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topology.toml");
    fs::write(
        &path,
        "[app]\nname = \"shop\"\nownr = \"team\"\n[services.idle]\n",
    )
    .unwrap();
    let (status, stdout, stderr) = topogen(
        folder.path(),
        &["check", "--fix", "--format", "json", "-e", "dev"],
    );
    assert_eq!(status, 1);
    assert_eq!(stderr, "fixed topology.toml:3: write `owner` (TG002)\n");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let codes: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["TG105"]);
}

#[test]
fn a_file_that_is_not_toml_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topology.toml");
    let text = "[app]\nname = shop\nownr = \"team\"\n";
    fs::write(&path, text).unwrap();
    let (status, _, stderr) = topogen(folder.path(), &["check", "--fix"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("error[TG001]") && stderr.contains("nothing was fixed"),
        "{stderr}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

/// The file behind a link is mended, and who may read it stays as it was.
#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (
        folder.path().join("real.toml"),
        folder.path().join("topology.toml"),
    );
    fs::write(&file, "[app]\nname = \"shop\"\nownr = \"team\"\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink("real.toml", &link).unwrap();
    topogen(folder.path(), &["check", "--fix"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&file).unwrap().contains("owner"));
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// A key of another type stands there: a second one would break the file.
#[test]
fn what_cannot_be_read_is_not_written_a_second_time() {
    let text = "[app]\nname = \"shop\"\n\n[events.OrderCreated]\n\n[services.order]\nschedule = \"rate(1 hour)\"\npublishes = [\"OrderCreated\"]\n\n\
                [services.payment]\n\n[subscriptions.payment]\nevents = [\"OrderCreated\"]\nbatch_size = 11\n";
    let fixes = |text: &str| {
        let project = Project::parse(Source::new("topology.toml", text));
        fix::compatible(&project.source, &findings(&project)).len()
    };
    assert_eq!(fixes(text), 1, "a batching window is missing");
    assert_eq!(fixes(&format!("{text}batching_window = [\"1s\"]\n")), 0);
}
