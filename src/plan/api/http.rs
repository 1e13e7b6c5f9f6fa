//! The HTTP API (version 2): what an app has unless it wants a firewall.

use serde_json::json;

use super::{ID_OUTPUT, Watched, alarms, log_group, permission};
use crate::aws::apigateway::{
    AccessLogSettings, Api, Authorizer, Cors, Integration, JwtConfiguration, Route, RouteSettings,
    Stage,
};
use crate::aws::cloudwatch::Dimension;
use crate::aws::value::{LogicalId, Text};
use crate::model::Topology;
use crate::model::api::cors::Cors as CorsModel;
use crate::model::api::throttling::Throttling;
use crate::model::api::{Access, authorizer};
use crate::model::service::Service;
use crate::plan::builder::Builder;
use crate::plan::{Section, logical_id};
use crate::source::Span;

/// No prefix in the URL.
const STAGE: &str = "$default";

const AUTHORIZER_OUTPUT: &str = "ApiAuthorizerId";

/// Id, stage and address of the API.
pub(super) fn lower(
    topology: &Topology,
    span: Span,
    builder: &mut Builder<'_>,
) -> (LogicalId, String, Text) {
    let section = Section::Api;
    builder.add(
        &section,
        span,
        logical_id::api(),
        Api {
            name: Text::Pseudo("AWS::StackName"),
            protocol_type: "HTTP",
            cors_configuration: topology.api.cors.as_ref().map(cors),
        },
    );
    let logs = logical_id::api_log_group();
    log_group(topology, span, logs, "http-api", builder);
    stage(topology, span, builder);
    if let Some(model) = &topology.api.authorizer {
        jwt(model, builder);
    }
    let watched = Watched {
        name: "http-api",
        errors: "5xx",
        dimensions: vec![Dimension {
            name: "ApiId",
            value: Text::Ref(logical_id::api()),
        }],
        errors_alarm: logical_id::api_errors_alarm(),
        latency_alarm: logical_id::api_latency_alarm(),
    };
    alarms(topology, span, watched, builder);
    let url = Text::GetAtt(logical_id::api(), "ApiEndpoint");
    (logical_id::api(), STAGE.to_owned(), url)
}

fn stage(topology: &Topology, span: Span, builder: &mut Builder<'_>) {
    let routes: Vec<_> = super::routes_of(topology)
        .map(|route| &route.value)
        .filter_map(|route| {
            let settings = topology.api.routes.get(route)?;
            Some((route, limits(settings.throttling.as_ref()?)))
        })
        .collect();
    // A stage is refused that knows of a route which is not there yet.
    let depends_on = routes
        .iter()
        .map(|(route, _)| logical_id::api_route(route))
        .collect();
    let stage = Stage {
        api_id: Text::Ref(logical_id::api()),
        stage_name: STAGE,
        auto_deploy: true,
        access_log_settings: AccessLogSettings {
            destination_arn: Text::GetAtt(logical_id::api_log_group(), "Arn"),
            format: access_log_format(),
        },
        default_route_settings: limits(&topology.api.throttling),
        route_settings: routes
            .into_iter()
            .map(|(route, limits)| (route.to_string(), limits))
            .collect(),
    };
    builder
        .add(&Section::Api, span, logical_id::api_stage(), stage)
        .depends_on = depends_on;
}

fn limits(throttling: &Throttling) -> RouteSettings {
    RouteSettings {
        throttling_burst_limit: throttling.burst.value,
        throttling_rate_limit: throttling.rate.value,
    }
}

fn cors(model: &CorsModel) -> Cors {
    Cors {
        allow_credentials: model.credentials.value.then_some(true),
        allow_headers: texts(&model.headers),
        allow_methods: texts(&model.methods),
        allow_origins: texts(&model.origins),
        expose_headers: texts(&model.expose_headers),
        max_age: model.max_age.map(|age| age.0),
    }
}

fn texts<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn jwt(model: &authorizer::Authorizer, builder: &mut Builder<'_>) {
    let id = logical_id::api_authorizer();
    builder.add(
        &Section::Api,
        model.span,
        id.clone(),
        Authorizer {
            api_id: Text::Ref(logical_id::api()),
            name: "tokens",
            authorizer_type: "JWT",
            identity_source: ["$request.header.Authorization"],
            jwt_configuration: JwtConfiguration {
                audience: texts(&model.audience),
                issuer: model.issuer.to_string(),
            },
        },
    );
    let description = "Id of the API's authorizer";
    builder.output(&Section::Api, AUTHORIZER_OUTPUT, description, Text::Ref(id));
}

pub(super) fn routes(topology: &Topology, service: &Service, builder: &mut Builder<'_>) {
    let name = &service.name;
    let Some(first) = service.http.first() else {
        return;
    };
    let section = Section::Routes(name.clone());
    let id = logical_id::api();
    let api = builder.shared(&section, ID_OUTPUT, || Text::Ref(id.clone()));
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
    for route in &service.http {
        let (authorization_type, authorizer_id, scopes) = match topology.api.access(&route.value) {
            Access::Public | Access::Unguarded => ("NONE", None, Vec::new()),
            Access::Token(_, scopes) => {
                let here = || Text::Ref(logical_id::api_authorizer());
                let authorizer = builder.shared(&section, AUTHORIZER_OUTPUT, here);
                ("JWT", Some(authorizer), texts(scopes))
            }
        };
        builder.add(
            &section,
            route.span,
            logical_id::api_route(&route.value),
            Route {
                api_id: api.clone(),
                route_key: route.value.to_string(),
                authorization_type,
                authorizer_id,
                authorization_scopes: scopes,
                target: Text::Sub(format!(
                    "integrations/${{{}}}",
                    logical_id::integration(name)
                )),
            },
        );
        permission((&id, api.clone()), service, route, builder);
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
