//! `topogen add service`

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::project::{self, Opened};
use super::terminal::{eprintln, println};
use super::{CliError, Common, Exit, check, file, fix};
use crate::Project;
use crate::diag::fix::{Edit, apply};
use crate::emit::Artefact;
use crate::emit::handler::{self, Handler, Received};
use crate::model::Topology;
use crate::model::event::Event;
use crate::model::names::{EventName, ServiceName, TableName};
use crate::out;
use crate::source::Source;
use crate::syntax::suggest;

/// Key of the table that `--table` asks for: the id of the event, which is handled once.
const EVENT_ID: &str = "eventId";
/// Where contracts lie that have a type in the crate `contracts`.
const SCHEMAS: &str = "functions/contracts/schemas/";
/// Words of Rust, and crates that a handler uses: no crate can be called so.
const TAKEN: &str = "abstract alloc as async await become box break const continue contracts core crate do dyn else enum \
    extern false final fn for gen if impl in let loop macro match mod move mut override priv proc-macro pub ref return self \
    serde serde-json static std struct super test tokio topogen-kit trait true try type typeof unsafe unsized use virtual \
    where while yield";

/// Add a consumer to the topology, and scaffold its handler.
#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
enum What {
    /// Add a consumer: its sections in topology.toml, and a handler that compiles and passes its tests
    Service(ServiceArgs),
}

/// Add a consumer: its sections in topology.toml, and a handler that compiles and passes its tests.
///
/// A service that stands in topology.toml already gets its handler: leave `--on` out.
#[derive(Debug, Args)]
struct ServiceArgs {
    #[command(flatten)]
    common: Common,
    /// The service, such as `fraud-check`; its handler is the crate functions/NAME
    name: String,
    /// Events that it receives
    #[arg(long, value_name = "EVENT", num_args = 1..)]
    on: Vec<String>,
    /// A table of its own, such as `Frauds`, in which each event is stored once
    #[arg(long, value_name = "TABLE", requires = "on")]
    table: Option<String>,
    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &AddArgs) -> Result<(), CliError> {
    match &args.what {
        What::Service(args) => service(args),
    }
}

fn service(args: &ServiceArgs) -> Result<(), CliError> {
    let name: ServiceName = args.name.parse().map_err(usage)?;
    if TAKEN.split(' ').any(|word| word == name.as_str()) {
        return Err(usage(format!("no crate can be called `{name}`"))
            .help("give the service another name, such as one of two words"));
    }
    let mut opened = project::open(&args.common)?;
    refuse_errors(&opened)?;
    let before = topology(&opened)?;
    let edits = match args.on.as_slice() {
        [] => Vec::new(),
        on => edits(&opened, &before, &name, on, args.table.as_deref())?,
    };
    let source = &opened.project.source;
    let text = apply(source.text(), edits.iter());
    opened.project = Project::parse(Source::new(source.path(), text));
    if !edits.is_empty() {
        refuse_misfit(&opened, &edits)?;
    }
    let handler = handler(&opened, &topology(&opened)?, &name)?;
    let files = handler::files(&handler);
    if args.dry_run {
        print_plan(&additions(&edits, &opened), &handler.folder, &files);
        return Ok(());
    }
    let folder = opened.root.join(&handler.folder);
    let held = out::hold();
    out::folder::create(&folder, &files)?;
    if !edits.is_empty()
        && let Err(error) = fix::write(&opened, &args.common.file)
    {
        // Both or neither. What is left behind is what cannot be removed.
        let _ = std::fs::remove_dir_all(&folder);
        return Err(error);
    }
    // Whoever reads what is told may take his time.
    drop(held);
    tell(&opened, &handler, &files, !edits.is_empty());
    Ok(())
}

fn usage(message: impl std::fmt::Display) -> CliError {
    CliError::new(Exit::Usage, message)
}

fn topology(opened: &Opened) -> Result<Topology, CliError> {
    opened.topology(&opened.environment(None)?)
}

/// Nothing is added to a file that is wrong already.
fn refuse_errors(opened: &Opened) -> Result<(), CliError> {
    let findings = check::find(opened, None);
    if !findings.has_errors() {
        return Ok(());
    }
    opened.show(&findings);
    Err(
        CliError::new(Exit::Findings, "nothing was added: the topology has errors")
            .help("mend these first"),
    )
}

/// A consumer may not fit, such as one of an event that nobody publishes. And a file may be written in a way that takes no new
/// sections, such as `services = { … }`.
fn refuse_misfit(opened: &Opened, edits: &[Edit]) -> Result<(), CliError> {
    let findings = check::find(opened, None);
    if !findings.has_errors() {
        return Ok(());
    }
    opened.show(&findings);
    let refused = CliError::new(
        Exit::Findings,
        "nothing was added: the topology would have these errors",
    );
    if !opened.project.is_broken() {
        return Err(refused);
    }
    let lines: Vec<&str> = edits.iter().map(|edit| edit.replacement.trim()).collect();
    Err(refused.help(format!(
        "write these lines in the file's own way, then type the command without `--on`:\n\n{}",
        lines.join("\n\n")
    )))
}

/// The sections of a new consumer, each after the others of its kind.
fn edits(
    opened: &Opened,
    topology: &Topology,
    name: &ServiceName,
    on: &[String],
    table: Option<&str>,
) -> Result<Vec<Edit>, CliError> {
    if topology.services.contains_key(name) {
        return Err(
            usage(format!("the service `{name}` is there already")).help(format!(
                "add events to its `[subscriptions.{name}]` by hand, or leave `--on` out to make a handler that is missing"
            )),
        );
    }
    if topology.subscriptions.contains_key(name.as_str()) {
        return Err(usage(format!(
            "the subscription `{name}` is there already, of another service"
        ))
        .help("give the service another name"));
    }
    let mut events: Vec<&str> = Vec::new();
    for event in on {
        if !topology.events.contains_key(event.as_str()) {
            let known = topology.events.keys().map(EventName::as_str);
            return Err(usage(format!("the event `{event}` is not declared"))
                .help(suggest::help(event, known)));
        }
        if !events.contains(&event.as_str()) {
            events.push(event);
        }
    }
    let mut service = format!("[services.{name}]\n");
    if let Some(table) = table {
        let table: TableName = table.parse().map_err(usage)?;
        service.push_str(&format!(
            "table = {{ name = \"{table}\", key = \"{EVENT_ID}\" }}\n"
        ));
    }
    let subscription = format!(
        "[subscriptions.{name}]\nevents = [\"{}\"]\n",
        events.join("\", \"")
    );
    let project = &opened.project;
    Ok(vec![
        project.add_section(&["services", "events", "app"], &service),
        project.add_section(
            &["subscriptions", "services", "events", "app"],
            &subscription,
        ),
    ])
}

/// What the handler of a service needs, as the topology says.
fn handler(opened: &Opened, topology: &Topology, name: &ServiceName) -> Result<Handler, CliError> {
    let Some(service) = topology.services.get(name) else {
        return Err(usage(format!("there is no service `{name}`"))
            .help("say which events it receives, such as `--on OrderCreated`"));
    };
    let subscriptions = topology.subscriptions.values();
    let events: BTreeMap<&str, &Event> = subscriptions
        .filter(|subscription| subscription.service.value == *name)
        .flat_map(|subscription| &subscription.events)
        .filter_map(|event| topology.events.get(&event.value))
        .map(|event| (event.name.as_str(), event))
        .collect();
    let folder = service.handler.value.clone();
    if events.is_empty() {
        return Err(usage(format!(
            "the service `{name}` receives no events, and only handlers of consumers are made"
        ))
        .help(format!(
            "make it with `cargo new --bin {folder}` and `cargo add --path functions/kit --package {name}`"
        )));
    }
    if opened.root.join(&folder).exists() {
        return Err(usage(format!("`{folder}` is there already"))
            .help("move it away, or give the service another name"));
    }
    if !opened.root.join("functions/kit/Cargo.toml").is_file() {
        return Err(
            usage("there is no `functions/kit`, which handlers stand on").help(
                "copy it from topogen's own repository, with the workspace of its Cargo.toml",
            ),
        );
    }
    // A key of another meaning is left to whoever writes the step.
    let table = service.table.as_ref();
    let table = table.filter(|table| table.key.as_str() == EVENT_ID && table.sort_key.is_none());
    Ok(Handler {
        service: name.to_string(),
        folder,
        table_key: table.map(|table| table.key.to_string()),
        events: events
            .into_values()
            .map(|event| received(&opened.root, event))
            .collect(),
    })
}

fn received(root: &Path, event: &Event) -> Received {
    Received {
        name: event.name.to_string(),
        version: event.version.value.clone(),
        example: event
            .schema
            .as_ref()
            .and_then(|schema| example(root, &schema.value, event.name.as_str())),
    }
}

/// The first example of a contract that has a type in the crate `contracts`.
fn example(root: &Path, schema: &str, event: &str) -> Option<Value> {
    let file = schema.strip_prefix(SCHEMAS)?;
    if file != format!("{event}.json") || !root.join("functions/contracts/Cargo.toml").is_file() {
        return None;
    }
    let bytes = file::regular(&root.join(schema)).ok()?;
    let schema: Value = serde_json::from_slice(&bytes).ok()?;
    schema.pointer("/examples/0").cloned()
}

/// What is added to the file.
fn additions(edits: &[Edit], opened: &Opened) -> String {
    let mut shown = String::new();
    if !edits.is_empty() {
        shown.push_str(&format!("change {}\n", opened.shown()));
    }
    for edit in edits {
        for line in edit.replacement.lines().skip(1) {
            shown.push_str(format!("  + {line}").trim_end());
            shown.push('\n');
        }
    }
    shown
}

/// What a dry run prints.
fn print_plan(change: &str, folder: &str, files: &[Artefact]) {
    if !change.is_empty() {
        println!("{}", change.trim_end());
    }
    for file in files {
        println!("create {folder}/{}", file.path);
    }
}

fn tell(opened: &Opened, handler: &Handler, files: &[Artefact], is_new: bool) {
    let (service, folder) = (&handler.service, &handler.folder);
    if is_new {
        eprintln!("added `{service}` to {}", opened.shown());
    }
    for file in files {
        eprintln!("wrote {folder}/{}", file.path);
    }
    if !is_member(&opened.root, folder) {
        eprintln!(
            "to do: make it a member of the workspace, with `members = [\"functions/*\"]` under `[workspace]` in Cargo.toml"
        );
    }
    eprintln!(
        "next: write what it does in {folder}/src/lib.rs; `cargo test --package {service}` tries it"
    );
    eprintln!("      `topogen build {service}` builds it, `topogen local` runs it with the rest");
}

/// Whether the workspace beside the topology takes the folder in.
fn is_member(root: &Path, folder: &str) -> bool {
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let (manifest, _) = DeTable::parse_recoverable(&manifest);
    let members = manifest
        .get_ref()
        .get("workspace")
        .and_then(|workspace| workspace.get_ref().get("members"))
        .and_then(|members| members.get_ref().as_array());
    let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    members.into_iter().flat_map(|members| members.iter()).any(
        |member| matches!(member.get_ref(), DeValue::String(glob) if *glob == folder || *glob == format!("{parent}/*")),
    )
}
