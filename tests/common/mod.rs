//! What several tests need: the bundled topologies, compiled.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "each test binary uses a part")]

#[cfg(feature = "cloud")]
pub mod app;
#[cfg(feature = "cloud")]
pub mod between;
#[cfg(unix)]
pub mod process;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use serde_yaml::Value as Yaml;
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
    (
        "appointments",
        "examples/appointments/topology.toml",
        "prod",
    ),
    ("billing", "examples/billing/topology.toml", "prod"),
    ("ci-notices", "examples/ci-notices/topology.toml", "prod"),
    ("claims", "examples/claims/topology.toml", "prod"),
    ("iot", "examples/iot/topology.toml", "prod"),
    ("ledger", "examples/ledger/topology.toml", "prod"),
    ("logistics", "examples/logistics/topology.toml", "prod"),
    ("media", "examples/media/topology.toml", "prod"),
    ("onboarding", "examples/onboarding/topology.toml", "prod"),
    ("portal", "examples/portal/topology.toml", "prod"),
    ("storefront", "examples/storefront/topology.toml", "prod"),
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

/// Copies what git knows of this project into a folder, as a user would have it.
pub fn copy_project(folder: &Path) {
    let script = "git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c --exclude=out | tar -x -C \"$1\"";
    let status = Command::new("bash")
        .args(["-c", script, "bash"])
        .arg(folder)
        .status()
        .unwrap();
    assert!(status.success());
}

/// The artefacts of a bundled file, the SAM views among them.
pub fn artefacts(file: &str, environment: &str) -> Vec<Artefact> {
    let plan = plan(file, environment);
    let views = plan.stacks.iter().map(|stack| emit::sam_view(&plan, stack));
    emit::artefacts(&plan).into_iter().chain(views).collect()
}

/// The files of one name among a golden's: one for each stack, in the order of the stacks.
pub fn golden_files(name: &str, plan: &Plan, file: &str) -> Vec<PathBuf> {
    let golden = Path::new("tests/golden").join(name);
    plan.stacks
        .iter()
        .map(|stack| golden.join(stack.artefact(file)))
        .collect()
}

/// The template of each stack, by the stack's name.
pub fn templates(plan: &Plan) -> BTreeMap<String, Value> {
    let template = |stack| emit::cfn::template(plan, stack);
    plan.stacks
        .iter()
        .map(|stack| (stack.name.clone(), template(stack)))
        .collect()
}

/// The template of a plan; several stacks are put together as if they were one, each import replaced by what is exported.
pub fn template(plan: &Plan) -> Value {
    let templates: Vec<Value> = plan
        .stacks
        .iter()
        .map(|stack| emit::cfn::template(plan, stack))
        .collect();
    if let [only] = templates.as_slice() {
        return only.clone();
    }
    let mut exports = BTreeMap::new();
    let mut whole = serde_json::json!({ "Resources": {}, "Parameters": {} });
    for template in &templates {
        for output in template["Outputs"]
            .as_object()
            .into_iter()
            .flat_map(|outputs| outputs.values())
        {
            if let Some(name) = output["Export"]["Name"].as_str() {
                exports.insert(name.to_owned(), output["Value"].clone());
            }
        }
        for part in ["Resources", "Parameters"] {
            for (id, body) in template[part].as_object().into_iter().flatten() {
                whole[part][id] = body.clone();
            }
        }
    }
    import(&mut whole, &exports);
    whole
}

fn import(value: &mut Value, exports: &BTreeMap<String, Value>) {
    if let Some(name) = value.get("Fn::ImportValue") {
        let name = name.as_str().unwrap();
        *value = exports
            .get(name)
            .unwrap_or_else(|| panic!("nobody exports {name}"))
            .clone();
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| import(item, exports)),
        Value::Object(map) => map.values_mut().for_each(|value| import(value, exports)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    // Names that stand for themselves once all is one stack.
    if let Some([Value::String(pattern), Value::Object(names)]) = value
        .get("Fn::Sub")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        && names
            .iter()
            .all(|(name, value)| value["Ref"] == name.as_str())
    {
        *value = serde_json::json!({ "Fn::Sub": pattern });
    }
}

/// A pinned tool of one of the folders that tests/run fills; without it a test fails rather than pass unseen.
pub fn tool(folder: &str, name: &str) -> Command {
    let path: PathBuf = ["target", folder, "bin", name].iter().collect();
    let path = std::path::absolute(path).unwrap();
    assert!(
        path.is_file(),
        "{} is not there: run tests/run once",
        path.display()
    );
    let mut command = Command::new(path);
    // Whatever a tool would ask of AWS, or tell its maker, stays on this machine.
    command
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("SAM_CLI_TELEMETRY", "0")
        .env("HOME", Path::new(env!("CARGO_TARGET_TMPDIR")));
    command
}

/// What a tool's script prints, as JSON.
pub fn json_of(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    })
}

/// A file with one text replaced, to be refused by a gate.
pub fn broken(folder: &Path, good: &Path, from: &str, to: &str) -> PathBuf {
    let text = std::fs::read_to_string(good).unwrap();
    assert!(text.contains(from), "{from}");
    let path = folder.join("broken.yaml");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    path
}

/// What deploys one stack when no handler was built: each of its functions gets the same zip.
#[cfg(feature = "cloud")]
pub fn deployment(
    plan: &Plan,
    stack: &topogen::plan::Stack,
    template: String,
    zip: &Path,
) -> topogen::deploy::Deployment {
    let mut deployment = topogen::deploy::Deployment::new(plan, stack, template, &[]);
    let key = "functions/any.zip".to_owned();
    for handler in plan.handlers.values() {
        if handler.stack == stack.name {
            let parameter = handler.key_parameter.to_string();
            deployment.parameters.insert(parameter, key.clone());
            deployment.files.insert(key.clone(), zip.to_owned());
        }
    }
    deployment
}

/// Short tags to their long form, as CloudFormation reads them.
pub fn expanded(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => serde_json::json!(value),
        Yaml::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => serde_json::json!(number),
            (None, Some(number)) => serde_json::json!(number),
            (None, None) => serde_json::json!(number.as_f64()),
        },
        Yaml::String(text) => serde_json::json!(text),
        Yaml::Sequence(items) => items.iter().map(expanded).collect(),
        Yaml::Mapping(map) => map
            .iter()
            .map(|(key, value)| (key.as_str().unwrap().to_owned(), expanded(value)))
            .collect(),
        Yaml::Tagged(tagged) => {
            let argument = tagged.value.as_str().unwrap();
            match tagged.tag.to_string().as_str() {
                "!Ref" => serde_json::json!({ "Ref": argument }),
                "!Sub" => serde_json::json!({ "Fn::Sub": argument }),
                "!ImportValue" => serde_json::json!({ "Fn::ImportValue": argument }),
                "!GetAtt" => serde_json::json!({ "Fn::GetAtt": argument.split_once('.').unwrap() }),
                other => panic!("unknown tag {other}"),
            }
        }
    }
}
