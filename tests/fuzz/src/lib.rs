//! What is fuzzed. All functions take whatever comes, and panic when something is not as it is promised.

use serde_json::Value;
use topogen::contracts::Library;
use topogen::diag::{Diagnostics, fix, human, json, sarif};
use topogen::emit::{self, cfn};
use topogen::model::names::EnvironmentName;
use topogen::plan::Plan;
use topogen::source::Source;
use topogen::trace::{self, Known};
use topogen::{Project, lints};

/// More environments are more of the same.
const ENVIRONMENTS: usize = 3;

fn parse(text: &str) -> Project {
    Project::parse(Source::new("topology.toml", text))
}

fn environments(project: &Project) -> impl Iterator<Item = EnvironmentName> {
    project.environments().into_iter().take(ENVIRONMENTS)
}

/// Bytes to a tree, a topology, findings, and the reports of them; then what `check --fix` makes of the text.
pub fn reader(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let project = parse(&text);
    let found = findings(&project);
    reports(&project.source, &found);
    for finding in found.iter() {
        let places = finding.related.iter().map(|label| label.span);
        for place in places.chain([finding.span]) {
            assert!(text.get(place.start..place.end).is_some(), "{finding:?}");
        }
    }
    if project.is_broken() {
        return;
    }
    let fixes = fix::compatible(&project.source, &found);
    let fixed = parse(&fix::apply(&text, fixes.iter().map(|(_, _, edit)| edit)));
    assert!(!fixed.is_broken(), "mended to {}", fixed.source.text());
}

/// Bytes as the contract of an event that filters, attributes and a message group rest on, and the findings of that.
pub fn contract(bytes: &[u8]) {
    const TOPOLOGY: &str = r#"
        [app]
        name = "shop"
        [topics.event]
        fifo = true
        [events.OrderCreated]
        schema = "contract"
        attributes = ["currency"]
        message_group = "orderId"
        [services.order]
        http = ["POST /orders"]
        publishes = ["OrderCreated"]
        [services.payment]
        [subscriptions.payment]
        events = ["OrderCreated"]
        filter = { totalAmount = [{ numeric = [">", 5] }], items.sku = [{ prefix = "a" }], "a.b" = ["c"] }
    "#;
    let project = parse(TOPOLOGY);
    let contracts = Library::new(|_| Ok(bytes.to_vec()));
    reports(&project.source, &found(&project, &contracts));
}

fn findings(project: &Project) -> Diagnostics {
    let contracts = Library::new(|path| match path.len() % 2 {
        0 => Ok(
            b"{\"type\": \"object\", \"properties\": {\"total\": {\"type\": \"number\"}}}".to_vec(),
        ),
        _ => Err("not there".to_owned()),
    });
    found(project, &contracts)
}

fn found(project: &Project, contracts: &Library<'_>) -> Diagnostics {
    let mut found = Diagnostics::default();
    for environment in environments(project) {
        found.extend(project.findings(&environment, Some(contracts)));
    }
    let unused = project.unused(&found);
    found.extend(unused);
    found.sorted()
}

/// What is drawn steers no terminal, and what programs read is JSON.
fn reports(source: &Source, found: &Diagnostics) {
    let drawn = human::render(source, found);
    let steers = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    let plain = anstream::adapter::strip_str(&drawn).to_string();
    assert!(!plain.contains(steers), "{plain:?}");
    for line in [
        human::summary(found),
        human::fixable(found),
        human::more(found),
    ] {
        assert!(!line.is_some_and(|line| line.contains(steers)));
    }
    let report: Value = serde_json::from_str(&json::render(source, found)).unwrap();
    let listed = report["findings"].as_array().unwrap();
    assert_eq!(listed.len() + found.left_out(), found.len());
    let pages = lints::pages();
    let report: Value =
        serde_json::from_str(&sarif::render("topology.toml", source, &pages, found)).unwrap();
    assert!(report["runs"][0]["results"].is_array());
}

/// Text to everything that is written, which other readers must be able to read.
pub fn pipeline(text: &str) {
    let project = parse(text);
    for environment in environments(&project) {
        let (plan, found) = project.compile(&environment);
        assert_eq!(plan.is_some(), !found.has_errors());
        if let Some(plan) = plan {
            artefacts(&plan);
            traces(&project, &environment);
        }
    }
}

fn artefacts(plan: &Plan) {
    let views = plan.stacks.iter().map(|stack| emit::sam_view(plan, stack));
    for artefact in emit::artefacts(plan).into_iter().chain(views) {
        let path = artefact.path.as_str();
        let below = path
            .strip_prefix(&format!("{}/", plan.environment))
            .unwrap();
        let part = |part: &str| !part.is_empty() && !part.starts_with('.');
        assert!(below.split('/').all(part), "{path}");
        match path.rsplit('.').next() {
            Some("json") => drop(serde_json::from_slice::<Value>(&artefact.bytes).unwrap()),
            Some("yaml") => {
                drop(serde_yaml::from_slice::<serde_yaml::Value>(&artefact.bytes).unwrap())
            }
            _ => panic!("what is {path}?"),
        }
    }
    for stack in &plan.stacks {
        let json = cfn::json(plan, stack);
        let oracle = serde_json::to_string(&cfn::Template { plan, stack });
        assert_eq!(json.trim_end(), oracle.unwrap());
        assert_eq!(json.len(), cfn::size(plan, stack));
        let read: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read, cfn::template(plan, stack));
        let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric());
        assert!(plain(&stack.name.replace('-', "")), "{}", stack.name);
        for resource in &stack.resources {
            let id = resource.id.as_str();
            assert!(plain(id) && (1..=255).contains(&id.len()), "{id}");
        }
    }
}

fn traces(project: &Project, environment: &EnvironmentName) {
    let topology = project.topology(environment).0.unwrap();
    for event in topology.events.keys() {
        for data in [
            None,
            Some(serde_json::json!({ "currency": "USD", "total": 5 })),
        ] {
            let known = Known {
                data,
                ..Known::default()
            };
            let traced = trace::trace(&topology, event, &known).unwrap();
            assert!(serde_json::json!(traced).is_object());
        }
    }
}
