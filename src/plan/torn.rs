//! What `[overrides.*]` may tear apart: resources that know each other by name, and statements that let senders in.

use serde_json::Value;

use super::patch::touched;
use super::{Resource, Section, body, logical_id};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::model::template::Override;

/// Reports what `change` leaves without its counterpart.
pub(super) fn check(
    topology: &Topology,
    resource: &Resource,
    change: &Override,
    diagnostics: &mut Diagnostics,
) {
    let lost = lost_statement(resource, change).into_iter();
    for finding in lost.chain(half_renamed(topology, resource, change)) {
        diagnostics.push(finding);
    }
}

/// A dead-letter queue admits its queue by name: one that is called otherwise must be admitted anew.
fn half_renamed(topology: &Topology, resource: &Resource, change: &Override) -> Option<Diagnostic> {
    let Section::Subscription(name) = &resource.section else {
        return None;
    };
    let span = touched(change, "QueueName").filter(|_| resource.id == logical_id::queue(name))?;
    let dead_letters = logical_id::dead_letter_queue(name);
    let admits = topology.overrides.get(dead_letters.as_str());
    let admits = admits.and_then(|change| touched(change, "RedriveAllowPolicy"));
    let message = format!(
        "`{dead_letters}` admits `{}` by the name that it had",
        resource.id
    );
    let help = format!(
        "override `RedriveAllowPolicy` of `{dead_letters}` as well, with the new ARN in `sourceQueueArns`"
    );
    let finding = Diagnostic::error(codes::OVERRIDDEN_WORD, span, message).help(help);
    admits.is_none().then_some(finding)
}

/// A policy may have further statements; a list is replaced as a whole, and those that let senders in are easily left out.
fn lost_statement(resource: &Resource, change: &Override) -> Option<Diagnostic> {
    if matches!(resource.section, Section::Resource(_)) {
        return None;
    }
    let (document, beside) = match resource.properties.type_name() {
        "AWS::SQS::QueuePolicy" => (
            "PolicyDocument",
            ", or yours into an `AWS::SQS::QueueInlinePolicy` in `[resources]`",
        ),
        "AWS::SNS::TopicPolicy" => (
            "PolicyDocument",
            ", or yours into an `AWS::SNS::TopicInlinePolicy` in `[resources]`",
        ),
        "AWS::KMS::Key" => ("KeyPolicy", ""),
        _ => return None,
    };
    let path = format!("{document}.Statement");
    let span = touched(change, &path)?;
    let plain = body::plain(resource);
    let patched = resource.patch.as_ref()?.apply(plain.clone());
    let has = |body: &Value, sid: &Value| {
        let statements = body["Properties"][document]["Statement"].as_array();
        statements.is_some_and(|all| all.iter().any(|statement| statement["Sid"] == *sid))
    };
    let own = plain["Properties"][document]["Statement"].as_array()?;
    let sids = own.iter().map(|statement| &statement["Sid"]);
    let lost = sids
        .filter(|sid| !has(&patched, sid))
        .find_map(Value::as_str)?;
    let id = &resource.id;
    let message = format!("`{path}` of `{id}` loses the statement `{lost}`");
    let help = format!("write it beside yours, as it stands in out/{beside}");
    Some(Diagnostic::error(codes::OVERRIDDEN_WORD, span, message).help(help))
}
