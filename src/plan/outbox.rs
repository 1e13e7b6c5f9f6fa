//! `outbox = true`: the relay that publishes what a service has written into its table.
//!
//! The service writes the change and its events in one `TransactWriteItems`, so that neither is ever without the other. An
//! event is an item of the service's own table:
//!
//! | attribute | holds |
//! | --- | --- |
//! | the partition key | `outbox#` and the event's id: what the relay's filter knows it by |
//! | the sort key, if there is one | `outbox` |
//! | `eventType` | the event's name, which `PUBLISHES` knows the topic and attributes of |
//! | `event` | the whole envelope as JSON text, exactly as it is published |
//! | the TTL attribute | when DynamoDB deletes the item; long after the stream has told of it |
//! | `publishedAt` | when the relay has published it |
//!
//! The table's stream brings each such item to the relay once it is written. The relay publishes it at least once, and marks
//! it; consumers know repetitions by the event's id. A record that fails is singled out by halving its batch, tried for an
//! hour, then told to the queue of failures; the item itself stays in the table, unmarked, until its time has come.

use std::collections::BTreeMap;

use serde_json::json;

use super::alarm::{Breach, Statistic, Watch, alarm};
use super::builder::Builder;
use super::failures::{self, Failures};
use super::function::{self, Spec};
use super::{Section, grants, logical_id, service};
use crate::aws::cloudwatch::Dimension;
use crate::aws::lambda::{
    DestinationConfig, EventSourceMapping, Filter, FilterCriteria, StreamSettings,
};
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::function::Function;
use crate::model::names::ServiceName;
use crate::model::service::Service;
use crate::model::table::Table;
use crate::model::units::Seconds;
use crate::source::{Span, Spanned};

/// The partition key of every record of an outbox starts so.
pub const KEY_PREFIX: &str = "outbox#";
/// Folder of the relay's crate, which serves all services.
pub const RELAY: &str = "functions/outbox";
/// The relay only publishes: little memory, and time for a hundred records.
const MEMORY: u32 = 256;
const TIMEOUT: Seconds = Seconds(30);
/// Records in one invocation; the default of streams.
const BATCH_SIZE: u32 = 100;
/// An event waits for an hour while SNS is away, and blocks those behind it for no longer. The number of attempts alone would
/// end an outage of minutes: it is there so that no record is tried for ever.
const MAX_AGE: u32 = 3_600;
const MAX_ATTEMPTS: u32 = 100;

pub(super) fn lower(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &mut Builder<'_>,
) {
    let (Some(span), Some(table)) = (service.outbox, &service.table) else {
        return;
    };
    let relay = service.name.outbox();
    let settings = Function {
        memory: MEMORY,
        timeout: Spanned::new(TIMEOUT, span),
        ..service.function.clone()
    };
    let spec = Spec {
        name: &relay,
        span,
        description: format!(
            "Publishes from the outbox of the service {} of {}",
            service.name, topology.app.name.value
        ),
        settings: &settings,
        reserved_concurrency: None,
        variables: variables(topology, service, &relay, table, section, builder),
        statements: grants::relay(topology, service, table, section, builder),
        alarm: &service.alarm,
        handler: Spanned::new(RELAY.to_owned(), span),
    };
    function::lower(topology, spec, section, builder);
    let mapping = mapping(&relay, table);
    builder.add(section, span, logical_id::relay_mapping(&relay), mapping);
    let queue = Failures {
        ids: [
            logical_id::relay_failures(&relay),
            logical_id::relay_failures_policy(&relay),
            logical_id::relay_failures_alarm(&relay),
        ],
        span,
        alarm_name: format!("{relay}-failures"),
        alarm_description: format!(
            "An event of {} was not published within an hour. It is still in the table, without `publishedAt`: read the log group of {relay}, mend the cause, publish it again (topogen's docs/handlers.md).",
            service.name
        ),
        watched: service.alarm.dead_letters.value,
        senders: Vec::new(),
    };
    failures::lower(topology, queue, section, builder);
    age_alarm(topology, service, &relay, span, section, builder);
}

fn variables(
    topology: &Topology,
    service: &Service,
    relay: &ServiceName,
    table: &Table,
    section: &Section,
    builder: &Builder<'_>,
) -> BTreeMap<String, Text> {
    let mut variables = BTreeMap::from(service::identity(topology, relay));
    variables.extend(service::table_variables(table));
    variables.insert(
        "PUBLISHES".into(),
        service::publishes(topology, service, section, builder),
    );
    variables
}

fn mapping(relay: &ServiceName, table: &Table) -> EventSourceMapping {
    let pattern = json!({
        "eventName": ["INSERT"],
        "dynamodb": { "Keys": { table.key.as_str(): { "S": [{ "prefix": KEY_PREFIX }] } } },
    });
    EventSourceMapping {
        batch_size: BATCH_SIZE,
        event_source_arn: Text::GetAtt(logical_id::table(&table.name), "StreamArn"),
        // As SAM would write it: the SAM view expands to this very template.
        function_name: Text::Ref(logical_id::function(relay)),
        function_response_types: ["ReportBatchItemFailures"],
        maximum_batching_window_in_seconds: None,
        scaling_config: None,
        provisioned_poller_config: None,
        stream: Some(StreamSettings {
            // What is written before the mapping reads must not be passed over.
            starting_position: "TRIM_HORIZON",
            filter_criteria: FilterCriteria {
                filters: vec![Filter {
                    pattern: pattern.to_string(),
                }],
            },
            bisect_batch_on_function_error: true,
            maximum_record_age_in_seconds: MAX_AGE,
            maximum_retry_attempts: MAX_ATTEMPTS,
            destination_config: DestinationConfig::on_failure(Text::GetAtt(
                logical_id::relay_failures(relay),
                "Arn",
            )),
        }),
    }
}

fn age_alarm(
    topology: &Topology,
    service: &Service,
    relay: &ServiceName,
    span: Span,
    section: &Section,
    builder: &mut Builder<'_>,
) {
    let age = service.alarm.backlog_age;
    let alarm = alarm(
        topology,
        builder,
        section,
        &format!("{relay}-backlog"),
        format!(
            "Events of {} wait in its outbox for more than {age}, five minutes in a row: {relay} is too slow or stands still.",
            service.name
        ),
        Watch {
            metric: ("AWS/Lambda", "IteratorAge"),
            dimensions: vec![Dimension {
                name: "FunctionName",
                value: Text::Ref(logical_id::function(relay)),
            }],
            statistic: Statistic::Maximum,
            period: (60, 5),
            breach: Breach::Above(age.0.saturating_mul(1_000)),
        },
    );
    builder.add(section, span, logical_id::relay_age_alarm(relay), alarm);
}
