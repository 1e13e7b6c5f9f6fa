//! What AWS does not take: systems that are larger than a fixture of `tests/diagnostics/` should be, generated here.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fmt::Write;
use std::fs;

use assert_cmd::Command;
use topogen::Project;
use topogen::source::Source;

const HEAD: &str =
    "[events.Made]\n[services.maker]\nhttp = [\"POST /things\"]\npublishes = [\"Made\"]\n";

fn app(words: &str) -> String {
    format!("[app]\nname = \"big\"\n{words}\n")
}

/// `count` subscriptions of one service each, or of one service alone.
fn consumers(count: usize, one_service: bool, words: &str) -> String {
    let mut text = String::from(HEAD);
    if one_service {
        text.push_str("[services.sink]\n");
    }
    for at in 0..count {
        if one_service {
            write!(text, "[subscriptions.s{at}]\nservice = \"sink\"\n").unwrap();
        } else {
            write!(text, "[services.s{at}]\n[subscriptions.s{at}]\n").unwrap();
        }
        write!(text, "events = [\"Made\"]\n{words}\n").unwrap();
    }
    text
}

/// The messages of all findings with `code`, and the first of the lines that they point at.
fn found(text: &str, code: &str) -> (Vec<String>, Option<String>) {
    let project = Project::parse(Source::new("topology.toml", text));
    let dev = "dev".parse().unwrap();
    let findings = project.findings(&dev, None);
    let mut line = None;
    let of_code = findings.iter().filter(|finding| finding.code.id == code);
    let messages = of_code.map(|finding| {
        let at = project.source.line(finding.span.start);
        line.get_or_insert_with(|| text.lines().nth(at - 1).unwrap().to_owned());
        finding.message.clone()
    });
    (messages.collect(), line)
}

const PER_SERVICE: &str = "stacks = \"per-service\"";
/// So that nothing else stands in the way.
const RAISED: &str = "[quotas]\nfilter_policies_per_topic = 1000\n";

#[test]
fn a_template_holds_so_many_resources_parameters_and_outputs() {
    let single = |count| app("") + RAISED + &consumers(count, false, "");
    let (messages, line) = found(&single(210), "TG401");
    let has = |what: &str| messages.iter().any(|message| message.contains(what));
    assert!(
        has(" resources, CloudFormation takes 500")
            && has(" 212 parameters, CloudFormation takes 200")
            && has(" outputs, CloudFormation takes 200"),
        "{messages:?}"
    );
    assert_eq!(line.as_deref(), Some("name = \"big\""));
    assert_eq!(found(&single(20), "TG401").0, [""; 0]);
}

#[test]
fn a_stack_of_its_own_has_the_same_limits() {
    let text = |count| app(PER_SERVICE) + RAISED + &consumers(count, true, "");
    let (messages, line) = found(&text(201), "TG401");
    assert_eq!(
        messages,
        [
            "the stack of the service `sink` needs 201 outputs, CloudFormation takes 200",
            "the stack of the service `sink` needs 2217 resources, CloudFormation takes 500",
        ]
    );
    assert_eq!(line.as_deref(), Some("[services.sink]"));
    let spread = app(PER_SERVICE) + RAISED + &consumers(201, false, "");
    assert_eq!(found(&spread, "TG401").0, [""; 0]);
}

/// Five filters of 220 KB each.
fn large(words: &str) -> String {
    let values: Vec<String> = (0..148).map(|at| format!("\"{at:01500}\"")).collect();
    let filter = format!("filter = {{ code = [{}] }}", values.join(", "));
    let consumers = consumers(5, true, &filter);
    app(words)
        + &consumers.replace(
            "[events.Made]\n",
            "[events.Made]\nattributes = [\"code\"]\n",
        )
}

#[test]
fn a_template_has_so_many_bytes_in_every_command() {
    for (words, stack) in [
        ("", "the template"),
        (PER_SERVICE, "the stack of the service `sink`"),
    ] {
        let text = large(words);
        let (messages, _) = found(&text, "TG401");
        let [message] = messages.as_slice() else {
            panic!("{messages:?}");
        };
        assert!(
            message.starts_with(&format!("{stack} needs 11"))
                && message.ends_with(" bytes of template, CloudFormation takes 1000000"),
            "{message}"
        );
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("topology.toml"), &text).unwrap();
        for command in ["check", "render", "build"] {
            let output = Command::cargo_bin("topogen")
                .unwrap()
                .arg(command)
                .current_dir(folder.path())
                .output()
                .unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{command}: {stderr}");
            assert!(stderr.contains(message), "{command}: {stderr}");
        }
        let written = |file: &&str| folder.path().join("out/dev").join(file).exists();
        let files = ["template.json", "core/template.json", "source-map.json"];
        assert_eq!(files.iter().find(|file| written(file)), None);
    }
}

#[test]
fn a_name_of_a_resource_has_so_many_characters() {
    let text = |length| {
        let path = "a".repeat(length);
        app("") + &HEAD.replace("POST /things", &format!("POST /{path}"))
    };
    let (messages, line) = found(&text(250), "TG402");
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(
        messages[0].ends_with(" has 259 characters, CloudFormation takes 255"),
        "{messages:?}"
    );
    assert!(line.unwrap().starts_with("http = "));
    assert_eq!(found(&text(200), "TG402").0, [""; 0]);
}

#[test]
fn what_a_role_may_do_has_so_many_characters() {
    let text = |count: usize| {
        let arns: Vec<String> = (0..count)
            .map(|at| format!("\"arn:aws:s3:::a-bucket-of-somebody-{at:04}/*\""))
            .collect();
        let words = format!(
            "permissions = [{{ actions = [\"s3:GetObject\"], resources = [{}] }}]\n",
            arns.join(", ")
        );
        app("") + HEAD + &words
    };
    let (messages, line) = found(&text(250), "TG406");
    let [message] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    assert!(
        message.starts_with("the policies of `MakerRole` have 1")
            && message.ends_with(" characters, IAM takes 10240"),
        "{message}"
    );
    assert_eq!(line.as_deref(), Some("[services.maker]"));
    assert_eq!(found(&text(200), "TG406").0, [""; 0]);
}

#[test]
fn a_function_has_so_many_callers() {
    let text = |count: usize| {
        let routes: Vec<String> = (0..count).map(|at| format!("\"POST /r{at}\"")).collect();
        app("") + &HEAD.replace("\"POST /things\"", &routes.join(", "))
    };
    let (messages, line) = found(&text(80), "TG406");
    let [message] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    assert!(
        message.starts_with("the 80 callers of `MakerFunction` make a policy of ")
            && message.ends_with(" bytes, Lambda takes 20480"),
        "{message}"
    );
    assert!(line.unwrap().starts_with("http = "));
    assert_eq!(found(&text(40), "TG406").0, [""; 0]);
}
