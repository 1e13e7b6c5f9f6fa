//! The SAM view of a stack's template: a template that the SAM transform expands to the native one again.
//!
//! Functions and what they poll are written in SAM's own types; whatever SAM has no exact form for passes as it is. SAM
//! makes a role with AWS's broad managed policies and an API out of an OpenAPI document: roles and APIs stay native.
//! See docs/decisions/013.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::cfn;
use crate::plan::{self, Plan, Stack};

/// Properties that a function has under the same name in SAM.
const FUNCTION_SAME: [&str; 16] = [
    "Architectures",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FunctionName",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
];

/// Properties that a mapping has under the same name in a SAM event.
const EVENT_SAME: [&str; 13] = [
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "ScalingConfig",
    "StartingPosition",
];

/// Properties that stand in `Globals` when all functions agree on them.
const GLOBAL: [&str; 6] = [
    "Architectures",
    "Handler",
    "MemorySize",
    "Runtime",
    "Timeout",
    "Tracing",
];

/// The SAM view of a stack's template.
pub fn template(plan: &Plan, stack: &Stack) -> Value {
    view(&cfn::template(plan, stack), &zips(plan, stack))
}

/// The SAM form of `native`; `zips` says where the zip lies whose key a parameter takes.
fn view(native: &Value, zips: &BTreeMap<String, String>) -> Value {
    let none = Map::new();
    let resources = native
        .get("Resources")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    let mut functions: BTreeMap<&str, Map<String, Value>> = resources
        .iter()
        .filter_map(|(id, resource)| Some((id.as_str(), function(resource, zips)?)))
        .collect();
    let mut folded = BTreeSet::new();
    for (id, resource) in resources {
        let Some(event) = event(resource, resources) else {
            continue;
        };
        let made = format!("{}{}", event.function, event.source);
        // SAM chooses the id, so nothing may refer to the one that goes, or have the one that comes.
        if mentions(native, id) || resources.contains_key(&made) {
            continue;
        }
        if let Some(properties) = functions.get_mut(event.function) {
            let events = properties.entry("Events").or_insert_with(|| json!({}));
            events[event.source] = event.body;
            folded.insert(id.as_str());
        }
    }
    let globals = globals(&mut functions);
    let view: Map<String, Value> = resources
        .iter()
        .filter(|(id, _)| !folded.contains(id.as_str()))
        .map(|(id, resource)| {
            let mut resource = resource.clone();
            if let Some(properties) = functions.remove(id.as_str()) {
                resource["Type"] = json!("AWS::Serverless::Function");
                resource["Properties"] = Value::Object(properties);
            }
            (id.clone(), resource)
        })
        .collect();
    assemble(native, globals, Value::Object(view))
}

/// The native template around other resources, with SAM's header and without the parameters that only they needed.
fn assemble(native: &Value, globals: Map<String, Value>, resources: Value) -> Value {
    let mut view = Map::new();
    for (section, content) in native.as_object().into_iter().flatten() {
        match section.as_str() {
            "AWSTemplateFormatVersion" => {
                view.insert(section.clone(), content.clone());
                view.insert("Transform".into(), json!("AWS::Serverless-2016-10-31"));
            }
            "Parameters" => {
                let used: Map<String, Value> = content
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(id, _)| {
                        mentions(&resources, id)
                            || native
                                .get("Outputs")
                                .is_some_and(|outputs| mentions(outputs, id))
                    })
                    .map(|(id, parameter)| (id.clone(), parameter.clone()))
                    .collect();
                if !used.is_empty() {
                    view.insert(section.clone(), Value::Object(used));
                }
            }
            "Resources" => {
                if !globals.is_empty() {
                    view.insert("Globals".into(), json!({ "Function": globals.clone() }));
                }
                view.insert(section.clone(), resources.clone());
            }
            _ => {
                view.insert(section.clone(), content.clone());
            }
        }
    }
    Value::Object(view)
}

/// Parameter of a zip's key to where `topogen build` puts the zip, from the folder of the stack's template.
fn zips(plan: &Plan, stack: &Stack) -> BTreeMap<String, String> {
    let up = "../".repeat(stack.stem.matches('/').count());
    plan.handlers
        .iter()
        .map(|(service, handler)| {
            let zip = format!("{up}{}", plan::zip_path(service));
            (handler.key_parameter.to_string(), zip)
        })
        .collect()
}

/// The properties of a function in SAM's words; none if it has anything that SAM would not give back.
fn function(resource: &Value, zips: &BTreeMap<String, String>) -> Option<Map<String, Value>> {
    // Policies of removal would pass to its mappings.
    let properties = properties_of(resource, "AWS::Lambda::Function", &["DependsOn"])?;
    let mut sam = Map::new();
    for (name, value) in properties {
        let (name, value) = match name.as_str() {
            "Code" => {
                // What `sam package` uploads, and `sam local` runs.
                let zip = zips.get(value.get("S3Key")?.get("Ref")?.as_str()?)?;
                ("CodeUri", json!(zip))
            }
            "TracingConfig" => ("Tracing", only(value, "Mode")?.clone()),
            "Tags" => ("Tags", tags(value)?),
            same if FUNCTION_SAME.contains(&same) => (same, value.clone()),
            _ => return None,
        };
        sam.insert(name.to_owned(), value);
    }
    // Without a role of its own it would get one that SAM makes.
    sam.contains_key("Role").then_some(sam)
}

/// A list of tags as a map; none if a key comes twice or is not plain.
fn tags(list: &Value) -> Option<Value> {
    let mut map = Map::new();
    for tag in list.as_array()? {
        let key = tag.get("Key")?.as_str()?;
        if map
            .insert(key.to_owned(), tag.get("Value")?.clone())
            .is_some()
        {
            return None;
        }
    }
    Some(Value::Object(map))
}

/// What a function polls.
struct Event<'a> {
    function: &'a str,
    /// The id of the queue or table: it names the event.
    source: &'a str,
    body: Value,
}

/// The event of a mapping between a function and a queue or stream of the same template; none if it has anything that SAM
/// would not give back.
fn event<'a>(resource: &'a Value, resources: &'a Map<String, Value>) -> Option<Event<'a>> {
    let properties = properties_of(resource, "AWS::Lambda::EventSourceMapping", &[])?;
    let function = only(properties.get("FunctionName")?, "Ref")?.as_str()?;
    let arn = properties.get("EventSourceArn")?;
    let source = only(arn, "Fn::GetAtt")?.get(0)?.as_str()?;
    let (kind, word) = match resources.get(source)?.get("Type")?.as_str()? {
        "AWS::SQS::Queue" => ("SQS", "Queue"),
        "AWS::DynamoDB::Table" => ("DynamoDB", "Stream"),
        _ => return None,
    };
    let mut body = Map::new();
    body.insert(word.to_owned(), arn.clone());
    for (name, value) in properties {
        match name.as_str() {
            "FunctionName" | "EventSourceArn" => {}
            same if EVENT_SAME.contains(&same) => {
                body.insert(name.clone(), value.clone());
            }
            _ => return None,
        }
    }
    let body = json!({ "Type": kind, "Properties": body });
    Some(Event {
        function,
        source,
        body,
    })
}

/// Takes out of the functions what all of them say, when there are several.
fn globals(functions: &mut BTreeMap<&str, Map<String, Value>>) -> Map<String, Value> {
    let mut globals = Map::new();
    if functions.len() < 2 {
        return globals;
    }
    for name in GLOBAL {
        let mut values = functions.values().map(|function| function.get(name));
        let Some(Some(first)) = values.next() else {
            continue;
        };
        if values.all(|value| value == Some(first)) {
            globals.insert(name.to_owned(), first.clone());
            for function in functions.values_mut() {
                function.shift_remove(name);
            }
        }
    }
    globals
}

/// The properties of a resource of one type that says nothing else about itself, save what is in `attributes`.
fn properties_of<'a>(
    resource: &'a Value,
    kind: &str,
    attributes: &[&str],
) -> Option<&'a Map<String, Value>> {
    let known = |name: &str| {
        matches!(name, "Type" | "Metadata" | "Properties") || attributes.contains(&name)
    };
    if resource.get("Type")?.as_str()? != kind || !resource.as_object()?.keys().all(|k| known(k)) {
        return None;
    }
    resource.get("Properties")?.as_object()
}

/// The value of `key` when it is the only one.
fn only<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    map.get(key).filter(|_| map.len() == 1)
}

/// Whether a text anywhere in `value` is `id` or holds it in `${}`: more than the references, never fewer.
fn mentions(value: &Value, id: &str) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => {
            text == id
                || text
                    .strip_prefix(id)
                    .is_some_and(|rest| rest.starts_with('.'))
                || text.split("${").skip(1).any(|rest| {
                    rest.strip_prefix(id)
                        .is_some_and(|rest| rest.starts_with(['}', '.']))
                })
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, id)),
        Value::Object(map) => map.values().any(|value| mentions(value, id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function, its queue and the mapping between them.
    fn native() -> Value {
        json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": { "Bucket": { "Type": "String" }, "Key": { "Type": "String" } },
            "Resources": {
                "Work": {
                    "Type": "AWS::Lambda::Function",
                    "DependsOn": ["Log"],
                    "Properties": {
                        "Code": { "S3Bucket": { "Ref": "Bucket" }, "S3Key": { "Ref": "Key" } },
                        "Role": { "Fn::GetAtt": ["Role", "Arn"] },
                        "TracingConfig": { "Mode": "Active" },
                        "Tags": [{ "Key": "team", "Value": "a" }],
                    },
                },
                "Jobs": { "Type": "AWS::SQS::Queue", "Properties": {} },
                "Mapping": {
                    "Type": "AWS::Lambda::EventSourceMapping",
                    "Properties": {
                        "FunctionName": { "Ref": "Work" },
                        "EventSourceArn": { "Fn::GetAtt": ["Jobs", "Arn"] },
                        "BatchSize": 5,
                    },
                },
            },
        })
    }

    fn view_of(native: &Value) -> Value {
        view(
            native,
            &BTreeMap::from([("Key".to_owned(), "work.zip".to_owned())]),
        )
    }

    #[test]
    fn functions_take_in_what_they_poll() {
        let expected = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {
                "Work": {
                    "Type": "AWS::Serverless::Function",
                    "DependsOn": ["Log"],
                    "Properties": {
                        "CodeUri": "work.zip",
                        "Role": { "Fn::GetAtt": ["Role", "Arn"] },
                        "Tracing": "Active",
                        "Tags": { "team": "a" },
                        "Events": { "Jobs": { "Type": "SQS", "Properties": {
                            "Queue": { "Fn::GetAtt": ["Jobs", "Arn"] },
                            "BatchSize": 5,
                        } } },
                    },
                },
                "Jobs": { "Type": "AWS::SQS::Queue", "Properties": {} },
            },
        });
        assert_eq!(view_of(&native()), expected);
    }

    /// A function that SAM would not give back stays as it is, and so do its mapping and its parameters.
    #[test]
    fn what_sam_has_no_form_for_stays() {
        let changes: [fn(&mut Value); 5] = [
            |function| function["DeletionPolicy"] = json!("Retain"),
            |function| function["Properties"]["NewWord"] = json!(1),
            |function| {
                function["Properties"]
                    .as_object_mut()
                    .unwrap()
                    .remove("Role");
            },
            |function| function["Properties"]["Code"] = json!({ "ZipFile": "x" }),
            |function| function["Properties"]["TracingConfig"]["NewWord"] = json!(1),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut native = native();
            change(&mut native["Resources"]["Work"]);
            let view = view_of(&native);
            assert_eq!(view["Resources"], native["Resources"], "{at}");
        }
    }

    #[test]
    fn a_mapping_that_sam_would_change_stays() {
        let changes: [fn(&mut Value); 5] = [
            |resources| resources["Mapping"]["Properties"]["NewWord"] = json!(1),
            |resources| resources["Mapping"]["DependsOn"] = json!(["Log"]),
            |resources| resources["Jobs"]["Type"] = json!("AWS::Kinesis::Stream"),
            // SAM gives it another id.
            |resources| resources["Alarm"] = json!({ "DependsOn": ["Mapping"] }),
            |resources| resources["WorkJobs"] = json!({}),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut native = native();
            change(&mut native["Resources"]);
            let view = view_of(&native);
            assert_eq!(
                view["Resources"]["Mapping"], native["Resources"]["Mapping"],
                "{at}"
            );
        }
    }

    #[test]
    fn what_all_functions_say_is_said_once() {
        let function = |memory: u32| {
            let mut properties = Map::new();
            properties.insert("MemorySize".into(), json!(memory));
            properties.insert("Tracing".into(), json!("Active"));
            properties
        };
        let mut functions = BTreeMap::from([("A", function(128)), ("B", function(256))]);
        assert_eq!(
            json!(globals(&mut functions)),
            json!({ "Tracing": "Active" })
        );
        assert_eq!(json!(functions["A"]), json!({ "MemorySize": 128 }));
        // Alone, a function says it itself.
        let mut one = BTreeMap::from([("A", function(128))]);
        assert!(globals(&mut one).is_empty());
    }
}
