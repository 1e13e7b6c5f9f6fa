//! `[services.*]`: the function, its role, its log group, its alarms, its table.

use std::collections::BTreeMap;

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::{Builder, Handler, Section, grants, logical_id, table};
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
        logical_id::artefact_key(name),
        format!("Key of the zip of the service {name}; it holds the zip's SHA-256"),
    );
    builder.add(
        &section,
        service.span,
        logical_id::log_group(name),
        LogGroup {
            log_group_name: Text::Sub(format!("/aws/lambda/${{AWS::StackName}}-{name}")),
            retention_in_days: service.function.log_retention_days,
        },
    );
    builder.add(
        &section,
        service.span,
        logical_id::role(name),
        role(topology, service),
    );
    builder.add(
        &section,
        service.span,
        logical_id::function(name),
        function(topology, service),
    );
    alarms(topology, service, &section, builder);
    table::lower(topology, service, &section, builder);
    let handler = Handler {
        folder: service.handler.value.clone(),
        architecture: service.function.architecture,
        key_parameter: logical_id::artefact_key(name),
        function: logical_id::function(name),
        log_group: logical_id::log_group(name),
        origin: builder.origin(service.handler.span),
    };
    builder.plan.handlers.insert(name.clone(), handler);
}

fn role(topology: &Topology, service: &Service) -> Role {
    let trust =
        Statement::allow("Lambda", &["sts:AssumeRole"], Vec::new()).by("lambda.amazonaws.com");
    Role {
        assume_role_policy_document: PolicyDocument::new(vec![trust]),
        policies: vec![Policy {
            policy_name: "least-privilege",
            policy_document: PolicyDocument::new(grants::of(topology, service)),
        }],
    }
}

fn function(topology: &Topology, service: &Service) -> Function {
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
            variables: variables(topology, service),
        },
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
fn variables(topology: &Topology, service: &Service) -> BTreeMap<String, Text> {
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
        variables.insert("TOPIC_ARN".into(), Text::Ref(logical_id::topic()));
    }
    variables
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
