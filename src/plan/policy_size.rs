//! Whether policies fit where AWS keeps them: with a queue, a role or a function.

use std::collections::{BTreeMap, BTreeSet};

use super::longest::Longest;
use super::{Resource, Stack};
use crate::aws::Properties;
use crate::aws::iam::{PolicyDocument, Statement};
use crate::aws::lambda::Permission;
use crate::aws::value::{LogicalId, Text};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::Span;

/// Bytes and statements of a queue's policy (quotas-messages.html).
const QUEUE_BYTES: usize = 8_192;
const QUEUE_STATEMENTS: usize = 20;
/// Characters of all policies in a role (reference_iam-quotas.html).
const ROLE_CHARACTERS: usize = 10_240;
/// Bytes of the policy that says who may invoke a function (gettingstarted-limits.html).
const FUNCTION_BYTES: usize = 20_480;

pub(super) fn check(stack: &Stack, longest: &Longest<'_>, diagnostics: &mut Diagnostics) {
    // A subscription's queues have the same statements: the first one says it.
    let mut told: BTreeSet<Span> = BTreeSet::new();
    let found = of_documents(stack, longest).chain(of_functions(stack, longest));
    found
        .filter(|found| told.insert(found.span))
        .for_each(|found| diagnostics.push(found));
}

fn of_documents(stack: &Stack, longest: &Longest<'_>) -> impl Iterator<Item = Diagnostic> {
    let size = |document: &PolicyDocument| document.length(&|text| longest.length(text));
    stack.resources.iter().filter_map(move |resource| {
        let id = &resource.id;
        let (what, help) = if let Properties::QueuePolicy(policy) = &resource.properties {
            let document = &policy.policy_document;
            let (statements, bytes) = (document.statements().len(), size(document));
            let what = if statements > QUEUE_STATEMENTS {
                format!("the policy `{id}` has {statements} statements, SQS takes {QUEUE_STATEMENTS}")
            } else if bytes > QUEUE_BYTES {
                format!("the policy `{id}` has {bytes} bytes, SQS takes {QUEUE_BYTES}")
            } else {
                return None;
            };
            (what, "each topic takes a statement: let the events go through fewer topics, or divide them among several subscriptions")
        } else if let Properties::Role(role) = &resource.properties {
            let documents = role.policies.iter().map(|policy| &policy.policy_document);
            let characters: usize = documents.map(size).sum();
            if characters <= ROLE_CHARACTERS {
                return None;
            }
            let what = format!(
                "the policies of `{id}` have {characters} characters, IAM takes {ROLE_CHARACTERS}"
            );
            (what, "write fewer `permissions`, or divide the service")
        } else {
            return None;
        };
        Some(Diagnostic::error(codes::POLICY_SIZE, resource.origin.span, what).help(help))
    })
}

/// Each permission is a statement of its function's policy.
fn of_functions(stack: &Stack, longest: &Longest<'_>) -> impl Iterator<Item = Diagnostic> {
    let mut statements: BTreeMap<&LogicalId, (&Resource, Vec<Statement>)> = BTreeMap::new();
    for resource in &stack.resources {
        if let Properties::Permission(permission) = &resource.properties
            && let Text::GetAtt(function, _) = &permission.function_name
        {
            let entry = statements.entry(function).or_insert((resource, Vec::new()));
            entry.1.push(statement(resource, permission, longest));
        }
    }
    statements
        .into_iter()
        .filter_map(|(function, (first, statements))| {
            let count = statements.len();
            let bytes = PolicyDocument::new(statements).length(&|text| longest.length(text));
            (bytes > FUNCTION_BYTES).then(|| {
                Diagnostic::error(
                    codes::POLICY_SIZE,
                    first.origin.span,
                    format!("the {count} callers of `{function}` make a policy of {bytes} bytes, Lambda takes {FUNCTION_BYTES}"),
                )
                .help("each route takes a statement: divide them among several services, or write `ANY /…/{proxy+}` for several")
            })
        })
}

/// As Lambda writes it; its id is as long as the permission's name.
fn statement(resource: &Resource, permission: &Permission, longest: &Longest<'_>) -> Statement {
    let id = resource.id.as_str();
    let id = format!("{id:-<length$}", length = longest.generated(id));
    let (action, function) = (permission.action, permission.function_name.clone());
    Statement::allow_written(id, vec![action.to_owned()], vec![function])
        .by(permission.principal)
        .when("ArnLike", "AWS:SourceArn", permission.source_arn.clone())
}
