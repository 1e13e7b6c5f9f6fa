//! `[services.*]`: the function, its table, what starts it and what it is told.

use std::collections::BTreeMap;

use serde_json::json;

use super::builder::{Builder, fill};
use super::function::{self, Spec};
use super::{Section, api, grants, logical_id, outbox, schedule, table, topic};
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::names::{AttributeName, ServiceName};
use crate::model::service::Service;
use crate::model::table::Table;

pub(super) fn lower(topology: &Topology, service: &Service, builder: &mut Builder<'_>) {
    let section = Section::Service(service.name.clone());
    let spec = Spec {
        name: &service.name,
        span: service.span,
        description: format!(
            "The service {} of {}",
            service.name, topology.app.name.value
        ),
        settings: &service.function,
        reserved_concurrency: service.reserved_concurrency.as_ref().map(|r| r.value),
        variables: variables(topology, service, &section, builder),
        statements: grants::of(topology, service, &section, builder),
        alarm: &service.alarm,
        handler: service.handler.clone(),
    };
    function::lower(topology, spec, &section, builder);
    table::lower(topology, service, &section, builder);
    schedule::lower(topology, service, &section, builder);
    outbox::lower(topology, service, &section, builder);
}

/// The contract between topogen and a handler; the names stand in `model::service::OWN_VARIABLES`.
fn variables(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &Builder<'_>,
) -> BTreeMap<String, Text> {
    let plain = service
        .environment
        .iter()
        .map(|(name, value)| (name.to_string(), fill(value.value.clone(), BTreeMap::new())));
    let secrets = service
        .secrets
        .iter()
        .map(|(name, secret)| (name.to_string(), fill(secret.value.arn(), BTreeMap::new())));
    let mut variables: BTreeMap<String, Text> = plain
        .chain(secrets)
        .chain(identity(topology, &service.name))
        .collect();
    variables.extend(service.table.iter().flat_map(table_variables));
    if !service.publishes.is_empty() {
        variables.insert(
            "PUBLISHES".into(),
            publishes(topology, service, section, builder),
        );
    }
    if let Some(cors) = api::for_handlers(topology, service) {
        variables.insert("CORS".into(), cors.into());
    }
    if service.outbox.is_some() {
        variables.insert("OUTBOX".into(), "true".into());
    }
    variables
}

/// Who a function is, and where: what every handler is told.
pub(super) fn identity(topology: &Topology, name: &ServiceName) -> [(String, Text); 4] {
    let environment = &topology.environment;
    [
        ("APP_NAME", topology.app.name.value.as_str().into()),
        ("ENVIRONMENT_NAME", environment.name.as_str().into()),
        ("SERVICE_NAME", name.as_str().into()),
        (
            "TEST_CONTROLS",
            environment.test_controls.to_string().into(),
        ),
    ]
    .map(|(variable, value)| (variable.to_owned(), value))
}

/// The table's name, and the attributes that mean something to DynamoDB.
pub(super) fn table_variables(table: &Table) -> impl Iterator<Item = (String, Text)> {
    let name = Text::Ref(logical_id::table(&table.name));
    let attribute = |variable, attribute: Option<&AttributeName>| {
        attribute.map(|attribute| (variable, attribute.as_str().into()))
    };
    [
        Some(("TABLE_NAME", name)),
        attribute("TABLE_KEY", Some(&table.key)),
        attribute("TABLE_SORT_KEY", table.sort_key.as_ref()),
        attribute("TABLE_TTL", table.ttl.as_ref()),
    ]
    .into_iter()
    .flatten()
    .map(|(variable, value)| (variable.to_owned(), value))
}

/// What the handler needs to publish each event: its topic, its version, the fields that travel as attributes and the
/// one that is the message group. JSON, whose topics' ARNs CloudFormation fills in.
pub(super) fn publishes(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &Builder<'_>,
) -> Text {
    let events = service
        .publishes
        .iter()
        .filter_map(|event| topology.events.get(&event.value));
    let mut arns = BTreeMap::new();
    let mut described = serde_json::Map::new();
    for event in events {
        let id = logical_id::topic(&event.topic);
        let mut facts = json!({ "topicArn": format!("${{{id}}}"), "version": event.version.value });
        if !event.attributes.is_empty() {
            let names: Vec<&str> = event.attributes.iter().map(|a| a.value.as_str()).collect();
            facts["attributes"] = json!(names);
        }
        if let Some(group) = &event.message_group {
            facts["messageGroup"] = json!(group.value.as_str());
        }
        if topology
            .topics
            .get(&event.topic)
            .is_some_and(|topic| topic.fifo)
        {
            facts["fifo"] = json!(true);
        }
        arns.insert(id.to_string(), topic::arn(&event.topic, section, builder));
        described.insert(event.name.to_string(), facts);
    }
    fill(serde_json::Value::from(described).to_string(), arns)
}
