//! The compiler for event-driven microservices on AWS.
//!
//! ```text
//! topology.toml --syntax--> raw tree --model--> Topology --plan--> Plan --emit--> artefacts --out--> files
//!                                                  \--lints--> findings     \--> deploy, local
//! ```
//!
//! The stages in the first line are pure: text in, values and findings out. Files, processes, clocks and the network are
//! met only in [`out`], [`build`], [`deploy`], [`local`] and [`cli`]. See ARCHITECTURE.md for who may use whom.

pub mod aws;
pub mod build;
pub mod cli;
#[cfg(feature = "cloud")]
pub mod deploy;
pub mod diag;
pub mod emit;
pub mod filter;
pub mod lints;
#[cfg(feature = "cloud")]
pub mod local;
pub mod model;
pub mod out;
pub mod plan;
pub mod source;
pub mod syntax;
pub mod trace;

use diag::Diagnostics;
use lints::silence;
use model::Topology;
use model::names::EnvironmentName;
use plan::Plan;
use source::Source;
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

    /// What makes it so.
    pub fn syntax_findings(&self) -> Diagnostics {
        self.syntax.clone().sorted()
    }

    /// The system of one environment, when no finding about it is an error.
    pub fn topology(&self, environment: &EnvironmentName) -> (Option<Topology>, Diagnostics) {
        let mut diagnostics = self.syntax.clone();
        if diagnostics.has_errors() {
            return (None, diagnostics.sorted());
        }
        let (topology, found) = model::resolve(&self.tree, environment);
        diagnostics.extend(found);
        (
            topology.filter(|_| !diagnostics.has_errors()),
            diagnostics.sorted(),
        )
    }

    /// Compiles for one environment. The plan is there when no finding is an error.
    pub fn compile(&self, environment: &EnvironmentName) -> (Option<Plan>, Diagnostics) {
        let mut diagnostics = self.syntax.clone();
        // What a broken line leaves of its neighbours is guesswork: findings about it would mislead.
        if diagnostics.has_errors() {
            return (None, diagnostics.sorted());
        }
        let (topology, found) = model::resolve(&self.tree, environment);
        diagnostics.extend(found);
        if let Some(topology) = &topology {
            diagnostics.extend(lints::run(&lints::Context { topology }));
        }
        // A topology with errors may refer to what is not there: only a good one is lowered.
        let mut plan = None;
        if let Some(topology) = topology.as_ref().filter(|_| !diagnostics.has_errors()) {
            let (lowered, found) = plan::lower(topology, &self.source);
            diagnostics.extend(found);
            plan = Some(lowered);
        }
        if let Some(topology) = &topology {
            silence::apply(topology, &self.tree, &mut diagnostics);
        }
        let plan = plan.filter(|_| !diagnostics.has_errors());
        (plan, diagnostics.sorted())
    }

    /// What shows only when all environments are known: entries of `[lints]` that silence nothing in any. `all` are the
    /// findings of all environments.
    pub fn unused(&self, all: &Diagnostics) -> Diagnostics {
        silence::unused(&model::lints::entries(&self.tree), all)
    }
}
