//! Amazon API Gateway, REST APIs (version 1).

use std::collections::BTreeMap;

use serde::Serialize;

use super::apigateway::AccessLogSettings;
use super::value::Text;

/// `AWS::ApiGateway::RestApi`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RestApi {
    /// Shown in the console, and a dimension of its metrics.
    pub name: Text,
    /// Where it answers.
    pub endpoint_configuration: EndpointConfiguration,
}

/// Where a REST API answers.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EndpointConfiguration {
    /// `REGIONAL`: in its own Region, as HTTP APIs do.
    pub types: [&'static str; 1],
}

/// `AWS::ApiGateway::Resource`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    /// Id of the API.
    pub rest_api_id: Text,
    /// Id of the resource above, or of the root.
    pub parent_id: Text,
    /// One part of a path.
    pub path_part: String,
}

/// `AWS::ApiGateway::Method`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Method {
    /// Id of the API.
    pub rest_api_id: Text,
    /// Id of the path's resource.
    pub resource_id: Text,
    /// `POST`, or `ANY`.
    pub http_method: String,
    /// `NONE`: anyone may call. `COGNITO_USER_POOLS`: whoever has a token.
    pub authorization_type: &'static str,
    /// Id of the authorizer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<Text>,
    /// Scopes of which a token must have one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_scopes: Vec<String>,
    /// Who answers.
    pub integration: Integration,
    /// Answers of a mock: status and headers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub method_responses: Vec<MethodResponse>,
}

/// Who answers a method.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Integration {
    /// A function.
    Function(FunctionIntegration),
    /// API Gateway itself.
    Mock(MockIntegration),
}

/// A function answers, with payload format 1.0.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionIntegration {
    /// `AWS_PROXY`
    pub r#type: &'static str,
    /// `POST`: how functions are invoked.
    pub integration_http_method: &'static str,
    /// The function's address for API Gateway.
    pub uri: Text,
}

/// API Gateway answers itself.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MockIntegration {
    /// `MOCK`
    pub r#type: &'static str,
    /// `WHEN_NO_TEMPLATES`
    pub passthrough_behavior: &'static str,
    /// By content type: the status that it chooses.
    pub request_templates: BTreeMap<&'static str, String>,
    /// Its answers.
    pub integration_responses: [IntegrationResponse; 1],
}

/// An answer of a mock.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct IntegrationResponse {
    /// `204`
    pub status_code: &'static str,
    /// Headers, each in single quotes.
    pub response_parameters: BTreeMap<String, String>,
    /// By content type: what is worked out for each request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub response_templates: BTreeMap<&'static str, String>,
}

/// An answer that a method may give.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MethodResponse {
    /// `204`
    pub status_code: &'static str,
    /// Headers, and whether each is always there.
    pub response_parameters: BTreeMap<String, bool>,
}

/// `AWS::ApiGateway::Authorizer`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Authorizer {
    /// Id of the API.
    pub rest_api_id: Text,
    /// Unique in the API.
    pub name: &'static str,
    /// `COGNITO_USER_POOLS`
    pub r#type: &'static str,
    /// Where the token is.
    pub identity_source: &'static str,
    /// ARNs of the user pools.
    #[serde(rename = "ProviderARNs")]
    pub provider_arns: [Text; 1],
}

/// `AWS::ApiGateway::GatewayResponse`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GatewayResponse {
    /// Id of the API.
    pub rest_api_id: Text,
    /// `DEFAULT_4XX`
    pub response_type: &'static str,
    /// Headers, each in single quotes.
    pub response_parameters: BTreeMap<String, String>,
}

/// `AWS::ApiGateway::Deployment`: what the API was when it was made; it never changes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Deployment {
    /// Id of the API.
    pub rest_api_id: Text,
}

/// `AWS::ApiGateway::Stage`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stage {
    /// Id of the API.
    pub rest_api_id: Text,
    /// Id of the deployment that is live.
    pub deployment_id: Text,
    /// First part of every path.
    pub stage_name: String,
    /// One JSON line for each request.
    pub access_log_setting: AccessLogSettings,
    /// Throttling.
    pub method_settings: Vec<MethodSetting>,
    /// X-Ray.
    pub tracing_enabled: bool,
}

/// How many requests a method takes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MethodSetting {
    /// `POST`, or `*`.
    pub http_method: String,
    /// The path, each inner slash written `~1`, or `/*`.
    pub resource_path: String,
    /// Requests at once.
    pub throttling_burst_limit: u32,
    /// Requests in a second.
    pub throttling_rate_limit: u32,
}
