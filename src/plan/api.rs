//! `http = […]`: one HTTP API for the app, a route for each line.

use std::collections::BTreeMap;

use serde_json::json;

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::builder::{Builder, fill};
use super::{Section, key, logical_id};
use crate::aws::apigateway::{AccessLogSettings, Api, Integration, Route, RouteSettings, Stage};
use crate::aws::cloudwatch::Dimension;
use crate::aws::lambda::Permission;
use crate::aws::logs::LogGroup;
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::service::Service;
use crate::source::Span;

/// Days that the access log is kept.
const LOG_RETENTION_DAYS: u32 = 30;
/// Requests in a second and at once: a tenth of what an account may take in all, so that one app cannot starve others
/// (apigateway limits.html: 10,000 in a second, 5,000 at once).
const THROTTLE: (u32, u32) = (1_000, 500);
/// Milliseconds after which the slowest answers are a concern.
const SLOW_MS: u32 = 3_000;

const OUTPUT: &str = "ApiId";

pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    let Some(first) = topology.services.values().flat_map(|s| &s.http).next() else {
        return;
    };
    api(topology, first.span, builder);
    alarms(topology, first.span, builder);
    builder.output(
        &Section::Api,
        OUTPUT,
        "Id of the HTTP API",
        Text::Ref(logical_id::api()),
    );
    builder.output(
        &Section::Api,
        "ApiUrl",
        "Address of the HTTP API",
        Text::GetAtt(logical_id::api(), "ApiEndpoint"),
    );
}

fn api(topology: &Topology, span: Span, builder: &mut Builder<'_>) {
    let section = Section::Api;
    let kms_key_id = key::own_for_all(topology, &section, builder);
    builder.add(
        &section,
        span,
        logical_id::api(),
        Api {
            name: Text::Pseudo("AWS::StackName"),
            protocol_type: "HTTP",
        },
    );
    builder.add(
        &section,
        span,
        logical_id::api_log_group(),
        LogGroup {
            // The prefix keeps the account's log resource policy from growing with each API.
            log_group_name: Text::Sub("/aws/vendedlogs/${AWS::StackName}-http-api".to_owned()),
            kms_key_id,
            retention_in_days: LOG_RETENTION_DAYS,
        },
    );
    builder.add(
        &section,
        span,
        logical_id::api_stage(),
        Stage {
            api_id: Text::Ref(logical_id::api()),
            stage_name: "$default",
            auto_deploy: true,
            access_log_settings: AccessLogSettings {
                destination_arn: Text::GetAtt(logical_id::api_log_group(), "Arn"),
                format: access_log_format(),
            },
            default_route_settings: RouteSettings {
                throttling_burst_limit: THROTTLE.1,
                throttling_rate_limit: THROTTLE.0,
            },
        },
    );
}

/// What leads from the API to one service.
pub(super) fn routes(service: &Service, builder: &mut Builder<'_>) {
    let name = &service.name;
    let Some(first) = service.http.first() else {
        return;
    };
    let section = Section::Routes(name.clone());
    let api = builder.shared(&section, OUTPUT, Text::Ref(logical_id::api()));
    let source_arn = fill(
        format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{}}}/*",
            logical_id::api()
        ),
        BTreeMap::from([(logical_id::api().to_string(), api.clone())]),
    );
    builder.add(
        &section,
        first.span,
        logical_id::integration(name),
        Integration {
            api_id: api.clone(),
            integration_type: "AWS_PROXY",
            integration_uri: Text::GetAtt(logical_id::function(name), "Arn"),
            payload_format_version: "2.0",
        },
    );
    builder.add(
        &section,
        first.span,
        logical_id::api_permission(name),
        Permission {
            action: "lambda:InvokeFunction",
            function_name: Text::GetAtt(logical_id::function(name), "Arn"),
            principal: "apigateway.amazonaws.com",
            source_arn,
        },
    );
    for route in &service.http {
        builder.add(
            &section,
            route.span,
            logical_id::api_route(&route.value),
            Route {
                api_id: api.clone(),
                route_key: route.value.to_string(),
                authorization_type: "NONE",
                target: Text::Sub(format!(
                    "integrations/${{{}}}",
                    logical_id::integration(name)
                )),
            },
        );
    }
}

/// One JSON object for a line; no header and no body, which may hold personal data.
fn access_log_format() -> String {
    json!({
        "requestId": "$context.requestId",
        "requestTime": "$context.requestTime",
        "routeKey": "$context.routeKey",
        "status": "$context.status",
        "responseLatency": "$context.responseLatency",
        "responseLength": "$context.responseLength",
        "integrationError": "$context.integrationErrorMessage",
    })
    .to_string()
}

fn alarms(topology: &Topology, span: Span, builder: &mut Builder<'_>) {
    let watch = |metric, statistic, period, breach| Watch {
        metric: ("AWS/ApiGateway", metric),
        dimensions: vec![Dimension {
            name: "ApiId",
            value: Text::Ref(logical_id::api()),
        }],
        statistic,
        period,
        breach,
    };
    let errors = alarm(
        topology,
        builder,
        &Section::Api,
        "http-api-errors",
        "The HTTP API answered with a server error. Read its access log, then the function's log group.".to_owned(),
        watch("5xx", Statistic::Sum, (60, 1), Breach::AtLeast(1)),
    );
    builder.add(&Section::Api, span, logical_id::api_errors_alarm(), errors);
    let slow = alarm(
        topology,
        builder,
        &Section::Api,
        "http-api-slow",
        format!("The slowest answers of the HTTP API take more than {SLOW_MS} ms."),
        watch("Latency", Statistic::P99, (300, 3), Breach::Above(SLOW_MS)),
    );
    builder.add(&Section::Api, span, logical_id::api_latency_alarm(), slow);
}
