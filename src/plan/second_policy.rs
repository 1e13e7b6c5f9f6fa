//! Policies in `[resources]` for a queue or topic that has one already.

use super::{Section, Stack};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::model::raw::{Mention, Raw};

/// Types of policies, and the property that lists whose they are. A queue or topic has one document: of two resources the one that is
/// deployed last holds (unconfirmed).
const POLICIES: [(&str, &str, &str); 2] = [
    (
        "AWS::SQS::QueuePolicy",
        "Queues",
        "AWS::SQS::QueueInlinePolicy",
    ),
    (
        "AWS::SNS::TopicPolicy",
        "Topics",
        "AWS::SNS::TopicInlinePolicy",
    ),
];

pub(super) fn check(topology: &Topology, stack: &Stack, diagnostics: &mut Diagnostics) {
    if topology.resources.is_empty() {
        return;
    }
    let policies = stack
        .resources
        .iter()
        .filter_map(|resource| topology.resources.get(resource.id.as_str()));
    for policy in policies {
        let kind = POLICIES.iter().find(|(kind, ..)| *kind == policy.kind);
        let Some((_, list, instead)) = kind else {
            continue;
        };
        let properties = policy.attributes.get("Properties").and_then(Raw::map);
        let whose = properties.and_then(|properties| properties.get(*list));
        for mention in whose.map(Raw::mentions).unwrap_or_default() {
            let Mention::Id(id, _) = mention else {
                continue;
            };
            let is_topogens = stack.resources.iter().any(|resource| {
                resource.id.as_str() == id.value
                    && !matches!(resource.section, Section::Resource(_))
            });
            if is_topogens {
                let message = format!(
                    "`{id}` has a policy already, and one of the two would take the place of the other"
                );
                diagnostics.push(
                    Diagnostic::warning(codes::SECOND_POLICY, id.span, message)
                        .help(format!("add your statement with \"{instead}\" instead")),
                );
            }
        }
    }
}
