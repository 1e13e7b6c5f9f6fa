//! # api-log-role
//!
//! A REST API, whose access log needs a role that the whole account has one of.
//!
//! **Why it matters.** A REST API writes its log by the role in API Gateway's settings of the account and Region, which a new account
//! does not have. Without it the deployment fails: "CloudWatch Logs role ARN must be set in account settings to enable logging". No stack
//! should set it: what all stacks share goes with the one that goes first.
//!
//! **Example.** With a firewall the API is a REST API:
//!
//! ```toml
//! [api]
//! firewall = true
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//! ```
//!
//! **Instead.** Look with `aws apigateway get-account` whether there is a `cloudwatchRoleArn`. Where there is none, make a role with the
//! policy `AmazonAPIGatewayPushToCloudWatchLogs` and set it with `aws apigateway update-account`, once. Then say so:
//!
//! ```toml
//! [api]
//! firewall = true
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["OrderCreated"]
//!
//! [lints]
//! api-log-role = "set in both accounts when they were made"
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG135",
    name: "api-log-role",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    let mut services = topology.services.values();
    let has_api = services.any(|service| !service.http.is_empty());
    if !topology.api.firewall.value || !has_api {
        return;
    }
    diagnostics.push(
        Diagnostic::warning(
            CODE,
            topology.api.firewall.span,
            "a REST API is deployed only where API Gateway's settings of the account have a role for its log",
        )
        .help("look with `aws apigateway get-account`, then write `api-log-role = \"…\"` in `[lints]`"),
    );
}
