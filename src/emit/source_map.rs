//! Which line of the topology file caused which resource: by stack, logical id to `file:line`.

use crate::plan::Stack;

/// The part of one stack. Names and ids are letters, digits and hyphens: they need no escapes, a file's name may.
pub fn of_stack(stack: &Stack) -> String {
    let lines: Vec<String> = stack
        .resources
        .iter()
        .map(|resource| {
            let place = serde_json::Value::from(resource.origin.to_string());
            format!("    \"{}\": {place}", resource.id)
        })
        .collect();
    format!("  \"{}\": {{\n{}\n  }}", stack.name, lines.join(",\n"))
}

/// The whole map, of the parts.
pub(super) fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    format!("{{\n{}\n}}\n", parts.join(",\n"))
}
