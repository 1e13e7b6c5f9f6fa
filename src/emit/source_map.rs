//! Which line of the topology file caused which resource: by stack, logical id to `file:line`.

use crate::plan::Stack;

/// The part of one stack. Names and ids are letters, digits and hyphens: they need no escapes, a file's name may.
pub fn of_stack(stack: &Stack) -> String {
    let mut map = String::with_capacity((stack.resources.len() + 1) * TYPICAL);
    map.extend(["  \"", &stack.name, "\": {\n"]);
    let mut file = ("", String::new());
    for (at, resource) in stack.resources.iter().enumerate() {
        if at > 0 {
            map.push_str(",\n");
        }
        let origin = &resource.origin;
        // All have the same.
        if file.0 != &*origin.file {
            let quoted = serde_json::Value::from(&*origin.file).to_string();
            file = (&origin.file, quoted.trim_end_matches('"').to_owned());
        }
        let line = origin.line.to_string();
        map.extend([
            "    \"",
            resource.id.as_str(),
            "\": ",
            &file.1,
            ":",
            &line,
            "\"",
        ]);
    }
    map.push_str("\n  }");
    map
}

/// Bytes of an entry, more or less: what is made room for.
const TYPICAL: usize = 64;

/// The whole map, of the parts.
pub(super) fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    let length: usize = parts.iter().map(|part| part.len() + ",\n".len()).sum();
    let mut map = String::with_capacity(length + "{\n\n}\n".len());
    map.push_str("{\n");
    for (at, part) in parts.iter().enumerate() {
        map.push_str(if at > 0 { ",\n" } else { "" });
        map.push_str(part);
    }
    map.push_str("\n}\n");
    map
}
