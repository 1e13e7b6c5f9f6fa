//! # coarse-permission
//!
//! A permission for all actions of a service, or for all resources where the service knows single ones.
//!
//! **Why it matters.** The rest of the role is exact: each function may do what its edges ask for and nothing else. A wide
//! statement beside it undoes that, and nobody can say any more what the function needs.
//!
//! **Example.**
//!
//! ```toml
//! [services.payment]
//! permissions = [{ actions = ["s3:GetObject"], resources = ["*"] }]
//! ```
//!
//! **Instead.** Name the resources. Where an action knows none, say so in `[lints]`.
//!
//! ```toml
//! [services.payment]
//! permissions = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::receipts/*"] }]
//! ```

use super::Context;
use super::wide_permission::{all_resources, filled, is_wide};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::permission::{Action, Permission};

pub(super) const CODE: Code = Code {
    id: "TG307",
    name: "coarse-permission",
    severity: Severity::Warning,
};

/// Services most of whose actions take the ARN of a resource (service authorization reference).
const WITH_ARNS: [&str; 23] = [
    "batch",
    "bedrock",
    "codebuild",
    "cognito-idp",
    "dynamodb",
    "ecs",
    "events",
    "execute-api",
    "firehose",
    "iam",
    "iot",
    "kinesis",
    "kms",
    "lambda",
    "rds-data",
    "s3",
    "secretsmanager",
    "ses",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
];
/// Verbs of theirs that look at the account as a whole.
const OF_ACCOUNT: [&str; 9] = [
    "Describe",
    "GenerateRandom",
    "GetRandomPassword",
    "GetSend",
    "List",
    "Create",
    "GetAccessKeyInfo",
    "GetCallerIdentity",
    "GetSessionToken",
];
/// It lists what is in one bucket, and takes that one's ARN.
const LIST_BUCKET: &str = "ListBucket";
/// Services whose ARNs end in a name, without a kind such as `table/` before it.
const WITHOUT_KIND: [&str; 3] = ["s3", "sns", "sqs"];

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for service in context.topology.services.values() {
        for permission in &service.permissions {
            let all_resources = all_resources(permission);
            let all_of_a_kind = all_resources || every_one_of_a_kind(permission);
            for action in &permission.actions {
                if is_wide(&action.value, all_resources) {
                    continue;
                }
                let Some((of, verb)) = action.value.0.split_once(':') else {
                    continue;
                };
                let (what, help) = if verb.bytes().all(|b| b == b'*') {
                    (
                        format!("may do everything that `{of}` can"),
                        "list the actions that the handler calls".to_owned(),
                    )
                } else if all_of_a_kind && takes_arns(&action.value) {
                    (
                        format!(
                            "may do `{}` to every resource of the account",
                            action.value.0
                        ),
                        format!("name the resources, such as \"{}\"", example(of, verb)),
                    )
                } else {
                    continue;
                };
                diagnostics.push(
                    Diagnostic::warning(CODE, action.span, format!("`{}` {what}", service.name))
                        .help(help),
                );
            }
        }
    }
}

/// How the ARN of one resource of a service is written (Service Authorization Reference).
fn example(service: &str, verb: &str) -> String {
    let resource = match service {
        "s3" if verb == LIST_BUCKET => return "arn:aws:s3:::receipts".to_owned(),
        "s3" => return "arn:aws:s3:::receipts/*".to_owned(),
        "iam" | "sts" => return "arn:aws:iam::${AWS::AccountId}:role/receipts".to_owned(),
        "bedrock" => {
            return "arn:aws:bedrock:${AWS::Region}::foundation-model/the-model".to_owned();
        }
        "batch" => "job-queue/receipts",
        "codebuild" => "project/receipts",
        "cognito-idp" => "userpool/the-pool",
        "dynamodb" => "table/Receipts",
        "ecs" => "task-definition/receipts:*",
        "events" => "event-bus/receipts",
        "execute-api" => "the-api/prod/GET/receipts",
        "firehose" => "deliverystream/receipts",
        "iot" => "topic/receipts",
        "kinesis" => "stream/receipts",
        "kms" => "key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "lambda" => "function:receipts",
        "rds-data" => {
            return "arn:aws:rds:${AWS::Region}:${AWS::AccountId}:cluster:receipts".to_owned();
        }
        "secretsmanager" => "secret:receipts-*",
        "ses" => "identity/shop.example.com",
        "ssm" => "parameter/receipts",
        "states" => "stateMachine:receipts",
        _ => "receipts",
    };
    format!("arn:aws:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")
}

fn takes_arns(action: &Action) -> bool {
    action.0.split_once(':').is_some_and(|(service, verb)| {
        (service, verb) == ("s3", LIST_BUCKET)
            || WITH_ARNS.contains(&service)
                && !OF_ACCOUNT.iter().any(|prefix| verb.starts_with(prefix))
    })
}

/// Whether the permission is for all that a service has of one kind, such as `arn:aws:iam::*:role/*`.
fn every_one_of_a_kind(permission: &Permission) -> bool {
    permission.resources.iter().any(|resource| {
        let resource = filled(&resource.value.0);
        let parts: Vec<&str> = resource.splitn(6, ':').collect();
        let ["arn", _, service, _, _, name] = parts.as_slice() else {
            return false;
        };
        let name = match name.split_once(['/', ':']) {
            Some((_, name)) if !WITHOUT_KIND.contains(service) => name,
            _ => name,
        };
        name.bytes().all(|b| b"*/".contains(&b))
    })
}
