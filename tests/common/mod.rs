//! What several tests need: the bundled topologies, compiled.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "each test binary uses a part")]

use serde_json::Value;
use topogen::Project;
use topogen::emit::{self, Artefact};
use topogen::plan::Plan;
use topogen::source::Source;

/// Every topology and environment whose artefacts are kept as goldens: name, file, environment.
pub const GOLDENS: &[(&str, &str, &str)] = &[
    ("orders-dev", "topology.toml", "dev"),
    ("orders-prod", "topology.toml", "prod"),
    ("minimal", "examples/minimal/topology.toml", "dev"),
    (
        "settings-staging",
        "examples/settings/topology.toml",
        "staging",
    ),
    ("settings-prod", "examples/settings/topology.toml", "prod"),
];

/// Parses a file under the name that a user in its folder would type.
pub fn project(file: &str) -> Project {
    Project::parse(Source::new(
        "topology.toml",
        std::fs::read_to_string(file).unwrap(),
    ))
}

/// Compiles `text`; findings of any severity fail.
pub fn plan_of(text: &str, environment: &str) -> Plan {
    let project = Project::parse(Source::new("topology.toml", text));
    let (plan, diagnostics) = project.compile(&environment.parse().unwrap());
    let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert!(messages.is_empty(), "{messages:?}");
    plan.unwrap()
}

/// The plan of a bundled file, without findings.
pub fn plan(file: &str, environment: &str) -> Plan {
    plan_of(&std::fs::read_to_string(file).unwrap(), environment)
}

/// The artefacts of a bundled file.
pub fn artefacts(file: &str, environment: &str) -> Vec<Artefact> {
    emit::artefacts(&plan(file, environment))
}

/// The template of a plan's only stack.
pub fn template(plan: &Plan) -> Value {
    let [stack] = plan.stacks.as_slice() else {
        panic!("{} has {} stacks", plan.name, plan.stacks.len());
    };
    emit::cfn::template(plan, stack)
}
