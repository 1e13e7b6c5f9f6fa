//! Every logical id that topogen makes, in one place.
//!
//! Logical ids are a public contract: CloudFormation replaces the resource behind an id that changes. An id depends on
//! the name of its owner and nothing else, never on order or on what else the file holds. The deployment of a REST API is the
//! one exception: it has to be another whenever the API is.

use sha2::{Digest, Sha256};

use crate::aws::value::LogicalId;
use crate::model::api::Route;
use crate::model::api::route::path_pascal;
use crate::model::names::{
    ResourceId, ServiceName, SubscriptionName, TableName, TopicName, pascal,
};

macro_rules! ids {
    (fixed { $($(#[$fixed_doc:meta])* $fixed:ident = $fixed_id:literal;)* }
     $($owner:ident: $type:ty { $($(#[$doc:meta])* $name:ident = $suffix:literal;)* })*) => {
        $($(#[$fixed_doc])* pub fn $fixed() -> LogicalId { LogicalId::new($fixed_id.to_owned()) })*
        $($($(#[$doc])* pub fn $name($owner: &$type) -> LogicalId {
            LogicalId::new($owner.pascal() + $suffix)
        })*)*
    };
}

ids! {
    fixed {
        /// Parameter: the bucket that holds the functions' zips.
        artefact_bucket = "ArtefactBucket";
        /// The topic that alarms tell.
        alarm_topic = "AlarmTopic";
        /// Its policy.
        alarm_topic_policy = "AlarmTopicPolicy";
        /// The customer key of the app.
        key = "EncryptionKey";
        /// Its alias.
        key_alias = "EncryptionKeyAlias";
        /// The app's dashboard.
        dashboard = "Dashboard";
        /// The HTTP API.
        api = "HttpApi";
        /// Its stage.
        api_stage = "HttpApiStage";
        /// Its access log.
        api_log_group = "HttpApiLogGroup";
        /// The alarm on answers of 500 and above.
        api_errors_alarm = "HttpApiErrorsAlarm";
        /// The alarm on slow answers.
        api_latency_alarm = "HttpApiLatencyAlarm";
        /// What looks at tokens.
        api_authorizer = "HttpApiAuthorizer";
        /// The REST API, in the place of the HTTP API where there is a firewall.
        rest_api = "RestApi";
        /// Its stage.
        rest_api_stage = "RestApiStage";
        /// Its access log.
        rest_api_log_group = "RestApiLogGroup";
        /// What looks at tokens.
        rest_api_authorizer = "RestApiAuthorizer";
        /// How it answers what it refuses.
        rest_api_refusal = "RestApiRefusal";
        /// How it answers what fails.
        rest_api_failure = "RestApiFailure";
        /// The alarm on answers of 500 and above.
        rest_api_errors_alarm = "RestApiErrorsAlarm";
        /// The alarm on slow answers.
        rest_api_latency_alarm = "RestApiLatencyAlarm";
        /// The rules of the firewall.
        firewall = "Firewall";
        /// What puts them before the API.
        firewall_association = "FirewallAssociation";
    }
    topic: TopicName {
        /// The topic.
        topic = "Topic";
        /// Its policy.
        topic_policy = "TopicPolicy";
        /// The alarm on deliveries that SNS gave up.
        topic_delivery_alarm = "TopicDeliveryAlarm";
    }
    service: ServiceName {
        /// Parameter: the key of the function's zip.
        artefact_key = "ArtefactKey";
        /// The function.
        function = "Function";
        /// Its role.
        role = "Role";
        /// Its log group.
        log_group = "LogGroup";
        /// The alarm on failed invocations.
        errors_alarm = "ErrorsAlarm";
        /// The alarm on throttled invocations.
        throttles_alarm = "ThrottlesAlarm";
        /// The alarm on invocations that come near the time-out.
        duration_alarm = "DurationAlarm";
        /// What ties the API to the function.
        integration = "Integration";
        /// The rule that starts it.
        schedule = "Schedule";
        /// The rule's right to invoke the function.
        schedule_permission = "SchedulePermission";
        /// How often a start is tried.
        invoke_config = "ScheduleInvokeConfig";
        /// The queue of starts that failed.
        schedule_failures = "ScheduleFailures";
        /// That queue's policy.
        schedule_failures_policy = "ScheduleFailuresPolicy";
        /// The alarm on starts that failed.
        schedule_failures_alarm = "ScheduleFailuresAlarm";
    }
    relay: ServiceName {
        /// The mapping of the table's stream to the relay of an outbox.
        relay_mapping = "EventSourceMapping";
        /// The queue of events that the relay gave up.
        relay_failures = "Failures";
        /// That queue's policy.
        relay_failures_policy = "FailuresPolicy";
        /// The alarm on events that the relay gave up.
        relay_failures_alarm = "FailuresAlarm";
        /// The alarm on old events in the outbox.
        relay_age_alarm = "AgeAlarm";
    }
    subscription: SubscriptionName {
        /// The queue.
        queue = "Queue";
        /// Its policy.
        queue_policy = "QueuePolicy";
        /// Its dead-letter queue.
        dead_letter_queue = "DeadLetterQueue";
        /// That queue's policy.
        dead_letter_queue_policy = "DeadLetterQueuePolicy";
        /// The queue of messages that SNS could not deliver.
        undelivered_queue = "UndeliveredQueue";
        /// That queue's policy.
        undelivered_queue_policy = "UndeliveredQueuePolicy";
        /// The event source mapping.
        mapping = "EventSourceMapping";
        /// The alarm on messages in the dead-letter queue.
        dead_letter_alarm = "DeadLetterAlarm";
        /// The alarm on messages that SNS could not deliver.
        undelivered_alarm = "UndeliveredAlarm";
        /// The alarm on old messages in the queue.
        age_alarm = "QueueAgeAlarm";
    }
    route: Route {
        /// The route.
        api_route = "Route";
        /// The REST API's method.
        rest_method = "Method";
        /// The API's right to invoke the function for it.
        api_permission = "Permission";
    }
}

/// A path of a REST API.
pub fn rest_resource(path: &str) -> LogicalId {
    LogicalId::new(format!("{}Resource", path_pascal(path)))
}

/// A deployment of a REST API. It never changes once it is made, so what is new needs a new one: its id holds the hash of
/// all that it is a picture of.
pub fn rest_deployment(content: &str) -> LogicalId {
    let digits: String = Sha256::digest(content)
        .iter()
        .take(5)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    LogicalId::new(format!("RestApiDeployment{digits}"))
}

/// A topic's subscription. That of a file's only, undeclared topic does not name it.
pub fn subscription(name: &SubscriptionName, topic: &TopicName) -> LogicalId {
    LogicalId::new(if *topic == TopicName::default_topic() {
        format!("{}Subscription", name.pascal())
    } else {
        format!("{}SubscriptionTo{}", name.pascal(), topic.pascal())
    })
}

/// The id of a resource that the file itself names.
pub fn written(id: &ResourceId) -> LogicalId {
    LogicalId::new(id.to_string())
}

/// A service's table.
pub fn table(name: &TableName) -> LogicalId {
    LogicalId::new(format!("{name}Table"))
}

/// An e-mail subscription of the alarm topic: from the address, so that adding one never moves another.
pub fn alarm_email(address: &str) -> LogicalId {
    LogicalId::new(format!("AlarmTo{}", pascal(address)))
}
