//! AWS WAF (version 2).

use std::collections::BTreeMap;

use serde::Serialize;

use super::value::Text;

/// One name with nothing in it, such as `{ "Allow": {} }`.
pub type Choice = BTreeMap<&'static str, BTreeMap<String, String>>;

/// `name` chosen, without settings.
pub fn choice(name: &'static str) -> Choice {
    BTreeMap::from([(name, BTreeMap::new())])
}

/// `AWS::WAFv2::WebACL`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WebAcl {
    /// Shown in the console.
    pub description: String,
    /// `REGIONAL`: for APIs, not for CloudFront.
    pub scope: &'static str,
    /// `Allow`: what no rule stops, passes.
    pub default_action: Choice,
    /// Rules, in the order of their priorities.
    pub rules: Vec<Rule>,
    /// Metrics of all rules together.
    pub visibility_config: VisibilityConfig,
}

/// One rule.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule {
    /// Unique in the list.
    pub name: &'static str,
    /// The lowest is looked at first.
    pub priority: u32,
    /// What a rule of its own does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Choice>,
    /// `None`: what a group of rules does is not changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_action: Option<Choice>,
    /// What it looks for.
    pub statement: Statement,
    /// Its metrics.
    pub visibility_config: VisibilityConfig,
}

/// What a rule looks for; one of the two.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// What AWS keeps up to date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_rule_group_statement: Option<ManagedRuleGroup>,
    /// Too many requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_based_statement: Option<RateBased>,
}

/// Rules that AWS keeps up to date.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManagedRuleGroup {
    /// `AWS`
    pub vendor_name: &'static str,
    /// Such as `AWSManagedRulesCommonRuleSet`.
    pub name: &'static str,
}

/// Too many requests of one sender.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RateBased {
    /// `IP`
    pub aggregate_key_type: &'static str,
    /// Seconds that are looked at.
    pub evaluation_window_sec: u32,
    /// Requests in that time.
    pub limit: u32,
}

/// Metrics of a rule.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VisibilityConfig {
    /// Whether there are any.
    pub cloud_watch_metrics_enabled: bool,
    /// Their name.
    pub metric_name: Text,
    /// Whether the console shows some of the requests.
    pub sampled_requests_enabled: bool,
}

/// `AWS::WAFv2::WebACLAssociation`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WebAclAssociation {
    /// ARN of the API's stage.
    pub resource_arn: Text,
    /// ARN of the rules.
    #[serde(rename = "WebACLArn")]
    pub web_acl_arn: Text,
}
