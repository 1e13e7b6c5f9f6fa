//! Amazon API Gateway, HTTP APIs (version 2).

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

/// Bounds of all routes together.
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
    /// `NONE`: anyone may call.
    pub authorization_type: &'static str,
    /// `integrations/{id}`
    pub target: Text,
}
