//! `topogen trace`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::project::{self, Opened};
use super::terminal::println;
use super::{CliError, Common, Exit, file};
use crate::contracts::Contracts;
use crate::contracts::fields::Lookup;
use crate::diag::{one_line, words};
use crate::lints::drawn;
use crate::model::Topology;
use crate::model::event::Event;
use crate::model::names::EventName;
use crate::model::units::Seconds;
use crate::syntax::suggest;
use crate::trace::{self, Arrival, Guess, Known, Route, Trace};

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
    ///
    /// What in it breaks the event's contract is told, and the trace goes on.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// A message attribute, beside or in place of those that the topology promotes; may be repeated
    ///
    /// Its type is that of the field in the event's contract: `currency=100` is a String where the field is a text. Without a
    /// contract, or where it leaves the type open, a value that is a number, `true`, `false` or a list in JSON is sent as the
    /// kit sends it, and any other as a String. `NAME:TYPE=VALUE` names the type: String, String.Array or Number, such as
    /// `zip:String=100` or `'tags:String.Array=["a","b"]'`.
    #[arg(long, value_name = "NAME[:TYPE]=VALUE")]
    attribute: Vec<String>,
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

/// Faults of the data that are told; more of them say nothing new.
const MOST_FAULTS: usize = 5;

pub(super) fn run(args: &TraceArgs) -> Result<(), CliError> {
    let attributes = trace::all(&args.attribute)
        .map_err(|unfit| CliError::new(Exit::Usage, unfit.what).help(unfit.help))?;
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let topology = opened.topology(&environment)?;
    let name = args.event.parse::<EventName>().ok();
    let Some(event) = name.and_then(|name| topology.events.get(&name)) else {
        let known = topology.events.keys().map(|name| name.as_str());
        return Err(
            CliError::new(Exit::Usage, format!("there is no event `{}`", args.event))
                .help(suggest::help(&args.event, known)),
        );
    };
    let mut known = Known {
        data: args.data.as_deref().map(read).transpose()?,
        attributes,
        ..Known::default()
    };
    if known.data.is_some() || !known.attributes.is_empty() {
        hold_against_contract(&opened, &topology, event, &mut known);
    }
    let Some(traced) = trace::trace(&topology, &event.name, &known) else {
        return Ok(());
    };
    match args.format {
        Format::Human => print(&traced),
        Format::Json => println!("{:#}", serde_json::json!(traced)),
    }
    for guess in &traced.guesses {
        let Guess { attribute, kind } = guess;
        CliError::new(
            Exit::Clean,
            format!(
                "`{attribute}` is taken for a {kind}, and who receives the event rests on that"
            ),
        )
        .help(format!(
            "name its type, such as `--attribute {attribute}:String=…` for a text"
        ))
        .warn();
    }
    Ok(())
}

/// Warns of what in the data breaks the event's contract, and learns of it the types of attributes.
fn hold_against_contract(opened: &Opened, topology: &Topology, event: &Event, known: &mut Known) {
    let Some(schema) = &event.schema else { return };
    let declared = crate::declared(topology).filter(|one| one.event == event.name.as_str());
    let (contracts, findings) = Contracts::load(declared, &opened.library);
    let Some(contract) = contracts.get(event.name.as_str()) else {
        let why = findings.iter().next();
        let why = why.map(|finding| drawn::starred(&finding.message));
        CliError::new(Exit::Clean, why.unwrap_or_default())
            .help("run `topogen check`: nothing is held against the contract")
            .warn();
        return;
    };
    for given in &known.attributes {
        if let Lookup::Field(field) = contract.field(given.name()) {
            known.fields.insert(given.name().to_owned(), field.kind);
        }
    }
    let Some(data) = &known.data else { return };
    let faults = opened.library.watching(&schema.value, || {
        contract.first_faults_of(data, MOST_FAULTS + 1)
    });
    let Some(faults) = faults else {
        CliError::new(
            Exit::Clean,
            format!(
                "the data is not held against the contract of {}, {}: that takes too long",
                event.name,
                words(&schema.value)
            ),
        )
        .help("shorter data, or a contract with fewer alternatives, does not; the trace goes on with the data as it is")
        .warn();
        return;
    };
    if !faults.is_empty() {
        CliError::new(
            Exit::Clean,
            broken(event.name.as_str(), &schema.value, &faults),
        )
        .help("correct the data, or the contract: the trace goes on with the data as it is")
        .warn();
    }
}

/// What breaks a contract, a line for each fault.
fn broken(event: &str, contract: &str, faults: &[(String, String)]) -> String {
    let told = faults.iter().take(MOST_FAULTS).map(|(pointer, rule)| {
        let place = match pointer.as_str() {
            "" => "the data itself",
            pointer => pointer,
        };
        format!("\n  {}: {}", words(place), words(rule))
    });
    let more = (faults.len() > MOST_FAULTS).then(|| "\n  and more".to_owned());
    let lines: String = told.chain(more).collect();
    format!(
        "the data breaks the contract of {event}, {}{lines}",
        words(contract)
    )
}

fn read(path: &Path) -> Result<serde_json::Value, CliError> {
    let shown = match path.display().to_string() {
        dash if dash == "-" => "stdin".to_owned(),
        path => path,
    };
    let shown = one_line(&shown);
    let text = file::data(path)?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
        CliError::new(Exit::Usage, format!("{shown} is not JSON: {error}"))
            .help("give the event's `data` as one JSON object")
    })?;
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
