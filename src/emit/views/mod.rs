//! Prints a value in one pass as what is deployed, compact JSON, and as what people read, a YAML 1.1 block with CloudFormation's
//! short tags. Nothing has to make sure that both say the same, and each part is looked at once.
//!
//! serde_yaml leaves `yes`, `on`, `12:30:45` and `1_000` bare, and CloudFormation reads YAML 1.1, where they are not
//! strings. Here a string stays bare only when every reader must agree on it; any other is double-quoted. The JSON is byte by byte
//! what serde_json makes of the value.

mod inline;
mod serializer;
mod text;

use serde::Serialize;

use serializer::{Place, Printer};

/// The two views of a value, as far as they are written.
#[derive(Debug, Default)]
pub struct Views {
    /// Whole lines.
    pub yaml: String,
    /// On one line.
    pub json: String,
}

impl Views {
    /// Of one value alone.
    pub fn of(value: &impl Serialize) -> Self {
        let mut views = Self::default();
        views.print(value, 0, Place::LineStart);
        views
    }

    /// Opens the mapping that entries stand in; only JSON has a sign for it.
    pub fn open(&mut self) {
        self.json.push('{');
    }

    /// Closes what was opened last.
    pub fn close(&mut self) {
        self.json.push('}');
    }

    /// Opens a mapping that is an entry of the one that is open, at the outermost level.
    pub fn open_entry(&mut self, key: &str) {
        self.key(key, 0);
        self.yaml.push('\n');
        self.open();
    }

    /// Prints an entry of the mapping that is open, its key at `level` (two spaces each).
    pub fn entry(&mut self, key: &str, value: &impl Serialize, level: usize) {
        self.key(key, level);
        self.print(value, level, Place::AfterKey);
    }

    /// Prints the entries of a mapping, if it has any, as entries of the one that is open, at the outermost level.
    pub fn entries(&mut self, mapping: &impl Serialize) {
        let (yaml, json) = (self.yaml.len(), self.json.len());
        self.print(mapping, 0, Place::LineStart);
        debug_assert!(self.json[json..].starts_with('{'), "no mapping");
        if &self.json[json..] == "{}" {
            self.yaml.truncate(yaml);
            self.json.truncate(json);
            return;
        }
        // It has no brackets of its own.
        self.json.pop();
        let joint = joint(&self.json[..json]);
        self.json.replace_range(json..=json, joint);
    }

    fn key(&mut self, key: &str, level: usize) {
        text::indent(level, &mut self.yaml);
        self.json.push_str(joint(&self.json));
        text::push(key, self);
        self.yaml.push(':');
        self.json.push(':');
    }

    /// Prints a comment of one line, whatever its words are, at `level`. JSON has none.
    pub fn comment(&mut self, words: &str, level: usize) {
        text::indent(level, &mut self.yaml);
        self.yaml.push_str("# ");
        text::push_comment(words, &mut self.yaml);
        self.yaml.push('\n');
    }

    #[expect(
        clippy::expect_used,
        reason = "keys are strings: nothing that is emitted has any other"
    )]
    fn print(&mut self, value: &impl Serialize, level: usize, place: Place) {
        let out = self;
        value
            .serialize(Printer { out, level, place })
            .expect("what is emitted has both forms");
    }
}

/// What stands in JSON before the next entry of a mapping.
fn joint(json: &str) -> &'static str {
    if json.ends_with('{') { "" } else { "," }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn print(value: &impl Serialize) -> String {
        Views::of(value).yaml
    }

    #[test]
    fn blocks_nest() {
        let value = json!({"A": [{"B": 1, "C": [1, "x"]}, ["y", []]], "D": {}});
        let expected =
            "A:\n  - B: 1\n    C:\n      - 1\n      - x\n  -\n    - \"y\"\n    - []\nD: {}\n";
        assert_eq!(print(&value), expected);
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
            let text = print(&json!({key: 1}));
            assert_eq!(text.starts_with("? "), is_announced, "{}", &text[..9]);
        }
        let long = "k".repeat(1025);
        let value = json!({&long: {"A": [1]}, "B": {&long: [2]}, "C": [{&long: {"Ref": "T"}}, {}]});
        let expected = "? LONG\n:\n  A:\n    - 1\nB:\n  ? LONG\n  :\n    - 2\nC:\n  - ? LONG\n    : !Ref T\n  - {}\n";
        assert_eq!(print(&value), expected.replace("LONG", &long));
    }

    #[test]
    fn entries_of_several_make_one_mapping() {
        let mut out = Views::default();
        out.open();
        out.entries(&json!({}));
        out.entries(&json!({"A": 1, "B": ["x"]}));
        out.entries(&json!({}));
        out.entries(&json!({"C": {}}));
        out.open_entry("D");
        out.entry("E", &json!({"Fn::GetAtt": ["Q", "Arn"]}), 1);
        out.entry("F", &7, 1);
        out.close();
        out.close();
        let expected = r#"{"A":1,"B":["x"],"C":{},"D":{"E":{"Fn::GetAtt":["Q","Arn"]},"F":7}}"#;
        assert_eq!(out.json, expected);
        let expected = "A: 1\nB:\n  - x\nC: {}\nD:\n  E: !GetAtt Q.Arn\n  F: 7\n";
        assert_eq!(out.yaml, expected);
    }

    #[test]
    fn a_comment_stays_on_its_line() {
        let mut out = Views::default();
        out.comment("we\nird: {}\r\t\u{85}\u{2028}\u{feff} é.toml:5", 1);
        let expected = "  # we\\nird: {}\\r\\t\\u{85}\\u{2028}\\u{feff} é.toml:5\n";
        assert_eq!(out.yaml, expected);
    }

    #[test]
    fn intrinsics_have_short_tags() {
        let value = json!({"A": {"Ref": "T"}, "B": {"Fn::GetAtt": ["Q", "Arn"]}, "C": {"Fn::Sub": "${T}: x"}});
        assert_eq!(
            print(&value),
            "A: !Ref T\nB: !GetAtt Q.Arn\nC: !Sub \"${T}: x\"\n"
        );
    }

    #[test]
    fn numbers_stay_numbers_in_yaml_1_1() {
        let value = json!([1e-9, 1.5e300, 2e20, 31.5, 7]);
        let expected = "- 1.0e-9\n- 1.5e+300\n- 2.0e+20\n- 31.5\n- 7\n";
        assert_eq!(print(&value), expected);
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
            assert!(print(&string).starts_with('"'), "{string}");
        }
        for string in [
            "PayPerRequest",
            "sqs:SendMessage",
            "arn:aws:sns",
            "/aws/lambda/x",
            "least-privilege",
            "a, b",
        ] {
            assert_eq!(print(&string), format!("{string}\n"));
        }
    }
}
