//! Amazon API Gateway, HTTP APIs (version 2).

use std::collections::BTreeMap;

use serde::Serialize;

use super::value::Text;

/// `AWS::ApiGatewayV2::Api`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Api {
    /// Shown in the console.
    pub name: Text,
    /// `HTTP`
    pub protocol_type: &'static str,
    /// Which web sites' scripts may call it; API Gateway answers their preflight requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors_configuration: Option<Cors>,
}

/// Which web sites' scripts may call an API.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Cors {
    /// Whether browsers send cookies along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_credentials: Option<bool>,
    /// Headers that they may send.
    pub allow_headers: Vec<String>,
    /// Methods that they may use.
    pub allow_methods: Vec<String>,
    /// The sites.
    pub allow_origins: Vec<String>,
    /// Headers of answers that they may read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expose_headers: Vec<String>,
    /// Seconds that a browser may remember all this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
}

/// `AWS::ApiGatewayV2::Stage`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stage {
    /// Id of the API.
    pub api_id: Text,
    /// `$default`: no prefix in the URL.
    pub stage_name: &'static str,
    /// Changes are live at once.
    pub auto_deploy: bool,
    /// One JSON line for each request.
    pub access_log_settings: AccessLogSettings,
    /// Throttling.
    pub default_route_settings: RouteSettings,
    /// Throttling of single routes, by their key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub route_settings: BTreeMap<String, RouteSettings>,
}

/// Where and how requests are logged.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessLogSettings {
    /// ARN of the log group.
    pub destination_arn: Text,
    /// Template of a line.
    pub format: String,
}

/// How many requests are taken.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteSettings {
    /// Requests at once.
    pub throttling_burst_limit: u32,
    /// Requests in a second.
    pub throttling_rate_limit: u32,
}

/// `AWS::ApiGatewayV2::Integration`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Integration {
    /// Id of the API.
    pub api_id: Text,
    /// `AWS_PROXY`
    pub integration_type: &'static str,
    /// ARN of the function.
    pub integration_uri: Text,
    /// `2.0`
    pub payload_format_version: &'static str,
}

/// `AWS::ApiGatewayV2::Route`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Route {
    /// Id of the API.
    pub api_id: Text,
    /// `POST /orders`
    pub route_key: String,
    /// `NONE`: anyone may call. `JWT`: whoever has a token.
    pub authorization_type: &'static str,
    /// Id of the authorizer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<Text>,
    /// Scopes of which a token must have one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_scopes: Vec<String>,
    /// `integrations/{id}`
    pub target: Text,
}

/// `AWS::ApiGatewayV2::Authorizer`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Authorizer {
    /// Id of the API.
    pub api_id: Text,
    /// Unique in the API.
    pub name: &'static str,
    /// `JWT`
    pub authorizer_type: &'static str,
    /// Where the token is.
    pub identity_source: [&'static str; 1],
    /// Which tokens are good.
    pub jwt_configuration: JwtConfiguration,
}

/// Which tokens are good.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct JwtConfiguration {
    /// Whom they are meant for.
    pub audience: Vec<String>,
    /// Who signs them.
    pub issuer: String,
}
