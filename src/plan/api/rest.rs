//! The REST API (version 1): what an app has that wants a firewall, since AWS WAF takes no HTTP API.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Watched, alarms, firewall, log_group, permission, preflight};
use crate::aws::Properties;
use crate::aws::apigateway::AccessLogSettings;
use crate::aws::cloudwatch::Dimension;
use crate::aws::restapi::{
    Authorizer, Deployment, EndpointConfiguration, FunctionIntegration, Integration, Method,
    MethodSetting, Resource, RestApi, Stage,
};
use crate::aws::value::{LogicalId, Text};
use crate::model::Topology;
use crate::model::api::authorizer::Authorizer as AuthorizerModel;
use crate::model::api::route::segments;
use crate::model::api::{Access, Route};
use crate::model::service::Service;
use crate::plan::builder::Builder;
use crate::plan::{Section, logical_id, patch};
use crate::source::Span;

/// Id, stage and address of the API.
pub(super) fn lower(
    topology: &Topology,
    span: Span,
    builder: &mut Builder<'_>,
) -> (LogicalId, String, Text) {
    let id = logical_id::rest_api();
    builder.add(
        &Section::Api,
        span,
        id.clone(),
        RestApi {
            name: Text::Pseudo("AWS::StackName"),
            endpoint_configuration: EndpointConfiguration {
                types: ["REGIONAL"],
            },
        },
    );
    resources(topology, builder);
    if let Some(model) = &topology.api.authorizer {
        user_pool(model, builder);
    }
    if let Some(cors) = &topology.api.cors {
        preflight::lower(topology, cors, builder);
    }
    let logs = logical_id::rest_api_log_group();
    log_group(topology, span, logs, "rest-api", builder);
    let stage = stage_name(topology);
    let dimension = |name, value| Dimension { name, value };
    let watched = Watched {
        name: "rest-api",
        errors: "5XXError",
        dimensions: vec![
            dimension("ApiName", Text::Pseudo("AWS::StackName")),
            dimension("Stage", stage.as_str().into()),
        ],
        errors_alarm: logical_id::rest_api_errors_alarm(),
        latency_alarm: logical_id::rest_api_latency_alarm(),
    };
    alarms(topology, span, watched, builder);
    firewall::lower(topology, builder);
    let url = Text::Sub(format!(
        "https://${{{id}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage}"
    ));
    (id, stage, url)
}

/// The first part of every path: a REST API has no stage without a name.
fn stage_name(topology: &Topology) -> String {
    topology.environment.name.to_string()
}

/// One for every part of every path; each is made by the first route that goes through it.
fn resources(topology: &Topology, builder: &mut Builder<'_>) {
    let mut made: BTreeSet<String> = BTreeSet::new();
    for route in super::routes_of(topology) {
        let mut path = String::new();
        for part in segments(&route.value.path) {
            let parent_id = resource(&path);
            path = format!("{path}/{part}");
            if made.insert(path.clone()) {
                builder.add(
                    &Section::Api,
                    route.span,
                    logical_id::rest_resource(&path),
                    Resource {
                        rest_api_id: Text::Ref(logical_id::rest_api()),
                        parent_id,
                        path_part: part.to_owned(),
                    },
                );
            }
        }
    }
}

/// The resource of a path.
pub(super) fn resource(path: &str) -> Text {
    if segments(path).next().is_none() {
        Text::GetAtt(logical_id::rest_api(), "RootResourceId")
    } else {
        Text::Ref(logical_id::rest_resource(path))
    }
}

fn user_pool(model: &AuthorizerModel, builder: &mut Builder<'_>) {
    // Any other issuer has been refused.
    let Some((region, pool)) = model.issuer.value.user_pool() else {
        return;
    };
    let arn = Text::Sub(format!(
        "arn:${{AWS::Partition}}:cognito-idp:{region}:${{AWS::AccountId}}:userpool/{pool}"
    ));
    builder.add(
        &Section::Api,
        model.span,
        logical_id::rest_api_authorizer(),
        Authorizer {
            rest_api_id: Text::Ref(logical_id::rest_api()),
            name: "tokens",
            r#type: "COGNITO_USER_POOLS",
            identity_source: "method.request.header.Authorization",
            provider_arns: [arn],
        },
    );
}

pub(super) fn methods(topology: &Topology, service: &Service, builder: &mut Builder<'_>) {
    let section = Section::Routes(service.name.clone());
    let id = logical_id::rest_api();
    let uri = Text::Sub(format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{}.Arn}}/invocations",
        logical_id::function(&service.name)
    ));
    for route in &service.http {
        let (authorization_type, authorizer_id, scopes) = match topology.api.access(&route.value) {
            Access::Public | Access::Unguarded => ("NONE", None, Vec::new()),
            Access::Token(_, scopes) => (
                "COGNITO_USER_POOLS",
                Some(Text::Ref(logical_id::rest_api_authorizer())),
                scopes.iter().map(ToString::to_string).collect(),
            ),
        };
        builder.add(
            &section,
            route.span,
            logical_id::rest_method(&route.value),
            Method {
                rest_api_id: Text::Ref(id.clone()),
                resource_id: resource(&route.value.path),
                http_method: route.value.method.clone(),
                authorization_type,
                authorizer_id,
                authorization_scopes: scopes,
                integration: Integration::Function(FunctionIntegration {
                    r#type: "AWS_PROXY",
                    integration_http_method: "POST",
                    uri: uri.clone(),
                }),
                method_responses: Vec::new(),
            },
        );
        permission((&id, Text::Ref(id.clone())), service, route, builder);
    }
}

/// The deployment of all that is there, what the file lays over it and adds to it too, and the stage that shows it.
pub(super) fn deploy(topology: &Topology, span: Span, builder: &mut Builder<'_>) {
    let section = Section::Api;
    let mut shown: Vec<String> = Vec::new();
    let mut depends_on = Vec::new();
    for resource in &builder.stack(&section).resources {
        if is_deployed(&resource.properties) {
            let id = &resource.id;
            shown.push(format!("{id} {}\n", text(&resource.properties)));
            if let Some(change) = topology.overrides.get(id.as_str()) {
                shown.push(format!("{id} changed {}\n", patch::merge_patch(change)));
            }
            if !matches!(resource.properties, Properties::RestApi(_)) {
                depends_on.push(id.clone());
            }
        }
    }
    for (id, resource) in &topology.resources {
        if DEPLOYED.contains(&resource.kind.as_str()) {
            let attributes = resource.attributes.iter();
            let attributes: serde_json::Map<_, _> = attributes
                .map(|(key, value)| (key.clone(), value.json()))
                .collect();
            let attributes = serde_json::Value::from(attributes);
            shown.push(format!("{id} {} {attributes}\n", resource.kind));
            depends_on.push(logical_id::written(id));
        }
    }
    shown.sort();
    depends_on.sort();
    let deployment = logical_id::rest_deployment(&shown.concat());
    builder
        .add(
            &section,
            span,
            deployment.clone(),
            Deployment {
                rest_api_id: Text::Ref(logical_id::rest_api()),
            },
        )
        .depends_on = depends_on;
    builder.add(
        &section,
        span,
        logical_id::rest_api_stage(),
        Stage {
            rest_api_id: Text::Ref(logical_id::rest_api()),
            deployment_id: Text::Ref(deployment),
            stage_name: stage_name(topology),
            access_log_setting: AccessLogSettings {
                destination_arn: Text::GetAtt(logical_id::rest_api_log_group(), "Arn"),
                format: access_log_format(),
            },
            method_settings: method_settings(topology),
            tracing_enabled: true,
        },
    );
}

#[expect(
    clippy::expect_used,
    reason = "no type in `aws` has a key that is not a string"
)]
fn text(properties: &Properties) -> String {
    serde_json::to_string(properties).expect("properties are JSON")
}

/// Types of what the file adds in `[resources]` that a deployment is a picture of.
const DEPLOYED: [&str; 6] = [
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Model",
    "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::Resource",
];

/// Whether a deployment is a picture of it.
fn is_deployed(properties: &Properties) -> bool {
    matches!(
        properties,
        Properties::RestApi(_)
            | Properties::RestResource(_)
            | Properties::RestMethod(_)
            | Properties::RestAuthorizer(_)
            | Properties::GatewayResponse(_)
    )
}

fn method_settings(topology: &Topology) -> Vec<MethodSetting> {
    let all = &topology.api.throttling;
    let mut settings = vec![MethodSetting {
        http_method: "*".to_owned(),
        resource_path: "/*".to_owned(),
        throttling_burst_limit: all.burst.value,
        throttling_rate_limit: all.rate.value,
    }];
    settings.extend(super::routes_of(topology).filter_map(|route| {
        let route: &Route = &route.value;
        let own = topology.api.routes.get(route)?.throttling.as_ref()?;
        Some(MethodSetting {
            http_method: route.method.clone(),
            resource_path: encoded(&route.path),
            throttling_burst_limit: own.burst.value,
            throttling_rate_limit: own.rate.value,
        })
    }));
    settings
}

/// `/~1orders~1{orderId}`: the form that a stage wants (aws-properties-apigateway-stage-methodsetting.html).
fn encoded(path: &str) -> String {
    if segments(path).next().is_none() {
        return "/".to_owned();
    }
    format!("/{}", path.replace('/', "~1"))
}

/// One JSON object for a line; no header and no body, which may hold personal data.
fn access_log_format() -> String {
    json!({
        "requestId": "$context.requestId",
        "requestTime": "$context.requestTime",
        "routeKey": "$context.httpMethod $context.resourcePath",
        "status": "$context.status",
        "responseLatency": "$context.responseLatency",
        "responseLength": "$context.responseLength",
        "integrationError": "$context.integrationErrorMessage",
        "firewall": "$context.wafResponseCode",
    })
    .to_string()
}
