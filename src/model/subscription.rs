//! `[subscriptions.*]`: a service's wish for events; one queue, one dead-letter queue, one filter, one mapping.

use super::limits::within;
use super::names::{EventName, ServiceName, SubscriptionName};
use super::service::each_once;
use super::units::Seconds;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::words;

const DAY: u32 = 86_400;
/// SQS keeps a message for 60 s to 14 days (API_SetQueueAttributes).
const RETENTION: (Seconds, Seconds) = (Seconds(60), Seconds(14 * DAY));

words! {
    /// A service's wish for events: one queue, dead-letter queue, filter and event source mapping.
    pub struct SubscriptionWords {
        /// The service that receives. Default: the service of the subscription's name.
        pub service: Option<Spanned<ServiceName>>,
        /// Events that it receives.
        pub events: Vec<Spanned<EventName>>,
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
    }
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
    /// Messages in one invocation.
    pub batch_size: Spanned<u32>,
    /// How long a batch may gather.
    pub batching_window: Spanned<Seconds>,
    /// Receives before a message goes to the dead-letter queue.
    pub max_receive_count: u32,
    /// How long a received message stays hidden.
    pub visibility_timeout: Spanned<Seconds>,
    /// How long the queue keeps a message.
    pub retention: Spanned<Seconds>,
    /// How long the dead-letter queue keeps a message.
    pub dead_letter_retention: Spanned<Seconds>,
    /// Most invocations at once for this queue.
    pub maximum_concurrency: Option<u32>,
}

impl Subscription {
    /// `function_timeout` is that of the receiving service, when there is one.
    pub(super) fn resolve(
        name: SubscriptionName,
        words: Spanned<SubscriptionWords>,
        function_timeout: impl FnOnce(&ServiceName) -> Option<Seconds>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let Spanned { value: words, span } = words;
        let service = words
            .service
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
        let number =
            |written: Option<Spanned<u32>>, default| written.unwrap_or(Spanned::new(default, span));
        let seconds = |written: Option<Spanned<Seconds>>, default| {
            written.unwrap_or(Spanned::new(Seconds(default), span))
        };
        let mut batch_size = number(words.batch_size, 10);
        let mut batching_window = seconds(words.batching_window, 0);
        let mut max_receive_count = number(words.max_receive_count, 3);
        let derived = function_timeout(&service.value)
            .map_or(30, |timeout| visibility(timeout, batching_window.value));
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
            within("maximum_concurrency", maximum, 2..=1_000, diagnostics);
        }
        Self {
            name,
            span,
            service,
            events: each_once(words.events, diagnostics),
            batch_size,
            batching_window,
            max_receive_count: max_receive_count.value,
            visibility_timeout,
            retention,
            dead_letter_retention,
            maximum_concurrency: maximum_concurrency.map(|maximum| maximum.value),
        }
    }
}

/// Six times the function's time-out plus the window, 30 s at least (services-sqs-configure.html).
pub fn visibility(timeout: Seconds, window: Seconds) -> u32 {
    timeout.0.saturating_mul(6).saturating_add(window.0).max(30)
}
