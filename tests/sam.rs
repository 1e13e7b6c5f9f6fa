//! The SAM view: the official translator makes the native template of it again, `sam validate --lint` accepts it, and
//! `sam local` finds its way.
//!
//! Three things differ after the expansion, and nothing else: SAM names the mappings, tags the functions, and takes the
//! zips from where `sam deploy` has put them, without parameters.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::{Path, PathBuf};

use common::{GOLDENS, broken, golden_files, json_of, plan, tool};
use serde_json::{Map, Value, json};
use topogen::emit;
use topogen::model::names::ServiceName;
use topogen::plan::{Plan, Stack};

/// File to the template that the translator makes of it.
fn expand(files: &[PathBuf]) -> Value {
    json_of(
        tool("test-tools-sam", "python")
            .arg("tests/sam_expand.py")
            .args(files),
    )
}

/// The native template, with the three differences.
fn expected(plan: &Plan, stack: &Stack) -> Value {
    let mut template = emit::cfn::template(plan, stack);
    let mut resources = Map::new();
    for (id, mut resource) in std::mem::take(template["Resources"].as_object_mut().unwrap()) {
        if resource["Type"] == "AWS::Lambda::Function" {
            let properties = &mut resource["Properties"];
            properties["Code"] = code(plan, stack, &id, &properties["Code"]);
            properties["Tags"] = tagged(properties["Tags"].take());
        }
        if resource["Type"] == "AWS::Lambda::EventSourceMapping" {
            resource.as_object_mut().unwrap().remove("Metadata");
            resources.insert(mapping_id(&resource["Properties"]), resource);
        } else {
            resources.insert(id, resource);
        }
    }
    template["Resources"] = Value::Object(resources);
    if let Some(parameters) = template.get_mut("Parameters") {
        let parameters = parameters.as_object_mut().unwrap();
        parameters.remove("ArtefactBucket");
        for handler in plan.handlers.values() {
            parameters.remove(handler.key_parameter.as_str());
        }
        if parameters.is_empty() {
            template.as_object_mut().unwrap().remove("Parameters");
        }
    }
    template
}

/// SAM's id of a mapping: the function and the event, which is named as what it polls.
fn mapping_id(properties: &Value) -> String {
    let function = properties["FunctionName"]["Ref"].as_str().unwrap();
    let source = properties["EventSourceArn"]["Fn::GetAtt"][0].as_str();
    format!("{function}{}", source.unwrap())
}

/// The zip of the function's own service, as tests/sam_expand.py packages it.
fn code(plan: &Plan, stack: &Stack, function: &str, native: &Value) -> Value {
    let (service, handler) = plan
        .handlers
        .iter()
        .find(|(_, handler)| handler.stack == stack.name && handler.function.as_str() == function)
        .unwrap();
    assert_eq!(native["S3Key"], json!({ "Ref": handler.key_parameter }));
    let zip = format!("{}functions/{service}.zip", up(stack));
    json!({ "S3Bucket": "artefacts", "S3Key": zip })
}

/// The way from a stack's folder to that of its environment.
fn up(stack: &Stack) -> &'static str {
    match stack.stem.as_str() {
        "" | "core" => "",
        _ => "../",
    }
}

fn tagged(tags: Value) -> Value {
    let mut tags = tags.as_array().cloned().unwrap_or_default();
    tags.insert(0, json!({ "Key": "lambda:createdBy", "Value": "SAM" }));
    Value::Array(tags)
}

/// Sections, and resources by id, that are not the same.
fn differences(expected: &Value, made: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", expected, made, &mut found);
    compare("", made, expected, &mut found);
    found.sort();
    found.dedup();
    found
}

fn compare(at: &str, left: &Value, right: &Value, found: &mut Vec<String>) {
    for (name, value) in left.as_object().unwrap() {
        match (name.as_str(), right.get(name)) {
            (_, Some(other)) if value == other => {}
            ("Resources", Some(other)) => compare("Resources.", value, other, found),
            _ => found.push(format!("{at}{name}")),
        }
    }
}

/// Golden, plan and the file of each of its stacks.
fn goldens() -> Vec<(&'static str, Plan, Vec<PathBuf>)> {
    let golden = |(name, file, environment): &(&'static str, &str, &str)| {
        let plan = plan(file, environment);
        let files = golden_files(name, &plan, "sam.yaml");
        (*name, plan, files)
    };
    GOLDENS.iter().map(golden).collect()
}

#[test]
fn every_golden_expands_to_the_native_template() {
    let goldens = goldens();
    let files: Vec<PathBuf> = goldens.iter().flat_map(|golden| golden.2.clone()).collect();
    let made = expand(&files);
    for (name, plan, files) in &goldens {
        for (stack, file) in plan.stacks.iter().zip(files) {
            let made = &made[file.to_str().unwrap()];
            let found = differences(&expected(plan, stack), made);
            assert!(found.is_empty(), "{name} {}: {found:?}", stack.stem);
        }
    }
}

/// The view would expand to itself if it were the native template.
#[test]
fn functions_and_what_they_poll_are_in_sams_own_types() {
    for (name, plan, _) in goldens() {
        let views: Vec<Value> = plan
            .stacks
            .iter()
            .map(|stack| emit::sam::template(&plan, stack))
            .collect();
        let of_type = |kind: &str| -> Vec<&Value> {
            views
                .iter()
                .flat_map(|view| view["Resources"].as_object().unwrap().values())
                .filter(|resource| resource["Type"] == kind)
                .collect()
        };
        let native = ["AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"];
        assert!(native.iter().all(|kind| of_type(kind).is_empty()), "{name}");
        let functions = of_type("AWS::Serverless::Function");
        assert_eq!(functions.len(), plan.handlers.len(), "{name}");
        let polled: usize = functions
            .iter()
            .filter_map(|function| function["Properties"]["Events"].as_object())
            .map(Map::len)
            .sum();
        let mappings = plan.resources().filter(|resource| {
            resource.properties.type_name() == "AWS::Lambda::EventSourceMapping"
        });
        assert_eq!(polled, mappings.count(), "{name}");
    }
}

/// The comparison itself: a changed value of the view, a lost event and a changed native template are seen.
#[test]
fn a_view_that_is_not_the_template_is_seen() {
    let good = Path::new("tests/golden/orders-dev/sam.yaml");
    let folder = tempfile::tempdir().unwrap();
    let plan = plan("topology.toml", "dev");
    let expected = expected(&plan, &plan.stacks[0]);
    for (from, to, seen) in [
        (
            "BatchSize: 5\n",
            "BatchSize: 6\n",
            "InventoryFunctionInventoryQueue",
        ),
        (
            "SERVICE_NAME: payment",
            "SERVICE_NAME: peyment",
            "PaymentFunction",
        ),
        (
            "functions/order.zip",
            "functions/payment.zip",
            "OrderFunction",
        ),
        (
            "VisibilityTimeout: 120",
            "VisibilityTimeout: 121",
            "InventoryQueue",
        ),
        ("Role: !GetAtt OrderRole.Arn\n", "\n", "OrderFunctionRole"),
    ] {
        let path = broken(folder.path(), good, from, to);
        let made = expand(std::slice::from_ref(&path));
        let found = differences(&expected, &made[path.to_str().unwrap()]);
        assert!(found.contains(&format!("Resources.{seen}")), "{found:?}");
    }
}

fn validate(view: &Path) -> (bool, String) {
    let output = tool("test-tools-sam", "sam")
        .args(["validate", "--lint", "--template"])
        .arg(view)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), said)
}

#[test]
fn sam_validates_every_view() {
    let views: Vec<PathBuf> = goldens().into_iter().flat_map(|golden| golden.2).collect();
    let check = |views: &[PathBuf]| {
        for view in views {
            let (clean, said) = validate(view);
            assert!(
                clean && said.contains("is a valid SAM Template"),
                "{}: {said}",
                view.display()
            );
        }
    };
    // The command takes one view at a time, and seconds to start.
    let (first, second) = views.split_at(views.len() / 2);
    std::thread::scope(|scope| {
        scope.spawn(|| check(first));
        check(second);
    });
}

/// A word that SAM does not know and a dangling reference.
#[test]
fn sam_sees_what_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to, seen) in [
        (
            "Queue: !GetAtt PaymentQueue.Arn",
            "Queu: !GetAtt PaymentQueue.Arn",
            "Queu",
        ),
        (
            "Role: !GetAtt OrderRole.Arn",
            "Role: !GetAtt OrderRule.Arn",
            "OrderRule",
        ),
    ] {
        let good = Path::new("tests/golden/orders-dev/sam.yaml");
        let (clean, said) = validate(&broken(folder.path(), good, from, to));
        assert!(!clean && said.contains(seen), "{seen}: {said}");
    }
}

/// The routes that a file names, each with the function that answers it, sorted. Read without topogen's reader.
fn declared_routes(file: &str, plan: &Plan) -> Vec<String> {
    let written: toml::Table = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut routes = Vec::new();
    for (service, words) in written["services"].as_table().unwrap() {
        let function = &plan.handlers[&service.parse::<ServiceName>().unwrap()].function;
        let declared = words.get("http").and_then(toml::Value::as_array);
        for route in declared.into_iter().flatten() {
            routes.push(format!("{} {function}", route.as_str().unwrap()));
        }
    }
    routes.sort();
    routes
}

/// `sam local` reads routes from native resources too, and runs the zips that `topogen build` makes.
#[test]
fn sam_local_finds_every_route_and_every_zip() {
    let goldens = goldens();
    let found = json_of(
        tool("test-tools-sam", "python")
            .arg("tests/sam_local.py")
            .args(goldens.iter().flat_map(|golden| &golden.2)),
    );
    let mut declared = 0;
    for ((_, file, _), (name, plan, views)) in GOLDENS.iter().zip(&goldens) {
        for (stack, view) in plan.stacks.iter().zip(views) {
            let zips: Map<String, Value> = plan
                .handlers
                .iter()
                .filter(|(_, handler)| handler.stack == stack.name)
                .map(|(service, handler)| {
                    let zip = format!("{}functions/{service}.zip", up(stack));
                    (handler.function.to_string(), json!(zip))
                })
                .collect();
            let found = &found[view.to_str().unwrap()];
            assert_eq!(found["zips"], Value::Object(zips), "{name}");
            if stack.stem.is_empty() {
                let routes = declared_routes(file, plan);
                declared += routes.len();
                assert_eq!(found["routes"], json!(routes), "{name}");
            }
        }
    }
    assert!(declared > 10, "{declared}");
}
