//! One Lambda function and all that belongs to it: log group, role, alarms, the handler behind it.

use std::collections::BTreeMap;

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::builder::Builder;
use super::{Handler, Section, grants, key, logical_id};
use crate::aws::cloudwatch::Dimension;
use crate::aws::iam::{Policy, PolicyDocument, Role, Statement};
use crate::aws::lambda::{self, Code, Environment, LoggingConfig, TracingConfig};
use crate::aws::logs::LogGroup;
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::function::Function;
use crate::model::names::ServiceName;
use crate::model::threshold::ServiceAlarm;
use crate::source::{Span, Spanned};

/// What a function is made of.
pub(super) struct Spec<'a> {
    /// The stem of its logical ids.
    pub name: &'a ServiceName,
    /// The place in the file that asks for it.
    pub span: Span,
    /// Shown in the console.
    pub description: String,
    /// Memory, time-out and the like.
    pub settings: &'a Function,
    /// Invocations at once that are kept for it.
    pub reserved_concurrency: Option<u32>,
    /// Environment variables.
    pub variables: BTreeMap<String, Text>,
    /// What it may do beyond writing logs and traces.
    pub statements: Vec<Statement>,
    /// From where on its alarms speak.
    pub alarm: &'a ServiceAlarm,
    /// Folder of its crate.
    pub handler: Spanned<String>,
}

pub(super) fn lower(
    topology: &Topology,
    mut spec: Spec<'_>,
    section: &Section,
    builder: &mut Builder<'_>,
) {
    let (name, span) = (spec.name, spec.span);
    builder.parameter(
        section,
        logical_id::artefact_bucket(),
        "Bucket that holds the zips of the functions",
    );
    builder.parameter(
        section,
        logical_id::artefact_key(name),
        format!("Key of the zip of the service {name}; it holds the zip's SHA-256"),
    );
    let own_key = key::own_for_all(topology, section, builder);
    let log_group_name = builder.scoped_after("/aws/lambda/", name.as_str());
    builder.add(
        section,
        span,
        logical_id::log_group(name),
        LogGroup {
            log_group_name,
            kms_key_id: own_key.clone(),
            retention_in_days: spec.settings.log_retention_days,
        },
    );
    let handler = Handler {
        folder: spec.handler.value.clone(),
        architecture: spec.settings.architecture,
        key_parameter: logical_id::artefact_key(name),
        stack: builder.stack(section).name.clone(),
        function: logical_id::function(name),
        log_group: logical_id::log_group(name),
        origin: builder.origin(spec.handler.span),
    };
    builder.plan.handlers.insert(name.clone(), handler);
    let function = lambda::Function {
        description: std::mem::take(&mut spec.description),
        architectures: [spec.settings.architecture.to_string()],
        code: Code {
            s3_bucket: Text::Ref(logical_id::artefact_bucket()),
            s3_key: Text::Ref(logical_id::artefact_key(name)),
        },
        environment: Environment {
            variables: std::mem::take(&mut spec.variables),
        },
        kms_key_arn: own_key,
        handler: "bootstrap",
        logging_config: LoggingConfig {
            application_log_level: "INFO",
            log_format: "JSON",
            log_group: Text::Ref(logical_id::log_group(name)),
            system_log_level: "INFO",
        },
        memory_size: spec.settings.memory,
        reserved_concurrent_executions: spec.reserved_concurrency,
        role: Text::GetAtt(logical_id::role(name), "Arn"),
        runtime: "provided.al2023",
        timeout: spec.settings.timeout.value.0,
        tracing_config: TracingConfig { mode: "Active" },
    };
    let role = role(name, std::mem::take(&mut spec.statements));
    builder.add(section, span, logical_id::role(name), role);
    builder.add(section, span, logical_id::function(name), function);
    alarms(topology, &spec, section, builder);
}

fn role(name: &ServiceName, more: Vec<Statement>) -> Role {
    let trust =
        Statement::allow("Lambda", &["sts:AssumeRole"], Vec::new()).by("lambda.amazonaws.com");
    let mut statements = grants::every_function(name);
    statements.extend(more);
    Role {
        assume_role_policy_document: PolicyDocument::new(vec![trust]),
        policies: vec![Policy {
            policy_name: "least-privilege",
            policy_document: PolicyDocument::new(statements),
        }],
    }
}

fn alarms(topology: &Topology, spec: &Spec<'_>, section: &Section, builder: &mut Builder<'_>) {
    let (name, thresholds) = (spec.name, spec.alarm);
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
        match thresholds.errors {
            1 => format!(
                "An invocation of {name} failed as a whole. Read its log group for ERROR lines."
            ),
            n => format!(
                "{n} invocations of {name} failed as a whole in one minute. Read its log group for ERROR lines."
            ),
        },
        watch(
            "Errors",
            Statistic::Sum,
            (60, 1),
            Breach::AtLeast(thresholds.errors),
        ),
    );
    builder.add(section, spec.span, logical_id::errors_alarm(name), errors);
    let throttles = alarm(
        topology,
        builder,
        section,
        &format!("{name}-throttles"),
        format!(
            "{name} was throttled for three minutes. Throttled messages use up their receives: raise the concurrency."
        ),
        watch(
            "Throttles",
            Statistic::Sum,
            (60, 3),
            Breach::AtLeast(thresholds.throttles),
        ),
    );
    builder.add(
        section,
        spec.span,
        logical_id::throttles_alarm(name),
        throttles,
    );
    let timeout = &spec.settings.timeout;
    let percent = thresholds.duration_percent;
    // Of the time-out in milliseconds.
    let slow = timeout.value.0 * 10 * percent;
    let duration = alarm(
        topology,
        builder,
        section,
        &format!("{name}-slow"),
        format!(
            "The slowest invocations of {name} take more than {percent} % of its time-out of {}.",
            timeout.value
        ),
        watch("Duration", Statistic::P99, (300, 1), Breach::Above(slow)),
    );
    builder.add(
        section,
        timeout.span,
        logical_id::duration_alarm(name),
        duration,
    );
}
