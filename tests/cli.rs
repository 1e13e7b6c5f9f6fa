//! The command as a user runs it: what it prints, where, and its exit status.

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

use tempfile::TempDir;
use typed::topogen;

/// A folder with the order workflow's topology and contracts, and no handlers.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy("topology.toml", folder.path().join("topology.toml")).unwrap();
    let schemas = "functions/contracts/schemas";
    fs::create_dir_all(folder.path().join(schemas)).unwrap();
    for entry in fs::read_dir(schemas).unwrap() {
        let entry = entry.unwrap();
        fs::copy(
            entry.path(),
            folder.path().join(schemas).join(entry.file_name()),
        )
        .unwrap();
    }
    folder
}

fn append(folder: &Path, text: &str) {
    let path = folder.join("topology.toml");
    let old = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{old}\n{text}")).unwrap();
}

/// A value that looks like a secret where no environment value is read, on a line that is drawn for another reason.
#[test]
fn a_secret_where_none_belongs_is_not_drawn() {
    const SECRET: &str = "Zk3vQ9sLx2Wm7Rt5";
    for line in [
        "api_token = \"SECRET\"",
        "environment = { API_TOKEN = [\"SECRET\"] }",
        "environment = { API_TOKEN = \"SECRET\" B = \"z\" }",
        "secrets = { DB = \"SECRET!\" }",
        "environment = { A = \"Bearer SECRET\" }",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("[app]\nname = \"shop\"\n\n[services.a]\n{line}\n");
        fs::write(
            folder.path().join("topology.toml"),
            text.replace("SECRET", SECRET),
        )
        .unwrap();
        for format in ["human", "json", "sarif"] {
            let (status, stdout, stderr) = topogen(folder.path(), &["check", "--format", format]);
            let said = stdout + &stderr;
            assert_eq!(status, 1, "{said}");
            assert!(said.contains("TG0") && !said.contains(SECRET), "{said}");
        }
    }
}

#[test]
fn a_clean_topology_is_said_to_be_clean() {
    let folder = folder();
    let (status, stdout, stderr) = topogen(folder.path(), &["check"]);
    assert_eq!((status, stdout.as_str()), (0, ""));
    assert_eq!(
        stderr,
        "topology.toml: no findings, 1 silenced (dev, local, prod)\n"
    );
}

#[test]
fn findings_go_to_stderr_and_end_with_1() {
    let folder = folder();
    append(
        folder.path(),
        "[subscriptions.fraud]\nevents = [\"orderCreated\"]\n",
    );
    let (status, stdout, stderr) = topogen(folder.path(), &["check"]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("error[TG101]: the event `orderCreated` is not declared"),
        "{stderr}"
    );
    assert!(
        stderr.contains("error[TG102]"),
        "all findings at once: {stderr}"
    );
    assert!(stderr.contains("--> topology.toml:"), "{stderr}");
    assert!(
        !stderr.contains('\u{1b}'),
        "no colour where there is no terminal"
    );
    let end = "topology.toml: 2 errors, 1 silenced\n1 of them can be mended: topogen check --fix\n\
        more about these findings: topogen explain TG101 TG102\n";
    assert!(stderr.ends_with(end), "{stderr}");

    let (status, stdout, _) = topogen(folder.path(), &["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (status, report["findings"].as_array().unwrap().len()),
        (1, 2)
    );
}

/// What stands beside a word such as `Password` is no secret for that.
#[test]
fn reports_name_what_is_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[app]\nname = \"shop\"\n[events.PasswordChanged]\n[events.EmailChanged]\n[services.a]\n\
                schedule = \"rate(1 hour)\"\npublishes = [\"PasswordChanged\", \"EmailChanged\"]\n";
    fs::write(folder.path().join("topology.toml"), text).unwrap();
    for arguments in [&["check"][..], &["check", "--format", "json"]] {
        let (_, stdout, stderr) = topogen(folder.path(), arguments);
        let said = stdout + &stderr;
        assert!(
            said.contains("`EmailChanged` is published by `a`"),
            "{said}"
        );
    }
}

/// Put together, so that no scanner takes this file for a leak.
#[test]
fn no_report_repeats_a_secret() {
    let token = ["ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"].concat();
    let access = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let key = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
    let hook = format!("https://hooks.slack.com/services/T0/B0/{}", &token[4..]);
    let good = "[app]\nname = \"shop\"\n";
    for (text, codes, secret) in [
        (
            format!("{good}[alarms]\nnotify = [\"{hook}\"]\n"),
            "TG005",
            &token[4..],
        ),
        (
            format!("{good}[environments.dev]\naccount = \"{access}\"\n"),
            "TG005",
            &access,
        ),
        (
            format!("{good}[services.a]\nhttp = [\"POST /hooks/{token}\"]\n"),
            "TG301",
            &token,
        ),
        (
            format!("{good}[events.A]\nschema = \"https://app:hunter2X@x/y.json\"\n"),
            "TG107",
            "hunter2X",
        ),
        (format!("{good}{token} = 1\n"), "TG002", &token),
        (
            format!("{good}[services.a.environment]\nAWS_SECRET_ACCESS_KEY = \"{key}\"\n"),
            "TG108",
            &key,
        ),
        (
            format!("{good}[services.a]\nenvironment = [\"DB_PASSWORD=hunter2X\"]\n"),
            "TG003",
            "hunter2X",
        ),
        (
            "[app]\nDB_PASSWORD: \"hunter2X\"\n".to_owned(),
            "TG001",
            "hunter2X",
        ),
        (format!("{good}ownr = 1 # was {token}\n"), "TG002", &token),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("topology.toml"), &text).unwrap();
        for arguments in [
            &["check"][..],
            &["check", "--format", "json"],
            &["check", "--format", "sarif"],
            &["render"],
            &["trace", "A"],
        ] {
            let (_, stdout, stderr) = topogen(folder.path(), arguments);
            let said = stdout + &stderr;
            assert!(!said.contains(secret), "{arguments:?} {text}{said}");
            assert!(
                said.contains(codes) || arguments[0] != "check",
                "{text}{said}"
            );
        }
    }
}

#[test]
fn a_mistake_in_one_environment_is_found_without_naming_it() {
    let folder = folder();
    append(
        folder.path(),
        "[environments.staging]\nservices.payment.function.timeout = \"10m\"\n",
    );
    let (status, _, stderr) = topogen(folder.path(), &["check"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("TG201") && stderr.contains("may run 10m"),
        "{stderr}"
    );
    assert_eq!(
        topogen(folder.path(), &["check", "--environment", "dev"]).0,
        0
    );
}

#[test]
fn an_environment_sets_the_words_of_the_app_again_but_its_name() {
    let folder = folder();
    append(
        folder.path(),
        "[environments.live.app]\nstacks = \"per-service\"\nencryption = \"kms\"\n",
    );
    let (status, _, stderr) = topogen(folder.path(), &["render", "--environment", "live"]);
    assert_eq!(status, 0, "{stderr}");
    let out = folder.path().join("out/live");
    let core = fs::read_to_string(out.join("core.template.yaml")).unwrap();
    assert!(core.contains("  EncryptionKey:\n"));
    assert!(out.join("services/payment.template.json").is_file());
    topogen(folder.path(), &["render"]);
    let dev = fs::read_to_string(folder.path().join("out/dev/template.yaml")).unwrap();
    assert!(!dev.contains("  EncryptionKey:\n"));

    append(folder.path(), "[environments.other.app]\nname = \"else\"\n");
    let (status, _, stderr) = topogen(folder.path(), &["check"]);
    assert_eq!(status, 1);
    assert!(stderr.contains("unknown key `name`"), "{stderr}");
}

#[test]
fn render_writes_and_check_tells_when_it_is_stale() {
    let folder = folder();
    let stale = |status| {
        let (code, _, stderr) = topogen(folder.path(), &["render", "--check"]);
        assert_eq!(code, status, "{stderr}");
        stderr
    };
    assert!(stale(3).contains("out/dev/template.json is missing"));
    assert_eq!(topogen(folder.path(), &["render"]).0, 0);
    stale(0);
    let json = fs::read(folder.path().join("out/dev/template.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&json).unwrap();

    append(
        folder.path(),
        "[services.fraud]\n[subscriptions.fraud]\nevents = [\"OrderCreated\"]\n",
    );
    let stderr = stale(3);
    assert!(
        stderr.contains("out/dev/template.json is stale") && stderr.contains("topogen render"),
        "{stderr}"
    );
}

/// The SAM view belongs to a run that asks for it: any other run takes it away, and both know what is stale.
#[test]
fn render_writes_the_sam_view_when_asked() {
    let folder = folder();
    let view = folder.path().join("out/dev/sam.yaml");
    let run = |arguments: &[&str]| topogen(folder.path(), arguments);
    assert_eq!(run(&["render", "--format", "sam"]).0, 0);
    assert!(folder.path().join("out/dev/template.json").exists());
    let text = fs::read_to_string(&view).unwrap();
    assert!(text.contains("Type: AWS::Serverless::Function"), "{text}");
    assert_eq!(run(&["render", "--format", "sam", "--check"]).0, 0);

    let (code, _, stderr) = run(&["render", "--check"]);
    assert!(
        code == 3 && stderr.contains("out/dev/sam.yaml is no longer made"),
        "{stderr}"
    );
    let (code, _, stderr) = run(&["render"]);
    let end = " resources, 0 of 3 files changed, 1 removed\n";
    assert!(
        code == 0 && stderr.starts_with("removed out/dev/sam.yaml\n") && stderr.ends_with(end),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
    assert!(!view.exists());
    let (code, _, stderr) = run(&["render", "--format", "sam", "--check"]);
    assert!(
        code == 3 && stderr.contains("out/dev/sam.yaml is missing"),
        "{stderr}"
    );
    assert!(
        stderr.contains("topogen render --environment dev --format sam"),
        "{stderr}"
    );
}

/// With findings nothing is written: what lies there is from the last good run.
#[test]
fn a_broken_topology_leaves_out_alone() {
    let folder = folder();
    assert_eq!(topogen(folder.path(), &["render"]).0, 0);
    let before = fs::read(folder.path().join("out/dev/template.json")).unwrap();
    append(folder.path(), "[services.fraud]\n");
    assert_eq!(topogen(folder.path(), &["render"]).0, 1);
    assert_eq!(
        fs::read(folder.path().join("out/dev/template.json")).unwrap(),
        before
    );
}

#[test]
fn a_service_without_a_handler_is_told_what_to_do() {
    let folder = folder();
    append(
        folder.path(),
        "[services.fraud]\n[subscriptions.fraud]\nevents = [\"OrderCreated\"]\n",
    );
    let (status, _, stderr) = topogen(folder.path(), &["build", "fraud", "--environment", "local"]);
    assert_eq!(status, 1);
    assert!(stderr.contains("error[TG901]: the service `fraud` has no handler: there is no crate in `functions/fraud`"), "{stderr}");
    assert!(
        stderr.contains("[services.fraud]"),
        "the line is shown: {stderr}"
    );
    assert!(stderr.contains("`topogen add service fraud`"), "{stderr}");

    // The relay of an outbox is no service that anybody writes.
    let relay = ["build", "order-outbox", "--environment", "prod"];
    let (status, _, stderr) = topogen(folder.path(), &relay);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("copy topogen's own `functions/outbox`"),
        "{stderr}"
    );
    assert!(!stderr.contains("topogen add"), "{stderr}");
}

#[test]
fn the_help_of_a_command_says_more_than_the_list_of_commands() {
    let folder = tempfile::tempdir().unwrap();
    let help = |arguments: &[&str]| {
        let (status, stdout, _) = topogen(folder.path(), arguments);
        assert_eq!(status, 0);
        stdout
    };
    assert!(!help(&["--help"]).contains("as SNS decides them"));
    for asked in [["trace", "--help"], ["help", "trace"]] {
        assert!(help(&asked).contains("Filters are decided as SNS decides them."));
    }
    assert!(help(&["add", "service", "--help"]).contains("leave `--on` out"));
    if cfg!(feature = "cloud") {
        assert!(help(&["destroy", "--help"]).contains("`ephemeral` are kept"));
    }
}

#[test]
fn an_environment_or_service_that_is_not_there_is_a_usage_error() {
    let folder = folder();
    let (status, _, stderr) = topogen(folder.path(), &["render", "--environment", "prd"]);
    assert_eq!(status, 2);
    assert_eq!(
        stderr,
        "error: there is no environment `prd`\n  help: did you mean `prod`?\n"
    );
    let (status, _, stderr) = topogen(folder.path(), &["build", "paymnt"]);
    assert_eq!(status, 2);
    assert_eq!(
        stderr,
        "error: there is no service `paymnt`\n  help: did you mean `payment`?\n"
    );
}

#[test]
fn a_contract_that_cannot_be_read_is_a_finding_at_its_line() {
    let folder = folder();
    let schemas = folder.path().join("functions/contracts/schemas");
    fs::remove_file(schemas.join("OrderCreated.json")).unwrap();
    fs::write(schemas.join("PaymentFailed.json"), "{").unwrap();
    let (status, _, stderr) = topogen(folder.path(), &["check"]);
    assert_eq!(status, 1);
    assert_eq!(stderr.matches("error[TG107]").count(), 1, "{stderr}");
    assert!(
        stderr.contains("error[TG501]")
            && stderr.contains("is not JSON: EOF while parsing an object (line 1, column 1)"),
        "{stderr}"
    );
}

#[test]
fn a_system_too_large_for_one_template_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "[app]\nname = \"big\"\n[events.Made]\n[services.maker]\nhttp = [\"POST /things\"]\npublishes = [\"Made\"]\n".to_owned();
    for at in 0..60 {
        text.push_str(&format!(
            "[services.s{at}]\n[subscriptions.s{at}]\nevents = [\"Made\"]\n"
        ));
    }
    fs::write(folder.path().join("topology.toml"), text).unwrap();
    let (status, _, stderr) = topogen(folder.path(), &["check", "--environment", "dev"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("error[TG401]") && stderr.contains("CloudFormation takes 500"),
        "{stderr}"
    );
}

/// What else a file may be is in tests/broken.rs.
#[test]
fn a_byte_order_mark_and_crlf_are_fine() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("topology.toml"),
        "\u{feff}[app]\r\nname = \"cafe\"\r\n",
    )
    .unwrap();
    assert_eq!(topogen(folder.path(), &["check"]).0, 0);
}

/// Editors read it; both bundled examples and the environments' overlays must satisfy it.
#[test]
fn the_schema_describes_the_language() {
    let folder = folder();
    assert_eq!(topogen(folder.path(), &["schema"]).0, 0);
    let bytes = fs::read(folder.path().join("out/topology.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    for word in [
        "app",
        "alarms",
        "defaults",
        "events",
        "services",
        "subscriptions",
        "environments",
    ] {
        assert!(
            schema["properties"][word]["description"].is_string(),
            "{word}"
        );
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    for file in [
        "topology.toml",
        "examples/minimal/topology.toml",
        "examples/settings/topology.toml",
    ] {
        let value: serde_json::Value = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&value)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{file}: {faults:?}");
    }
    for broken in [
        "[app]\nname = \"A\"",
        "[app]\nname = \"a\"\nownr = \"x\"",
        "[app]\nname = \"a\"\n[services.x]\nfunction = { timeout = 15 }",
        "[app]\nname = \"a\"\n[services.x]\nfunction = { architecture = \"arm\" }",
        "[app]\nname = \"a\"\n[services.Bad-Name]",
    ] {
        let value: serde_json::Value = toml::from_str(broken).unwrap();
        assert!(!validator.is_valid(&value), "{broken}");
    }
}

#[cfg(feature = "cloud")]
#[test]
fn the_local_environment_does_not_go_to_aws() {
    let folder = folder();
    for command in [
        &["deploy", "--environment", "local"][..],
        &["destroy", "--environment", "local", "--yes"],
    ] {
        let (status, _, stderr) = topogen(folder.path(), command);
        assert_eq!(status, 2);
        assert!(
            stderr.contains("the environment `local` is not for AWS"),
            "{stderr}"
        );
    }
    assert!(!folder.path().join("out").exists());
}

/// Nobody is there to answer: nothing is deleted.
#[cfg(feature = "cloud")]
#[test]
fn destroy_asks_and_does_not_guess() {
    let folder = folder();
    let (status, _, stderr) = topogen(folder.path(), &["destroy", "--environment", "dev"]);
    assert_eq!(status, 2);
    assert!(stderr.contains("--yes"), "{stderr}");
    let (status, ..) = topogen(folder.path(), &["destroy", "--yes"]);
    assert_eq!(status, 2, "the environment has no default");
}

#[test]
fn a_file_without_an_app_is_told_so_and_checked_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("topology.toml"), "[services.order]\n").unwrap();
    let (status, _, stderr) = topogen(folder.path(), &["check"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("`app` is missing") && stderr.contains("add a section `[app]`"),
        "{stderr}"
    );
    assert!(
        stderr.contains("nothing starts the service `order`"),
        "{stderr}"
    );
}

/// The same file makes the same bytes wherever it lies and however it is named, and no folder's name gets out.
#[test]
fn output_does_not_depend_on_where_the_file_lies() {
    let (here, there) = (folder(), folder());
    assert_eq!(topogen(here.path(), &["render"]).0, 0);
    let absolute = there.path().join("topology.toml");
    assert_eq!(
        topogen(
            here.path(),
            &["render", "--file", absolute.to_str().unwrap()]
        )
        .0,
        0
    );
    for file in ["template.json", "template.yaml", "source-map.json"] {
        let read = |folder: &Path| fs::read_to_string(folder.join("out/dev").join(file)).unwrap();
        assert_eq!(read(here.path()), read(there.path()), "{file}");
        assert!(
            !read(there.path()).contains(there.path().to_str().unwrap()),
            "{file}"
        );
    }
}

/// A name may hold anything; no comment and no line of the talk is broken by it.
#[cfg(unix)]
#[test]
fn a_file_name_with_a_line_break_breaks_no_line() {
    let folder = folder();
    let name = "we\nird: {}.toml";
    fs::rename(
        folder.path().join("topology.toml"),
        folder.path().join(name),
    )
    .unwrap();
    let run = |arguments: &[&str]| {
        let (status, _, stderr) = topogen(folder.path(), &[arguments, &["--file", name]].concat());
        assert!(
            !stderr.lines().any(|line| line.starts_with("ird")),
            "{stderr}"
        );
        (status, stderr)
    };
    assert_eq!(run(&["render", "--format", "sam"]).0, 0);
    for view in ["template.yaml", "sam.yaml"] {
        let text = fs::read_to_string(folder.path().join("out/dev").join(view)).unwrap();
        assert!(text.contains("  # we\\nird: {}.toml:"), "{view}");
        serde_yaml::from_str::<serde_yaml::Value>(&text).unwrap();
    }
    let (status, stderr) = run(&["check"]);
    assert!(
        status == 0 && stderr.starts_with("we\\nird: {}.toml: no findings"),
        "{stderr}"
    );
    fs::remove_file(folder.path().join(name)).unwrap();
    let (status, stderr) = run(&["check"]);
    assert!(
        status == 2 && stderr.starts_with("error: cannot read we\\nird: {}.toml: "),
        "{stderr}"
    );
}

/// As any other data: a full disk is told, a reader that has left is not. More is in tests/broken.rs.
#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_printed_is_told() {
    let program = assert_cmd::cargo::cargo_bin("topogen");
    for arguments in [&["--help"][..], &["--version"], &["help", "trace"]] {
        let printed_to = |stdout: std::process::Stdio| {
            let mut command = std::process::Command::new(&program);
            let output = command.args(arguments).stdout(stdout).output().unwrap();
            (
                output.status.code(),
                String::from_utf8(output.stderr).unwrap(),
            )
        };
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let error = "error: cannot write to stdout: No space left on device (os error 28)\n";
        assert_eq!(printed_to(full.into()), (Some(2), error.to_owned()));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(printed_to(writer.into()), (Some(0), String::new()));
    }
}
