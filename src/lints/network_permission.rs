//! # network-permission
//!
//! A function that an override puts into a VPC, and whose role may not make network interfaces there.
//!
//! **Why it matters.** Lambda makes them with the function's own role, and refuses the function in the middle of a deployment: "The
//! provided execution role does not have permissions to call CreateNetworkInterface on EC2".
//!
//! **Example.**
//!
//! ```toml
//! [overrides.PaymentFunction.Properties]
//! VpcConfig = { SubnetIds = ["subnet-0a1b2c3d"], SecurityGroupIds = ["sg-0a1b2c3d"] }
//! ```
//!
//! **Instead.** Give the role AWS's own policy for it.
//!
//! ```toml
//! [overrides.PaymentFunction.Properties]
//! VpcConfig = { SubnetIds = ["subnet-0a1b2c3d"], SecurityGroupIds = ["sg-0a1b2c3d"] }
//!
//! [overrides.PaymentRole.Properties]
//! ManagedPolicyArns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::permission::Permission;
use crate::plan::logical_id;

pub(super) const CODE: Code = Code {
    id: "TG312",
    name: "network-permission",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for service in topology.services.values() {
        let function = logical_id::function(&service.name);
        let role = logical_id::role(&service.name);
        let change = topology.overrides.get(function.as_str());
        let Some(network) = change.and_then(|change| change.property("VpcConfig")) else {
            continue;
        };
        // What the policies say that it names is for them to know.
        let change = topology.overrides.get(role.as_str());
        let has_policies = change.is_some_and(|c| c.property("ManagedPolicyArns").is_some());
        if has_policies || service.permissions.iter().any(makes_interfaces) {
            continue;
        }
        let message = format!(
            "`{}` stands in a VPC, and its role may not make network interfaces there",
            service.name
        );
        diagnostics.push(Diagnostic::warning(CODE, network.name, message).help(format!(
            "write `ManagedPolicyArns = [\"arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole\"]` below `[overrides.{role}.Properties]`"
        )));
    }
}

/// Whether a permission is of network interfaces (configuration-vpc.html).
fn makes_interfaces(permission: &Permission) -> bool {
    permission.actions.iter().any(|action| {
        let verb = action.value.0.strip_prefix("ec2:");
        verb.is_some_and(|verb| verb.contains('*') || verb == "CreateNetworkInterface")
    })
}
