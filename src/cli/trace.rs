//! `topogen trace`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::terminal::println;
use super::{CliError, Common, Exit, project};
use crate::diag::one_line;
use crate::model::names::EventName;
use crate::model::units::Seconds;
use crate::syntax::suggest;
use crate::trace::{self, Arrival, Known, Route, Trace};

/// Tell who receives an event, by which filter, and where it can end.
///
/// Filters are decided as SNS decides them. Without `--data`, what depends on the event's data is told as such.
#[derive(Debug, Args)]
pub struct TraceArgs {
    #[command(flatten)]
    common: Common,
    /// The event, such as OrderCreated
    event: String,
    /// The environment [default: dev]
    #[arg(short, long)]
    environment: Option<String>,
    /// JSON of the event's `data`; `-` reads it from stdin
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// A message attribute, beside those that the topology promotes
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute)]
    attribute: Vec<(String, String)>,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object
    Json,
}

fn attribute(written: &str) -> Result<(String, String), String> {
    match written.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("write a name and a value, such as `currency=USD`".to_owned()),
    }
}

pub(super) fn run(args: &TraceArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let topology = opened.topology(&environment)?;
    let known = Known {
        data: args.data.as_ref().map(read).transpose()?,
        attributes: args.attribute.iter().cloned().collect(),
    };
    let traced = args
        .event
        .parse::<EventName>()
        .ok()
        .and_then(|event| trace::trace(&topology, &event, &known));
    let Some(traced) = traced else {
        let known = topology.events.keys().map(|name| name.as_str());
        return Err(
            CliError::new(Exit::Usage, format!("there is no event `{}`", args.event))
                .help(suggest::help(&args.event, known)),
        );
    };
    match args.format {
        Format::Human => print(&traced),
        Format::Json => println!("{:#}", serde_json::json!(traced)),
    }
    Ok(())
}

fn read(path: &PathBuf) -> Result<serde_json::Value, CliError> {
    let shown = path.display().to_string();
    let shown = one_line(&shown);
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    }
    .map_err(|error| CliError::new(Exit::Usage, format!("cannot read {shown}: {error}")))?;
    let value: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| CliError::new(Exit::Usage, format!("{shown} is not JSON: {error}")))?;
    if !value.is_object() {
        return Err(
            CliError::new(Exit::Usage, format!("{shown} holds no JSON object"))
                .help("give the event's `data` alone, without its envelope"),
        );
    }
    Ok(value)
}

fn print(traced: &Trace) {
    let by = match traced.publishers.as_slice() {
        [] => "nobody".to_owned(),
        publishers => publishers.join(", "),
    };
    println!(
        "{} {}, published by {by} to the topic {}",
        traced.event, traced.version, traced.topic
    );
    for route in &traced.subscriptions {
        let Route {
            subscription,
            service,
            ..
        } = route;
        let named = if subscription == service {
            subscription.clone()
        } else {
            format!("{subscription} (service {service})")
        };
        let (sign, verb) = match route.arrives {
            Arrival::Yes => ("+", "receives it"),
            Arrival::No => ("-", "does not receive it"),
            Arrival::Depends => ("?", "may receive it"),
        };
        println!("\n{sign} {named} {verb}");
        for line in &route.filter {
            println!("    {line}");
        }
        if route.arrives != Arrival::No {
            ends(route);
        }
    }
}

fn ends(route: &Route) {
    let ends = &route.ends;
    let (queue, kept) = &ends.queue;
    println!("    waits in {queue}, for {} at most", Seconds(*kept));
    let (function, timeout, batch) = &ends.function;
    println!(
        "    {function} takes it, in batches of up to {batch}, within {}",
        Seconds(*timeout)
    );
    let (tries, period) = ends.tries;
    let (dead, kept) = &ends.dead_letter_queue;
    println!(
        "    failing {tries} times, over {}, it ends in {dead}, for {}",
        Seconds(period),
        Seconds(*kept)
    );
    println!(
        "    if SNS cannot deliver it, it ends in {}",
        ends.undelivered_queue
    );
    if !ends.publishes.is_empty() {
        println!("    then: {}", ends.publishes.join(", "));
    }
}
