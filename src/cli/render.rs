//! `topogen render`

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, ValueEnum};

use super::terminal::eprintln;
use super::{CliError, Common, Exit, project};
use crate::diag::Diagnostics;
use crate::emit::Artefact;
use crate::model::Topology;
use crate::plan::{Unit, template_size};
use crate::source::Source;
use crate::{emit, out, plan};

/// So few stacks are not worth a thread.
const FEW: usize = 16;
/// Stacks that may wait to be written.
const AHEAD: usize = 64;

/// Write the templates of an environment into out/.
#[derive(Debug, Args)]
pub struct RenderArgs {
    #[command(flatten)]
    common: Common,
    /// The environment [default: dev]
    #[arg(short, long)]
    environment: Option<String>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Cfn)]
    format: Format,
    /// Write nothing, and fail when out/ is stale
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The native CloudFormation templates
    Cfn,
    /// The same, and beside each a sam.yaml that the SAM transform expands to it
    Sam,
}

pub(super) fn run(args: &RenderArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let out = opened.out();
    let mut again = format!("topogen render --environment {environment}");
    if args.format == Format::Sam {
        again += " --format sam";
    }
    let (topology, mut diagnostics) = opened
        .project
        .check_with(&environment, Some(&opened.library));
    let Some(topology) = topology else {
        opened.show(&diagnostics);
        return Err(CliError::findings());
    };
    let mut total = Total::default();
    let done: Result<Done, CliError> =
        each_stack(&topology, &opened.project.source, args.format, |stacks| {
            let artefacts = artefacts(environment.as_str(), stacks, &mut total);
            if args.check {
                let artefacts: Vec<Artefact> = artefacts.collect::<Result<_, CliError>>()?;
                let stale = out::check(&out, environment.as_str(), &artefacts)?;
                return Ok(Done::Checked(stale));
            }
            let written = out::try_write(&out, environment.as_str(), artefacts)?;
            Ok(Done::Written(written))
        });
    diagnostics.extend(total.findings);
    opened.project.silence(&topology, &mut diagnostics);
    opened.show(&diagnostics.sorted());
    match done? {
        Done::Checked(stale) if stale.is_empty() => Ok(()),
        Done::Checked(stale) => {
            for file in &stale {
                eprintln!("out/{file}");
            }
            Err(
                CliError::new(Exit::Stale, "out/ is not what the topology says")
                    .help(format!("run `{again}`")),
            )
        }
        Done::Written(mut written) => {
            written.changed.sort();
            tell(&written.changed);
            eprintln!(
                "{}: {} resources, {} of {} files changed",
                topology.name(),
                total.resources,
                written.changed.len(),
                written.files
            );
            Ok(())
        }
    }
}

/// Paths that changed, as far as anybody reads them.
fn tell(changed: &[String]) {
    const SHOWN: usize = 50;
    for path in changed.iter().take(SHOWN) {
        eprintln!("wrote out/{path}");
    }
    if changed.len() > SHOWN {
        eprintln!("and {} more", changed.len() - SHOWN);
    }
}

enum Done {
    Checked(Vec<out::Stale>),
    Written(out::Written),
}

/// What came of one stack.
struct Rendered {
    artefacts: Vec<Artefact>,
    source_map: String,
    resources: usize,
    findings: Diagnostics,
}

/// What came of all stacks.
#[derive(Default)]
struct Total {
    resources: usize,
    findings: Diagnostics,
}

/// The files of all stacks as they come, and the source map at the end. With errors among the findings there is none, and
/// nothing is written.
fn artefacts(
    environment: &str,
    stacks: impl Iterator<Item = (usize, Rendered)>,
    total: &mut Total,
) -> impl Iterator<Item = Result<Artefact, CliError>> {
    let mut stacks = stacks.fuse();
    let mut ready = Vec::new().into_iter();
    let mut maps = BTreeMap::new();
    let mut ended = false;
    std::iter::from_fn(move || {
        loop {
            if let Some(artefact) = ready.next() {
                return Some(Ok(artefact));
            }
            if ended {
                return None;
            }
            let Some((at, stack)) = stacks.next() else {
                ended = true;
                return Some(match total.findings.has_errors() {
                    true => Err(CliError::findings()),
                    false => {
                        let maps = std::mem::take(&mut maps);
                        Ok(emit::source_map(environment, maps.into_values()))
                    }
                });
            };
            total.resources += stack.resources;
            total.findings.extend(stack.findings);
            maps.insert(at, stack.source_map);
            ready = stack.artefacts.into_iter();
        }
    })
}

fn stack(topology: &Topology, source: &Source, unit: Unit<'_>, format: Format) -> Rendered {
    let (part, findings) = plan::lower_unit(topology, source, unit);
    let mut rendered = Rendered {
        artefacts: Vec::new(),
        source_map: String::new(),
        resources: part.resources().count(),
        findings,
    };
    for stack in &part.stacks {
        let [template, view] = emit::stack(&part, stack);
        let too_large = template_size::check_bytes(stack, topology, template.bytes.len());
        rendered.findings.extend(too_large);
        rendered.artefacts.extend([template, view]);
        if format == Format::Sam {
            rendered.artefacts.push(emit::sam_view(&part, stack));
        }
        rendered.source_map = emit::source_map::of_stack(stack);
    }
    rendered
}

/// Renders stack by stack while `consume` writes: memory holds a few stacks at a time, however many there are.
fn each_stack<T>(
    topology: &Topology,
    source: &Source,
    format: Format,
    consume: impl FnOnce(&mut dyn Iterator<Item = (usize, Rendered)>) -> T,
) -> T {
    let units = plan::units(topology);
    if units.len() < FEW {
        let mut stacks = units
            .into_iter()
            .map(|unit| stack(topology, source, unit, format))
            .enumerate();
        return consume(&mut stacks);
    }
    // One processor is busy with the files.
    let threads =
        std::thread::available_parallelism().map_or(1, |n| n.get().saturating_sub(1).max(1));
    let next = AtomicUsize::new(0);
    let (sender, receiver) = std::sync::mpsc::sync_channel(AHEAD);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let sender = sender.clone();
            let (units, next) = (&units, &next);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(unit) = units.get(at) else { break };
                    // Nobody listens any more once writing has failed.
                    if sender
                        .send((at, stack(topology, source, *unit, format)))
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        drop(sender);
        consume(&mut receiver.into_iter())
    })
}
