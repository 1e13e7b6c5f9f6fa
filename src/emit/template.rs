//! The views of a template: what is deployed, and the same value for people; and what the SAM CLI works with.

use serde::Serialize;
use serde_json::{Map, Value};

use super::cfn::{Foot, Head, Template};
use super::views::Views;
use crate::plan::{Plan, Resource, Section, Stack};

/// The template: what is deployed, and the same value for people.
pub fn native(plan: &Plan, stack: &Stack) -> Views {
    let template = Template { plan, stack };
    let about = [format!(
        "{} holds the same value and is what gets deployed.",
        name(stack, "template.json")
    )];
    let listed = stack.resources.iter().map(|resource| (resource, resource));
    let (head, foot) = (Head(template), Foot(template));
    assemble(stack, &about, (&head, listed, &foot))
}

/// The SAM view of a template, as [`super::sam`] makes it.
pub fn sam_yaml(stack: &Stack, view: &Value) -> String {
    let no_resources = Map::new();
    let bodies = view
        .get("Resources")
        .and_then(Value::as_object)
        .unwrap_or(&no_resources);
    let part = |wanted: &dyn Fn(&str) -> bool| -> Map<String, Value> {
        let sections = view.as_object().into_iter().flatten();
        sections
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let about = [
        format!(
            "For the SAM CLI: it expands to {}. `topogen build` makes the zips that it names; then, in this folder,",
            name(stack, "template.json")
        ),
        format!(
            "`sam deploy --template-file {} --resolve-s3 --capabilities CAPABILITY_IAM --stack-name` and the stack's name.",
            name(stack, "sam.yaml")
        ),
    ];
    // What a function polls stands inside of it.
    let listed = stack
        .resources
        .iter()
        .filter_map(|resource| Some((resource, bodies.get(resource.id.as_str())?)));
    let head = part(&|name| !matches!(name, "Resources" | "Outputs"));
    let foot = part(&|name| name == "Outputs");
    // The JSON beside it is not used: SAM's tools take either.
    assemble(stack, &about, (&head, listed, &foot)).yaml
}

/// What an artefact of the stack is called in its folder.
fn name(stack: &Stack, artefact: &str) -> String {
    let path = stack.artefact(artefact);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A template of a head, resources and a foot: in YAML with words about it, a rule for each section of resources and a comment for
/// each of them.
fn assemble<'a>(
    stack: &Stack,
    about: &[String],
    (head, listed, foot): (
        &impl Serialize,
        impl Iterator<Item = (&'a Resource, impl Serialize)>,
        &impl Serialize,
    ),
) -> Views {
    let mut out = Views::default();
    // Room for all at once.
    let room = (1 + listed.size_hint().1.unwrap_or_default()) * TYPICAL;
    out.yaml.reserve(room);
    out.json.reserve(room);
    let made = format!(
        "Stack {}, made by topogen from the lines named below. Do not edit: change the topology and render again.",
        stack.name
    );
    out.comment(&made, 0);
    about.iter().for_each(|line| out.comment(line, 0));
    out.open();
    out.entries(head);
    out.yaml.push('\n');
    out.open_entry("Resources");
    let mut section: Option<&Section> = None;
    for (resource, body) in listed {
        if section != Some(&resource.section) {
            section = Some(&resource.section);
            let title = resource.section.to_string();
            let rule = "-".repeat(100_usize.saturating_sub(title.len()));
            out.yaml.push_str(&format!("\n  # ---- {title} {rule}\n"));
        }
        out.yaml.push('\n');
        // A file's name may be anything.
        out.comment(&resource.lines(), 1);
        out.entry(resource.id.as_str(), &body, 1);
    }
    out.yaml.push('\n');
    out.close();
    out.entries(foot);
    out.close();
    out.json.push('\n');
    out
}

/// Bytes of a resource in either view, more or less: what is made room for.
const TYPICAL: usize = 1024;
