//! One flat JSON object a line: `timestamp`, `level`, `message`, then every field, with no nesting to search through.
//!
//! A line carries the fields of the spans around it, and those given to [`annotate`]; that is how each line about a
//! record carries the record's identity without the step knowing. Fields are named one by one, never a whole payload,
//! so that personal data stays out.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry, SpanRef};

use crate::metrics::{Measured, Origin};
use crate::{Clock, SystemClock};

/// Sends this process's logs to standard output, from the level that Lambda's setting names (`INFO` without one).
///
/// A panic is one line too: a warning that says where. Whoever catches it says what became of the work.
///
/// Below `INFO` only handlers and the kit are heard: the SDK would show requests and answers in full.
pub fn init() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    let lines = Registry::default()
        .with(level_filter(&level))
        .with(filter_fn(is_discreet))
        .with(JsonLines::new(
            io::stdout(),
            Origin::read(|name| std::env::var(name).ok()),
        ));
    // Only a second call fails, and the first one's logs are as good.
    let _already_set = tracing::subscriber::set_global_default(lines);
    tell_panics();
}

/// Makes each panic of this process a line that says where, and no more: its message may hold data.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::warn!(place, "panic");
    }));
}

/// Crates that talk to AWS, by the beginning of their targets.
const TALKERS: [&str; 7] = [
    "aws_", "h2", "hyper", "lambda_", "reqwest", "rustls", "tower",
];

fn is_discreet(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    *metadata.level() <= Level::INFO || !TALKERS.iter().any(|name| target.starts_with(name))
}

/// Lambda's words for levels; `FATAL` is its own.
fn level_filter(name: &str) -> LevelFilter {
    match name.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

/// Adds fields to the current span, and so to every later line within it. Their names need not be known in advance.
pub fn annotate<N: Into<String>>(fields: impl IntoIterator<Item = (N, Value)>) {
    tracing::Span::current().with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>();
        if let Some(span) = registry.and_then(|registry| registry.span(id)) {
            let mut extensions = span.extensions_mut();
            if let Some(known) = extensions.get_mut::<Fields>() {
                for (name, value) in fields {
                    known.set(name.into(), value);
                }
            }
        }
    });
}

/// A layer that writes each event as one line of JSON, and the [metrics](crate::metrics) of each invocation as another.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: Mutex<W>,
    origin: Origin,
}

impl<W: Write> JsonLines<W> {
    /// Lines that go to `out`; `origin` is whose metrics they are.
    pub fn new(out: W, origin: Origin) -> Self {
        let out = Mutex::new(out);
        Self { out, origin }
    }

    fn write(&self, line: &Fields) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written has nowhere to say so.
        let _lost = out
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| out.flush());
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: Write + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Fields::begin(event.metadata().level().as_str());
        // Holds the place of the message, so that it stands before the fields.
        line.set("message".to_owned(), Value::Null);
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            line.take_over(&span);
        }
        event.record(&mut line);
        line.set("target".to_owned(), event.metadata().target().into());
        self.write(&line);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let measured = span.extensions_mut().remove::<Measured>();
        for metrics in measured
            .into_iter()
            .flat_map(|measured| measured.lines(&self.origin, SystemClock.now()))
        {
            let mut line = Fields::begin("INFO");
            line.set("message".to_owned(), "metrics".into());
            for span in span.scope().from_root() {
                line.take_over(&span);
            }
            for (name, value) in metrics {
                line.set(name, value);
            }
            self.write(&line);
        }
    }
}

/// Values by name, in the order in which they came; a later value takes an earlier one's place.
#[derive(Debug, Default)]
struct Fields(Vec<(String, Value)>);

impl Fields {
    /// What every line begins with.
    fn begin(level: &str) -> Self {
        let mut line = Self::default();
        line.set("timestamp".to_owned(), SystemClock.now().to_string().into());
        line.set("level".to_owned(), level.into());
        line
    }

    /// Adds the fields of a span.
    fn take_over<'a, S: LookupSpan<'a>>(&mut self, span: &SpanRef<'a, S>) {
        if let Some(fields) = span.extensions().get::<Fields>() {
            for (name, value) in &fields.0 {
                self.set(name.clone(), value.clone());
            }
        }
    }

    fn set(&mut self, name: String, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            out.write_char(if index == 0 { '{' } else { ',' })?;
            write!(out, "{}:{value}", Value::from(name.as_str()))?;
        }
        out.write_char('}')
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name().to_owned(), format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_level_words_are_known() {
        assert_eq!(level_filter("debug"), LevelFilter::DEBUG);
        assert_eq!(level_filter("FATAL"), LevelFilter::ERROR);
        assert_eq!(level_filter(""), LevelFilter::INFO);
    }

    #[test]
    fn what_talks_to_aws_keeps_its_details_to_itself() {
        let log = crate::memory::MemoryLog::default();
        let subscriber = log.subscriber().with(filter_fn(is_discreet));
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!(target: "aws_smithy_runtime::client", body = "ann@example.com");
            tracing::warn!(target: "aws_config", "no region");
            tracing::debug!(target: "order::service", "asked");
        });
        let lines = log.lines();
        let said: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
        assert_eq!(said, ["no region", "asked"]);
    }

    #[test]
    fn a_line_is_flat_and_inner_fields_win() {
        let log = crate::memory::MemoryLog::default();
        tracing::subscriber::with_default(log.subscriber(), || {
            let outer = tracing::info_span!("outer", requestId = "r-1", step = "outer");
            let _outer = outer.enter();
            annotate([("orderId", Value::from("o-1"))]);
            tracing::info!(step = "inner", count = 2, "said \"so\"");
        });
        let lines = log.lines();
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(line["message"], "said \"so\"");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["requestId"], "r-1");
        assert_eq!(line["orderId"], "o-1");
        assert_eq!(line["step"], "inner");
        assert_eq!(line["count"], 2);
        assert!(log.text().starts_with(r#"{"timestamp":""#));
    }
}
