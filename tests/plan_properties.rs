//! Laws of compiling, for apps that nobody has written: what never changes, what belongs together, what nobody may.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

mod common;
mod generate;

use std::collections::{BTreeMap, BTreeSet};

use common::{expanded, template, templates};
use generate::topology::mistakes::{mistakes, shuffled};
use generate::topology::strategies::app;
use generate::topology::{App, ENVIRONMENTS, Section, pascal, text};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Map, Value};
use topogen::Project;
use topogen::diag::{Diagnostic, Diagnostics, human};
use topogen::emit::{self, cfn};
use topogen::plan::Plan;
use topogen::source::Source;

/// A gate that tries other apps each time would fail for whoever comes by. `PROPTEST_CASES` looks further.
fn config(cases: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").map(|cases| cases.parse().unwrap());
    ProptestConfig {
        cases: wanted.unwrap_or(cases),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

fn environment() -> impl Strategy<Value = &'static str> {
    select(ENVIRONMENTS.to_vec())
}

fn compile(sections: &[Section], environment: &str) -> (Option<Plan>, Diagnostics, Source) {
    let project = Project::parse(Source::new("topology.toml", text(sections)));
    let (plan, found) = project.compile(&environment.parse().unwrap());
    (plan, found, project.source)
}

/// The plan of an app, which has no error.
#[track_caller]
fn plan(app: &App, environment: &str) -> Plan {
    let (plan, found, source) = compile(&app.sections(), environment);
    plan.unwrap_or_else(|| panic!("{}", human::render(&source, &found)))
}

proptest! {
    #![proptest_config(config(24))]

    /// Every file that is written, and the YAML is the JSON to another reader.
    #[test]
    fn the_same_text_makes_the_same_bytes_and_both_forms_are_one(app in app(), environment in environment()) {
        let (first, second) = (plan(&app, environment), plan(&app, environment));
        prop_assert_eq!(emit::artefacts(&first), emit::artefacts(&second));
        for (stack, same) in first.stacks.iter().zip(&second.stacks) {
            let [json, yaml] = emit::stack(&first, stack);
            let sam = emit::sam_view(&first, stack);
            prop_assert_eq!(&sam, &emit::sam_view(&second, same));
            let json: Value = serde_json::from_slice(&json.bytes).unwrap();
            let of = |bytes: &[u8]| expanded(&serde_yaml::from_slice(bytes).unwrap());
            prop_assert_eq!(of(&yaml.bytes), json);
            prop_assert_eq!(of(&sam.bytes), emit::sam::template(&first, stack));
        }
    }
}

/// What stays of a finding when lines move.
fn identities(found: &Diagnostics) -> Vec<String> {
    let one = |finding: &Diagnostic| {
        let related: BTreeSet<&str> = finding.related.iter().map(|l| l.text.as_str()).collect();
        let fix = finding.fix.as_ref().map(|fix| &fix.title);
        format!(
            "{} {}: {} {:?} {related:?} {fix:?}",
            finding.severity, finding.code.id, finding.message, finding.help
        )
    };
    let silenced = found
        .silenced()
        .map(|s| format!("silenced, {}: {}", s.reason, one(&s.finding)));
    let mut all: Vec<String> = found.iter().map(one).chain(silenced).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(config(64))]

    /// Sections, and the lines within each. Mistakes stay the same mistakes.
    #[test]
    fn the_order_of_writing_changes_nothing(
        app in app(), mistakes in mistakes(), seed in any::<u64>(), environment in environment(),
    ) {
        let sections = [app.sections(), mistakes].concat();
        let (plan, found, _) = compile(&sections, environment);
        let moved = shuffled(&sections, seed);
        let (same, still, _) = compile(&moved, environment);
        let (found, still) = (identities(&found), identities(&still));
        let only = |here: &[String], there: &[String]| -> String {
            here.iter().filter(|one| !there.contains(one)).map(|one| format!("  {one}\n")).collect()
        };
        prop_assert!(
            found == still,
            "found before:\n{}and after:\n{}in\n{}",
            only(&found, &still), only(&still, &found), text(&moved)
        );
        prop_assert_eq!(plan.is_some(), same.is_some());
        if let Some(plan) = &plan {
            for stack in &plan.stacks {
                let oracle = serde_json::to_string(&cfn::Template { plan, stack }).unwrap();
                prop_assert_eq!(cfn::json(plan, stack), oracle + "\n");
            }
        }
        let bytes = |plan: Option<Plan>| -> Vec<String> {
            plan.iter().flat_map(|plan| plan.stacks.iter().map(|stack| cfn::json(plan, stack))).collect()
        };
        prop_assert!(bytes(plan) == bytes(same), "other templates:\n{}", text(&moved));
    }
}

/// What several services share, and how far it follows from who there is. Nothing else changes when a service comes or goes.
const SHARED: [(&str, &str); 8] = [
    (
        "Dashboard",
        "with one stack it shows every queue and function by name",
    ),
    (
        "EncryptionKey",
        "it is there once anything is encrypted with it, and EventBridge may use it once a service has a schedule",
    ),
    (
        "HttpApi",
        "it is there once there is a route, and allows browsers the methods that there are",
    ),
    ("HttpApiStage", "it holds the limits of single routes"),
    (
        "RestApiStage",
        "it holds the limits of single routes, and shows the last deployment",
    ),
    (
        "RestApiDeployment",
        "it is a picture of all routes, and a new one for every other picture",
    ),
    (
        "Options",
        "what a REST API answers browsers: the methods that there are",
    ),
    (
        "AWS::ApiGateway::Resource",
        "a part of a path, there once a route goes through it",
    ),
];

/// Whether a resource is one of those, and may be another.
fn may_change(id: &str, body: &Value) -> bool {
    SHARED.iter().any(|(name, _)| {
        let digits = id.strip_prefix(name).unwrap_or("-");
        *name == id
            || *name == "RestApiDeployment" && digits.bytes().all(|b| b.is_ascii_hexdigit())
            || *name == "Options"
                && digits.ends_with("Method")
                && body["Properties"]["AuthorizationType"] == "NONE"
    })
}

/// Whether a resource comes with the first that needs it, and goes with the last.
fn may_come(id: &str, body: &Value) -> bool {
    let kind = body["Type"].as_str().unwrap();
    let first = ["HttpApi", "RestApi", "Firewall", "EncryptionKey"]
        .iter()
        .any(|shared| id.starts_with(shared));
    first || may_change(id, body) || SHARED.iter().any(|(name, _)| *name == kind)
}

/// Whether the section that asked for a resource is one of the service's.
fn is_of(body: &Value, service: &str) -> bool {
    let source = body["Metadata"]["topogen"]["source"].as_str().unwrap();
    let path = source.strip_prefix("topology.toml#").unwrap();
    let own = [
        format!("services.{service}"),
        format!("services.{service}.http"),
        format!("subscriptions.{service}"),
    ];
    let extra = format!("resources.{}Parameter", pascal(service));
    own.iter().any(|own| own == path)
        || path.starts_with(&format!("subscriptions.{service}-more"))
        || path == extra
}

fn part(template: &Value, name: &str) -> Map<String, Value> {
    template[name].as_object().cloned().unwrap_or_default()
}

/// Places where two values differ, and how.
fn differences(at: &str, a: &Value, b: &Value) -> Vec<String> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let of =
                |map: &Map<String, Value>, key: &String| map.get(key).cloned().unwrap_or_default();
            keys.iter()
                .flat_map(|key| differences(&format!("{at}/{key}"), &of(a, key), &of(b, key)))
                .collect()
        }
        (a, b) if a == b => Vec::new(),
        (a, b) => vec![format!("{at} is {a}, then {b}")],
    }
}

/// The templates of one stack, with and without what owns some of the resources.
fn only_its_own_differs(
    with: &Value,
    without: &Value,
    is_own: impl Fn(&str, &Value) -> bool,
) -> Result<(), TestCaseError> {
    let (more, less) = (part(with, "Resources"), part(without, "Resources"));
    for (id, body) in &less {
        match more.get(id) {
            Some(same) => prop_assert!(
                same == body || may_change(id, body) || is_own(id, same),
                "{id} is changed: {}",
                differences("", body, same).join("; ")
            ),
            None => prop_assert!(may_change(id, body), "{id} is gone"),
        }
    }
    for (id, body) in more.iter().filter(|(id, _)| !less.contains_key(*id)) {
        prop_assert!(
            is_own(id, body) || may_come(id, body),
            "{id} has come:\n{body:#}"
        );
    }
    for name in ["Parameters", "Outputs"] {
        let (more, less) = (part(with, name), part(without, name));
        for (id, body) in &less {
            prop_assert_eq!(more.get(id), Some(body), "{}", id);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn a_service_comes_and_goes_and_no_other_changes(
        app in app(), which in any::<Index>(), environment in environment(),
    ) {
        // Without the first, events would be without a publisher.
        let name = app.services[1 + which.index(app.services.len() - 1)].name;
        let (with, without) = (plan(&app, environment), plan(&app.without(name), environment));
        let (more, less) = (templates(&with), templates(&without));
        if !app.per_service {
            let only = |stacks: &BTreeMap<String, Value>| stacks.values().next().unwrap().clone();
            return only_its_own_differs(&only(&more), &only(&less), |_, body| is_of(body, name));
        }
        let its = format!("shop-{environment}-{name}");
        let core = format!("shop-{environment}-core");
        let names = |stacks: &BTreeMap<String, Value>| stacks.keys().cloned().collect::<BTreeSet<String>>();
        prop_assert_eq!(names(&more), &names(&less) | &BTreeSet::from([its]));
        let json = |plan: &Plan, name: &str| {
            let stack = plan.stacks.iter().find(|stack| stack.name == name).unwrap();
            cfn::json(plan, stack)
        };
        for stack in less.keys().filter(|stack| **stack != core) {
            prop_assert_eq!(json(&with, stack), json(&without, stack), "{}", stack);
        }
        only_its_own_differs(&more[&core], &less[&core], |_, body| is_of(body, name))?;
    }

    #[test]
    fn sections_come_and_go_and_nothing_else_changes(
        app in app(), which in 0..NEW.len(), environment in environment(),
    ) {
        let (new, own_ids) = NEW[which];
        let last = app.services[app.services.len() - 1].name;
        let of_last = new.replace("LAST", last).replace("Last", &pascal(last));
        // A file without topics has one all the same, which stays the one of its events.
        let declares = app.sections().iter().any(|section| section.header.starts_with("topics."));
        let default = if declares { "" } else { "[topics.event]\n" };
        let written = text(&app.sections());
        let with = format!("{written}{default}{of_last}");
        let project = Project::parse(Source::new("topology.toml", with.clone()));
        let (plan_with, found) = project.compile(&environment.parse().unwrap());
        prop_assert!(plan_with.is_some(), "{}", human::render(&project.source, &found));
        let (more, less) = (templates(&plan_with.unwrap()), templates(&plan(&app, environment)));
        let is_own = |id: &str, body: &Value| {
            let source = body["Metadata"]["topogen"]["source"].as_str().unwrap_or_default();
            let path = source.trim_start_matches("topology.toml#");
            own_ids.contains(&id.replace(&pascal(last), "Last").as_str())
                || path == "topics.event"
                || path.to_lowercase().contains("newcomer")
        };
        for (stack, less) in &less {
            only_its_own_differs(&more[stack], less, is_own)?;
        }
        let others = more.keys().filter(|stack| !less.contains_key(*stack));
        for stack in others {
            prop_assert!(stack.contains("newcomer"), "{stack}");
        }
    }
}

/// Sections that are added to a file, and what they change beside what comes with them. `LAST` is the last service.
const NEW: [(&str, &[&str]); 6] = [
    (
        "[topics.newcomers]\n[events.NewcomerSeen]\ntopic = \"newcomers\"\n[services.newcomer]\npublishes = [\"NewcomerSeen\"]\nschedule = \"rate(1 day)\"\n[services.newcomer-host]\n[subscriptions.newcomer-host]\nevents = [\"NewcomerSeen\"]\n",
        &[],
    ),
    (
        "[topics.newcomers]\nfifo = true\n[events.NewcomerSeen]\ntopic = \"newcomers\"\nmessage_group = \"id\"\n[services.newcomer]\npublishes = [\"NewcomerSeen\"]\nschedule = \"rate(1 day)\"\n[subscriptions.newcomer]\nservice = \"LAST\"\nevents = [\"NewcomerSeen\"]\n",
        &["LastRole", "LastFunction"],
    ),
    (
        "[overrides.LastLogGroup.Properties]\nLogGroupClass = \"INFREQUENT_ACCESS\"\n",
        &["LastLogGroup"],
    ),
    (
        "[resources.NewcomerBucket]\nType = \"AWS::S3::Bucket\"\n",
        &[],
    ),
    ("[quotas]\nconcurrent_executions = 5000\n", &[]),
    (
        "[lints]\nTG111 = \"somebody else receives it, the newcomer\"\n",
        &[],
    ),
];

/// What CloudFormation knows by itself (pseudo-parameter-reference.html).
const PSEUDO_PARAMETERS: [&str; 5] = [
    "AWS::AccountId",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// What `Fn::GetAtt` gives of each type.
const ATTRIBUTES: [(&str, &[&str]); 11] = [
    ("AWS::ApiGateway::RestApi", &["RestApiId", "RootResourceId"]),
    ("AWS::ApiGatewayV2::Api", &["ApiEndpoint", "ApiId"]),
    ("AWS::DynamoDB::Table", &["Arn", "StreamArn"]),
    ("AWS::Events::Rule", &["Arn"]),
    ("AWS::IAM::Role", &["Arn", "RoleId"]),
    ("AWS::KMS::Key", &["Arn", "KeyId"]),
    ("AWS::Lambda::Function", &["Arn"]),
    ("AWS::Logs::LogGroup", &["Arn"]),
    ("AWS::SNS::Topic", &["TopicArn", "TopicName"]),
    ("AWS::SQS::Queue", &["Arn", "QueueName", "QueueUrl"]),
    (
        "AWS::WAFv2::WebACL",
        &["Arn", "Capacity", "Id", "LabelNamespace"],
    ),
];

/// One stack, and what it may refer to.
struct Scope<'a> {
    resources: Map<String, Value>,
    parameters: Map<String, Value>,
    /// What stacks before it export.
    exports: &'a BTreeSet<String>,
}

impl Scope<'_> {
    /// Why `Ref` or the like of a name does not resolve.
    fn name(&self, name: &str) -> Result<(), String> {
        let (id, attribute) = match name.split_once('.') {
            Some((id, attribute)) => (id, Some(attribute)),
            None => (name, None),
        };
        let Some(attribute) = attribute else {
            let known = self.resources.contains_key(id)
                || self.parameters.contains_key(id)
                || PSEUDO_PARAMETERS.contains(&id);
            return if known {
                Ok(())
            } else {
                Err(format!("there is no {id}"))
            };
        };
        let resource = self
            .resources
            .get(id)
            .ok_or(format!("there is no resource {id}"))?;
        let kind = resource["Type"].as_str().unwrap();
        let has = ATTRIBUTES
            .iter()
            .any(|(of, names)| *of == kind && names.contains(&attribute));
        // Only a table that has a stream has its ARN.
        let streams =
            attribute != "StreamArn" || resource["Properties"]["StreamSpecification"].is_object();
        if has && streams {
            Ok(())
        } else {
            Err(format!("{kind} {id} has no {attribute}"))
        }
    }

    /// Every reference in `value` that leads nowhere.
    fn faults(&self, value: &Value) -> Vec<String> {
        match value {
            Value::Array(items) => items.iter().flat_map(|item| self.faults(item)).collect(),
            Value::Object(map) => map
                .iter()
                .flat_map(|(key, value)| self.faults_of(key, value))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        }
    }

    fn faults_of(&self, key: &str, value: &Value) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let list = |value: &Value| {
            value
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect::<Vec<String>>()
        };
        match key {
            "Ref" => self.name(&text(value)).err().into_iter().collect(),
            "Fn::GetAtt" => self
                .name(&list(value).join("."))
                .err()
                .into_iter()
                .collect(),
            "Fn::ImportValue" if self.exports.contains(&text(value)) => Vec::new(),
            "Fn::ImportValue" => vec![format!("nobody exports {value}")],
            "DependsOn" => list(value)
                .into_iter()
                .filter(|id| !self.resources.contains_key(id))
                .map(|id| format!("there is no {id} to wait for"))
                .collect(),
            "Fn::Sub" => {
                let pattern = value.as_str().or(value[0].as_str()).unwrap();
                let own = value[1].as_object().cloned().unwrap_or_default();
                let outer = names(pattern).filter(|name| !own.contains_key(*name));
                let faults = outer.filter_map(|name| self.name(name).err());
                faults
                    .chain(own.values().flat_map(|value| self.faults(value)))
                    .collect()
            }
            _ => self.faults(value),
        }
    }
}

/// The names in `${}`; `${!…}` stands for itself.
fn names(pattern: &str) -> impl Iterator<Item = &str> {
    let pieces = pattern.split("${").skip(1);
    pieces
        .map(|piece| piece.split('}').next().unwrap())
        .filter(|name| !name.starts_with('!'))
}

/// A value that an ARN stands for, as the generator writes it.
fn written(value: &Value) -> String {
    let part = |value: &Value| value.as_str().unwrap().to_owned();
    match (&value["Ref"], &value["Fn::GetAtt"], &value["Fn::Sub"]) {
        (Value::String(id), ..) => id.clone(),
        (_, Value::Array(parts), _) => format!("{}.{}", part(&parts[0]), part(&parts[1])),
        (.., Value::String(pattern)) => pattern.clone(),
        _ => part(value),
    }
}

/// What the policies of a role allow.
fn granted(role: &Value) -> BTreeSet<(String, String)> {
    let mut granted = BTreeSet::new();
    for policy in role["Properties"]["Policies"].as_array().unwrap() {
        for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
            assert_eq!(statement["Effect"], "Allow");
            for action in statement["Action"].as_array().unwrap() {
                let (service, verb) = action.as_str().unwrap().split_once(':').unwrap();
                // Of KMS alone, whose documentation asks for both forms of these.
                let stars = verb.contains('*');
                assert!(
                    !stars || ["GenerateDataKey*", "ReEncrypt*"].contains(&verb),
                    "{action}"
                );
                for resource in statement["Resource"].as_array().unwrap() {
                    granted.insert((service.to_owned(), written(resource)));
                }
            }
        }
    }
    granted
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn every_reference_resolves(app in app(), environment in environment()) {
        let plan = plan(&app, environment);
        let mut exports = BTreeSet::new();
        for stack in &plan.stacks {
            let template = cfn::template(&plan, stack);
            let scope = Scope {
                resources: part(&template, "Resources"),
                parameters: part(&template, "Parameters"),
                exports: &exports,
            };
            prop_assert_eq!(scope.faults(&template), Vec::<String>::new(), "{}", stack.name);
            let own = part(&template, "Outputs").into_iter().filter_map(|(_, output)| Some(output["Export"]["Name"].as_str()?.to_owned()));
            for name in own.collect::<Vec<String>>() {
                prop_assert!(exports.insert(name.clone()), "{name} is exported twice");
            }
        }
    }

    /// Each edge gives its role what it asks for, and no role has anything that no edge asks for.
    #[test]
    fn roles_have_what_their_edges_ask_for_and_nothing_else(app in app(), environment in environment()) {
        let template = template(&plan(&app, environment));
        let mut roles: BTreeMap<String, Value> = part(&template, "Resources")
            .into_iter()
            .filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role")
            .collect();
        for (id, wanted) in app.services.iter().flat_map(|service| app.grants(service)) {
            let role = roles.remove(&id);
            prop_assert!(role.is_some(), "there is no {id}");
            let wanted: BTreeSet<(String, String)> = wanted.into_iter().map(|(service, resource)| (service.to_owned(), resource)).collect();
            prop_assert_eq!(granted(&role.unwrap()), wanted, "{}", id);
        }
        prop_assert!(roles.is_empty(), "of no service: {:?}", roles.keys());
    }
}

/// Laws of what is never made would hold, too.
#[test]
fn apps_have_every_type_of_resource_that_the_goldens_have() {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (name, ..) in common::GOLDENS {
        let ids = std::fs::read_to_string(format!("tests/golden/{name}/logical-ids.txt")).unwrap();
        wanted.extend(
            ids.lines()
                .map(|line| line.split(' ').nth(1).unwrap().to_owned()),
        );
    }
    // Of the examples' own `[resources]`.
    wanted.retain(|kind| !kind.starts_with("AWS::S3::"));
    let mut runner = TestRunner::new(config(1));
    for _ in 0..60 {
        let app = app().new_tree(&mut runner).unwrap().current();
        for (_, resource) in part(&template(&plan(&app, "prod")), "Resources") {
            wanted.remove(resource["Type"].as_str().unwrap());
        }
    }
    assert!(wanted.is_empty(), "never made: {wanted:?}");
}
