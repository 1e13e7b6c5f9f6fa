//! Files that are no topology: each gets one clear error at once, and nothing is printed, written or mended.
//!
//! `tests/broken/` holds bytes as they come from editors, tools and accidents; what is huge, or no file, is made here.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use common::process::{Ended, run, topogen};
use tempfile::TempDir;

/// A file of 16 MiB, which is the most that is read, stays below this.
const MEMORY: u64 = 2 << 30;
/// More than this is not read by anybody.
const WORDS: usize = 100_000;

/// Every file of `tests/broken/`: name, exit status, first line.
const FILES: &[(&str, i32, &str)] = &[
    (
        "archive",
        2,
        "error: archive.toml:1: the file is not UTF-8 text",
    ),
    (
        "bare-value",
        1,
        "error[TG001]: string values must be quoted, expected literal string",
    ),
    ("blank", 1, MISSING_APP),
    ("byte-order-mark-alone", 1, MISSING_APP),
    (
        "byte-order-mark-inside",
        1,
        "error[TG001]: invalid unquoted key, expected letters, numbers, `-`, `_`",
    ),
    (
        "c1-control",
        1,
        "error[TG005]: `\\u{9b}31mred` is not a valid app name: use lower-case letters, digits and single hyphens, starting with a letter",
    ),
    (
        "carriage-return-in-a-string",
        1,
        "error[TG001]: a carriage return that no line feed follows",
    ),
    (
        "carriage-returns-alone",
        1,
        "error[TG001]: a carriage return that no line feed follows",
    ),
    (
        "control-character-in-a-comment",
        1,
        "error[TG001]: the file holds the control character U+001B",
    ),
    (
        "control-character",
        1,
        "error[TG001]: the file holds the control character U+001B",
    ),
    (
        "date",
        1,
        "error[TG001]: invalid date, expected day between 01 and 28",
    ),
    (
        "delete-character",
        1,
        "error[TG001]: the file holds the control character U+007F",
    ),
    (
        "dotted-key-into-an-inline-table",
        1,
        "error[TG001]: cannot extend value of type inline table with a dotted key",
    ),
    (
        "dotted-key-over-a-value",
        1,
        "error[TG001]: cannot extend value of type string with a dotted key",
    ),
    (
        "duplicate-in-an-inline-table",
        1,
        "error[TG001]: `memory` stands here again",
    ),
    ("duplicate-key", 1, "error[TG001]: `name` stands here again"),
    (
        "duplicate-table",
        1,
        "error[TG001]: `order` stands here again",
    ),
    (
        "empty-header",
        1,
        "error[TG001]: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`",
    ),
    ("empty", 1, MISSING_APP),
    (
        "equals-without-value",
        1,
        "error[TG001]: a value is missing",
    ),
    (
        "escape-in-a-key",
        1,
        "error[TG002]: unknown key `\\u{1b}]0;pwned\\u{7}`",
    ),
    (
        "escape-in-a-section",
        1,
        "error[TG002]: unknown key `\\u{1b}[2J`",
    ),
    (
        "escape-in-a-service",
        1,
        "error[TG006]: `\\u{1b}[1mbold` is not a valid service name: use lower-case letters, digits and single hyphens, starting with a letter",
    ),
    (
        "escape-in-a-value",
        1,
        "error[TG005]: `\\u{1b}[31mred` is not a valid app name: use lower-case letters, digits and single hyphens, starting with a letter",
    ),
    (
        "header-and-nothing",
        1,
        "error[TG001]: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`",
    ),
    (
        "key-without-value",
        1,
        "error[TG001]: key with no value, expected `=`",
    ),
    (
        "latin-1",
        2,
        "error: latin-1.toml:3: the file is not UTF-8 text",
    ),
    (
        "line-separator",
        1,
        "error[TG006]: `pay\\u{2028}ment` is not a valid service name: use lower-case letters, digits and single hyphens, starting with a letter, such as `pay-ment`",
    ),
    (
        "list-of-tables-over-a-table",
        1,
        "error[TG001]: `app` stands here again",
    ),
    (
        "not-a-number",
        1,
        "warning[TG301]: anybody may call `POST /orders`",
    ),
    (
        "not-toml-but-conflict",
        1,
        "error[TG001]: the file holds a merge conflict",
    ),
    (
        "not-toml-but-json",
        1,
        "error[TG001]: invalid key-value pair, expected key",
    ),
    (
        "not-toml-but-yaml",
        1,
        "error[TG001]: invalid unquoted key, expected letters, numbers, `-`, `_`",
    ),
    ("nul", 1, NUL),
    (
        "number-of-no-kind",
        1,
        "error[TG001]: `_` may only go between digits, expected nothing",
    ),
    (
        "number-too-large",
        1,
        "warning[TG301]: anybody may call `POST /orders`",
    ),
    (
        "picture",
        2,
        "error: picture.toml:1: the file is not UTF-8 text",
    ),
    ("program", 1, NUL),
    (
        "quote-and-nothing",
        1,
        "error[TG001]: invalid basic string, expected `\"`",
    ),
    (
        "right-to-left",
        1,
        "error[TG006]: `pay\\u{202e}ment` is not a valid service name: use lower-case letters, digits and single hyphens, starting with a letter, such as `pay-ment`",
    ),
    (
        "sections-that-are-values",
        1,
        "error[TG003]: expected a table, found a number",
    ),
    (
        "surrogate",
        2,
        "error: surrogate.toml:3: the file is not UTF-8 text",
    ),
    (
        "table-over-a-value",
        1,
        "error[TG001]: `app` stands here again",
    ),
    (
        "two-values",
        1,
        "error[TG001]: unexpected key or value, expected newline, `#`",
    ),
    (
        "unknown-escape",
        1,
        "error[TG001]: missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `\"`, `x`, `u`, `U`",
    ),
    (
        "unterminated-escape",
        1,
        "error[TG001]: invalid basic string, expected `\"`",
    ),
    (
        "unterminated-header-of-a-list",
        1,
        "error[TG001]: unclosed array table, expected `]`",
    ),
    (
        "unterminated-header",
        1,
        "error[TG001]: unclosed table, expected `]`",
    ),
    (
        "unterminated-inline-table",
        1,
        "error[TG001]: unclosed inline table, expected `}`",
    ),
    (
        "unterminated-list",
        1,
        "error[TG001]: unclosed array, expected `]`",
    ),
    (
        "unterminated-literal",
        1,
        "error[TG001]: invalid literal string, expected `'`",
    ),
    (
        "unterminated-multi-line-literal",
        1,
        "error[TG001]: invalid multi-line literal string, expected `'`",
    ),
    (
        "unterminated-multi-line-string",
        1,
        "error[TG001]: invalid multi-line basic string, expected `\"`",
    ),
    (
        "unterminated-quoted-key",
        1,
        "error[TG001]: key with no value, expected `=`",
    ),
    (
        "unterminated-string-and-more",
        1,
        "error[TG001]: invalid basic string, expected `\"`",
    ),
    (
        "unterminated-string",
        1,
        "error[TG001]: invalid basic string, expected `\"`",
    ),
    (
        "unterminated-unicode-escape",
        1,
        "error[TG001]: too few unicode value digits, expected unicode hexadecimal value",
    ),
    (
        "utf-16-big-endian",
        2,
        "error: utf-16-big-endian.toml:1: the file is UTF-16 text",
    ),
    (
        "utf-16-little-endian",
        2,
        "error: utf-16-little-endian.toml:1: the file is UTF-16 text",
    ),
    ("utf-16-without-mark", 1, NUL),
    ("utf-32", 2, "error: utf-32.toml:1: the file is UTF-32 text"),
    (
        "utf-8-cut-off",
        2,
        "error: utf-8-cut-off.toml:3: the file is not UTF-8 text",
    ),
    (
        "utf-8-overlong",
        2,
        "error: utf-8-overlong.toml:3: the file is not UTF-8 text",
    ),
    (
        "value-without-key",
        1,
        "error[TG001]: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`",
    ),
];

const MISSING_APP: &str = "error[TG004]: `app` is missing";
const NUL: &str = "error[TG001]: the file holds a NUL byte";
const TOO_DEEP: &str = "error[TG001]: tables and lists are nested deeper than 64 levels";

/// What must hold of every refusal, whatever the file is.
#[track_caller]
fn refused(ended: &Ended, code: i32, first: &str) {
    let stderr = &ended.stderr;
    assert_eq!(stderr.lines().next(), Some(first));
    assert_eq!((ended.code(), ended.stdout.as_str()), (code, ""));
    assert!(stderr.len() < WORDS, "{} bytes are said", stderr.len());
    let steers = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!stderr.contains(steers), "{stderr:?} steers the terminal");
    assert!(
        ended.memory < MEMORY,
        "{} MiB of memory were used",
        ended.memory >> 20
    );
}

fn check(folder: &Path, file: &str) -> Ended {
    run(&mut topogen(folder, &["check", "--file", file]))
}

/// A folder with one file, and the file's name.
fn holding(bytes: impl AsRef<[u8]>) -> (TempDir, &'static str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.toml"), bytes).unwrap();
    (folder, "t.toml")
}

#[track_caller]
fn is_refused(bytes: impl AsRef<[u8]>, first: &str) {
    let (folder, file) = holding(bytes);
    refused(&check(folder.path(), file), 1, first);
}

#[test]
fn every_broken_file_gets_its_error() {
    let there: BTreeSet<String> = fs::read_dir("tests/broken")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = FILES
        .iter()
        .map(|(name, ..)| format!("{name}.toml"))
        .collect();
    assert_eq!(there, listed);
    for (name, code, first) in FILES {
        println!("{name}");
        refused(
            &check(Path::new("tests/broken"), &format!("{name}.toml")),
            *code,
            first,
        );
    }
}

/// No command makes anything of such a file, for any environment, and none mends what it cannot read.
#[test]
fn nothing_is_written_for_a_broken_file() {
    for (name, code, _) in FILES {
        println!("{name}");
        let bytes = fs::read(format!("tests/broken/{name}.toml")).unwrap();
        let (folder, file) = holding(&bytes);
        for arguments in [
            &["render", "--environment", "prod"][..],
            &["check", "--fix"],
        ] {
            let arguments = [arguments, &["--file", file]].concat();
            let ended = run(&mut topogen(folder.path(), &arguments));
            // A good text may lack the environment.
            let usage = ended
                .stderr
                .starts_with("error: there is no environment `prod`");
            let wanted = if usage { 2 } else { *code };
            assert_eq!(
                (ended.code(), ended.stdout.as_str()),
                (wanted, ""),
                "{ended:?}"
            );
        }
        let json = run(&mut topogen(
            folder.path(),
            &["check", "--format", "json", "--file", file],
        ));
        assert_eq!(json.code(), *code);
        if *code == 1 {
            let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
            assert!(report["findings"][0]["message"].is_string());
        }
        assert_eq!(fs::read(folder.path().join(file)).unwrap(), bytes);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

/// The finding is what is wrong with the file, not that the environment is on a line that could not be read.
#[test]
fn an_environment_of_a_broken_file_is_not_said_to_be_missing() {
    let (folder, file) = holding("[app]\nname = \"a\0\"\n[environments.prod]\n");
    for command in ["render", "check", "build"] {
        let arguments = [command, "--environment", "prod", "--file", file];
        refused(&run(&mut topogen(folder.path(), &arguments)), 1, NUL);
    }
    let arguments = ["render", "--environment", "\u{1b}[31m", "--file", file];
    assert_eq!(run(&mut topogen(folder.path(), &arguments)).code(), 2);
}

#[test]
fn endless_nesting_is_refused() {
    let levels = 100_000;
    for text in [
        format!("a = {}", "[".repeat(levels)),
        format!("a = {}{}", "[".repeat(levels), "]".repeat(levels)),
        format!("a = {}", "{ a = ".repeat(levels)),
        format!("a = {}1{}", "{ a = ".repeat(levels), " }".repeat(levels)),
        format!("a = {}", "[{ a = ".repeat(levels)),
        format!("{}a = 1", "a.".repeat(levels)),
        format!("[{}a]\n", "a.".repeat(levels)),
        format!("[[{}a]]\n", "a.".repeat(levels)),
        format!("[a]\nb = {{ {}a = [] }}\n", "a.".repeat(levels)),
    ] {
        is_refused(text, TOO_DEEP);
    }
}

#[test]
fn a_huge_file_is_not_read() {
    let (folder, file) = holding("");
    let huge = fs::File::create(folder.path().join(file)).unwrap();
    for (length, code, first) in [
        (
            100 << 20,
            2,
            "error: cannot read t.toml: it is larger than 16 MiB",
        ),
        (
            (16 << 20) + 1,
            2,
            "error: cannot read t.toml: it is larger than 16 MiB",
        ),
        (16 << 20, 1, NUL),
    ] {
        huge.set_len(length).unwrap();
        refused(&check(folder.path(), file), code, first);
    }
}

#[test]
fn a_million_errors_are_a_few_words() {
    let many = 1_000_000;
    let head = "[app]\nname = \"a\"\n[services.a]\nhttp = [\"GET /\"]\n";
    is_refused(
        "=\n".repeat(many),
        "error[TG001]: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`",
    );
    is_refused(
        format!("{}[b]\n{}", "# x\n".repeat(20_000), "=\n".repeat(4 * many)),
        "error[TG001]: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`",
    );
    is_refused(
        "[app]\n".repeat(many),
        "error[TG001]: `app` stands here again",
    );
    is_refused(
        "\"\n".repeat(many),
        "error[TG001]: key with no value, expected `=`",
    );
    is_refused(
        format!("{head}publishes = [{}]\n", "1,".repeat(many)),
        "error[TG003]: expected a string, found a number",
    );
}

#[test]
fn long_lines_and_keys_are_shortened() {
    let long = "a".repeat(5_000_000);
    let (beginning, half) = ("error[TG005]: `", "a".repeat(199));
    let rule = "is not a valid app name: it has 5000000 characters, at most 32 fit";
    let (folder, file) = holding(format!("[app]\nname = \"{long}\"\n"));
    let ended = check(folder.path(), file);
    let first = ended.stderr.lines().next().unwrap();
    assert!(
        first.starts_with(&format!("{beginning}{half} … a")) && first.ends_with(rule),
        "{first}"
    );
    refused(&ended, 1, first);

    is_refused(
        format!("[app]\nname = \"a\"\n{long} = 1\n"),
        &format!(
            "error[TG002]: unknown key `{} … {}`",
            "a".repeat(187),
            "a".repeat(199)
        ),
    );
    is_refused(format!("[{long}]\n"), MISSING_APP);
    is_refused(
        format!("# {long}\n[app\n"),
        "error[TG001]: unclosed table, expected `]`",
    );
    is_refused(
        format!("[app]\nname = '{long}"),
        "error[TG001]: invalid literal string, expected `'`",
    );
}

/// What looks at everything that there is, for everything that there is, would take hours.
#[test]
fn time_grows_with_the_file_and_no_quicker() {
    let head = "[app]\nname = \"a\"\n";
    let each = |text: &dyn Fn(usize) -> String| (0..8_000).map(text).collect::<String>();
    let routes = each(&|at| format!("\"GET /x{at}/{{id}}\","));
    let services = each(&|at| format!("[services.s{at}]\nhttp = [\"GET /y{at}\"]\n"));
    let entries = each(&|at| format!("x{at} = \"why not\"\n"));
    let settings = each(&|at| format!("[api.routes.\"GET /y{at}\"]\npublic = true\n"));
    let chain = each(&|at| {
        let before = at.saturating_sub(1);
        format!(
            "[resources.X{at}]\nType = \"AWS::SQS::Queue\"\nProperties.QueueName.Ref = \"X{before}\"\n"
        )
    });
    let service = "[services.a]\nhttp = [\"GET /a\"]\n";
    for (text, first) in [
        (
            format!("{head}[services.a]\nhttp = [{routes}]\n"),
            "error[TG401]",
        ),
        (format!("{head}{services}"), "error[TG401]"),
        (format!("{head}[lints]\n{entries}"), "error[TG007]"),
        (format!("{head}{service}{settings}"), "error[TG130]"),
        (format!("{head}{service}{chain}"), "error[TG401]"),
    ] {
        let (folder, file) = holding(text);
        let ended = check(folder.path(), file);
        let line = ended.stderr.lines().next().unwrap();
        assert!(line.starts_with(first), "{line}");
        refused(&ended, 1, line);
    }
}

/// Two long lists, of which each entry of one meets each of the other: either is short enough, both together are not.
#[test]
fn what_meets_everything_is_bounded() {
    let head = "[app]\nname = \"a\"\nstacks = \"per-service\"\n[events.Done]\n[services.first]\npublishes = [\"Done\"]\nhttp = [\"GET /\"]\n";
    let each = |text: &dyn Fn(usize) -> String| (0..2_000).map(text).collect::<String>();
    let consumers =
        each(&|at| format!("[services.s{at}]\n[subscriptions.s{at}]\nevents = [\"Done\"]\n"));
    let function = each(&|at| format!("x{at} = 1\n"));
    let filter = each(&|at| format!("x{at} = [\"a\"]\n"));
    let alarms = each(&|at| format!("\"arn:aws:sns:eu-central-1:123456789012:t{at}\","));
    let tags = each(&|at| format!("x{at} = \"a\"\n"));
    let rounds = each(&|at| {
        format!(
            "[services.r{at}]\npublishes = [\"Done\"]\n[subscriptions.r{at}]\nevents = [\"Done\"]\n"
        )
    });
    let changes = each(&|at| format!("[overrides.S{at}Function.Properties]\nMemorySize = 512\n"));
    let topics = each(&|at| format!("[topics.t{at}]\n[events.T{at}Done]\ntopic = \"t{at}\"\n"));
    let one = each(&|at| format!("[subscriptions.s{at}]\nservice = \"s\"\nevents = [\"Done\"]\n"));
    let actions = each(&|at| format!("\"s3:Get{at}\","));
    let walled = each(&|at| format!("[services.s{at}]\nhttp = [\"POST /x{at}\"]\n"));
    let buckets = each(&|at| format!("\"arn:aws:s3:::b{at}\","));
    let names = each(&|at| format!("\"T{at}Done\","));
    for (text, code) in [
        (
            format!("{head}[defaults.function]\n{function}{consumers}"),
            "TG005",
        ),
        (
            format!("{head}[defaults.subscription.filter]\n{filter}{consumers}"),
            "TG005",
        ),
        (
            format!("{head}[alarms]\nnotify = [{alarms}]\n{consumers}"),
            "TG005",
        ),
        (format!("{head}[app.tags]\n{tags}{consumers}"), "TG005"),
        (format!("{head}{rounds}"), "TG113"),
        (format!("{head}{consumers}{changes}"), "TG144"),
        (
            format!(
                "{head}{topics}[services.s]\npublishes = [{names}]\n[subscriptions.s]\nevents = [{names}]\n"
            ),
            "TG406",
        ),
        (
            format!(
                "{head}{topics}[services.s]\npublishes = [{names}]\n[subscriptions.s]\nevents = [{names}]\nfilter_scope = \"MessageAttributes\"\n[subscriptions.s.filter]\n{filter}"
            ),
            "TG411",
        ),
        (format!("{head}[api]\nfirewall = true\n{walled}"), "TG005"),
        (
            format!("{head}[app.tags]\n{tags}[services.s.tags]\n{tags}{one}"),
            "TG005",
        ),
        (format!("{head}[services.s.tags]\n{tags}{one}"), "TG005"),
        (
            format!(
                "{head}[services.s]\npermissions = [{{ actions = [{actions}], resources = [{buckets}] }}]\n{one}"
            ),
            "TG406",
        ),
    ] {
        let (folder, file) = holding(text);
        let ended = check(folder.path(), file);
        assert_eq!(ended.code(), 1);
        let fired = ended.stderr.contains(&format!("[{code}]"));
        assert!(
            fired,
            "{code}: {}",
            ended.stderr.chars().take(2_000).collect::<String>()
        );
    }
}

/// A hundred thousand mistakes are mended as quickly as they are found.
#[test]
fn a_long_list_is_mended_at_once() {
    let twice = "\"Done\", ".repeat(100_000);
    let text = |list: &str| {
        format!(
            "[app]\nname = \"a\"\n[events.Done]\n[services.a]\nhttp = [\"GET /\"]\npublishes = [{list}\"Done\"]\n"
        )
    };
    let (folder, file) = holding(text(&twice));
    let ended = run(&mut topogen(
        folder.path(),
        &["check", "--fix", "--file", file],
    ));
    assert_eq!(ended.code(), 0);
    let mended = fs::read_to_string(folder.path().join(file)).unwrap();
    assert_eq!(
        mended.matches("Done").count(),
        2,
        "{} bytes are left",
        mended.len()
    );
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(at("pipe"))
            .status()
            .unwrap()
            .success()
    );
    symlink("loop", at("loop")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    for (file, why) in [
        ("folder", "it is a folder"),
        ("pipe", "it is not a file"),
        ("/dev/zero", "it is not a file"),
        ("/dev/full", "it is not a file"),
        ("/dev/null", "it is not a file"),
        ("/dev/stdin", "it is not a file"),
        ("missing", "No such file or directory (os error 2)"),
        ("dangling", "No such file or directory (os error 2)"),
        ("folder/missing", "No such file or directory (os error 2)"),
        ("pipe/missing", "Not a directory (os error 20)"),
        ("loop", "Too many levels of symbolic links (os error 40)"),
        (&"x".repeat(300), "File name too long (os error 36)"),
    ] {
        refused(
            &check(folder.path(), file),
            2,
            &format!("error: cannot read {file}: {why}"),
        );
        assert!(!at("out").exists());
    }
}

/// The same holds of the contracts that a topology names.
#[test]
fn a_contract_that_is_no_file_is_not_waited_for() {
    let (folder, file) = holding("");
    let at = |name: &str| folder.path().join(name);
    assert!(
        Command::new("mkfifo")
            .arg(at("pipe"))
            .status()
            .unwrap()
            .success()
    );
    fs::File::create(at("huge"))
        .unwrap()
        .set_len(100 << 20)
        .unwrap();
    for (schema, why) in [
        (".", "it is a folder"),
        ("pipe", "it is not a file"),
        ("/dev/zero", "it is not a file"),
        ("huge", "it is larger than 16 MiB"),
    ] {
        let text = format!(
            "[app]\nname = \"a\"\n[events.Done]\nschema = \"{schema}\"\n[lints]\nTG117 = \"its contract is what this is about\"\n"
        );
        fs::write(at(file), text).unwrap();
        refused(
            &check(folder.path(), file),
            1,
            &format!("error[TG107]: cannot read the contract `{schema}`: {why}"),
        );
    }
}

/// Sixty definitions, each made of the next two: for one text a validator would take longer than anyone lives.
#[test]
fn a_contract_that_branches_without_end_is_refused() {
    let (folder, file) = holding(
        "[app]\nname = \"a\"\n[events.Done]\nschema = \"Done.json\"\n[lints]\nTG117 = \"its contract is what this is about\"\n",
    );
    for word in ["anyOf", "oneOf", "allOf"] {
        for further in ["", ", \"unevaluatedProperties\": false"] {
            let definitions: String = (0..60)
                .map(|at| {
                    let to = |at| format!("{{\"$ref\": \"#/$defs/d{at}\"}}");
                    let (one, other) = (to(at + 1), to(at + 2));
                    format!("\"d{at}\": {{\"{word}\": [{one}, {other}]{further}}},\n")
                })
                .collect();
            let contract = format!(
                "{{\"type\": \"object\", \"properties\": {{\"z\": {{\"$ref\": \"#/$defs/d0\"}}}}, \"examples\": [{{\"z\": 1}}], \"$defs\": {{\n{definitions}\"d60\": {{\"type\": \"string\"}}, \"d61\": {{\"type\": \"string\"}}}}}}"
            );
            fs::write(folder.path().join("Done.json"), contract).unwrap();
            refused(
                &check(folder.path(), file),
                1,
                "error[TG501]: the contract `Done.json` has schemas that lead to each other in too many ways: holding one value against them takes more than 10000 steps (line 46, /$defs/d44)",
            );
        }
    }
}

/// Of what the library makes of a contract not all can be counted beforehand.
#[test]
fn a_contract_that_never_ends_is_given_up() {
    let (folder, file) = holding(
        "[app]\nname = \"a\"\n[events.Done]\nschema = \"Done.json\"\n[lints]\nTG117 = \"its contract is what this is about\"\n",
    );
    let either =
        |at| format!("{{\"anyOf\": [{{\"pattern\": \"x{at}\"}}, {{\"pattern\": \"y{at}\"}}]}}");
    let all: Vec<String> = (0..40).map(either).collect();
    let contract = format!(
        "{{\"type\": \"object\", \"properties\": {{\"a\": {{\"allOf\": [{}]}}}}}}",
        all.join(", ")
    );
    fs::write(folder.path().join("Done.json"), contract).unwrap();
    refused(
        &check(folder.path(), file),
        1,
        "error: the contract `Done.json` takes more than 20 seconds",
    );
}

#[test]
fn a_file_that_nobody_may_read_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let (file, program) = (folder.path().join("t.toml"), folder.path().join("topogen"));
    fs::write(&file, "[app]\nname = \"a\"\n").unwrap();
    fs::copy(env!("CARGO_BIN_EXE_topogen"), &program).unwrap();
    for (path, mode) in [(folder.path(), 0o755), (&program, 0o755), (&file, 0)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut command = Command::new(&program);
    command
        .current_dir(folder.path())
        .args(["check", "--file", "t.toml"]);
    // The superuser may read anything.
    if common::process::is_superuser() {
        command.uid(65_534);
    }
    let first = "error: cannot read t.toml: Permission denied (os error 13)";
    refused(&run(&mut command), 2, first);
}

/// Nobody hears it, and it is no bug of topogen all the same.
#[test]
fn a_full_or_closed_stream_is_no_bug() {
    let folder = tempfile::tempdir().unwrap();
    let full = || {
        fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    fs::write(
        folder.path().join("topology.toml"),
        "[app]\nname = \"a\"\n[services.b]\n",
    )
    .unwrap();
    for (arguments, code) in [(&["check"][..], 1), (&["schema"], 0), (&["render"], 1)] {
        let mut command = topogen(folder.path(), arguments);
        let status = command
            .stdout(Stdio::null())
            .stderr(full())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
    for arguments in [
        &["check", "--format", "json"][..],
        &["check", "--format", "sarif"],
        &["schema", "--stdout"],
        &["explain"],
        &["explain", "TG101"],
    ] {
        let mut command = topogen(folder.path(), arguments);
        let output = command
            .stdout(full())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let error = "error: cannot write to stdout: No space left on device (os error 28)\n";
        assert_eq!(
            (output.status.code(), stderr.as_str()),
            (Some(2), error),
            "{arguments:?}"
        );
    }
    // A reader that has seen enough.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = topogen(folder.path(), &["explain"]);
    let output = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}
