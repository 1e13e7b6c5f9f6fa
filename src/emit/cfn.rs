//! The CloudFormation template as serde sees it: what is deployed, and what every view shows.
//!
//! It is written straight from the plan's typed resources; no tree of JSON values stands in between.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::template;
use crate::plan::{Output, Plan, Resource, Stack};

/// The template of one of a plan's stacks. Keys stand in the order they are best read.
#[derive(Debug, Clone, Copy)]
pub struct Template<'a> {
    /// What the stack is a part of.
    pub plan: &'a Plan,
    /// The stack.
    pub stack: &'a Stack,
}

impl Serialize for Template<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.head(&mut map)?;
        map.serialize_entry("Resources", &Resources(&self.stack.resources))?;
        self.foot(&mut map)?;
        map.end()
    }
}

impl Template<'_> {
    /// What stands before the resources.
    fn head<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("AWSTemplateFormatVersion", "2010-09-09")?;
        map.serialize_entry("Description", &self.stack.description)?;
        let facts = Facts {
            app: &self.plan.app,
            environment: &self.plan.environment,
            version: env!("CARGO_PKG_VERSION"),
        };
        map.serialize_entry("Metadata", &Metadata { topogen: facts })?;
        // CloudFormation refuses an empty section of parameters or outputs.
        if !self.stack.parameters.is_empty() {
            map.serialize_entry("Parameters", &Parameters(self.stack))?;
        }
        Ok(())
    }

    /// What stands after them.
    fn foot<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if !self.stack.outputs.is_empty() {
            map.serialize_entry("Outputs", &Outputs(self.stack))?;
        }
        Ok(())
    }
}

/// What stands before the resources, alone.
pub(super) struct Head<'a>(pub Template<'a>);

impl Serialize for Head<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.head(&mut map)?;
        map.end()
    }
}

/// What stands after them, alone.
pub(super) struct Foot<'a>(pub Template<'a>);

impl Serialize for Foot<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.foot(&mut map)?;
        map.end()
    }
}

/// Compact JSON, as it stands in `out/`: CloudFormation takes 51,200 bytes inline (cloudformation-limits.html).
pub fn json(plan: &Plan, stack: &Stack) -> String {
    template::native(plan, stack).json
}

/// Bytes of [`json`], without making it.
#[expect(
    clippy::expect_used,
    reason = "no type in `aws` has a key that is not a string, and counting does not fail"
)]
pub fn size(plan: &Plan, stack: &Stack) -> usize {
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, &Template { plan, stack }).expect("a template is JSON");
    counter.0 + "\n".len()
}

/// Counts what is written.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The template as a value, for whoever looks into it.
#[expect(
    clippy::expect_used,
    reason = "no type in `aws` has a key that is not a string"
)]
pub fn template(plan: &Plan, stack: &Stack) -> Value {
    serde_json::to_value(Template { plan, stack }).expect("a template is JSON")
}

#[derive(serde::Serialize)]
struct Metadata<T> {
    topogen: T,
}

#[derive(serde::Serialize)]
struct Facts<'a> {
    app: &'a str,
    environment: &'a str,
    version: &'a str,
}

struct Parameters<'a>(&'a Stack);

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter<'a> {
    r#type: &'a str,
    description: &'a str,
    min_length: u32,
}

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.parameters.iter().map(|(id, description)| {
            let parameter = Parameter {
                r#type: "String",
                description,
                min_length: 3,
            };
            (id, parameter)
        }))
    }
}

struct Resources<'a>(&'a [Resource]);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|resource| (&resource.id, resource)))
    }
}

struct Outputs<'a>(&'a Stack);

impl Serialize for Outputs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .outputs
                .iter()
                .map(|(name, output)| (name, OutputBody(output))),
        )
    }
}

struct OutputBody<'a>(&'a Output);

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Export<'a> {
    name: &'a str,
}

impl Serialize for OutputBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Description", &self.0.description)?;
        map.serialize_entry("Value", &self.0.value)?;
        if let Some(name) = &self.0.export {
            map.serialize_entry("Export", &Export { name })?;
        }
        map.end()
    }
}
