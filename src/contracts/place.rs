//! Places in a contract: what stands where, and in which line.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// The line, from 1, of the value at `pointer`; the nearest parent's when there is no such value.
fn line(text: &str, pointer: &str) -> usize {
    let mut here = text.trim_start();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        match child(here, &step) {
            Some(next) => here = next,
            None => break,
        }
    }
    // `here` is a part of `text`: its address says where.
    let offset = (here.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

fn child<'a>(value: &'a str, step: &str) -> Option<&'a str> {
    if value.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(value).ok()?;
        return items.get(step.parse::<usize>().ok()?).map(|raw| raw.get());
    }
    let entries: BTreeMap<String, &RawValue> = serde_json::from_str(value).ok()?;
    entries.get(step).map(|raw| raw.get())
}

/// `line 7, /properties/a`.
pub(super) fn shown(text: &str, pointer: &str) -> String {
    let line = line(text, pointer);
    match pointer {
        "" => format!("line {line}"),
        pointer => format!("line {line}, {pointer}"),
    }
}

/// Calls `visit` with the pointer, key and value of everything inside `value`.
pub(super) fn each(
    value: &Value,
    pointer: &str,
    visit: &mut impl FnMut(&str, Option<&str>, &Value),
) {
    match value {
        Value::Object(entries) => {
            for (key, child) in entries {
                let pointer = inside(pointer, key);
                visit(&pointer, Some(key), child);
                each(child, &pointer, visit);
            }
        }
        Value::Array(items) => {
            for (at, child) in items.iter().enumerate() {
                let pointer = inside(pointer, &at.to_string());
                visit(&pointer, None, child);
                each(child, &pointer, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

pub(super) fn inside(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn pointers_lead_to_lines() {
        let text = "\n{\n  \"a/b\": [\n    1,\n    {\"c\": true}\n  ],\n  \"d\":\n    2\n}";
        for (pointer, wanted) in [
            ("", 2),
            ("/a~1b", 3),
            ("/a~1b/1/c", 5),
            ("/d", 8),
            ("/a~1b/7", 3),
            ("/nothing/here", 2),
        ] {
            assert_eq!(line(text, pointer), wanted, "{pointer}");
        }
    }
}
