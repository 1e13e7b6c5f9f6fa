//! `topogen contracts check`, and what `topogen check` says of contract files: as a user runs them, in a git repository.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "common/typed.rs"]
mod typed;

use std::fs;
use std::path::Path;
use std::process::Command as Process;

use assert_cmd::Command;
use tempfile::TempDir;
use typed::topogen;

const TOPOLOGY: &str = r#"[app]
name = "shop"

[events.OrderCreated]
version = "1.0"
schema = "schemas/OrderCreated.json"

[services.order]
http = ["POST /orders"]
publishes = ["OrderCreated"]

[services.fraud]

[services.payment]

[subscriptions.fraud]
events = ["OrderCreated"]

[subscriptions.payment]
events = ["OrderCreated"]

[api.routes."POST /orders"]
public = true
"#;

const CONTRACT: &str = r#"{
  "type": "object",
  "required": ["orderId", "currency"],
  "properties": {
    "orderId": { "type": "string" },
    "currency": { "enum": ["EUR", "USD"] }
  }
}
"#;

/// A repository whose first commit, `v1`, holds the topology in the folder `shop`.
struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(repository.folder().join("schemas")).unwrap();
        repository.topology(TOPOLOGY);
        repository.contract(CONTRACT);
        repository.git(&["init", "--quiet"]);
        repository.git(&["add", "--all"]);
        repository.commit("first");
        repository.git(&["tag", "v1"]);
        repository
    }

    fn folder(&self) -> std::path::PathBuf {
        self.0.path().join("shop")
    }

    fn topology(&self, text: &str) {
        fs::write(self.folder().join("topology.toml"), text).unwrap();
    }

    fn contract(&self, text: &str) {
        fs::write(self.folder().join("schemas/OrderCreated.json"), text).unwrap();
    }

    /// Changes both: the version, and a piece of the contract.
    fn change(&self, version: &str, from: &str, to: &str) {
        assert!(CONTRACT.contains(from), "{from}");
        self.contract(&CONTRACT.replace(from, to));
        self.topology(&TOPOLOGY.replace("version = \"1.0\"", version));
    }

    fn git(&self, arguments: &[&str]) {
        let done = Process::new("git")
            .current_dir(self.0.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    /// Commits everything that git knows of, whatever the settings of this machine are.
    fn commit(&self, message: &str) {
        let settings = [
            "user.name=t",
            "user.email=t@example.com",
            "commit.gpgsign=false",
        ];
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let commit = ["commit", "--quiet", "--all", "--message", message];
        self.git(&settings.chain(commit).collect::<Vec<&str>>());
    }

    fn check(&self) -> (i32, String) {
        let (status, stdout, stderr) =
            topogen(&self.folder(), &["contracts", "check", "--against", "v1"]);
        assert_eq!(stdout, "");
        (status, stderr)
    }
}

#[test]
fn nothing_changed_is_nothing_to_say() {
    let repository = Repository::new();
    let clean = (
        0,
        "topology.toml: every consumer can read v1 and the work tree\n".to_owned(),
    );
    assert_eq!(repository.check(), clean);
    // Words for people may change under the same version.
    repository.contract(&CONTRACT.replacen('{', "{ \"title\": \"An order\",", 1));
    assert_eq!(repository.check(), clean);
}

#[test]
fn a_field_more_is_a_minor_version() {
    let repository = Repository::new();
    let field = "\"properties\": {\n    \"coupon\": { \"type\": \"string\" },";
    repository.change("version = \"1.1\"", "\"properties\": {", field);
    assert_eq!(repository.check().0, 0);
    repository.change("version = \"1.0\"", "\"properties\": {", field);
    let (status, stderr) = repository.check();
    assert_eq!(status, 1);
    let said = "error[TG510]: `coupon` of `OrderCreated` is new, but the version of `OrderCreated` is still 1.0";
    assert!(stderr.contains(said), "{stderr}");
    assert!(stderr.contains("write `version = \"1.1\"`"), "{stderr}");
}

#[test]
fn what_a_minor_version_breaks_is_named_with_the_consumers() {
    let repository = Repository::new();
    // New consumers would refuse what waits in their queues.
    repository.change(
        "version = \"1.1\"",
        "[\"orderId\", \"currency\"]",
        "[\"orderId\", \"currency\", \"total\"]",
    );
    let (status, stderr) = repository.check();
    assert_eq!(status, 1);
    insta::assert_snapshot!(stderr, @r#"
    error[TG511]: `total` of `OrderCreated` is required now: `fraud`, `payment` on 1.1 cannot read data of 1.0
      --> topology.toml:6:10
       |
     6 | schema = "schemas/OrderCreated.json"
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ...
    17 | events = ["OrderCreated"]
       |           -------------- fails once it is deployed anew, on what its queues still hold
    ...
    20 | events = ["OrderCreated"]
       |           -------------- fails once it is deployed anew, on what its queues still hold
       |
       = help: take the change back, or write `version = "2.0"` and publish both versions for a while

    topology.toml: 1 error
    more about these findings: topogen explain TG511
    "#);
    // Old consumers would refuse what new producers send.
    repository.change("version = \"1.1\"", "\"USD\"]", "\"USD\", \"JPY\"]");
    let (status, stderr) = repository.check();
    assert_eq!(status, 1);
    let said = "error[TG511]: `currency` of `OrderCreated` also takes \"JPY\": `fraud`, `payment` on 1.0 cannot read data of 1.1";
    assert!(stderr.contains(said), "{stderr}");
    assert!(
        stderr.contains("fails until it is deployed anew"),
        "{stderr}"
    );
}

#[test]
fn an_event_may_ask_for_less() {
    let repository = Repository::new();
    let more = "\"USD\", \"JPY\"]";
    for (compatibility, status) in [("full", 1), ("forward", 1), ("backward", 0), ("none", 0)] {
        let version = format!("version = \"1.1\"\ncompatibility = \"{compatibility}\"");
        repository.change(&version, "\"USD\"]", more);
        assert_eq!(repository.check().0, status, "{compatibility}");
    }
    repository.change("compatibility = \"ful\"", "\"USD\"]", more);
    let (status, stderr) = repository.check();
    assert!(
        status == 1 && stderr.contains("`ful` is not a compatibility"),
        "{stderr}"
    );
}

#[test]
fn a_major_version_warns_and_names_the_consumers() {
    let repository = Repository::new();
    repository.change("version = \"2.0\"", "\"string\"", "\"integer\"");
    let (status, stderr) = repository.check();
    assert_eq!(status, 0);
    insta::assert_snapshot!(stderr, @r#"
    warning[TG513]: version 2.0 of `OrderCreated` breaks whoever reads 1.0: `fraud`, `payment`
      --> topology.toml:5:11
       |
     5 | version = "2.0"
       |           ^^^^^ `orderId` of `OrderCreated` takes `integer` instead of `string`
    ...
    17 | events = ["OrderCreated"]
       |           -------------- has to read both for a while
    ...
    20 | events = ["OrderCreated"]
       |           -------------- has to read both for a while
       |
       = help: publish both for a while: keep `OrderCreated`, give 2.0 a name of its own such as `OrderCreatedV2`, and move the consumers one by one

    topology.toml: 1 warning
    more about these findings: topogen explain TG513
    "#);
}

#[test]
fn a_consumer_that_is_new_has_no_old_code() {
    let repository = Repository::new();
    repository.change("version = \"1.1\"", "\"USD\"]", "\"USD\", \"JPY\"]");
    let topology = TOPOLOGY.replace("\"1.0\"", "\"1.1\"")
        + "\n[services.audit]\n[subscriptions.audit]\nevents = [\"OrderCreated\"]\n";
    repository.topology(&topology);
    let (_, stderr) = repository.check();
    assert!(
        stderr.contains("`fraud`, `payment` on 1.0 cannot read data of 1.1\n"),
        "{stderr}"
    );
}

#[test]
fn what_cannot_be_told_is_a_warning() {
    let repository = Repository::new();
    let pattern = "\"orderId\": { \"type\": \"string\", \"not\": { \"pattern\": \"^x\" }, \"pattern\": \"a\" }";
    repository.change(
        "version = \"1.1\"",
        "\"orderId\": { \"type\": \"string\" }",
        pattern,
    );
    let (_, stderr) = repository.check();
    assert!(
        stderr.contains("TG511") || stderr.contains("TG512"),
        "{stderr}"
    );

    let old = CONTRACT.replace(
        "\"orderId\": { \"type\": \"string\" }",
        "\"orderId\": { \"type\": \"string\", \"pattern\": \"^a\" }",
    );
    repository.contract(&old);
    repository.topology(TOPOLOGY);
    repository.commit("second");
    repository.git(&["tag", "--force", "v1"]);
    repository.contract(&old.replace("^a", "^[ab]"));
    repository.topology(&TOPOLOGY.replace("\"1.0\"", "\"1.1\""));
    let (status, stderr) = repository.check();
    assert_eq!(status, 0);
    let said = "warning[TG512]: `orderId` of `OrderCreated` has the pattern `^[ab]` instead of `^a`: topogen cannot tell whether `fraud`, `payment` can read both 1.0 and 1.1";
    assert!(stderr.contains(said), "{stderr}");
}

#[test]
fn versions_and_events_do_not_vanish() {
    let repository = Repository::new();
    repository.topology(&TOPOLOGY.replace("\"1.0\"", "\"0.9\""));
    let (status, stderr) = repository.check();
    assert!(
        status == 1
            && stderr
                .contains("error[TG514]: the version of `OrderCreated` goes back from 1.0 to 0.9"),
        "{stderr}"
    );

    repository.topology(&TOPOLOGY.replace("schema = \"schemas/OrderCreated.json\"\n", ""));
    let (status, stderr) = repository.check();
    assert!(
        status == 0 && stderr.contains("warning[TG515]: `OrderCreated` had a contract"),
        "{stderr}"
    );

    repository.topology(
        &TOPOLOGY
            .replace("OrderCreated", "OrderPlaced")
            .replace("schema = \"schemas/OrderPlaced.json\"\n", ""),
    );
    let (status, stderr) = repository.check();
    let said =
        "warning[TG515]: the event `OrderCreated` is gone, which `fraud`, `payment` received";
    assert!(status == 0 && stderr.contains(said), "{stderr}");
    assert!(stderr.contains("[subscriptions.fraud]"), "{stderr}");
}

#[test]
fn findings_are_json_for_programs() {
    let repository = Repository::new();
    repository.change("version = \"1.1\"", "\"USD\"]", "\"USD\", \"JPY\"]");
    let (status, stdout, stderr) = topogen(
        &repository.folder(),
        &[
            "contracts",
            "check",
            "--against",
            "HEAD",
            "--format",
            "json",
        ],
    );
    assert_eq!((status, stderr.as_str()), (1, ""));
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["line"]),
        (&"TG511".into(), &6.into())
    );
    assert_eq!(finding["related"].as_array().unwrap().len(), 2);
}

/// A warning may be silenced, and `topogen check`, which cannot find it, does not call that useless.
#[test]
fn a_warning_may_be_silenced() {
    let repository = Repository::new();
    repository.change("version = \"2.0\"", "\"string\"", "\"integer\"");
    let topology = TOPOLOGY.replace("\"1.0\"", "\"2.0\"")
        + "\n[lints]\nmajor-version-breaks = \"both teams deploy together\"\n";
    repository.topology(&topology);
    let (status, stderr) = repository.check();
    assert!(status == 0 && !stderr.contains("TG513"), "{stderr}");
    let (status, _, stderr) = topogen(&repository.folder(), &["check"]);
    assert!(status == 0 && stderr.contains("no findings"), "{stderr}");
}

/// The file may lie anywhere in the repository, and be named from anywhere.
#[test]
fn paths_start_at_the_folder_of_the_topology() {
    let repository = Repository::new();
    repository.change("version = \"1.1\"", "\"USD\"]", "\"USD\", \"JPY\"]");
    let (status, _, stderr) = topogen(
        repository.0.path(),
        &[
            "contracts",
            "check",
            "--against",
            "v1",
            "--file",
            "shop/topology.toml",
        ],
    );
    assert!(
        status == 1 && stderr.contains("--> shop/topology.toml:6"),
        "{stderr}"
    );
}

#[test]
fn what_git_cannot_give_is_said_clearly() {
    let repository = Repository::new();
    let check = |folder: &Path, revision: &str| {
        topogen(folder, &["contracts", "check", "--against", revision])
    };
    let (status, _, stderr) = check(&repository.folder(), "v9");
    assert_eq!(status, 2);
    assert_eq!(
        stderr,
        "error: there is no revision `v9`\n  help: name a branch, a tag or a commit; in a shallow clone, fetch it first\n"
    );
    // An option is no revision.
    assert_eq!(
        topogen(
            &repository.folder(),
            &["contracts", "check", "--against=--help"]
        )
        .0,
        2
    );

    fs::create_dir(repository.0.path().join("other")).unwrap();
    fs::write(
        repository.0.path().join("other/topology.toml"),
        TOPOLOGY.replace("schema = \"schemas/OrderCreated.json\"\n", ""),
    )
    .unwrap();
    let (status, _, stderr) = check(&repository.0.path().join("other"), "v1");
    assert!(
        status == 2 && stderr.contains("cannot read topology.toml of v1"),
        "{stderr}"
    );

    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(
        elsewhere.path().join("topology.toml"),
        "[app]\nname = \"shop\"\n",
    )
    .unwrap();
    let (status, _, stderr) = check(elsewhere.path(), "v1");
    assert!(
        status == 2 && stderr.contains("is in no git repository"),
        "{stderr}"
    );

    let output = Command::cargo_bin("topogen")
        .unwrap()
        .current_dir(repository.folder())
        .args(["contracts", "check", "--against", "v1"])
        .env("PATH", "")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(2) && stderr.contains("git is not there"),
        "{stderr}"
    );
}

/// A contract that was not there, or not good, before: nothing is compared, and that is said.
#[test]
fn a_former_contract_that_is_not_good_is_said() {
    let repository = Repository::new();
    repository.contract("{");
    repository.commit("broken");
    repository.contract(CONTRACT);
    let (status, _, stderr) = topogen(
        &repository.folder(),
        &["contracts", "check", "--against", "HEAD"],
    );
    assert!(
        status == 0 && stderr.contains("warning[TG512]: the former contract of `OrderCreated`"),
        "{stderr}"
    );
    // The one of the work tree stands in the way.
    repository.contract("{");
    let (status, stderr) = repository.check();
    assert!(status == 1 && stderr.contains("error[TG501]"), "{stderr}");
}

/// What `topogen check` says of a contract: at the line that names it, with the place inside it.
#[test]
fn a_bad_contract_is_shown_at_the_line_that_names_it() {
    let repository = Repository::new();
    repository.contract(&CONTRACT.replace("\"string\"", "\"text\""));
    let (status, _, stderr) = topogen(&repository.folder(), &["check"]);
    assert_eq!(status, 1);
    insta::assert_snapshot!(stderr, @r#"
    error[TG501]: the contract `schemas/OrderCreated.json` is not a JSON Schema: "text" is not one of ["array","boolean","integer","null","number","object","string"], and "text" is not of type "array" (line 5, /properties/orderId/type)
     --> topology.toml:6:10
      |
    6 | schema = "schemas/OrderCreated.json"
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: a contract is a JSON Schema, draft 2020-12 unless its `$schema` says otherwise

    topology.toml: 1 error
    more about these findings: topogen explain TG501
    "#);
}

#[test]
fn attributes_and_message_groups_are_fields_of_the_contract() {
    let repository = Repository::new();
    let with = |words: &str| {
        repository.topology(&TOPOLOGY.replace("version = \"1.0\"", words));
        topogen(&repository.folder(), &["check"])
    };
    assert_eq!(
        with("attributes = [\"currency\"]\nmessage_group = \"orderId\"").0,
        0
    );
    let (status, _, stderr) = with("attributes = [\"currncy\"]");
    assert!(
        status == 1
            && stderr
                .contains("error[TG504]: the attribute `currncy` is not a field of `OrderCreated`"),
        "{stderr}"
    );
    let (status, _, stderr) = with("message_group = \"customerId\"");
    assert!(
        status == 1
            && stderr.contains("error[TG504]: the message group `customerId` is not a field"),
        "{stderr}"
    );
    repository.contract(&CONTRACT.replace("\"orderId\": {", "\"items\": { \"type\": \"array\", \"items\": { \"type\": \"object\" } }, \"tags\": { \"type\": \"array\", \"items\": { \"type\": \"string\" } }, \"orderId\": {"));
    let (status, _, stderr) = with("attributes = [\"items\"]");
    assert!(
        status == 1 && stderr.contains("holds a list of objects"),
        "{stderr}"
    );
    let (status, _, stderr) = with("attributes = [\"tags\"]");
    assert!(
        status == 0
            && stderr
                .contains("warning[TG505]: the attribute `tags` of `OrderCreated` is not required"),
        "{stderr}"
    );
    let (status, _, stderr) = with("message_group = \"tags\"");
    assert!(
        status == 1 && stderr.contains("the message group `tags` of `OrderCreated` holds a list"),
        "{stderr}"
    );
}
