//! `http = […]` and `[api]`: one API for the app, a route for each line.
//!
//! An HTTP API, or a REST API where there is a firewall; what both have in common stands here.

mod firewall;
mod http;
mod preflight;
mod rest;

use std::collections::BTreeMap;

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::builder::{Builder, fill};
use super::{ApiRef, Section, key, logical_id};
use crate::aws::cloudwatch::Dimension;
use crate::aws::lambda::Permission;
use crate::aws::logs::LogGroup;
use crate::aws::value::{LogicalId, Text};
use crate::model::Topology;
use crate::model::api::Route;
use crate::model::service::Service;
use crate::source::{Span, Spanned};

/// Milliseconds after which the slowest answers are a concern.
const SLOW_MS: u32 = 3_000;

/// Output of the core that services' stacks refer to.
const ID_OUTPUT: &str = "ApiId";

/// The API itself: everything that is not of one service.
pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    let Some(first) = routes_of(topology).next() else {
        return;
    };
    let (id, stage, url) = if topology.api.firewall.value {
        rest::lower(topology, first.span, builder)
    } else {
        http::lower(topology, first.span, builder)
    };
    builder.output(
        &Section::Api,
        ID_OUTPUT,
        "Id of the API",
        Text::Ref(id.clone()),
    );
    builder.output(&Section::Api, "ApiUrl", "Address of the API", url);
    builder.plan.api = Some(ApiRef { id, stage });
}

/// The routes of one service, in its stack.
pub(super) fn routes(topology: &Topology, service: &Service, builder: &mut Builder<'_>) {
    if service.http.is_empty() {
        return;
    }
    if topology.api.firewall.value {
        rest::methods(topology, service, builder);
    } else {
        http::routes(topology, service, builder);
    }
}

/// What can only be made once all routes are there.
pub(super) fn finish(topology: &Topology, builder: &mut Builder<'_>) {
    if !topology.api.firewall.value {
        return;
    }
    if let Some(first) = routes_of(topology).next() {
        rest::deploy(topology, first.span, builder);
    }
}

/// What a service has to tell browsers in its answers: a REST API leaves that to functions.
pub(super) fn for_handlers(topology: &Topology, service: &Service) -> Option<String> {
    let cors = topology.api.cors.as_ref()?;
    (topology.api.firewall.value && !service.http.is_empty()).then(|| preflight::for_handlers(cors))
}

fn routes_of(topology: &Topology) -> impl Iterator<Item = &Spanned<Route>> {
    topology.services.values().flat_map(|service| &service.http)
}

/// Lets the API invoke the function for `route` and for nothing else.
fn permission(
    api: (&LogicalId, Text),
    service: &Service,
    route: &Spanned<Route>,
    builder: &mut Builder<'_>,
) {
    let (id, reference) = api;
    let method = if route.value.is_any() {
        "*"
    } else {
        route.value.method.as_str()
    };
    let source_arn = fill(
        format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{id}}}/*/{method}{}",
            route.value.path_pattern()
        ),
        BTreeMap::from([(id.to_string(), reference)]),
    );
    builder.add(
        &Section::Routes(service.name.clone()),
        route.span,
        logical_id::api_permission(&route.value),
        Permission {
            action: "lambda:InvokeFunction",
            function_name: Text::GetAtt(logical_id::function(&service.name), "Arn"),
            principal: "apigateway.amazonaws.com",
            source_arn,
        },
    );
}

/// The access log's group, whose name ends in `suffix`.
fn log_group(
    topology: &Topology,
    span: Span,
    id: LogicalId,
    suffix: &str,
    builder: &mut Builder<'_>,
) {
    let group = LogGroup {
        // The prefix keeps the account's log resource policy from growing with each API.
        log_group_name: Text::Sub(format!("/aws/vendedlogs/${{AWS::StackName}}-{suffix}")),
        kms_key_id: key::own_for_all(topology, &Section::Api, builder),
        retention_in_days: topology.api.access_log_retention_days,
    };
    builder.add(&Section::Api, span, id, group);
}

/// How the metrics of an API are called.
struct Watched {
    /// Beginning of the alarms' names.
    name: &'static str,
    /// The metric of answers of 500 and above.
    errors: &'static str,
    dimensions: Vec<Dimension>,
    errors_alarm: LogicalId,
    latency_alarm: LogicalId,
}

fn alarms(topology: &Topology, span: Span, watched: Watched, builder: &mut Builder<'_>) {
    let watch = |metric, statistic, period, breach| Watch {
        metric: ("AWS/ApiGateway", metric),
        dimensions: watched.dimensions.clone(),
        statistic,
        period,
        breach,
    };
    let errors = alarm(
        topology,
        builder,
        &Section::Api,
        &format!("{}-errors", watched.name),
        "The API answered with a server error. Read its access log, then the function's log group."
            .to_owned(),
        watch(watched.errors, Statistic::Sum, (60, 1), Breach::AtLeast(1)),
    );
    builder.add(&Section::Api, span, watched.errors_alarm, errors);
    let slow = alarm(
        topology,
        builder,
        &Section::Api,
        &format!("{}-slow", watched.name),
        format!("The slowest answers of the API take more than {SLOW_MS} ms."),
        watch("Latency", Statistic::P99, (300, 3), Breach::Above(SLOW_MS)),
    );
    builder.add(&Section::Api, span, watched.latency_alarm, slow);
}
