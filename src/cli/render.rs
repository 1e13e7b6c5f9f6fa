//! `topogen render`

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};

use super::project::{self, Opened};
use super::terminal::{eprint, eprintln};
use super::{CliError, Common, Exit};
use crate::diag::Diagnostics;
use crate::emit::Artefact;
use crate::model::Topology;
use crate::out::OutError;
use crate::plan::{Unit, template_size};
use crate::source::Source;
use crate::{emit, out, parallel, plan};

/// Stacks from which on it pays to render side by side.
const MANY: usize = 16;

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
    // The process ends with this command: what would be taken down piece by piece goes with it.
    let opened: &Opened = Box::leak(Box::new(project::open(&args.common)?));
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
        // With what only lowering shows.
        opened.show(&opened.findings(&environment));
        return Err(CliError::findings());
    };
    let topology: &Topology = Box::leak(Box::new(topology));
    let source = &opened.project.source;
    let environment = environment.as_str();
    let render = |take: &Take<'_>| -> (Total, Result<(), CliError>) {
        let mut total = each_stack(topology, source, args.format, take);
        let map = emit::source_map(environment, total.source_maps());
        let taken = match total.failed.take() {
            None => take(map),
            Some(error) => Err(error),
        };
        match total.findings.has_errors() {
            true => (total, Err(CliError::findings())),
            false => (total, taken.map_err(CliError::from)),
        }
    };
    let (total, done) = if args.check {
        let checker = out::Checker::new(&out, environment);
        let (total, rendered) = render(&|artefact| checker.add(&artefact));
        (total, rendered.map(|()| Done::Checked(checker.finish())))
    } else {
        let writer = out::Writer::begin(&out, environment)?;
        let (total, rendered) = render(&|artefact| writer.add(artefact));
        let written = rendered.and_then(|()| Ok(Done::Written(writer.commit()?)));
        (total, written)
    };
    diagnostics.extend(total.findings);
    opened.project.silence(topology, &mut diagnostics);
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
        Done::Written(written) => {
            tell(&written);
            let removed = match written.removed.len() {
                0 => String::new(),
                count => format!(", {count} removed"),
            };
            eprintln!(
                "{}: {} resources, {} of {} files changed{removed}",
                topology.name(),
                total.resources,
                written.changed.len(),
                written.files
            );
            Ok(())
        }
    }
}

/// What became of which path, as far as anybody reads it.
fn tell(written: &out::Written) {
    const SHOWN: usize = 50;
    let changed = written.changed.iter().map(|path| ("wrote", path));
    let removed = written.removed.iter().map(|path| ("removed", path));
    let shown = changed.chain(removed).take(SHOWN);
    let mut lines: String = shown
        .map(|(what, path)| format!("{what} out/{path}\n"))
        .collect();
    let count = written.changed.len() + written.removed.len();
    if count > SHOWN {
        lines += &format!("and {} more\n", count - SHOWN);
    }
    eprint!("{lines}");
}

enum Done {
    Checked(Vec<out::Stale>),
    Written(out::Written),
}

/// Takes a file as it is made.
type Take<'a> = dyn Fn(Artefact) -> Result<(), OutError> + Sync + 'a;

/// What came of stacks, beside their files.
#[derive(Default)]
struct Total {
    resources: usize,
    findings: Diagnostics,
    /// Each at the place of its stack.
    source_maps: BTreeMap<usize, String>,
    failed: Option<OutError>,
}

impl Total {
    fn add(&mut self, other: Self) {
        self.resources += other.resources;
        self.findings.extend(other.findings);
        self.source_maps.extend(other.source_maps);
        self.failed = self.failed.take().or(other.failed);
    }

    /// In the order of the stacks.
    fn source_maps(&mut self) -> impl Iterator<Item = String> {
        std::mem::take(&mut self.source_maps).into_values()
    }
}

/// Renders all stacks, several at a time. Each thread hands over the files of one before it makes the next: memory holds a few,
/// however many there are.
fn each_stack(topology: &Topology, source: &Source, format: Format, take: &Take<'_>) -> Total {
    let units = plan::units(topology);
    let failed = AtomicBool::new(false);
    let threads = parallel::threads(units.len() >= MANY);
    let totals = parallel::each(threads, units.len(), |at, total: &mut Total| {
        // Once one failed, nobody needs the others any more.
        let Some(unit) = units.get(at).filter(|_| !failed.load(Ordering::Relaxed)) else {
            return;
        };
        if let Err(error) = stack(topology, source, (at, *unit), format, take, total) {
            total.failed = Some(error);
            failed.store(true, Ordering::Relaxed);
        }
    });
    let mut total = Total::default();
    totals.into_iter().for_each(|of_one| total.add(of_one));
    total
}

fn stack(
    topology: &Topology,
    source: &Source,
    (at, unit): (usize, Unit<'_>),
    format: Format,
    take: &Take<'_>,
    total: &mut Total,
) -> Result<(), OutError> {
    let (part, findings) = plan::lower_unit(topology, source, unit);
    total.findings.extend(findings);
    total.resources += part.resources().count();
    for stack in &part.stacks {
        let [template, view] = emit::stack(&part, stack);
        let too_large = template_size::check_bytes(stack, topology, template.bytes.len());
        total.findings.extend(too_large);
        take(template)?;
        take(view)?;
        if format == Format::Sam {
            take(emit::sam_view(&part, stack))?;
        }
        let map = emit::source_map::of_stack(stack);
        total.source_maps.insert(at, map);
    }
    Ok(())
}
