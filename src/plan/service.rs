//! `[services.*]`: the function, its role, its log group, its alarms, its table.

use std::collections::BTreeMap;

use serde_json::json;

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::builder::{Builder, fill};
use super::{Handler, Section, api, grants, key, logical_id, table, topic};
use crate::aws::cloudwatch::Dimension;
use crate::aws::iam::{Policy, PolicyDocument, Role, Statement};
use crate::aws::lambda::{Code, Environment, Function, LoggingConfig, TracingConfig};
use crate::aws::logs::LogGroup;
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::service::Service;

pub(super) fn lower(topology: &Topology, service: &Service, builder: &mut Builder<'_>) {
    let section = Section::Service(service.name.clone());
    let name = &service.name;
    builder.parameter(
        &section,
        logical_id::artefact_bucket(),
        "Bucket that holds the zips of the functions",
    );
    builder.parameter(
        &section,
        logical_id::artefact_key(name),
        format!("Key of the zip of the service {name}; it holds the zip's SHA-256"),
    );
    let own_key = key::own_for_all(topology, &section, builder);
    let log_group_name = builder.scoped_after("/aws/lambda/", name.as_str());
    builder.add(
        &section,
        service.span,
        logical_id::log_group(name),
        LogGroup {
            log_group_name,
            kms_key_id: own_key.clone(),
            retention_in_days: service.function.log_retention_days,
        },
    );
    let role = role(topology, service, &section, builder);
    builder.add(&section, service.span, logical_id::role(name), role);
    let function = Function {
        kms_key_arn: own_key,
        ..function(topology, service, &section, builder)
    };
    builder.add(&section, service.span, logical_id::function(name), function);
    alarms(topology, service, &section, builder);
    table::lower(topology, service, &section, builder);
    let handler = Handler {
        folder: service.handler.value.clone(),
        architecture: service.function.architecture,
        key_parameter: logical_id::artefact_key(name),
        stack: builder.stack(&section).name.clone(),
        function: logical_id::function(name),
        log_group: logical_id::log_group(name),
        origin: builder.origin(service.handler.span),
    };
    builder.plan.handlers.insert(name.clone(), handler);
}

fn role(topology: &Topology, service: &Service, section: &Section, builder: &Builder<'_>) -> Role {
    let trust =
        Statement::allow("Lambda", &["sts:AssumeRole"], Vec::new()).by("lambda.amazonaws.com");
    Role {
        assume_role_policy_document: PolicyDocument::new(vec![trust]),
        policies: vec![Policy {
            policy_name: "least-privilege",
            policy_document: PolicyDocument::new(grants::of(topology, service, section, builder)),
        }],
    }
}

fn function(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &Builder<'_>,
) -> Function {
    let settings = &service.function;
    Function {
        description: format!(
            "The service {} of {}",
            service.name, topology.app.name.value
        ),
        architectures: [settings.architecture.to_string()],
        code: Code {
            s3_bucket: Text::Ref(logical_id::artefact_bucket()),
            s3_key: Text::Ref(logical_id::artefact_key(&service.name)),
        },
        environment: Environment {
            variables: variables(topology, service, section, builder),
        },
        kms_key_arn: None,
        handler: "bootstrap",
        logging_config: LoggingConfig {
            application_log_level: "INFO",
            log_format: "JSON",
            log_group: Text::Ref(logical_id::log_group(&service.name)),
            system_log_level: "INFO",
        },
        memory_size: settings.memory,
        role: Text::GetAtt(logical_id::role(&service.name), "Arn"),
        runtime: "provided.al2023",
        timeout: settings.timeout.value.0,
        tracing_config: TracingConfig { mode: "Active" },
    }
}

/// The contract between topogen and a handler; the names stand in `model::service::OWN_VARIABLES`.
fn variables(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &Builder<'_>,
) -> BTreeMap<String, Text> {
    let mut variables: BTreeMap<String, Text> = service
        .environment
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_str().into()))
        .collect();
    let test_controls = topology.environment.test_controls.to_string();
    variables.insert("SERVICE_NAME".into(), service.name.as_str().into());
    variables.insert("TEST_CONTROLS".into(), test_controls.into());
    if let Some(table) = &service.table {
        variables.insert(
            "TABLE_NAME".into(),
            Text::Ref(logical_id::table(&table.name)),
        );
        variables.insert("TABLE_KEY".into(), table.key.as_str().into());
    }
    if !service.publishes.is_empty() {
        variables.insert(
            "PUBLISHES".into(),
            publishes(topology, service, section, builder),
        );
    }
    if let Some(cors) = api::for_handlers(topology, service) {
        variables.insert("CORS".into(), cors.into());
    }
    variables
}

/// What the handler needs to publish each event: its topic, its version, the fields that travel as attributes and the
/// one that is the message group. JSON, whose topics' ARNs CloudFormation fills in.
fn publishes(
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
        let mut facts = json!({ "topicArn": format!("${{{id}}}"), "version": event.version });
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

fn alarms(topology: &Topology, service: &Service, section: &Section, builder: &mut Builder<'_>) {
    let name = &service.name;
    let watch = |metric, statistic, period, breach| Watch {
        metric: ("AWS/Lambda", metric),
        dimensions: vec![Dimension {
            name: "FunctionName",
            value: Text::Ref(logical_id::function(name)),
        }],
        statistic,
        period,
        breach,
    };
    let errors = alarm(
        topology,
        builder,
        section,
        &format!("{name}-errors"),
        format!("An invocation of {name} failed as a whole. Read its log group for ERROR lines."),
        watch("Errors", Statistic::Sum, (60, 1), Breach::AtLeast(1)),
    );
    builder.add(
        section,
        service.span,
        logical_id::errors_alarm(name),
        errors,
    );
    let throttles = alarm(
        topology,
        builder,
        section,
        &format!("{name}-throttles"),
        format!(
            "{name} was throttled for three minutes. Throttled messages use up their receives: raise the concurrency."
        ),
        watch("Throttles", Statistic::Sum, (60, 3), Breach::AtLeast(1)),
    );
    builder.add(
        section,
        service.span,
        logical_id::throttles_alarm(name),
        throttles,
    );
    // Eight tenths of the time-out, in milliseconds.
    let slow = service.function.timeout.value.0 * 800;
    let duration = alarm(
        topology,
        builder,
        section,
        &format!("{name}-slow"),
        format!(
            "The slowest invocations of {name} take more than 80 % of its time-out of {}.",
            service.function.timeout.value
        ),
        watch("Duration", Statistic::P99, (300, 1), Breach::Above(slow)),
    );
    builder.add(
        section,
        service.function.timeout.span,
        logical_id::duration_alarm(name),
        duration,
    );
}
