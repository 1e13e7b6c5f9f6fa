//! `cors` on a REST API: the answers that API Gateway itself gives to browsers. An HTTP API does all of it from one setting.
//!
//! What functions answer must carry the headers as well; they are told of them in `CORS`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::rest;
use crate::aws::restapi::{
    GatewayResponse, Integration, IntegrationResponse, Method, MethodResponse, MockIntegration,
};
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::api::Route;
use crate::model::api::cors::Cors;
use crate::plan::builder::Builder;
use crate::plan::{Section, logical_id};

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";

/// What a function behind a REST API has to add to its answers.
pub(super) fn for_handlers(cors: &Cors) -> String {
    json!({
        "origins": texts(&cors.origins),
        "exposeHeaders": texts(&cors.expose_headers),
        "credentials": cors.credentials.value,
    })
    .to_string()
}

pub(super) fn lower(topology: &Topology, cors: &Cors, builder: &mut Builder<'_>) {
    let answered: BTreeSet<&Route> = super::routes_of(topology)
        .map(|route| &route.value)
        .collect();
    let paths: BTreeSet<&str> = answered.iter().map(|route| route.path.as_str()).collect();
    for path in paths {
        let route = Route {
            method: "OPTIONS".to_owned(),
            path: path.to_owned(),
        };
        // A service that answers itself does so.
        if !answered.contains(&route) {
            options(&route, cors, builder);
        }
    }
    // Without the header a browser hides from its script why a request was refused.
    let Some(headers) = of_refusals(cors) else {
        return;
    };
    for (id, response_type) in [
        (logical_id::rest_api_refusal(), "DEFAULT_4XX"),
        (logical_id::rest_api_failure(), "DEFAULT_5XX"),
    ] {
        builder.add(
            &Section::Api,
            cors.span,
            id,
            GatewayResponse {
                rest_api_id: Text::Ref(logical_id::rest_api()),
                response_type,
                response_parameters: headers
                    .iter()
                    .map(|(name, value)| (format!("gatewayresponse.header.{name}"), quoted(value)))
                    .collect(),
            },
        );
    }
}

fn options(route: &Route, cors: &Cors, builder: &mut Builder<'_>) {
    let headers = of_preflight(cors);
    let parameter = |name: &str| format!("method.response.header.{name}");
    let choose = choose_origin(cors);
    builder.add(
        &Section::Api,
        cors.span,
        logical_id::rest_method(route),
        Method {
            rest_api_id: Text::Ref(logical_id::rest_api()),
            resource_id: rest::resource(&route.path),
            http_method: route.method.clone(),
            authorization_type: "NONE",
            authorizer_id: None,
            authorization_scopes: Vec::new(),
            integration: Integration::Mock(MockIntegration {
                r#type: "MOCK",
                passthrough_behavior: "WHEN_NO_TEMPLATES",
                request_templates: BTreeMap::from([(
                    "application/json",
                    json!({ "statusCode": 204 }).to_string(),
                )]),
                integration_responses: [IntegrationResponse {
                    status_code: "204",
                    response_parameters: headers
                        .iter()
                        .map(|(name, value)| (parameter(name), quoted(value)))
                        .collect(),
                    response_templates: choose
                        .map(|template| ("application/json", template))
                        .into_iter()
                        .collect(),
                }],
            }),
            method_responses: vec![MethodResponse {
                status_code: "204",
                response_parameters: headers.keys().map(|name| (parameter(name), true)).collect(),
            }],
        },
    );
}

/// Headers of the answer to a preflight request.
fn of_preflight(cors: &Cors) -> BTreeMap<&'static str, String> {
    let mut headers = BTreeMap::from([
        (
            "Access-Control-Allow-Headers",
            texts(&cors.headers).join(","),
        ),
        (
            "Access-Control-Allow-Methods",
            texts(&cors.methods).join(","),
        ),
        // Another one of several is put in its place by `choose_origin`.
        (
            ALLOW_ORIGIN,
            cors.origins
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ),
    ]);
    if cors.credentials.value {
        headers.insert(ALLOW_CREDENTIALS, "true".to_owned());
    }
    if let Some(age) = cors.max_age {
        headers.insert("Access-Control-Max-Age", age.0.to_string());
    }
    if cors.origins.len() > 1 {
        headers.insert("Vary", "Origin".to_owned());
    }
    headers
}

/// Headers of what API Gateway refuses by itself; they cannot depend on the request. Refusals hold no data, so any site may
/// read them, save where cookies are sent along: there a browser wants the one site named.
fn of_refusals(cors: &Cors) -> Option<BTreeMap<&'static str, String>> {
    let origin = match cors.origins.as_slice() {
        [only] => only.to_string(),
        _ if cors.credentials.value => return None,
        _ => "*".to_owned(),
    };
    let mut headers = BTreeMap::from([(ALLOW_ORIGIN, origin)]);
    if cors.credentials.value {
        headers.insert(ALLOW_CREDENTIALS, "true".to_owned());
    }
    Some(headers)
}

/// A mapping template that answers the site which asks, when it is one of several that may.
fn choose_origin(cors: &Cors) -> Option<String> {
    if cors.origins.len() < 2 {
        return None;
    }
    let asks: Vec<String> = cors
        .origins
        .iter()
        .map(|origin| format!("$origin == \"{origin}\""))
        .collect();
    Some(format!(
        "#set($headers = $input.params().header)\n\
         #set($origin = $headers.get(\"Origin\"))\n\
         #if(!$origin || $origin == \"\")#set($origin = $headers.get(\"origin\"))#end\n\
         #if({})#set($context.responseOverride.header.{ALLOW_ORIGIN} = $origin)#end\n",
        asks.join(" || ")
    ))
}

fn quoted(value: &str) -> String {
    format!("'{value}'")
}

fn texts<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}
