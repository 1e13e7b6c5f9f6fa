//! The CloudFormation template as one JSON value: what is deployed, and what every view shows.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::plan::{Plan, Removal, Resource, Stack};

/// The template of one of a plan's stacks. Keys stand in the order they are best read.
pub fn template(plan: &Plan, stack: &Stack) -> Value {
    let mut template = Map::new();
    template.insert("AWSTemplateFormatVersion".into(), json!("2010-09-09"));
    template.insert("Description".into(), json!(stack.description));
    template.insert(
        "Metadata".into(),
        json!({ "topogen": {
            "app": plan.app,
            "environment": plan.environment,
            "version": env!("CARGO_PKG_VERSION"),
        }}),
    );
    // CloudFormation refuses an empty section of parameters or outputs.
    if !stack.parameters.is_empty() {
        template.insert("Parameters".into(), parameters(stack));
    }
    template.insert("Resources".into(), resources(stack));
    if !stack.outputs.is_empty() {
        template.insert("Outputs".into(), outputs(stack));
    }
    Value::Object(template)
}

/// Compact JSON: CloudFormation takes 51,200 bytes inline (cloudformation-limits.html).
pub fn json(template: &Value) -> String {
    template.to_string() + "\n"
}

fn parameters(stack: &Stack) -> Value {
    stack
        .parameters
        .iter()
        .map(|(id, description)| {
            let parameter = json!({
                "Type": "String",
                "Description": description,
                "MinLength": 3,
            });
            (id.to_string(), parameter)
        })
        .collect()
}

fn resources(stack: &Stack) -> Value {
    stack
        .resources
        .iter()
        .map(|resource| (resource.id.to_string(), body(resource)))
        .collect()
}

fn body(resource: &Resource) -> Value {
    let mut body = Map::new();
    body.insert("Type".into(), json!(resource.properties.type_name()));
    if !resource.depends_on.is_empty() {
        body.insert("DependsOn".into(), json!(resource.depends_on));
    }
    let policies = resource.removal.map(|removal| match removal {
        Removal::Delete => ("Delete", "Delete"),
        // Not `RetainExceptOnCreate`: a protected table refuses to go when its creation is rolled back, and the stack
        // would rest in ROLLBACK_FAILED.
        Removal::Retain => ("Retain", "Retain"),
    });
    if let Some((deletion, replacement)) = policies {
        body.insert("DeletionPolicy".into(), json!(deletion));
        body.insert("UpdateReplacePolicy".into(), json!(replacement));
    }
    // The section and not the line: a line moves whenever something above it changes, and each move would be a change of
    // every resource below. The lines stand in the YAML view and in the source map.
    let source = format!("{}#{}", resource.origin.file, resource.section.path());
    body.insert(
        "Metadata".into(),
        json!({ "topogen": { "source": source } }),
    );
    body.insert("Properties".into(), value(&resource.properties));
    Value::Object(body)
}

fn outputs(stack: &Stack) -> Value {
    stack
        .outputs
        .iter()
        .map(|(name, output)| {
            let mut body = json!({
                "Description": output.description,
                "Value": value(&output.value),
            });
            if let Some(export) = &output.export {
                body["Export"] = json!({ "Name": export });
            }
            (name.clone(), body)
        })
        .collect()
}

/// Our own property types are structs, strings, numbers and maps with string keys: serialising them cannot fail.
#[expect(
    clippy::expect_used,
    reason = "no type in `aws` has a key that is not a string"
)]
fn value(properties: &impl Serialize) -> Value {
    serde_json::to_value(properties).expect("aws types serialise")
}
