//! Pages: minijinja templates of `templates/`, embedded in the binary.
//!
//! A page gets one small struct and makes no decision about AWS. Undefined names are errors, found by the tests that
//! render every page.

use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, filters};
use serde::Serialize;
use serde_json::{Map, Value};

use super::cfn::{Foot, Head, Template};
use super::views::Views;
use crate::plan::{Plan, Resource, Section, Stack};

/// What a YAML view begins with.
static BANNER: Page = Page::new(include_str!("../../templates/cfn/banner.yaml.j2"));

#[derive(Serialize)]
struct Banner<'a> {
    stack: &'a str,
    about: &'a [String],
}

/// The template: what is deployed, and the same value for people.
pub fn template(plan: &Plan, stack: &Stack) -> Views {
    let template = Template { plan, stack };
    let banner = BANNER.render(&Banner {
        stack: &stack.name,
        about: &[format!(
            "{} holds the same value and is what gets deployed.",
            name(stack, "template.json")
        )],
    });
    let listed = stack.resources.iter().map(|resource| (resource, resource));
    views(banner, &Head(template), listed, &Foot(template))
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
    let banner = BANNER.render(&Banner {
        stack: &stack.name,
        about: &[
            format!(
                "For the SAM CLI: it expands to {}. `topogen build` makes the zips that it names; then, in this folder,",
                name(stack, "template.json")
            ),
            format!(
                "`sam deploy --template-file {} --resolve-s3 --capabilities CAPABILITY_IAM --stack-name` and the stack's name.",
                name(stack, "sam.yaml")
            ),
        ],
    });
    // What a function polls stands inside of it.
    let listed = stack
        .resources
        .iter()
        .filter_map(|resource| Some((resource, bodies.get(resource.id.as_str())?)));
    let head = part(&|name| !matches!(name, "Resources" | "Outputs"));
    views(banner, &head, listed, &part(&|name| name == "Outputs")).yaml
}

/// What an artefact of the stack is called in its folder.
fn name(stack: &Stack, artefact: &str) -> String {
    let path = stack.artefact(artefact);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A template: in YAML with a rule for each section of resources and a comment for each of them.
fn views<'a>(
    banner: String,
    head: &impl Serialize,
    listed: impl Iterator<Item = (&'a Resource, impl Serialize)>,
    foot: &impl Serialize,
) -> Views {
    let mut out = Views {
        yaml: banner,
        json: "{".to_owned(),
    };
    // Room for all at once.
    let room = (1 + listed.size_hint().1.unwrap_or_default()) * TYPICAL;
    out.yaml.reserve(room);
    out.json.reserve(room);
    out.entries(head);
    out.yaml.push_str("\nResources:\n");
    out.json.push_str(",\"Resources\":{");
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
    out.json.push('}');
    out.entries(foot);
    out.json.push_str("}\n");
    out
}

/// Bytes of a resource in either view, more or less: what is made room for.
const TYPICAL: usize = 1024;

/// A page of the program. It is parsed when it is first needed: most commands need one, or none.
pub(super) struct Page {
    text: &'static str,
    parsed: OnceLock<Environment<'static>>,
}

/// Its only page.
const NAME: &str = "page";

#[expect(
    clippy::expect_used,
    reason = "pages are embedded, and a test renders each"
)]
impl Page {
    pub(super) const fn new(text: &'static str) -> Self {
        let parsed = OnceLock::new();
        Self { text, parsed }
    }

    /// The page with what it is told.
    pub(super) fn render(&self, context: &impl Serialize) -> String {
        let parsed = self.parsed.get_or_init(|| self.parse());
        parsed
            .get_template(NAME)
            .and_then(|page| page.render(Serde(context)))
            .expect("an embedded page renders")
    }

    fn parse(&self) -> Environment<'static> {
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .expect("the plain syntax is valid");
        // Pages use three filters; to set up all of minijinja's takes longer than to render one.
        let mut environment = Environment::empty();
        environment.add_filter("join", filters::join);
        environment.add_filter("length", filters::length);
        environment.add_filter("map", filters::map);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(syntax);
        environment
            .add_template(NAME, self.text)
            .expect("an embedded page parses");
        environment
    }
}
