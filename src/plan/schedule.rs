//! `schedule = "…"`: the rule that starts a service, and where its failures go.
//!
//! EventBridge hands the event over to Lambda, which invokes the function later and by itself: what either of the two gives
//! up would be gone without a queue that takes it.

use super::builder::Builder;
use super::failures::{self, Failures};
use super::{Section, logical_id};
use crate::aws::events::{DeadLetterConfig, RetryPolicy, Rule, Target};
use crate::aws::iam::Statement;
use crate::aws::lambda::{DestinationConfig, EventInvokeConfig, Permission};
use crate::aws::value::Text;
use crate::model::Topology;
use crate::model::service::Service;

/// Seconds after which a start that did not succeed is given up, and attempts beyond the first. Lambda takes two at most
/// (API_PutFunctionEventInvokeConfig); an hour later the next start has often come.
const MAX_AGE: u32 = 3_600;
const MAX_RETRIES: u32 = 2;

pub(super) fn lower(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &mut Builder<'_>,
) {
    let Some(schedule) = &service.schedule else {
        return;
    };
    let (name, span) = (&service.name, schedule.span);
    let failed = || Text::GetAtt(logical_id::schedule_failures(name), "Arn");
    builder.add(
        section,
        span,
        logical_id::schedule(name),
        Rule {
            description: format!("Starts the service {name} of {}", topology.app.name.value),
            schedule_expression: schedule.value.to_string(),
            state: "ENABLED",
            targets: [Target {
                id: "function",
                arn: Text::GetAtt(logical_id::function(name), "Arn"),
                dead_letter_config: DeadLetterConfig { arn: failed() },
                retry_policy: RetryPolicy {
                    maximum_event_age_in_seconds: MAX_AGE,
                    maximum_retry_attempts: MAX_RETRIES,
                },
            }],
        },
    );
    let rule = || Text::GetAtt(logical_id::schedule(name), "Arn");
    builder.add(
        section,
        span,
        logical_id::schedule_permission(name),
        Permission {
            action: "lambda:InvokeFunction",
            function_name: Text::GetAtt(logical_id::function(name), "Arn"),
            principal: "events.amazonaws.com",
            source_arn: rule(),
        },
    );
    builder.add(
        section,
        span,
        logical_id::invoke_config(name),
        EventInvokeConfig {
            destination_config: DestinationConfig::on_failure(failed()),
            function_name: Text::Ref(logical_id::function(name)),
            maximum_event_age_in_seconds: MAX_AGE,
            maximum_retry_attempts: MAX_RETRIES,
            qualifier: "$LATEST",
        },
    );
    let from_rule = Statement::allow("FromSchedule", &["sqs:SendMessage"], vec![failed()])
        .by("events.amazonaws.com")
        .when("ArnEquals", "aws:SourceArn", rule());
    let queue = Failures {
        ids: [
            logical_id::schedule_failures(name),
            logical_id::schedule_failures_policy(name),
            logical_id::schedule_failures_alarm(name),
        ],
        span,
        alarm_name: format!("{name}-schedule-failures"),
        alarm_description: format!(
            "A scheduled start of {name} failed three times, or could not be handed over. Read its log group, then start it by hand."
        ),
        watched: service.alarm.dead_letters.value,
        senders: vec![from_rule],
    };
    failures::lower(topology, queue, section, builder);
}
