//! `encryption = "kms"`: the app's customer key, and what may use it.
//!
//! The key's policy names services and the account, never a role: a role whose policy names the key would close a circle.

use super::builder::Builder;
use super::{Removal, Section, logical_id};
use crate::aws::iam::{PolicyDocument, Statement};
use crate::aws::kms::{Alias, Key};
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::encryption::Encryption;

/// The section of the template that holds the key.
const SECTION: Section = Section::App;
const OUTPUT: &str = "EncryptionKeyArn";
/// Days during which a deleted key can be brought back; the longest (API_ScheduleKeyDeletion).
const PENDING_DAYS: u32 = 30;

/// Whether anything of the topology is encrypted with the app's own key.
pub(super) fn is_wanted(topology: &Topology) -> bool {
    let app = std::iter::once(&topology.app.encryption);
    let topics = topology.topics.values().map(|topic| &topic.encryption);
    let queues = topology
        .subscriptions
        .values()
        .map(|subscription| &subscription.encryption);
    app.chain(topics)
        .chain(queues)
        .any(|encryption| encryption.value == Encryption::Kms)
}

pub(super) fn lower(topology: &Topology, builder: &mut Builder<'_>) {
    if !is_wanted(topology) {
        return;
    }
    let span = topology.app.encryption.span;
    let key = builder.add(
        &SECTION,
        span,
        logical_id::key(),
        Key {
            description: format!("Messages, items and logs of the app {}", topology.app.name),
            enable_key_rotation: true,
            key_policy: policy(topology),
            pending_window_in_days: PENDING_DAYS,
        },
    );
    // Whatever is encrypted with it is lost with it.
    if !topology.environment.ephemeral {
        key.removal = Some(Removal::Retain);
    }
    let alias_name = builder.scoped_after("alias/", "key");
    builder.add(
        &SECTION,
        span,
        logical_id::key_alias(),
        Alias {
            alias_name,
            target_key_id: Text::Ref(logical_id::key()),
        },
    );
    builder.output(
        &SECTION,
        OUTPUT,
        "The app's customer key",
        Text::GetAtt(logical_id::key(), "Arn"),
    );
}

/// The app's own key, as a resource of `section` refers to it.
pub(super) fn own(section: &Section, builder: &Builder<'_>) -> Text {
    builder.shared(section, OUTPUT, || Text::GetAtt(logical_id::key(), "Arn"))
}

/// The app's own key where all of the app is encrypted with it: for what no existing key is asked to open up to, such as
/// log groups.
pub(super) fn own_for_all(
    topology: &Topology,
    section: &Section,
    builder: &Builder<'_>,
) -> Option<Text> {
    (topology.app.encryption.value == Encryption::Kms).then(|| own(section, builder))
}

/// The key of a queue, topic or table; none where AWS's own is used.
pub(super) fn of(
    encryption: &Encryption,
    section: &Section,
    builder: &Builder<'_>,
) -> Option<Text> {
    match encryption {
        Encryption::Sqs => None,
        Encryption::Kms => Some(own(section, builder)),
        Encryption::Key(key) => Some(Text::Literal(key.clone())),
    }
}

/// What a role may do with the keys in `used`. An alias names no resource for IAM: the key that carries it is told by a
/// condition.
pub(super) fn grants(
    sid: &'static str,
    actions: &[&'static str],
    used: &[&Encryption],
    section: &Section,
    builder: &Builder<'_>,
) -> Vec<Statement> {
    let mut used = used.to_vec();
    used.sort();
    used.dedup();
    let mut arns = Vec::new();
    let mut aliases = Vec::new();
    for encryption in used {
        match encryption {
            Encryption::Sqs => {}
            Encryption::Kms => arns.push(own(section, builder)),
            Encryption::Key(key) if key.starts_with("alias/") => aliases.push(key.clone()),
            Encryption::Key(arn) => arns.push(Text::Literal(arn.clone())),
        }
    }
    let mut statements = Vec::new();
    if !arns.is_empty() {
        statements.push(Statement::allow(sid, actions, arns));
    }
    for alias in aliases {
        let keys = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*";
        statements.push(
            Statement::allow(sid, actions, vec![Text::Sub(keys.to_owned())]).when(
                "ForAnyValue:StringEquals",
                "kms:ResourceAliases",
                alias.into(),
            ),
        );
    }
    statements
}

/// The account decides by IAM; SNS delivers to encrypted queues, CloudWatch tells an encrypted topic
/// (sns-key-management.html), and CloudWatch Logs keeps encrypted groups.
fn policy(topology: &Topology) -> PolicyDocument {
    // In a key's policy, `*` is the key itself.
    let this = || vec![Text::from("*")];
    let use_it: &[&str] = &["kms:Decrypt", "kms:GenerateDataKey*"];
    let logs = Statement::allow(
        "CloudWatchLogs",
        &[
            "kms:Decrypt*",
            "kms:Describe*",
            "kms:Encrypt*",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ],
        this(),
    )
    .by_text(Text::Sub("logs.${AWS::Region}.amazonaws.com".to_owned()))
    .when(
        "ArnLike",
        "kms:EncryptionContext:aws:logs:arn",
        Text::Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*".to_owned()),
    );
    let mut statements = vec![
        Statement::allow("Account", &["kms:*"], this()).by_account(Text::Sub(
            "arn:${AWS::Partition}:iam::${AWS::AccountId}:root".to_owned(),
        )),
        Statement::allow("EventTopics", use_it, this()).by("sns.amazonaws.com"),
        Statement::allow("CloudWatchAlarms", use_it, this()).by("cloudwatch.amazonaws.com"),
        logs,
    ];
    // EventBridge puts starts that nobody took into an encrypted queue.
    if topology.services.values().any(|s| s.schedule.is_some()) {
        statements
            .push(Statement::allow("ScheduledStarts", use_it, this()).by("events.amazonaws.com"));
    }
    PolicyDocument::new(statements)
}
