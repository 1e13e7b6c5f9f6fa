//! `firewall = true`: AWS WAF before the REST API.

use crate::aws::value::Text;
use crate::aws::wafv2::{
    ManagedRuleGroup, RateBased, Rule, Statement, VisibilityConfig, WebAcl, WebAclAssociation,
    choice,
};
use crate::model::Topology;
use crate::plan::builder::Builder;
use crate::plan::{Section, logical_id};

/// Requests of one address in five minutes: some seven in a second, more than a person makes and less than a flood.
const REQUESTS_OF_ONE_ADDRESS: u32 = 2_000;
const WINDOW_SECONDS: u32 = 300;

pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    let section = Section::Api;
    let span = topology.api.firewall.span;
    let visible = |builder: &Builder<'_>, name: &str| VisibilityConfig {
        cloud_watch_metrics_enabled: true,
        metric_name: builder.scoped(name),
        sampled_requests_enabled: true,
    };
    let flood = Rule {
        name: "one-address",
        priority: 0,
        action: Some(choice("Block")),
        override_action: None,
        statement: Statement {
            managed_rule_group_statement: None,
            rate_based_statement: Some(RateBased {
                aggregate_key_type: "IP",
                evaluation_window_sec: WINDOW_SECONDS,
                limit: REQUESTS_OF_ONE_ADDRESS,
            }),
        },
        visibility_config: visible(builder, "firewall-one-address"),
    };
    // The groups' own actions hold; among them: a body above 8 KB is refused.
    let managed = |priority, name, group, metric| Rule {
        name,
        priority,
        action: None,
        override_action: Some(choice("None")),
        statement: Statement {
            managed_rule_group_statement: Some(ManagedRuleGroup {
                vendor_name: "AWS",
                name: group,
            }),
            rate_based_statement: None,
        },
        visibility_config: visible(builder, metric),
    };
    let rules = vec![
        flood,
        managed(
            1,
            "common",
            "AWSManagedRulesCommonRuleSet",
            "firewall-common",
        ),
        managed(
            2,
            "known-bad-inputs",
            "AWSManagedRulesKnownBadInputsRuleSet",
            "firewall-known-bad-inputs",
        ),
    ];
    let rules = WebAcl {
        description: format!("What the API of {} refuses", topology.app.name),
        scope: "REGIONAL",
        default_action: choice("Allow"),
        rules,
        visibility_config: visible(builder, "firewall"),
    };
    builder.add(&section, span, logical_id::firewall(), rules);
    builder.add(
        &section,
        span,
        logical_id::firewall_association(),
        WebAclAssociation {
            resource_arn: Text::Sub(format!(
                "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}::/restapis/${{{}}}/stages/${{{}}}",
                logical_id::rest_api(),
                logical_id::rest_api_stage()
            )),
            web_acl_arn: Text::GetAtt(logical_id::firewall(), "Arn"),
        },
    );
}
