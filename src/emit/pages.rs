//! Pages: minijinja templates of `templates/`, embedded in the binary.
//!
//! A page gets one small struct and makes no decision about AWS. Undefined names are errors, found by the tests that
//! render every page.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use serde_json::Value;

use super::yaml;
use crate::plan::Stack;

/// The frame of the YAML view: header, banners, and a comment for each resource.
const TEMPLATE_YAML: &str = include_str!("../../templates/cfn/template.yaml.j2");

#[derive(Serialize)]
struct TemplateYaml<'a> {
    stack: &'a str,
    head: String,
    sections: Vec<SectionYaml>,
    outputs: String,
}

#[derive(Serialize)]
struct SectionYaml {
    title: String,
    resources: Vec<ResourceYaml>,
}

#[derive(Serialize)]
struct ResourceYaml {
    source: String,
    body: String,
}

/// The template for people: the same value as the JSON, with comments.
pub fn template_yaml(stack: &Stack, template: &Value) -> String {
    let part = |keys: &[&str]| -> Value {
        keys.iter()
            .filter_map(|key| Some(((*key).to_owned(), template.get(*key)?.clone())))
            .collect()
    };
    let mut sections: Vec<SectionYaml> = Vec::new();
    for resource in &stack.resources {
        let id = resource.id.as_str();
        let body = Value::Object(
            [(id.to_owned(), template["Resources"][id].clone())]
                .into_iter()
                .collect(),
        );
        let entry = ResourceYaml {
            source: resource.origin.to_string(),
            body: yaml::print(&body, 1),
        };
        let title = resource.section.to_string();
        match sections.last_mut() {
            Some(last) if last.title == title => last.resources.push(entry),
            _ => sections.push(SectionYaml {
                title,
                resources: vec![entry],
            }),
        }
    }
    render(
        "template.yaml",
        TEMPLATE_YAML,
        &TemplateYaml {
            stack: &stack.name,
            head: yaml::print(
                &part(&[
                    "AWSTemplateFormatVersion",
                    "Description",
                    "Metadata",
                    "Parameters",
                ]),
                0,
            ),
            sections,
            outputs: match template.get("Outputs") {
                Some(_) => yaml::print(&part(&["Outputs"]), 0),
                None => String::new(),
            },
        },
    )
}

/// Pages are part of the program: one that does not render is our bug, and a golden test renders each.
#[expect(
    clippy::expect_used,
    reason = "pages are embedded and each is rendered by a test"
)]
fn render(name: &str, page: &str, context: &impl Serialize) -> String {
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the plain syntax is valid");
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(syntax);
    environment
        .render_named_str(name, page, Serde(context))
        .expect("an embedded page renders")
}
