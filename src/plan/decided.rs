//! What `[overrides.*]` may not touch: properties that a word of the language decides, and those that the flow of events rests on.
//!
//! Lints and limits look at the words. An override of the same property would pass by all of them.

use super::patch::touched;
use super::{Resource, Section, logical_id};
use crate::aws::Properties;
use crate::aws::value::LogicalId;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::names::TopicName;
use crate::model::raw::{Raw, RawValue};
use crate::model::service::OWN_VARIABLES;
use crate::model::template::Override;
use crate::source::Span;

/// A property by its path, and who decides it.
type Decided = (&'static str, By);

#[derive(Debug, Clone, Copy)]
enum By {
    /// A word in the section that makes the resource.
    Word(&'static str),
    /// A word in another section.
    WordIn(&'static str, &'static str),
    /// topogen alone, for a reason.
    Topogen(&'static str),
}

use By::{Topogen, Word, WordIn};

const FLOW: By = Topogen("the flow of events that is checked must be the one that is deployed");
const KEPT: By = Topogen("a message that fails for good would be lost");
const REPORTS: By = Topogen("a record that failed would count as done, and be lost");

const QUEUE: &[Decided] = &[
    ("RedrivePolicy.deadLetterTargetArn", KEPT),
    ("RedrivePolicy.maxReceiveCount", Word("max_receive_count")),
    ("VisibilityTimeout", Word("visibility_timeout")),
    ("MessageRetentionPeriod", Word("retention")),
    ("DelaySeconds", Word("delay")),
];
const DEAD_LETTERS: &[Decided] = &[("MessageRetentionPeriod", Word("dead_letter_retention"))];
const QUEUES: &[Decided] = &[
    ("KmsMasterKeyId", Word("encryption")),
    ("SqsManagedSseEnabled", Word("encryption")),
    ("FifoQueue", FLOW),
];
const SUBSCRIPTION: &[Decided] = &[
    ("FilterPolicy", Word("filter")),
    ("FilterPolicyScope", Word("filter_scope")),
    ("RawMessageDelivery", Word("raw_message_delivery")),
    ("RedrivePolicy", KEPT),
    ("TopicArn", FLOW),
    ("Endpoint", FLOW),
    ("Protocol", FLOW),
];
const MAPPING: &[Decided] = &[
    ("BatchSize", Word("batch_size")),
    ("MaximumBatchingWindowInSeconds", Word("batching_window")),
    ("ScalingConfig", Word("maximum_concurrency")),
    ("ProvisionedPollerConfig", Word("provisioned_pollers")),
    ("FilterCriteria", Word("filter")),
    ("FunctionResponseTypes", REPORTS),
    ("EventSourceArn", FLOW),
    ("FunctionName", FLOW),
];
/// The mapping of a relay, which reads the stream of its table.
const RELAY: &[Decided] = &[
    ("FilterCriteria", FLOW),
    ("FunctionResponseTypes", REPORTS),
    ("EventSourceArn", FLOW),
    ("FunctionName", FLOW),
];
const TOPIC: &[Decided] = &[
    ("FifoTopic", Word("fifo")),
    (
        "ContentBasedDeduplication",
        Word("content_based_deduplication"),
    ),
    ("KmsMasterKeyId", Word("encryption")),
    ("MaximumMessageSize", Word("max_message_size")),
];
const FUNCTION: &[Decided] = &[
    ("MemorySize", Word("function.memory")),
    ("Timeout", Word("function.timeout")),
    ("Architectures", Word("function.architecture")),
    ("ReservedConcurrentExecutions", Word("reserved_concurrency")),
    ("Environment.Variables", Word("environment")),
];
const ROLE: &[Decided] = &[("Policies", Word("permissions"))];
const LOG_GROUP: &[Decided] = &[("RetentionInDays", Word("function.log_retention"))];
const TABLE: &[Decided] = &[
    ("KeySchema", Word("table.key")),
    ("TimeToLiveSpecification", Word("table.ttl")),
];
const STREAM: &[Decided] = &[("StreamSpecification", FLOW)];
const SCHEDULE: &[Decided] = &[("ScheduleExpression", Word("schedule"))];
/// Queues of failed starts and of what a relay gave up, and the topic of alarms: AWS services send to them, and are shut out by a key
/// that does not let them in.
const FED_BY_AWS: &[Decided] = &[
    ("KmsMasterKeyId", WordIn("encryption", "app")),
    ("SqsManagedSseEnabled", WordIn("encryption", "app")),
];
const ALARM: &[Decided] = &[
    ("AlarmActions", WordIn("notify", "alarms")),
    ("ActionsEnabled", WordIn("notify", "alarms")),
];
const API: &[Decided] = &[("CorsConfiguration", WordIn("cors", "api"))];
const STAGE: &[Decided] = &[
    (
        "DefaultRouteSettings.ThrottlingRateLimit",
        WordIn("throttling", "api"),
    ),
    (
        "DefaultRouteSettings.ThrottlingBurstLimit",
        WordIn("throttling", "api"),
    ),
];
const ROUTE: &[Decided] = &[
    ("AuthorizationType", WordIn("authorizer", "api")),
    ("AuthorizerId", WordIn("authorizer", "api")),
    ("AuthorizationScopes", WordIn("authorizer", "api")),
];

/// What is decided of a resource.
fn of(resource: &Resource) -> Vec<&'static [Decided]> {
    let is = |id: LogicalId| resource.id == id;
    let kind = resource.properties.type_name();
    if let Section::Subscription(name) = &resource.section {
        return match kind {
            "AWS::SQS::Queue" if is(logical_id::queue(name)) => vec![QUEUE, QUEUES],
            "AWS::SQS::Queue" => vec![DEAD_LETTERS, QUEUES],
            "AWS::SNS::Subscription" => vec![SUBSCRIPTION],
            "AWS::Lambda::EventSourceMapping" => vec![MAPPING],
            "AWS::CloudWatch::Alarm" => vec![ALARM],
            _ => Vec::new(),
        };
    }
    if let Section::Service(name) = &resource.section {
        // The relay of an outbox has settings of its own, which no word changes.
        return match kind {
            "AWS::Lambda::Function" if is(logical_id::function(name)) => vec![FUNCTION],
            "AWS::IAM::Role" if is(logical_id::role(name)) => vec![ROLE],
            "AWS::Logs::LogGroup" if is(logical_id::log_group(name)) => vec![LOG_GROUP],
            "AWS::Lambda::EventSourceMapping" => vec![RELAY],
            "AWS::DynamoDB::Table" if has_stream(resource) => vec![TABLE, STREAM],
            "AWS::DynamoDB::Table" => vec![TABLE],
            "AWS::Events::Rule" => vec![SCHEDULE],
            "AWS::SQS::Queue" => vec![FED_BY_AWS],
            "AWS::CloudWatch::Alarm" => vec![ALARM],
            _ => Vec::new(),
        };
    }
    if let Section::Resource(_) = &resource.section {
        return Vec::new();
    }
    match kind {
        "AWS::SNS::Topic" if matches!(resource.section, Section::Topic(_)) => vec![TOPIC],
        "AWS::SNS::Topic" => vec![FED_BY_AWS],
        "AWS::CloudWatch::Alarm" => vec![ALARM],
        "AWS::ApiGatewayV2::Api" => vec![API],
        "AWS::ApiGatewayV2::Stage" => vec![STAGE],
        "AWS::ApiGatewayV2::Route" | "AWS::ApiGateway::Method" => vec![ROUTE],
        _ => Vec::new(),
    }
}

/// Whether a relay reads the table's stream; without one it is free for other readers.
fn has_stream(resource: &Resource) -> bool {
    matches!(&resource.properties, Properties::Table(table) if table.stream_specification.is_some())
}

/// Reports what `change` touches of what is decided elsewhere.
pub(super) fn check(resource: &Resource, change: &Override, diagnostics: &mut Diagnostics) {
    let mut told = Vec::new();
    for (path, by) in of(resource).into_iter().flatten() {
        if is_beyond_words(change, path) {
            continue;
        }
        let Some(span) = touched(change, path).filter(|span| !told.contains(span)) else {
            continue;
        };
        told.push(span);
        diagnostics.push(finding(resource, path, *by, span));
    }
}

fn finding(resource: &Resource, path: &str, by: By, span: Span) -> Diagnostic {
    let what = format!("`{path}` of `{}`", resource.id);
    let own = || match resource.section == Section::Topic(None) {
        true => format!("topics.{}", TopicName::default_topic()),
        false => resource.section.path(),
    };
    let (message, help) = match by {
        Word(word) => (
            format!("{what} has a word of its own, whose checks an override passes by"),
            format!("write `{word}` in `[{}]` instead", own()),
        ),
        WordIn(word, section) => (
            format!("{what} has a word of its own, whose checks an override passes by"),
            format!("write `{word}` in `[{section}]` instead"),
        ),
        Topogen(reason) => (
            format!("{what} cannot be overridden"),
            format!("take it out of the override: {reason}"),
        ),
    };
    Diagnostic::error(codes::OVERRIDDEN_WORD, span, message).help(help)
}

/// Whether `change` says something of the property at `path` that its word cannot.
fn is_beyond_words(change: &Override, path: &str) -> bool {
    match path {
        // `authorizer` is one for tokens: the signatures of IAM and a function that decides are none.
        "AuthorizationType" | "AuthorizerId" | "AuthorizationScopes" => change.guards(),
        // `notify` is for all alarms: one may tell somebody else, but not nobody.
        "AlarmActions" => change.property("AlarmActions").is_some_and(
            |actions| matches!(&actions.value, RawValue::List(all) if !all.is_empty()),
        ),
        // What another stack exports has no `${}` to stand in `environment` by.
        "Environment.Variables" => {
            let variables = change.property("Environment").and_then(Raw::map);
            let variables = variables.and_then(|environment| environment.get("Variables"));
            let is_import = |(name, value): (&String, &Raw)| {
                let import = value
                    .map()
                    .is_some_and(|map| map.contains_key("Fn::ImportValue"));
                import && !OWN_VARIABLES.contains(&name.as_str())
            };
            let variables = variables.and_then(Raw::map);
            variables.is_some_and(|variables| variables.iter().all(is_import))
        }
        _ => false,
    }
}
