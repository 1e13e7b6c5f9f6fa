//! Pages: minijinja templates of `templates/`, embedded in the binary.
//!
//! A page gets one small struct and makes no decision about AWS. Undefined names are errors, found by the tests that
//! render every page.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::cfn::{Body, Foot, Head, Template};
use super::yaml;
use crate::plan::{Plan, Section, Stack};

/// The frame of the YAML view.
const TEMPLATE_YAML: &str = "template.yaml";

#[derive(Serialize)]
struct TemplateYaml<'a> {
    stack: &'a str,
    head: String,
    resources: String,
    outputs: String,
}

/// The template for people: the same value as the JSON, with a banner for each section and a comment for each resource.
pub fn template_yaml(plan: &Plan, stack: &Stack) -> String {
    let template = Template { plan, stack };
    let mut resources = String::new();
    let mut section: Option<&Section> = None;
    for resource in &stack.resources {
        if section != Some(&resource.section) {
            section = Some(&resource.section);
            let title = resource.section.to_string();
            let rule = "-".repeat(100_usize.saturating_sub(title.len()));
            resources.push_str(&format!("\n  # ---- {title} {rule}\n"));
        }
        resources.push_str(&format!("\n  # {}\n", resource.origin));
        yaml::print_entry(resource.id.as_str(), &Body(resource), 1, &mut resources);
    }
    render(
        TEMPLATE_YAML,
        &TemplateYaml {
            stack: &stack.name,
            head: yaml::print(&Head(template), 0),
            resources,
            outputs: match stack.outputs.is_empty() {
                true => String::new(),
                false => yaml::print(&Foot(template), 0),
            },
        },
    )
}

/// Pages are part of the program: one that does not parse is our bug, and a golden test renders each.
#[expect(
    clippy::expect_used,
    reason = "pages are embedded and each is rendered by a test"
)]
static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the plain syntax is valid");
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(syntax);
    environment
        .add_template(
            TEMPLATE_YAML,
            include_str!("../../templates/cfn/template.yaml.j2"),
        )
        .expect("an embedded page parses");
    environment
});

#[expect(
    clippy::expect_used,
    reason = "pages are embedded and each is rendered by a test"
)]
fn render(name: &str, context: &impl Serialize) -> String {
    PAGES
        .get_template(name)
        .and_then(|page| page.render(Serde(context)))
        .expect("an embedded page renders")
}
