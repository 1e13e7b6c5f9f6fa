//! A block printer for YAML 1.1 over a JSON value, with CloudFormation's short tags.
//!
//! serde_yaml leaves `yes`, `on`, `12:30:45` and `1_000` bare, and CloudFormation reads YAML 1.1, where they are not
//! strings. Here a string stays bare only when every reader must agree on it; any other is double-quoted.

use serde_json::Value;

/// Prints `value` as a block at `level` (two spaces each), ending in a newline.
pub fn print(value: &Value, level: usize) -> String {
    let mut out = String::new();
    block(value, level, &mut out);
    out
}

/// A mapping's entries or a sequence's items, one a line; anything else on a line of its own.
fn block(value: &Value, level: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                indent(level, out);
                entry(key, value, level, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                indent(level, out);
                out.push('-');
                item_body(item, level, out);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            indent(level, out);
            out.push_str(&inline(value).unwrap_or_default());
            out.push('\n');
        }
    }
}

fn entry(key: &str, value: &Value, level: usize, out: &mut String) {
    out.push_str(&text(key));
    out.push(':');
    after(value, level, out);
}

/// What follows `key:`.
fn after(value: &Value, level: usize, out: &mut String) {
    match inline(value) {
        Some(line) => {
            out.push(' ');
            out.push_str(&line);
            out.push('\n');
        }
        None => {
            out.push('\n');
            block(value, level + 1, out);
        }
    }
}

/// What follows `-`: a mapping starts on the same line.
fn item_body(item: &Value, level: usize, out: &mut String) {
    match (inline(item), item) {
        (None, Value::Object(map)) => {
            for (at, (key, value)) in map.iter().enumerate() {
                if at == 0 {
                    out.push(' ');
                } else {
                    indent(level + 1, out);
                }
                entry(key, value, level + 1, out);
            }
        }
        _ => after(item, level, out),
    }
}

/// The value on one line, when it has such a form.
fn inline(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(string) => Some(text(string)),
        Value::Array(items) if items.is_empty() => Some("[]".to_owned()),
        Value::Array(_) => None,
        Value::Object(map) if map.is_empty() => Some("{}".to_owned()),
        Value::Object(map) => match map.iter().next() {
            Some((function, argument)) if map.len() == 1 => tagged(function, argument),
            _ => None,
        },
    }
}

/// `!Ref`, `!Sub` and `!GetAtt` of plain arguments.
fn tagged(function: &str, argument: &Value) -> Option<String> {
    match (function, argument) {
        ("Ref", Value::String(name)) => Some(format!("!Ref {}", text(name))),
        ("Fn::Sub", Value::String(pattern)) => Some(format!("!Sub {}", text(pattern))),
        ("Fn::ImportValue", Value::String(name)) => Some(format!("!ImportValue {}", text(name))),
        ("Fn::GetAtt", Value::Array(parts)) => match parts.as_slice() {
            [Value::String(id), Value::String(attribute)] => {
                Some(format!("!GetAtt {}", text(&format!("{id}.{attribute}"))))
            }
            _ => None,
        },
        _ => None,
    }
}

fn indent(level: usize, out: &mut String) {
    for _ in 0..level {
        out.push_str("  ");
    }
}

fn text(string: &str) -> String {
    if is_plain(string) {
        string.to_owned()
    } else {
        quoted(string)
    }
}

/// Letters first, then nothing that any YAML reader takes for syntax, and no word or number of YAML 1.1.
fn is_plain(string: &str) -> bool {
    let starts_with_letter = string.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let harmless = |c: char| c.is_ascii_alphanumeric() || " -_./:$,()".contains(c);
    starts_with_letter
        && string.chars().all(harmless)
        && !string.contains(": ")
        && !string.ends_with([' ', ':'])
        && !is_yaml_word(string)
}

/// Booleans and nulls of YAML 1.1, in any case (yaml.org/type/bool.html, null.html).
fn is_yaml_word(string: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "true", "false", "on", "off", "null"];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(string))
}

/// YAML's double-quoted form; JSON's escapes are a subset of it.
fn quoted(string: &str) -> String {
    Value::from(string).to_string()
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

    #[test]
    fn intrinsics_have_short_tags() {
        let value = json!({"A": {"Ref": "T"}, "B": {"Fn::GetAtt": ["Q", "Arn"]}, "C": {"Fn::Sub": "${T}: x"}});
        assert_eq!(
            print(&value, 0),
            "A: !Ref T\nB: !GetAtt Q.Arn\nC: !Sub \"${T}: x\"\n"
        );
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
            assert!(text(string).starts_with('"'), "{string}");
        }
        for string in [
            "PayPerRequest",
            "sqs:SendMessage",
            "arn:aws:sns",
            "/aws/lambda/x",
            "least-privilege",
            "a, b",
        ] {
            assert_eq!(text(string), string);
        }
    }
}
