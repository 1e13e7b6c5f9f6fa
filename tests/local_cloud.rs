//! The local cloud, really run: the three scenarios, and that nothing stays behind however it ends.
//!
//! Needs Python 3 and builds the handlers; `tests/run` provides for both. Nothing is skipped when they are absent.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_sts::config::Credentials;
use tempfile::TempDir;
use topogen::deploy::aws::Aws;

/// A run of topogen whose temporary files all lie in one folder, so that what stays behind can be found.
struct Run {
    temporary: TempDir,
}

impl Run {
    fn new() -> Self {
        Self {
            temporary: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("topogen"));
        command
            .args(arguments)
            .env("TMPDIR", self.temporary.path())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts `topogen local` and waits for the address of the API, which is the one line on stdout.
    fn start(&self) -> (Running, String) {
        let mut child = Running(
            self.command(&["local"])
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        );
        let mut line = String::new();
        BufReader::new(child.0.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(
            line.starts_with("http://127.0.0.1:"),
            "no address: `{line}`"
        );
        (child, line.trim().to_owned())
    }

    /// Processes that were started with this run's folder, and files in it.
    fn remains(&self) -> Vec<String> {
        let folder = self.temporary.path().to_string_lossy().into_owned();
        let mut remains: Vec<String> = std::fs::read_dir(self.temporary.path())
            .unwrap()
            .map(|entry| entry.unwrap().path().display().to_string())
            .collect();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let read = |file: &str| std::fs::read(entry.path().join(file)).unwrap_or_default();
            let about = [read("cmdline"), read("environ")].concat();
            let mine = entry.file_name().to_string_lossy() == std::process::id().to_string();
            if !mine && String::from_utf8_lossy(&about).contains(&folder) {
                remains.push(format!("process {}", entry.file_name().to_string_lossy()));
            }
        }
        remains
    }

    fn assert_nothing_remains(&self) {
        let deadline = Instant::now() + Duration::from_secs(15);
        while !self.remains().is_empty() {
            assert!(
                Instant::now() < deadline,
                "left behind: {:?}",
                self.remains()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A running topogen that does not outlive its test, not even one that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Running {
    fn wait(&mut self) -> std::process::ExitStatus {
        self.0.wait().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn send_signal(child: &Running, signal: &str) {
    let status = Command::new("kill")
        .args([signal, &child.0.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn the_three_scenarios_hold() {
    let run = Run::new();
    let output = run.output(&["local", "test"]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stdout}\n{stderr}");
    for said in [
        "1-success",
        "2-business-failure",
        "3-technical-failure",
        "ok    payment has failed on receives 1 to 3, and no other",
        "ok    the alarm on the dead-letter queue of payment is in ALARM",
        "ok    the dead-letter queue of inventory is empty",
        " passed, 0 failed",
    ] {
        assert!(stdout.contains(said), "`{said}` is not in\n{stdout}");
    }
    run.assert_nothing_remains();
}

/// A runner that cannot fail proves nothing.
#[test]
fn what_does_not_hold_is_said_and_ends_with_1() {
    let run = Run::new();
    let output = run.output(&["local", "test", "--folder", "tests/broken-scenarios"]);
    let stdout = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{stdout}\n{}",
        text(&output.stderr)
    );
    for fault in [
        "FAIL  order has stored status ORDER_RECEIVED\n        found: status is EVENT_PUBLISHED",
        "found: no item no-such-order",
        "FAIL  inventory has stored nothing for it",
        "FAIL  notification has stored 7 in all\n        found: 2",
        "FAIL  payment has failed on receives 1 to 3, and no other\n        found: []",
        "FAIL  the dead-letter queue of payment holds the event",
        "FAIL  the alarm on the dead-letter queue of payment is in ALARM\n        found: OK",
        "FAIL  the dead-letter queue of payment holds 1 in all\n        found: it holds 0",
        "FAIL  POST /orders answers 202\n        found: 400",
        "customerEmail",
    ] {
        assert!(stdout.contains(fault), "`{fault}` is not in\n{stdout}");
    }
    run.assert_nothing_remains();
}

/// Deploy, deploy again, destroy, deploy: the same commands as for AWS, against an endpoint.
#[test]
fn deploy_and_destroy_work_against_an_endpoint() {
    let run = Run::new();
    let (mut child, api) = run.start();
    let endpoint = api.split("/_aws/").next().unwrap();
    let target = ["--environment", "local", "--endpoint-url", endpoint];
    let topogen = |command: &[&str]| {
        let output = run.output(&[command, &target].concat());
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        said
    };
    // `topogen local` has deployed the very same.
    assert!(topogen(&["deploy"]).contains("orders-local: nothing to change"));
    assert!(topogen(&["destroy", "--yes"]).contains("orders-local: deleted"));
    assert!(topogen(&["destroy", "--yes"]).contains("orders-local: there is no such stack"));
    let said = topogen(&["deploy"]);
    assert!(
        said.contains("+ PaymentQueue") && said.contains("topology.toml:"),
        "{said}"
    );
    assert!(
        said.contains("EventTopicArn arn:aws:sns:us-east-1:"),
        "{said}"
    );
    send_signal(&child, "-INT");
    assert!(child.wait().success());
    run.assert_nothing_remains();
}

/// With one more consumer the template no longer fits into a request and goes through the bucket.
#[test]
fn a_template_of_more_than_51_200_bytes_is_deployed() {
    let run = Run::new();
    let (mut child, api) = run.start();
    let endpoint = api.split("/_aws/").next().unwrap();

    let text = std::fs::read_to_string("topology.toml").unwrap();
    let consumer = "[services.fraud]\n[subscriptions.fraud]\nevents = [\"OrderCreated\"]\n";
    let plan = common::plan_of(&format!("{text}\n{consumer}"), "local");
    let [stack] = plan.stacks.as_slice() else {
        panic!("one stack");
    };
    let template = topogen::emit::cfn::json(&plan, stack);
    assert!(template.len() > 51_200, "{} bytes", template.len());
    // `topogen local` has built the zips; which one a function gets does not matter here.
    let zip = Path::new("out/local/functions/notification.zip");
    let deployment = common::deployment(&plan, stack, template, zip);

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcome = runtime.block_on(async {
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region("us-east-1")
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(endpoint)
            .load()
            .await;
        let cloud = Aws::sign_in(&config).await.unwrap();
        let bucket = cloud.own_bucket(&plan.app);
        topogen::deploy::deploy(&cloud, &deployment, &bucket, &mut |_| {})
            .await
            .unwrap()
    });
    assert!(outcome.changed);
    assert!(
        outcome.outputs.contains_key("FraudDeadLetterQueueUrl"),
        "{:?}",
        outcome.outputs
    );
    send_signal(&child, "-INT");
    assert!(child.wait().success());
    run.assert_nothing_remains();
}

#[test]
fn nothing_remains_after_a_polite_or_a_brutal_end() {
    for (signal, clean) in [("-INT", true), ("-TERM", true), ("-KILL", false)] {
        let run = Run::new();
        let (mut child, _) = run.start();
        assert!(
            run.remains().len() > 2,
            "the local cloud is seen while it runs"
        );
        send_signal(&child, signal);
        assert_eq!(child.wait().success(), clean, "{signal}");
        run.assert_nothing_remains();
    }
}

/// Whoever waits for Ctrl-C is told that there is nothing left to wait for.
#[test]
fn an_end_of_the_cloud_ends_the_command() {
    let run = Run::new();
    let (mut child, _) = run.start();
    let pids = run
        .remains()
        .into_iter()
        .filter_map(|line| line.strip_prefix("process ").map(str::to_owned));
    let ministack = |pid: &String| {
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).into_owned();
        command.contains("/ministack") && !command.contains("Runs one command")
    };
    let pids: Vec<String> = pids.filter(ministack).collect();
    assert_eq!(pids.len(), 1, "{pids:?}");
    assert!(
        Command::new("kill")
            .args(["-KILL", &pids[0]])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().code(), Some(4));
    run.assert_nothing_remains();
}

#[test]
fn a_busy_port_is_a_clear_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = Run::new();
    let output = run.output(&["local", "--port", &port]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(
        stderr.contains(&format!("cannot listen on port {port}")) && stderr.contains("--port"),
        "{stderr}"
    );
    run.assert_nothing_remains();
}

/// A folder that stands for PATH: links to what is named, and nothing else.
fn path_with(commands: &[(&str, PathBuf)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, target) in commands {
        std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
    }
    folder
}

fn on_path(command: &str) -> PathBuf {
    let output = Command::new("sh")
        .args(["-c", &format!("command -v {command}")])
        .output()
        .unwrap();
    Path::new(text(&output.stdout).trim()).to_owned()
}

/// The interpreter itself: what lies on PATH may be a wrapper that needs more than itself.
fn python() -> PathBuf {
    let output = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .unwrap();
    Path::new(text(&output.stdout).trim()).to_owned()
}

/// The tools that a build needs, wherever they lie.
fn build_tools() -> Vec<(&'static str, PathBuf)> {
    ["cc", "ld", "as", "ar", "rustc", "sh"]
        .map(|tool| (tool, on_path(tool)))
        .to_vec()
}

#[test]
fn a_machine_without_python_is_told_what_to_install() {
    let path = path_with(&build_tools());
    let run = Run::new();
    let output = run
        .command(&["local"])
        .env("PATH", path.path())
        .output()
        .unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(
        stderr.contains("`python3` is not on PATH") && stderr.contains("install Python 3"),
        "{stderr}"
    );
    run.assert_nothing_remains();
}

/// MiniStack is there and does not start: its own last words are shown.
#[test]
fn a_failed_start_is_explained_and_cleaned_up() {
    let cache = tempfile::tempdir().unwrap();
    let home = cache.path().join("topogen/ministack-1.5.33");
    std::fs::create_dir_all(home.join("bin")).unwrap();
    std::fs::copy("src/local/requirements.txt", home.join("complete")).unwrap();
    std::os::unix::fs::symlink(python(), home.join("bin/python")).unwrap();
    let ministack = home.join("bin/ministack");
    std::fs::write(
        &ministack,
        "#!/bin/sh\necho 'a state of no use' >&2\nexit 3\n",
    )
    .unwrap();
    Command::new("chmod")
        .arg("+x")
        .arg(&ministack)
        .status()
        .unwrap();

    let mut tools = build_tools();
    tools.push(("python3", python()));
    let path = path_with(&tools);
    let run = Run::new();
    let output = run
        .command(&["local"])
        .env("PATH", path.path())
        .env("XDG_CACHE_HOME", cache.path())
        .output()
        .unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(
        stderr.contains("the local cloud did not start: a state of no use"),
        "{stderr}"
    );
    run.assert_nothing_remains();
}
