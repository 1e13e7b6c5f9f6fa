//! `[subscriptions.*]`: a service's wish for events; one queue, one dead-letter queue, one filter, one mapping.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::encryption::Encryption;
use super::event::Event;
use super::filter::Filter;
use super::limits::within;
use super::names::{EventName, ServiceName, SubscriptionName, TopicName};
use super::service::{Service, each_once, written};
use super::threshold::{SubscriptionAlarm, SubscriptionAlarmWords};
use super::topic::Topic;
use super::units::Seconds;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::filter::{Policy, Scope};
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, words};

const DAY: u32 = 86_400;
/// SQS keeps a message for 60 s to 14 days (API_SetQueueAttributes).
const RETENTION: (Seconds, Seconds) = (Seconds(60), Seconds(14 * DAY));

words! {
    /// A service's wish for events: one queue, dead-letter queue, filter and event source mapping.
    pub struct SubscriptionWords {
        /// The service that receives. Default: the service of the subscription's name.
        pub service: Option<Required<Spanned<ServiceName>>>,
        /// Events that it receives.
        pub events: Vec<Required<Spanned<EventName>>>,
        /// Which of them: fields of the event's `data`, each with the values that pass, such as `{ currency = ["USD"] }`.
        pub filter: Option<Spanned<Policy>>,
        /// What the filter looks at: `MessageAttributes`, which costs nothing, or `MessageBody`. Default: attributes when all
        /// of its keys are sent as such.
        pub filter_scope: Option<Spanned<Scope>>,
        /// Messages in one invocation, 1 to 10000. Default 10.
        pub batch_size: Option<Spanned<u32>>,
        /// How long a batch may gather, `0s` to `5m`. Default `0s`.
        pub batching_window: Option<Spanned<Seconds>>,
        /// Receives before a message goes to the dead-letter queue. Default 3.
        pub max_receive_count: Option<Spanned<u32>>,
        /// How long a received message stays hidden, at most `12h`. Default: six times the function's timeout plus the
        /// batching window, `30s` at least.
        pub visibility_timeout: Option<Spanned<Seconds>>,
        /// How long the queue keeps a message, `60s` to `14d`. Default `4d`.
        pub retention: Option<Spanned<Seconds>>,
        /// How long the dead-letter queue keeps a message, `60s` to `14d`. Default `14d`.
        pub dead_letter_retention: Option<Spanned<Seconds>>,
        /// Most invocations at once for this queue, 2 to 1000. Default: no limit of its own.
        pub maximum_concurrency: Option<Spanned<u32>>,
        /// Pollers that are always there, instead of those that Lambda adds and takes away.
        pub provisioned_pollers: Option<Spanned<PollersWords>>,
        /// How long a message stays hidden after it has arrived, `0s` to `15m`. Default `0s`.
        pub delay: Option<Spanned<Seconds>>,
        /// Whether the queue gets the event alone, without SNS's envelope around it. Default `false`.
        pub raw_message_delivery: Option<Spanned<bool>>,
        /// Whether the queue is FIFO. It follows the topic; write it to be told when it no longer does.
        pub fifo: Option<Spanned<bool>>,
        /// Encryption of its queues. Default: that of the app.
        pub encryption: Option<Spanned<Encryption>>,
        /// From where on its alarms speak.
        pub alarm: Option<SubscriptionAlarmWords>,
    }

    /// Pollers that are always there; they are paid for by the hour.
    pub struct PollersWords {
        /// Least number, 2 to 200. Default 2.
        pub minimum: Option<Spanned<u32>>,
        /// Most, 2 to 10000. Default 200.
        pub maximum: Option<Spanned<u32>>,
    }
}

/// What `maximum_concurrency` may be (API_ScalingConfig).
pub const MAXIMUM_CONCURRENCY: RangeInclusive<u32> = 2..=1_000;

/// Pollers that are always there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pollers {
    /// Least number.
    pub minimum: u32,
    /// Most.
    pub maximum: u32,
    /// Invocations that they start at once: of the most pollers when the file says how many, else of those always there.
    pub at_once: Spanned<u32>,
}

/// Invocations at once of one poller (services-sqs-scaling.html).
const AT_ONCE: u32 = 10;

impl SubscriptionWords {
    /// Whether the service that is meant is written, and cannot be read.
    pub(super) fn names_no_service(&self) -> bool {
        self.service.as_ref().is_some_and(|name| name.0.is_none())
    }
}

/// What a subscription is resolved in.
pub(super) struct Surroundings<'a> {
    pub services: &'a BTreeMap<ServiceName, Service>,
    pub events: &'a BTreeMap<EventName, Event>,
    pub topics: &'a BTreeMap<TopicName, Topic>,
    pub encryption: &'a Spanned<Encryption>,
}

/// A subscription, complete.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its name.
    pub name: SubscriptionName,
    /// Its header in the file.
    pub span: Span,
    /// The service that receives, and where that is written.
    pub service: Spanned<ServiceName>,
    /// Events that it receives, sorted, each once.
    pub events: Vec<Spanned<EventName>>,
    /// Which of them.
    pub filter: Filter,
    /// Messages in one invocation.
    pub batch_size: Spanned<u32>,
    /// How long a batch may gather.
    pub batching_window: Spanned<Seconds>,
    /// Receives before a message goes to the dead-letter queue.
    pub max_receive_count: Spanned<u32>,
    /// How long a received message stays hidden.
    pub visibility_timeout: Spanned<Seconds>,
    /// How long the queue keeps a message.
    pub retention: Spanned<Seconds>,
    /// How long the dead-letter queue keeps a message.
    pub dead_letter_retention: Spanned<Seconds>,
    /// Most invocations at once for this queue.
    pub maximum_concurrency: Option<Spanned<u32>>,
    /// Pollers that are always there.
    pub provisioned_pollers: Option<Pollers>,
    /// How long a message stays hidden after it has arrived.
    pub delay: Seconds,
    /// Whether the queue gets the event without SNS's envelope.
    pub raw_message_delivery: Spanned<bool>,
    /// Topics of its events, sorted.
    pub topics: Vec<TopicName>,
    /// Whether its queues are FIFO, as its topics are.
    pub fifo: bool,
    /// Encryption of its queues.
    pub encryption: Spanned<Encryption>,
    /// From where on its alarms speak.
    pub alarm: SubscriptionAlarm,
}

impl Subscription {
    /// How long a message may be tried, when each try hides it for `visible`.
    pub fn tries(&self, visible: Seconds) -> Seconds {
        let tries = visible.0.saturating_mul(self.max_receive_count.value);
        Seconds(tries.saturating_add(self.delay.0))
    }

    pub(super) fn resolve(
        name: SubscriptionName,
        words: Spanned<SubscriptionWords>,
        around: &Surroundings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let Spanned { value: words, span } = words;
        let service = words
            .service
            .and_then(|service| service.0)
            .unwrap_or_else(|| Spanned::new(ServiceName::from(&name), span));
        if words.events.is_empty() {
            diagnostics.push(
                Diagnostic::error(
                    codes::MISSING_KEY,
                    span,
                    format!("the subscription `{name}` receives no event"),
                )
                .help("list what it receives, such as `events = [\"OrderCreated\"]`"),
            );
        }
        let events = each_once(written(words.events), diagnostics);
        let number =
            |written: Option<Spanned<u32>>, default| written.unwrap_or(Spanned::new(default, span));
        let seconds = |written: Option<Spanned<Seconds>>, default| {
            written.unwrap_or(Spanned::new(Seconds(default), span))
        };
        let mut batch_size = number(words.batch_size, 10);
        let mut batching_window = seconds(words.batching_window, 0);
        let mut max_receive_count = number(words.max_receive_count, 3);
        let derived = around.services.get(&service.value).map_or(30, |service| {
            visibility(service.function.timeout.value, batching_window.value)
        });
        let mut visibility_timeout = seconds(words.visibility_timeout, derived);
        let mut retention = seconds(words.retention, 4 * DAY);
        let mut dead_letter_retention = seconds(words.dead_letter_retention, 14 * DAY);

        within("batch_size", &mut batch_size, 1..=10_000, diagnostics);
        within(
            "batching_window",
            &mut batching_window,
            Seconds(0)..=Seconds(300),
            diagnostics,
        );
        within(
            "max_receive_count",
            &mut max_receive_count,
            1..=1_000,
            diagnostics,
        );
        within(
            "visibility_timeout",
            &mut visibility_timeout,
            Seconds(0)..=Seconds(43_200),
            diagnostics,
        );
        within(
            "retention",
            &mut retention,
            RETENTION.0..=RETENTION.1,
            diagnostics,
        );
        within(
            "dead_letter_retention",
            &mut dead_letter_retention,
            RETENTION.0..=RETENTION.1,
            diagnostics,
        );
        let mut maximum_concurrency = words.maximum_concurrency;
        if let Some(maximum) = &mut maximum_concurrency {
            within(
                "maximum_concurrency",
                maximum,
                MAXIMUM_CONCURRENCY,
                diagnostics,
            );
        }
        let mut delay = seconds(words.delay, 0);
        within("delay", &mut delay, Seconds(0)..=Seconds(900), diagnostics);
        let provisioned_pollers = words
            .provisioned_pollers
            .map(|written| pollers(written, maximum_concurrency.as_ref(), diagnostics));
        let topics = topics_of(&events, around);
        let fifo = is_fifo(
            &name,
            span,
            &topics,
            words.fifo.as_ref(),
            around,
            diagnostics,
        );
        let filter = Filter::resolve(
            words.filter,
            words.filter_scope,
            &events,
            around.events,
            diagnostics,
        );
        Self {
            name,
            span,
            service,
            filter,
            events,
            batch_size,
            batching_window,
            max_receive_count,
            visibility_timeout,
            retention,
            dead_letter_retention,
            maximum_concurrency,
            provisioned_pollers,
            delay: delay.value,
            raw_message_delivery: words
                .raw_message_delivery
                .unwrap_or(Spanned::new(false, span)),
            topics,
            fifo,
            encryption: words
                .encryption
                .unwrap_or_else(|| around.encryption.clone()),
            alarm: SubscriptionAlarm::resolve(words.alarm, span, diagnostics),
        }
    }
}

/// Pollers that are always there, or a bound of concurrency: Lambda takes one of the two (services-sqs-scaling.html).
fn pollers(
    written: Spanned<PollersWords>,
    concurrency: Option<&Spanned<u32>>,
    diagnostics: &mut Diagnostics,
) -> Pollers {
    let Spanned { value, span } = written;
    let bounded = value.maximum.is_some();
    let mut minimum = value.minimum.unwrap_or(Spanned::new(2, span));
    let mut maximum = value.maximum.unwrap_or(Spanned::new(200, span));
    within("minimum", &mut minimum, 2..=200, diagnostics);
    within("maximum", &mut maximum, 2..=10_000, diagnostics);
    if minimum > maximum {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                minimum.span,
                format!("at least {minimum} pollers are wanted, and at most {maximum}"),
            )
            .related(maximum.span, "the most")
            .help("raise `maximum`, or lower `minimum`"),
        );
    }
    if let Some(concurrency) = concurrency {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                span,
                "`provisioned_pollers` and `maximum_concurrency` exclude each other",
            )
            .related(concurrency.span, "the other one")
            .help("delete one of the two: each poller brings ten invocations at once"),
        );
    }
    let counted = if bounded { &maximum } else { &minimum };
    Pollers {
        at_once: Spanned::new(counted.value.saturating_mul(AT_ONCE), counted.span),
        minimum: minimum.value,
        maximum: maximum.value,
    }
}

fn topics_of(events: &[Spanned<EventName>], around: &Surroundings<'_>) -> Vec<TopicName> {
    let mut topics: Vec<TopicName> = events
        .iter()
        .filter_map(|event| Some(around.events.get(&event.value)?.topic.clone()))
        .collect();
    topics.sort();
    topics.dedup();
    topics
}

/// SNS delivers in order from FIFO topics to FIFO queues, and from standard topics to standard queues alone.
fn is_fifo(
    name: &SubscriptionName,
    span: Span,
    topics: &[TopicName],
    written: Option<&Spanned<bool>>,
    around: &Surroundings<'_>,
    diagnostics: &mut Diagnostics,
) -> bool {
    let known: Vec<&Topic> = topics
        .iter()
        .filter_map(|topic| around.topics.get(topic))
        .collect();
    let fifo = known.iter().any(|topic| topic.fifo);
    if let (Some(ordered), Some(standard)) = (
        known.iter().find(|topic| topic.fifo),
        known.iter().find(|topic| !topic.fifo),
    ) {
        diagnostics.push(
            Diagnostic::error(
                codes::FIFO_MISMATCH,
                span,
                format!(
                    "`{name}` receives from the FIFO topic `{}` and from the standard topic `{}`",
                    ordered.name, standard.name
                ),
            )
            .related(ordered.span, "FIFO")
            .related(standard.span, "standard")
            .help("a queue is one or the other: make two subscriptions of it"),
        );
        return fifo;
    }
    if let (Some(written), Some(topic)) = (written, known.first())
        && written.value != topic.fifo
    {
        let (queue, of_topic) = if written.value {
            ("FIFO", "standard")
        } else {
            ("standard", "FIFO")
        };
        diagnostics.push(
            Diagnostic::error(
                codes::FIFO_MISMATCH,
                written.span,
                format!(
                    "the queue of `{name}` is {queue}, its topic `{}` is {of_topic}",
                    topic.name
                ),
            )
            .related(topic.span, "the topic")
            .help(format!(
                "delete the line, for the queue is what its topic is; or write `fifo = {}` in `[topics.{}]` too",
                written.value, topic.name
            )),
        );
    }
    fifo
}

/// Six times the function's time-out plus the window, 30 s at least (services-sqs-configure.html).
pub fn visibility(timeout: Seconds, window: Seconds) -> u32 {
    timeout.0.saturating_mul(6).saturating_add(window.0).max(30)
}
