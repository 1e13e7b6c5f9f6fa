//! The compiler for event-driven microservices on AWS.
//!
//! ```text
//! topology.toml --syntax--> raw tree --model--> Topology --plan--> Plan --emit--> artefacts --out--> files
//!                             schemas --contracts--\--lints--> findings     \--> deploy, local
//! ```
//!
//! The stages in the first line are pure: text in, values and findings out. Files, processes, clocks and the network are
//! met only in [`out`], [`build`], [`deploy`], [`local`] and [`cli`]. See ARCHITECTURE.md for who may use whom.

pub mod aws;
pub mod build;
pub mod cli;
pub mod contracts;
#[cfg(feature = "cloud")]
pub mod deploy;
pub mod diag;
pub mod emit;
pub mod filter;
mod graph;
pub mod lints;
#[cfg(feature = "cloud")]
pub mod local;
pub mod model;
pub mod out;
mod parallel;
pub mod plan;
pub mod source;
pub mod syntax;
pub mod trace;

use std::collections::BTreeSet;

use contracts::{Contracts, Declared, Library};
use diag::fix::Edit;
use diag::{Diagnostic, Diagnostics, codes};
use lints::silence;
use model::Topology;
use model::names::{AttributeName, EnvironmentName};
use plan::Plan;
use source::{Source, Span, Spanned};
use syntax::tree::Table;

/// A parsed file, ready to be compiled for any of its environments.
pub struct Project {
    /// The file.
    pub source: Source,
    tree: Table,
    syntax: Diagnostics,
}

impl Project {
    /// Parses `source`; mistakes are reported by [`Self::compile`].
    pub fn parse(source: Source) -> Self {
        let (tree, syntax) = syntax::parse(&source);
        Self {
            source,
            tree,
            syntax,
        }
    }

    /// The environments that the file knows, in order.
    pub fn environments(&self) -> Vec<EnvironmentName> {
        model::environments(&self.tree)
    }

    /// Whether the file is not TOML, so that nothing of it can be relied on.
    pub fn is_broken(&self) -> bool {
        self.syntax.has_errors()
    }

    /// Writes `section` after the last of the first of `words` that the file has.
    pub fn add_section(&self, words: &[&str], section: &str) -> Edit {
        syntax::section::add(&self.source, &self.tree, words, section)
    }

    /// What makes it so.
    pub fn syntax_findings(&self) -> Diagnostics {
        self.syntax.clone().sorted()
    }

    /// The system of one environment, when no finding about it is an error.
    pub fn topology(&self, environment: &EnvironmentName) -> (Option<Topology>, Diagnostics) {
        let (topology, diagnostics) = self.resolve(environment);
        (
            topology.filter(|_| !diagnostics.has_errors()),
            diagnostics.sorted(),
        )
    }

    /// The system of one environment, as far as it can be understood: with errors among the findings it is good for
    /// further checks and nothing else. Not there when the text is broken.
    pub fn resolve(&self, environment: &EnvironmentName) -> (Option<Topology>, Diagnostics) {
        let mut diagnostics = self.syntax.clone();
        // What a broken line leaves of its neighbours is guesswork: findings about it would mislead.
        if diagnostics.has_errors() {
            return (None, diagnostics);
        }
        let (topology, found) = model::resolve(&self.tree, environment);
        diagnostics.extend(found);
        (topology, diagnostics)
    }

    /// Compiles for one environment, without looking into contracts.
    pub fn compile(&self, environment: &EnvironmentName) -> (Option<Plan>, Diagnostics) {
        self.compile_with(environment, None)
    }

    /// Compiles for one environment, with the contracts of `library`. The plan is there when no finding is an error.
    pub fn compile_with(
        &self,
        environment: &EnvironmentName,
        library: Option<&Library<'_>>,
    ) -> (Option<Plan>, Diagnostics) {
        let (topology, whole, mut diagnostics) = self.judge(environment, library);
        let plan = topology.map(|topology| {
            let (plan, found) = plan::lower(&topology, &self.source);
            diagnostics.extend(whole.certain(found));
            diagnostics.extend(template_sizes(&plan, &topology));
            self.silence(&topology, &mut diagnostics);
            plan
        });
        (
            plan.filter(|_| !diagnostics.has_errors()),
            diagnostics.sorted(),
        )
    }

    /// All findings for one environment. Each stack is dropped as soon as it is looked at: none is needed for another.
    pub fn findings(
        &self,
        environment: &EnvironmentName,
        library: Option<&Library<'_>>,
    ) -> Diagnostics {
        let (topology, whole, mut diagnostics) = self.judge(environment, library);
        if let Some(topology) = topology {
            let unknown = plan::unknown_overrides(&topology, &self.source);
            diagnostics.extend(whole.certain(unknown));
            for unit in plan::units(&topology) {
                let (part, found) = plan::lower_unit(&topology, &self.source, unit);
                diagnostics.extend(whole.certain(found));
                diagnostics.extend(template_sizes(&part, &topology));
            }
            self.silence(&topology, &mut diagnostics);
        }
        diagnostics.sorted()
    }

    /// All findings for one environment but those that only lowering shows. The topology is there when none is an error.
    pub fn check_with(
        &self,
        environment: &EnvironmentName,
        library: Option<&Library<'_>>,
    ) -> (Option<Topology>, Diagnostics) {
        let (topology, whole, mut diagnostics) = self.judge(environment, library);
        if let Some(topology) = &topology {
            let unknown = plan::unknown_overrides(topology, &self.source);
            diagnostics.extend(whole.certain(unknown));
            self.silence(topology, &mut diagnostics);
        }
        (
            topology.filter(|_| !diagnostics.has_errors()),
            diagnostics.sorted(),
        )
    }

    /// What contracts and lints say of the topology, as far as it can be understood, and whether that is all of it.
    fn judge(
        &self,
        environment: &EnvironmentName,
        library: Option<&Library<'_>>,
    ) -> (Option<Topology>, Whole, Diagnostics) {
        let (topology, mut diagnostics) = self.resolve(environment);
        let whole = Whole::of(&diagnostics);
        if let Some(topology) = &topology {
            let contracts = library.map_or_else(Contracts::default, |library| {
                let (contracts, found) = Contracts::load(declared(topology), library);
                diagnostics.extend(found);
                contracts
            });
            let found = lints::run(&lints::Context {
                topology,
                contracts: &contracts,
            });
            diagnostics.extend(whole.certain(found));
            self.silence(topology, &mut diagnostics);
        }
        (topology, whole, diagnostics)
    }

    /// Sets aside the warnings that the file silences.
    pub fn silence(&self, topology: &Topology, diagnostics: &mut Diagnostics) {
        silence::apply(topology, &self.tree, diagnostics);
    }

    /// What shows only when all environments are known: entries of `[lints]` that silence nothing in any. `all` are the
    /// findings of all environments.
    pub fn unused(&self, all: &Diagnostics) -> Diagnostics {
        silence::unused(&model::lints::entries(&self.tree), all)
    }
}

/// Whether a topology is all that the file means: every value is read, and every reference good.
#[derive(Debug)]
struct Whole {
    is_all: bool,
    /// Values that cannot be. What stands in for each is nobody's wish.
    invalid: BTreeSet<Span>,
}

impl Whole {
    /// By what reading has found.
    fn of(found: &Diagnostics) -> Self {
        let is_value =
            |found: &&Diagnostic| [codes::INVALID_VALUE, codes::WRONG_TYPE].contains(&found.code);
        Self {
            is_all: !found.has_errors(),
            invalid: found
                .iter()
                .filter(is_value)
                .map(|found| found.span)
                .collect(),
        }
    }

    /// What of `found` is certain whatever else the file means.
    fn certain(&self, found: Diagnostics) -> Diagnostics {
        if self.is_all {
            return found;
        }
        found.without_fixes().without(|found| {
            let places = found.related.iter().map(|label| label.span);
            plan::OF_THE_WHOLE.contains(&found.code)
                || places
                    .chain([found.span])
                    .any(|at| self.invalid.contains(&at))
        })
    }
}

/// Templates that have too many bytes.
fn template_sizes(plan: &Plan, topology: &Topology) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    for stack in &plan.stacks {
        let bytes = emit::cfn::size(plan, stack);
        diagnostics.extend(plan::template_size::check_bytes(stack, topology, bytes));
    }
    diagnostics
}

/// What the events of a topology say of their contracts.
pub fn declared(topology: &Topology) -> impl Iterator<Item = Declared<'_>> {
    fn named(name: &Spanned<AttributeName>) -> Spanned<&str> {
        Spanned::new(name.value.as_str(), name.span)
    }
    topology.events.values().filter_map(|event| {
        Some(Declared {
            event: event.name.as_str(),
            schema: event.schema.as_ref()?,
            attributes: event.attributes.iter().map(named).collect(),
            message_group: event.message_group.as_ref().map(named),
        })
    })
}
