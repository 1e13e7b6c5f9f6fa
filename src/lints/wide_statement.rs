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
use crate::model::raw::{Raw, RawValue, is_function};
use crate::model::template::ExtraResource;
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
    for resource in context.topology.resources.values() {
        route_for_all(resource, diagnostics);
    }
}

/// A route of API Gateway without authorization, which is what one has that says nothing
/// (aws-resource-apigatewayv2-route.html).
fn route_for_all(resource: &ExtraResource, diagnostics: &mut Diagnostics) {
    if !["AWS::ApiGatewayV2::Route", "AWS::ApiGateway::Method"].contains(&resource.kind.as_str()) {
        return;
    }
    let properties = resource.attributes.get("Properties").and_then(Raw::map);
    let property = |name: &str| properties.and_then(|properties| properties.get(name));
    let method = property("HttpMethod").or_else(|| property("RouteKey"));
    // Browsers ask what they may send before they have a token.
    if method
        .and_then(Raw::text)
        .is_some_and(|method| method.starts_with("OPTIONS"))
    {
        return;
    }
    let asks = property("AuthorizationType");
    let span = match asks {
        None => resource.span,
        Some(asks) if asks.text() == Some("NONE") => asks.span,
        Some(_) => return,
    };
    diagnostics.push(
        Diagnostic::warning(CODE, span, "anybody may call this route")
            .help("set `AuthorizationType`, or give a service the route with `http`"),
    );
}

fn look(raw: &Raw, diagnostics: &mut Diagnostics) {
    match &raw.value {
        RawValue::Text(_) | RawValue::Number(_) | RawValue::Boolean(_) => {}
        RawValue::List(items) => items.iter().for_each(|item| look(item, diagnostics)),
        RawValue::Map(map) => {
            if map.get("Effect").and_then(Raw::text) == Some("Allow") {
                statement(map, diagnostics);
            }
            anybody_invokes(map, diagnostics);
            for (policy, span) in all(map, "ManagedPolicyArns") {
                if WIDE_POLICIES.iter().any(|end| policy.ends_with(end)) {
                    let message = format!("`{policy}` allows far more than a function needs");
                    diagnostics.push(Diagnostic::warning(CODE, span, message).help(NARROWER));
                }
            }
            map.values().for_each(|value| look(value, diagnostics));
        }
    }
}

/// What bounds an `AWS::Lambda::Permission` for everybody.
const BOUNDS: [&str; 4] = [
    "PrincipalOrgID",
    "SourceAccount",
    "SourceArn",
    "EventSourceToken",
];

/// A permission of Lambda and the URL of a function are no statements, and let in whom they name.
fn anybody_invokes(map: &BTreeMap<String, Raw>, diagnostics: &mut Diagnostics) {
    let is = |key: &str, text: &str| map.get(key).filter(|raw| raw.text() == Some(text));
    let permission = is("Principal", "*")
        .filter(|_| map.contains_key("FunctionName"))
        .filter(|_| !BOUNDS.iter().any(|bound| map.contains_key(*bound)))
        .map(|raw| (raw, "name who may, or set `SourceArn`"));
    let url = is("AuthType", "NONE")
        .filter(|_| map.contains_key("TargetFunctionArn"))
        .map(|raw| {
            (
                raw,
                "write `AuthType = \"AWS_IAM\"`, or give the service a route with `http`",
            )
        });
    for (raw, help) in permission.into_iter().chain(url) {
        let message = "anybody may invoke this function";
        diagnostics.push(Diagnostic::warning(CODE, raw.span, message).help(help));
    }
}

const NARROWER: &str = "list the actions that are called, and the ARNs that they are called on";

fn statement(map: &BTreeMap<String, Raw>, diagnostics: &mut Diagnostics) {
    if let Some(principal) = map.get("Principal") {
        let kinds = principal.map().into_iter().flat_map(BTreeMap::values);
        let principals = kinds.chain([principal]).flat_map(texts);
        everybody(map, principals, diagnostics);
    } else if let Some(but) = map.get("NotPrincipal") {
        everybody(map, [("*", but.name)].into_iter(), diagnostics);
    } else {
        everything(map, diagnostics);
    }
}

/// A resource's statement: whom it lets in. A condition may be as narrow as a name: what it says is not looked into.
fn everybody<'a>(
    map: &BTreeMap<String, Raw>,
    mut principals: impl Iterator<Item = (&'a str, Span)>,
    diagnostics: &mut Diagnostics,
) {
    let everybody = principals.find(|(who, _)| *who == "*");
    if let (Some((_, span)), false) = (everybody, map.contains_key("Condition")) {
        let message = "this statement lets everybody in, from any account";
        let help =
            "name who is let in, or set a `Condition`, such as `ArnEquals` on `aws:SourceArn`";
        diagnostics.push(Diagnostic::warning(CODE, span, message).help(help));
    }
}

/// A role's statement: what stands for everything is everything in the account.
fn everything(map: &BTreeMap<String, Raw>, diagnostics: &mut Diagnostics) {
    let mut resources = all(map, "Resource").into_iter();
    let where_ = if resources.any(|(resource, _)| is_everything(resource)) {
        "everything"
    } else if map.contains_key("NotResource") {
        "all but what it lists"
    } else {
        return;
    };
    let wide = all(map, "Action")
        .into_iter()
        .find(|(action, _)| is_all_verbs(action));
    let (what, span) = match (wide, map.get("NotAction")) {
        (Some((action, span)), _) => (format!("`{action}`"), span),
        (None, Some(but)) => ("all but what it lists".to_owned(), but.name),
        (None, None) => return,
    };
    let message = format!("this statement allows {what} on {where_}");
    diagnostics.push(Diagnostic::warning(CODE, span, message).help(NARROWER));
}

fn all<'r>(map: &'r BTreeMap<String, Raw>, key: &str) -> Vec<(&'r str, Span)> {
    map.get(key).map(texts).unwrap_or_default()
}

/// The texts that one value holds: itself, the pattern of `Fn::Sub`, or those of a list.
fn texts(raw: &Raw) -> Vec<(&str, Span)> {
    match &raw.value {
        RawValue::Text(text) => vec![(text, raw.span)],
        RawValue::List(items) => items.iter().flat_map(texts).collect(),
        RawValue::Map(map) if is_function(map.keys()) => {
            let pattern = map.get("Fn::Sub").map(texts).unwrap_or_default();
            pattern.into_iter().take(1).collect()
        }
        RawValue::Number(_) | RawValue::Boolean(_) | RawValue::Map(_) => Vec::new(),
    }
}
