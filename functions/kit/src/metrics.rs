//! Metrics in CloudWatch's embedded metric format: a line of the log, from which CloudWatch makes metrics. No call, no agent.
//!
//! An invocation has one such line, written when it is over (and a further one for each hundred durations, which is as many as
//! a line may have). The namespace is the app; the dimensions are the service and the environment, and no others: each value
//! of a dimension is a metric of its own, and is paid for. Names are literals for the same reason.
//!
//! | metric | counts |
//! | --- | --- |
//! | `RecordsProcessed`, `RecordsDuplicate` | records of a queue that were handled |
//! | `RecordsMalformed`, `RecordsUnavailable`, `RecordsTimedOut`, … | records that failed, by [kind](crate::failure::Kind) |
//! | `ProcessedDuration`, `DuplicateDuration`, `FailedDuration` | milliseconds that a record took |
//!
//! A handler adds its own:
//!
//! ```
//! topogen_kit::metrics::count("OrdersPlaced", 1);
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tracing::Span;
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::Timestamp;
use crate::trace::Trace;

/// Values of one metric in one line (the format's specification).
const VALUES: usize = 100;

/// Adds `n` to a count of the invocation around this call; outside of one it is lost.
pub fn count(name: &'static str, n: u64) {
    with_current(|measured| *measured.counts.entry(name).or_default() += n);
}

/// Adds a duration to those of the invocation around this call; outside of one it is lost.
pub fn duration(name: &'static str, time: Duration) {
    with_current(|measured| measured.durations.entry(name).or_default().push(time));
}

/// The span of an invocation, whose lines carry its trace. What is counted within it becomes its line when it closes.
pub fn invocation(trace: Option<&Trace>) -> Span {
    // At ERROR, since a span below the log level is not there, and nothing could be counted in it.
    let span = tracing::error_span!("invocation", traceId = trace.map(Trace::id));
    span.with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>();
        if let Some(span) = registry.and_then(|registry| registry.span(id)) {
            span.extensions_mut().insert(Measured::default());
        }
    });
    span
}

fn with_current(add: impl FnOnce(&mut Measured)) {
    Span::current().with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>();
        let Some(span) = registry.and_then(|registry| registry.span(id)) else {
            return;
        };
        for span in span.scope() {
            if let Some(measured) = span.extensions_mut().get_mut::<Measured>() {
                return add(measured);
            }
        }
    });
}

/// Whose metrics they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The namespace: the app.
    pub namespace: String,
    /// The dimensions by name.
    pub dimensions: BTreeMap<&'static str, String>,
}

impl Origin {
    /// The origin that an environment names; of what it leaves out, nothing is said.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let lookup = |name| lookup(name).filter(|value| !value.is_empty());
        let dimensions = [
            ("environment", "ENVIRONMENT_NAME"),
            ("service", "SERVICE_NAME"),
        ];
        let dimensions = dimensions.map(|(name, variable)| Some((name, lookup(variable)?)));
        Self {
            namespace: lookup("APP_NAME").unwrap_or_else(|| "topogen".to_owned()),
            dimensions: dimensions.into_iter().flatten().collect(),
        }
    }
}

/// What an invocation has measured so far.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    counts: BTreeMap<&'static str, u64>,
    durations: BTreeMap<&'static str, Vec<Duration>>,
}

impl Measured {
    /// The members that make log lines of it into metrics, one map for each line; none when nothing was measured.
    pub(crate) fn lines(mut self, origin: &Origin, now: Timestamp) -> Vec<Map<String, Value>> {
        let mut lines = Vec::new();
        loop {
            let counts = std::mem::take(&mut self.counts).into_iter();
            let mut metrics: Vec<(&str, &str, Value)> = counts
                .map(|(name, count)| (name, "Count", count.into()))
                .collect();
            for (name, times) in &mut self.durations {
                let some = times.drain(..times.len().min(VALUES));
                let some: Vec<Value> = some.map(milliseconds).collect();
                if !some.is_empty() {
                    metrics.push((name, "Milliseconds", some.into()));
                }
            }
            if metrics.is_empty() {
                return lines;
            }
            lines.push(line(metrics, origin, now));
        }
    }
}

fn line(metrics: Vec<(&str, &str, Value)>, origin: &Origin, now: Timestamp) -> Map<String, Value> {
    let definitions: Vec<Value> = metrics
        .iter()
        .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }))
        .collect();
    let dimensions: Vec<&&str> = origin.dimensions.keys().collect();
    let directive = json!({
        "Namespace": origin.namespace,
        "Dimensions": [dimensions],
        "Metrics": definitions,
    });
    let aws = json!({ "Timestamp": now.epoch_millis(), "CloudWatchMetrics": [directive] });
    let dimensions = origin.dimensions.iter();
    let dimensions = dimensions.map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
    let values = metrics.into_iter();
    let values = values.map(|(name, _, value)| (name.to_owned(), value));
    std::iter::once(("_aws".to_owned(), aws))
        .chain(dimensions)
        .chain(values)
        .collect()
}

/// To the microsecond: finer than any decision that is made by it.
fn milliseconds(time: Duration) -> Value {
    let micros = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
    (f64::from(micros) / 1_000.0).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(set: &[(&str, &str)]) -> Origin {
        Origin::read(|name| {
            let found = set.iter().find(|(key, _)| *key == name)?;
            Some(found.1.to_owned())
        })
    }

    fn now() -> Timestamp {
        Timestamp::from_epoch_millis(1_767_225_600_000).unwrap()
    }

    #[test]
    fn a_line_defines_every_metric_that_it_holds() {
        let mut measured = Measured::default();
        measured.counts.insert("RecordsProcessed", 2);
        let times = [1_500, 20].map(Duration::from_micros).to_vec();
        measured.durations.insert("ProcessedDuration", times);
        let origin = origin(&[
            ("APP_NAME", "orders"),
            ("ENVIRONMENT_NAME", "dev"),
            ("SERVICE_NAME", "payment"),
        ]);
        let lines = measured.lines(&origin, now());
        let expected = json!({
            "_aws": {
                "Timestamp": 1_767_225_600_000_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "orders",
                    "Dimensions": [["environment", "service"]],
                    "Metrics": [
                        { "Name": "RecordsProcessed", "Unit": "Count" },
                        { "Name": "ProcessedDuration", "Unit": "Milliseconds" },
                    ],
                }],
            },
            "environment": "dev",
            "service": "payment",
            "RecordsProcessed": 2,
            "ProcessedDuration": [1.5, 0.02],
        });
        assert_eq!(Value::from(lines), json!([expected]));
    }

    #[test]
    fn a_line_has_no_more_values_than_the_format_allows() {
        let mut measured = Measured::default();
        measured.counts.insert("RecordsProcessed", 205);
        let times = vec![Duration::from_millis(1); 205];
        measured.durations.insert("ProcessedDuration", times);
        let lines = measured.lines(&origin(&[("SERVICE_NAME", "payment")]), now());
        let values =
            |line: &Map<String, Value>| line["ProcessedDuration"].as_array().unwrap().len();
        assert_eq!(lines.iter().map(values).collect::<Vec<_>>(), [100, 100, 5]);
        assert_eq!(lines[0]["RecordsProcessed"], 205);
        assert!(
            lines[1..]
                .iter()
                .all(|line| !line.contains_key("RecordsProcessed"))
        );
    }

    #[test]
    fn what_is_not_known_is_no_dimension() {
        assert!(Measured::default().lines(&origin(&[]), now()).is_empty());
        let origin = origin(&[("SERVICE_NAME", "payment"), ("ENVIRONMENT_NAME", "")]);
        let dimensions = BTreeMap::from([("service", "payment".to_owned())]);
        let namespace = "topogen".to_owned();
        assert_eq!(
            origin,
            Origin {
                namespace,
                dimensions
            }
        );
    }
}
