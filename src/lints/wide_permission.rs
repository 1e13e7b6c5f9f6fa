//! # wide-permission
//!
//! A permission to do everything, or everything with all of a service's resources.
//!
//! **Why it matters.** Whoever gets hold of the function then has the account, or all data of that service: other teams'
//! queues, tables and secrets among it.
//!
//! **Example.**
//!
//! ```toml
//! [services.payment]
//! permissions = [{ actions = ["s3:*"], resources = ["*"] }]
//! ```
//!
//! **Instead.** List the actions that the handler calls, and the resources that it calls them on.
//!
//! ```toml
//! [services.payment]
//! permissions = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::receipts/*"] }]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::permission::{Action, Permission};

pub(super) const CODE: Code = Code {
    id: "TG304",
    name: "wide-permission",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for service in context.topology.services.values() {
        for permission in &service.permissions {
            let all_resources = all_resources(permission);
            let where_ = if all_resources {
                "everything"
            } else {
                "what it lists"
            };
            for action in permission
                .actions
                .iter()
                .filter(|a| is_wide(&a.value, all_resources))
            {
                diagnostics.push(
                    Diagnostic::error(
                        CODE,
                        action.span,
                        format!("`{}` may do `{}` to {where_}", service.name, action.value.0),
                    )
                    .help("list the actions that the handler calls, and the ARNs that it calls them on"),
                );
            }
        }
    }
}

/// `*` anywhere, or all verbs of a service on all that there is.
pub(super) fn is_wide(action: &Action, all_resources: bool) -> bool {
    match action.0.split_once(':') {
        None => true,
        Some(_) => is_all_verbs(&action.0) && all_resources,
    }
}

/// Whether an action is all that there is, of one service or of all.
pub(super) fn is_all_verbs(action: &str) -> bool {
    let verb = action.split_once(':').map_or(action, |(_, verb)| verb);
    verb.contains('*') && verb.bytes().all(|b| matches!(b, b'*' | b'?'))
}

/// Whether the permission is for all that there is, of one service or of all.
pub(super) fn all_resources(permission: &Permission) -> bool {
    let mut resources = permission.resources.iter();
    resources.any(|resource| is_everything(&resource.value.0))
}

/// Whether what a statement is for is all that there is, of one service or of all, such as `arn:aws:iam::*:*`.
pub(super) fn is_everything(resource: &str) -> bool {
    let resource = filled(resource);
    let name = match resource.strip_prefix("arn:") {
        Some(arn) => arn.splitn(5, ':').nth(4).unwrap_or_default(),
        None => &resource,
    };
    !name.is_empty() && name.bytes().all(|b| b"*:/".contains(&b))
}

/// An ARN's pattern with something in place of each `${}`, such as `${AWS::Region}`: its colons part nothing.
pub(super) fn filled(pattern: &str) -> String {
    let mut parts = pattern.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |filled, part| {
        filled + "$" + part.split_once('}').map_or(part, |(_, rest)| rest)
    })
}
