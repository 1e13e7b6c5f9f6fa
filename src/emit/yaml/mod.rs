//! A block printer for YAML 1.1, as a serde serializer, with CloudFormation's short tags.
//!
//! serde_yaml leaves `yes`, `on`, `12:30:45` and `1_000` bare, and CloudFormation reads YAML 1.1, where they are not
//! strings. Here a string stays bare only when every reader must agree on it; any other is double-quoted.

mod inline;
mod serializer;
mod text;

use serde::Serialize;

use serializer::{Place, Printer};

/// Prints `value` as a block at `level` (two spaces each), ending in a newline.
pub fn print(value: &impl Serialize, level: usize) -> String {
    let mut out = String::new();
    print_at(value, level, Place::LineStart, &mut out);
    out
}

/// Prints `key:` at `level` and what belongs to it.
pub fn print_entry(key: &str, value: &impl Serialize, level: usize, out: &mut String) {
    text::indent(level, out);
    text::push(key, out);
    out.push(':');
    print_at(value, level, Place::AfterKey, out);
}

/// Prints a comment of one line, whatever its words are, at `level`.
pub fn print_comment(words: &str, level: usize, out: &mut String) {
    text::indent(level, out);
    out.push_str("# ");
    text::push_comment(words, out);
    out.push('\n');
}

#[expect(
    clippy::expect_used,
    reason = "keys are strings: nothing that is emitted has any other"
)]
fn print_at(value: &impl Serialize, level: usize, place: Place, out: &mut String) {
    value
        .serialize(Printer { out, level, place })
        .expect("what is emitted has a YAML form");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_nest() {
        let value = json!({"A": [{"B": 1, "C": [1, "x"]}, ["y", []]], "D": {}});
        let expected =
            "A:\n  - B: 1\n    C:\n      - 1\n      - x\n  -\n    - \"y\"\n    - []\nD: {}\n";
        assert_eq!(print(&value, 0), expected);
    }

    /// Quotes and escapes count; tests/yaml.rs has readers of them.
    #[test]
    fn keys_that_are_too_long_for_a_line_are_announced() {
        for (key, is_announced) in [
            ("k".repeat(1024), false),
            ("k".repeat(1025), true),
            ("1".repeat(1022), false),
            ("1".repeat(1023), true),
            ("\n".repeat(511), false),
            ("\n".repeat(512), true),
        ] {
            let text = print(&json!({key: 1}), 0);
            assert_eq!(text.starts_with("? "), is_announced, "{}", &text[..9]);
        }
        let long = "k".repeat(1025);
        let value = json!({&long: {"A": [1]}, "B": {&long: [2]}, "C": [{&long: {"Ref": "T"}}, {}]});
        let expected = "? LONG\n:\n  A:\n    - 1\nB:\n  ? LONG\n  :\n    - 2\nC:\n  - ? LONG\n    : !Ref T\n  - {}\n";
        assert_eq!(print(&value, 0), expected.replace("LONG", &long));
    }

    #[test]
    fn a_comment_stays_on_its_line() {
        let mut out = String::new();
        print_comment(
            "we\nird: {}\r\t\u{85}\u{2028}\u{feff} é.toml:5",
            1,
            &mut out,
        );
        let expected = "  # we\\nird: {}\\r\\t\\u{85}\\u{2028}\\u{feff} é.toml:5\n";
        assert_eq!(out, expected);
    }

    #[test]
    fn intrinsics_have_short_tags() {
        let value = json!({"A": {"Ref": "T"}, "B": {"Fn::GetAtt": ["Q", "Arn"]}, "C": {"Fn::Sub": "${T}: x"}});
        assert_eq!(
            print(&value, 0),
            "A: !Ref T\nB: !GetAtt Q.Arn\nC: !Sub \"${T}: x\"\n"
        );
    }

    #[test]
    fn numbers_stay_numbers_in_yaml_1_1() {
        let value = json!([1e-9, 1.5e300, 2e20, 31.5, 7]);
        let expected = "- 1.0e-9\n- 1.5e+300\n- 2.0e+20\n- 31.5\n- 7\n";
        assert_eq!(print(&value, 0), expected);
    }

    #[test]
    fn what_yaml_1_1_would_misread_is_quoted() {
        for string in [
            "yes",
            "No",
            "ON",
            "null",
            "~",
            "12:30:45",
            "1_000",
            "0x1F",
            "1e3",
            ".5",
            "2010-09-09",
            "a: b",
            "a #b",
            "a # b",
            "",
            " a",
            "a ",
            "*",
            "&a",
            "!a",
            "- a",
            "a:",
            "{a}",
            "[a]",
            "'a'",
            "\"a\"",
            "a\nb",
            "%a",
            "@a",
            "`a`",
            "=",
            "<<",
            "é",
            "|",
            ">",
        ] {
            assert!(print(&string, 0).starts_with('"'), "{string}");
        }
        for string in [
            "PayPerRequest",
            "sqs:SendMessage",
            "arn:aws:sns",
            "/aws/lambda/x",
            "least-privilege",
            "a, b",
        ] {
            assert_eq!(print(&string, 0), format!("{string}\n"));
        }
    }
}
