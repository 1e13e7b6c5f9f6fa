//! What a new version of a contract owes to those who know the old one.
//!
//! Consumers meet data of both versions: services are deployed one by one, and queues and dead-letter queues hold old
//! messages that redrive sends again. So:
//!
//! | version | may change |
//! | --- | --- |
//! | the same | nothing but words for people |
//! | a new second number | what [`Promise`] keeps: by default new consumers read old data and old consumers new data |
//! | a new first number | anything; whoever still reads the old one is named |

use super::Contract;
use super::codes;
use super::compatibility::{Change, Effect, compare};
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::Span;

/// Which readings a new second number keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// New consumers read old data.
    pub backward: bool,
    /// Old consumers read new data.
    pub forward: bool,
}

/// One event at two points of its history.
#[derive(Debug, Clone)]
pub struct Evolution<'a> {
    /// The event.
    pub event: &'a str,
    /// Where its version is written.
    pub version_at: Span,
    /// Where its contract is named.
    pub contract_at: Span,
    /// Version before and now.
    pub versions: (&'a str, &'a str),
    /// Contract before and now.
    pub contracts: (&'a Contract, &'a Contract),
    /// Which readings a new second number keeps.
    pub promise: Promise,
    /// Subscriptions that receive it now.
    pub readers: &'a [Reader<'a>],
}

/// A subscription that receives the event.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    /// The subscription.
    pub name: &'a str,
    /// Where it names the event.
    pub at: Span,
    /// Whether it received the event before, too.
    pub before: bool,
}

/// How the version moved.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Back,
    Same,
    Minor,
    Major,
}

/// Findings about one event.
pub fn check(evolution: &Evolution<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let Evolution {
        event,
        versions: (before, now),
        ..
    } = evolution;
    let step = step(before, now);
    if step == Step::Back {
        diagnostics.push(
            Diagnostic::error(
                codes::VERSION_BACK,
                evolution.version_at,
                format!("the version of `{event}` goes back from {before} to {now}"),
            )
            .help(format!(
                "write a version above {before}, also to take a change back"
            )),
        );
        return diagnostics;
    }
    let (old, new) = evolution.contracts;
    let comparison = compare(old, new);
    let changes = &comparison.changes;
    match step {
        Step::Back => {}
        Step::Same => {
            if let Some(first) = changes.first() {
                let broken = changes
                    .iter()
                    .any(|change| kept(evolution.promise, change) > Effect::Declared);
                let what = match changes.len() {
                    1 => sentence(event, first),
                    more => format!(
                        "{}, and {} more",
                        sentence(event, first),
                        plural(more - 1, "change")
                    ),
                };
                diagnostics.push(
                    Diagnostic::error(
                        codes::SAME_VERSION,
                        evolution.contract_at,
                        format!("{what}, but the version of `{event}` is still {now}"),
                    )
                    .related(evolution.version_at, "its version")
                    .help(format!("write `version = \"{}\"`", next(now, broken))),
                );
            }
        }
        Step::Minor => {
            for change in changes {
                match kept(evolution.promise, change) {
                    Effect::Compatible | Effect::Declared => {}
                    Effect::Unknown => diagnostics.push(undecided(evolution, change)),
                    Effect::Breaks => diagnostics.push(breaks(evolution, change)),
                }
            }
        }
        Step::Major => {
            let all = Promise {
                backward: true,
                forward: true,
            };
            let worst = changes.iter().max_by_key(|change| kept(all, change));
            if let Some(worst) = worst.filter(|change| kept(all, change) > Effect::Declared) {
                diagnostics.push(major(evolution, worst));
            }
        }
    }
    diagnostics
}

/// The worst that a change does to the readings that are kept.
fn kept(promise: Promise, change: &Change) -> Effect {
    let of = |kept: bool, effect| if kept { effect } else { Effect::Compatible };
    of(promise.backward, change.backward).max(of(promise.forward, change.forward))
}

fn breaks(evolution: &Evolution<'_>, change: &Change) -> Diagnostic {
    let Evolution {
        event,
        versions: (before, now),
        promise,
        readers,
        ..
    } = evolution;
    let backward = promise.backward && change.backward == Effect::Breaks;
    let forward = promise.forward && change.forward == Effect::Breaks;
    let everyone: Vec<&Reader<'_>> = readers.iter().collect();
    let known: Vec<&Reader<'_>> = readers.iter().filter(|reader| reader.before).collect();
    let mut who = Vec::new();
    if backward {
        who.push(match everyone.as_slice() {
            [] => format!("no consumer of {now} could read data of {before}"),
            all => format!("{} on {now} cannot read data of {before}", named(all)),
        });
    }
    if forward {
        who.push(match known.as_slice() {
            [] => format!("no consumer of {before} could read data of {now}"),
            all => format!("{} on {before} cannot read data of {now}", named(all)),
        });
    }
    let mut finding = Diagnostic::error(
        codes::BREAKS,
        evolution.contract_at,
        format!("{}: {}", sentence(event, change), who.join(", and ")),
    );
    for reader in if backward { &everyone } else { &known } {
        finding = finding.related(
            reader.at,
            match (backward, forward && reader.before) {
                (true, true) => {
                    "fails before it is deployed anew, and after on what its queues still hold"
                }
                (true, false) => "fails once it is deployed anew, on what its queues still hold",
                (false, _) => "fails until it is deployed anew",
            },
        );
    }
    finding.help(format!(
        "take the change back, or write `version = \"{}\"` and publish both versions for a while",
        next(before, true)
    ))
}

fn undecided(evolution: &Evolution<'_>, change: &Change) -> Diagnostic {
    let Evolution {
        event,
        versions: (before, now),
        readers,
        ..
    } = evolution;
    let who = match readers {
        [] => "its consumers".to_owned(),
        all => named(&all.iter().collect::<Vec<_>>()),
    };
    Diagnostic::warning(
        codes::UNDECIDED,
        evolution.contract_at,
        format!(
            "{}: topogen cannot tell whether {who} can read both {before} and {now}",
            sentence(event, change)
        ),
    )
    .help("compare the two by eye")
}

fn major(evolution: &Evolution<'_>, worst: &Change) -> Diagnostic {
    let Evolution {
        event,
        versions: (before, now),
        readers,
        ..
    } = evolution;
    let message = match readers {
        [] => format!("version {now} of `{event}` breaks whoever reads {before}"),
        all => format!(
            "version {now} of `{event}` breaks whoever reads {before}: {}",
            named(&all.iter().collect::<Vec<_>>())
        ),
    };
    let mut finding = Diagnostic::warning(codes::MAJOR, evolution.version_at, message)
        .label(sentence(event, worst));
    for reader in *readers {
        finding = finding.related(reader.at, "has to read both for a while");
    }
    finding.help(format!(
        "publish both for a while: keep `{event}`, give {now} a name of its own such as `{event}V{}`, and move the consumers one by one",
        number(now).0
    ))
}

/// "`currency` of `OrderCreated` is required now".
fn sentence(event: &str, change: &Change) -> String {
    match change.path.as_str() {
        "" => format!("the data of `{event}` {}", change.what),
        path => format!("`{path}` of `{event}` {}", change.what),
    }
}

fn named(readers: &[&Reader<'_>]) -> String {
    let names: Vec<String> = readers
        .iter()
        .map(|reader| format!("`{}`", reader.name))
        .collect();
    names.join(", ")
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        format!("{count} {word}")
    } else {
        format!("{count} {word}s")
    }
}

fn step(before: &str, now: &str) -> Step {
    let (before, now) = (number(before), number(now));
    match now.cmp(&before) {
        std::cmp::Ordering::Less => Step::Back,
        std::cmp::Ordering::Equal => Step::Same,
        std::cmp::Ordering::Greater if before.0 == now.0 => Step::Minor,
        std::cmp::Ordering::Greater => Step::Major,
    }
}

/// A version of two numbers; the reader of the topology has checked that it is one.
fn number(version: &str) -> (u64, u64) {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
}

fn next(version: &str, major: bool) -> String {
    let (first, second) = number(version);
    if major {
        format!("{}.0", first.saturating_add(1))
    } else {
        format!("{first}.{}", second.saturating_add(1))
    }
}
