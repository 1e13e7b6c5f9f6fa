//! # wide-statement
//!
//! CloudFormation in the file that lets everybody in, or lets somebody do everything.
//!
//! **Why it matters.** What topogen makes is for one sender and one receiver each. One statement beside it in `[resources]` or
//! `[overrides]` opens a queue, a bucket or the account to whoever finds it.
//!
//! **Example.** Anybody may read the receipts:
//!
//! ```toml
//! [resources.Receipts]
//! Type = "AWS::S3::Bucket"
//!
//! [resources.ReceiptsPolicy]
//! Type = "AWS::S3::BucketPolicy"
//!
//! [resources.ReceiptsPolicy.Properties]
//! Bucket = { Ref = "Receipts" }
//! PolicyDocument.Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = { "Fn::Sub" = "${Receipts.Arn}/*" } }]
//! ```
//!
//! **Instead.** Name who is let in, or set a condition. What is public on purpose says so in `[lints]`.
//!
//! ```toml
//! [resources.Receipts]
//! Type = "AWS::S3::Bucket"
//!
//! [resources.ReceiptsPolicy]
//! Type = "AWS::S3::BucketPolicy"
//!
//! [resources.ReceiptsPolicy.Properties]
//! Bucket = { Ref = "Receipts" }
//! PolicyDocument.Statement = [{ Effect = "Allow", Principal.AWS = { "Fn::GetAtt" = "PaymentRole.Arn" }, Action = "s3:GetObject", Resource = { "Fn::Sub" = "${Receipts.Arn}/*" } }]
//! ```

use std::collections::BTreeMap;

use super::Context;
use super::wide_permission::{is_all_verbs, is_everything};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::raw::{Raw, RawValue};
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG310",
    name: "wide-statement",
    severity: Severity::Warning,
};

/// Ends of the names of AWS's own policies that let somebody do everything, with the account or with a service
/// (aws-managed-policy reference).
const WIDE_POLICIES: [&str; 3] = ["AdministratorAccess", "PowerUserAccess", "FullAccess"];

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, value) in context.topology.raw() {
        look(value, diagnostics);
    }
}

fn look(raw: &Raw, diagnostics: &mut Diagnostics) {
    match &raw.value {
        RawValue::Text(_) | RawValue::Number(_) | RawValue::Boolean(_) => {}
        RawValue::List(items) => items.iter().for_each(|item| look(item, diagnostics)),
        RawValue::Map(map) => {
            if map.get("Effect").and_then(Raw::text) == Some("Allow") {
                statement(map, diagnostics);
            }
            for policy in map.get("ManagedPolicyArns").into_iter().flat_map(texts) {
                if WIDE_POLICIES.iter().any(|end| policy.0.ends_with(end)) {
                    let message = format!("`{}` allows far more than a function needs", policy.0);
                    let help =
                        "list the actions that are called, and the ARNs that they are called on";
                    diagnostics.push(Diagnostic::warning(CODE, policy.1, message).help(help));
                }
            }
            map.values().for_each(|value| look(value, diagnostics));
        }
    }
}

fn statement(map: &BTreeMap<String, Raw>, diagnostics: &mut Diagnostics) {
    let all = |key: &str| map.get(key).map(texts).unwrap_or_default();
    let principals = map.get("Principal").map(|principal| {
        let kinds = principal.map().into_iter().flat_map(BTreeMap::values);
        kinds.chain([principal]).flat_map(texts).collect::<Vec<_>>()
    });
    if let Some(principals) = principals {
        // A condition may be as narrow as a name: what it says is not looked into.
        let everybody = principals.into_iter().find(|(who, _)| *who == "*");
        if let (Some((_, span)), false) = (everybody, map.contains_key("Condition")) {
            let message = "this statement lets everybody in, from any account";
            let help =
                "name who is let in, or set a `Condition`, such as `ArnEquals` on `aws:SourceArn`";
            diagnostics.push(Diagnostic::warning(CODE, span, message).help(help));
        }
        return;
    }
    // Without a principal it is a role's: what stands for everything is everything in the account.
    if !all("Resource")
        .iter()
        .any(|(resource, _)| is_everything(resource))
    {
        return;
    }
    let wide = all("Action")
        .into_iter()
        .find(|(action, _)| is_all_verbs(action));
    let (what, span) = match (wide, map.get("NotAction")) {
        (Some((action, span)), _) => (format!("`{action}`"), span),
        (None, Some(but)) => ("all but what it lists".to_owned(), but.name),
        (None, None) => return,
    };
    let message = format!("this statement allows {what} on everything");
    let help = "list the actions that are called, and the ARNs that they are called on";
    diagnostics.push(Diagnostic::warning(CODE, span, message).help(help));
}

/// The texts that one value holds: itself, or those of a list.
fn texts(raw: &Raw) -> Vec<(&str, Span)> {
    match &raw.value {
        RawValue::Text(text) => vec![(text, raw.span)],
        RawValue::List(items) => items.iter().flat_map(texts).collect(),
        RawValue::Number(_) | RawValue::Boolean(_) | RawValue::Map(_) => Vec::new(),
    }
}
