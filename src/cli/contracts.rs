//! `topogen contracts`

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use super::check::{self, Format};
use super::patience::Patience;
use super::revision::Revision;
use super::{CliError, Common, Exit, project};
use crate::Project;
use crate::contracts::evolution::{self, Evolution, Promise, Reader};
use crate::contracts::{Contracts, Library, codes};
use crate::diag::{Diagnostic, Diagnostics, human};
use crate::model::Topology;
use crate::model::event::{Compatibility, Event};
use crate::source::Source;

/// Compare the contracts of events with those of an earlier revision.
#[derive(Debug, Args)]
pub struct ContractsArgs {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: ContractsCommand,
}

#[derive(Debug, Subcommand)]
enum ContractsCommand {
    /// Report the changes since a git revision that consumers cannot read, and name the consumers
    ///
    /// A new second number of an event's version keeps both: consumers of the new version read old data, consumers of the
    /// old version read new data. The event's `compatibility` may ask for less.
    Check(CheckArgs),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The revision that is deployed, such as `origin/main` or a tag
    #[arg(long, value_name = "REV")]
    against: String,
    /// The environment [default: dev]
    #[arg(short, long)]
    environment: Option<String>,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &ContractsArgs) -> Result<(), CliError> {
    match &args.command {
        ContractsCommand::Check(check) => run_check(&args.common, check),
    }
}

fn run_check(common: &Common, args: &CheckArgs) -> Result<(), CliError> {
    let opened = project::open(common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    // A comparison with a broken topology would blame the wrong line.
    let (_, found) = opened.compile(&environment);
    let (Some(now), false) = (opened.project.topology(&environment).0, found.has_errors()) else {
        return check::report(&opened, common, args.format, &found, String::new);
    };
    let revision = Revision::find(&opened.root, &args.against)?;
    let file = common
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let text = revision.read(&file).map_err(|why| {
        CliError::new(
            Exit::Usage,
            format!("cannot read {file} of {}: {why}", args.against),
        )
        .help("name a revision that has the file, or another file with `--file`")
    })?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let project = Project::parse(Source::new(format!("{}:{file}", args.against), text));
    let Some(before) = project.resolve(&environment).0 else {
        return Err(CliError::new(
            Exit::Usage,
            format!("{file} of {} is no topology", args.against),
        )
        .help("name a revision whose `topogen check` was clean"));
    };
    let patience = Patience::default();
    let old = Library::new(|path| revision.read(path)).watched(|path| patience.watch(path));
    let (old, _) = Contracts::load(crate::declared(&before), &old);
    let (new, _) = Contracts::load(crate::declared(&now), &opened.library);
    let mut diagnostics = Diagnostics::default();
    for event in before.events.values() {
        match now.events.get(&event.name) {
            None => gone(event, &before, &now, &mut diagnostics),
            Some(after) => {
                let path = after.schema.as_ref().map_or("", |schema| &schema.value);
                opened.library.watching(path, || {
                    compare(
                        event,
                        after,
                        (&old, &new),
                        (&before, &now),
                        &mut diagnostics,
                    );
                });
            }
        }
    }
    opened.project.silence(&now, &mut diagnostics);
    let diagnostics = diagnostics.sorted();
    check::report(&opened, common, args.format, &diagnostics, || {
        let silenced =
            human::silenced(&diagnostics).map_or_else(String::new, |count| format!(", {count}"));
        let against = &args.against;
        let less = less_than_full(&before, &now);
        match less.as_str() {
            "" => format!("every consumer can read {against} and the work tree{silenced}"),
            less => format!(
                "nothing breaks what `compatibility` promises since {against}{silenced}; less than both ways is promised of {less}"
            ),
        }
    })
}

/// Events with a contract before and now of which not both readings are promised, and what is.
fn less_than_full(before: &Topology, now: &Topology) -> String {
    let both = now.events.values().filter(|event| {
        let old = before.events.get(&event.name);
        event.schema.is_some() && old.is_some_and(|old| old.schema.is_some())
    });
    let less = both.filter_map(|event| {
        let word = match event.compatibility {
            Compatibility::Full => return None,
            Compatibility::Backward => "backward",
            Compatibility::Forward => "forward",
            Compatibility::None => "none",
        };
        Some(format!("`{}` (\"{word}\")", event.name))
    });
    less.collect::<Vec<_>>().join(", ")
}

/// An event that is there before and now.
fn compare(
    before: &Event,
    after: &Event,
    (old, new): (&Contracts, &Contracts),
    (then, now): (&Topology, &Topology),
    diagnostics: &mut Diagnostics,
) {
    let name = before.name.as_str();
    let promise = match after.compatibility {
        Compatibility::Full => (true, true),
        Compatibility::Backward => (true, false),
        Compatibility::Forward => (false, true),
        Compatibility::None => return,
    };
    // One that had no contract, or has its first, owes nothing.
    let Some(schema) = &before.schema else { return };
    let Some(named) = &after.schema else {
        diagnostics.push(
            Diagnostic::warning(
                codes::GONE,
                after.span,
                format!(
                    "`{name}` had a contract, `{}`, and has none now",
                    schema.value
                ),
            )
            .help(format!(
                "write `schema = \"{}\"`, or `compatibility = \"none\"`",
                schema.value
            )),
        );
        return;
    };
    let (Some(old), Some(new)) = (old.get(name), new.get(name)) else {
        diagnostics.push(
            Diagnostic::warning(
                codes::UNDECIDED,
                named.span,
                format!("the former contract of `{name}`, `{}`, is not there or not good: nothing can be compared", schema.value),
            )
            .help("compare with a revision whose `topogen check` was clean"),
        );
        return;
    };
    let received_before = receivers(then, name);
    let readers: Vec<Reader<'_>> = receivers(now, name)
        .into_iter()
        .map(|(subscription, at)| Reader {
            name: subscription,
            at,
            before: received_before.contains_key(subscription),
        })
        .collect();
    diagnostics.extend(evolution::check(&Evolution {
        event: name,
        version_at: after.version.span,
        contract_at: named.span,
        versions: (&before.version.value, &after.version.value),
        contracts: (old, new),
        promise: Promise {
            backward: promise.0,
            forward: promise.1,
        },
        readers: &readers,
    }));
}

/// An event that is there no more, though subscriptions received it.
fn gone(event: &Event, before: &Topology, now: &Topology, diagnostics: &mut Diagnostics) {
    let receivers = receivers(before, event.name.as_str());
    if receivers.is_empty() {
        return;
    }
    let names: Vec<String> = receivers.keys().map(|name| format!("`{name}`")).collect();
    // The event has no line any more; a subscription that had it may.
    let kept = receivers
        .keys()
        .find_map(|name| now.subscriptions.get(*name));
    let span = kept.map_or(now.app.name.span, |subscription| subscription.span);
    diagnostics.push(
        Diagnostic::warning(
            codes::GONE,
            span,
            format!("the event `{}` is gone, which {} received", event.name, names.join(", ")),
        )
        .help("first stop publishing it, let the queues run dry, drop it from the subscriptions; then delete it"),
    );
}

/// Subscriptions that receive `event`, and where they say so.
fn receivers<'a>(topology: &'a Topology, event: &str) -> BTreeMap<&'a str, crate::source::Span> {
    topology
        .subscriptions
        .values()
        .filter_map(|subscription| {
            let named = subscription
                .events
                .iter()
                .find(|named| named.value.as_str() == event)?;
            Some((subscription.name.as_str(), named.span))
        })
        .collect()
}
