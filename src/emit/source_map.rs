//! Which line of the topology file caused which resource.

use serde_json::{Value, json};

use crate::plan::Plan;

/// Logical id to `file:line`, pretty-printed.
pub fn json(plan: &Plan) -> String {
    let map: Value = plan
        .resources()
        .map(|resource| (resource.id.to_string(), json!(resource.origin.to_string())))
        .collect();
    format!("{map:#}\n")
}
