//! `[lints]`: warnings that are silenced, each with its reason.

use std::str::FromStr;

use schemars::JsonSchema;

use crate::diag::Diagnostics;
use crate::source::{Span, Spanned};
use crate::syntax::merge;
use crate::syntax::read::{FromNode, Required, from_text, words};
use crate::syntax::tree::{Node, Table, Value};

words! {
    /// Why a warning is silenced, and where.
    pub struct SilenceWords {
        /// Why it does not matter here.
        pub reason: Required<Reason>,
        /// Paths of the sections that it is silenced in, such as `subscriptions.payment`. Default: everywhere.
        pub only: Vec<Spanned<String>>,
    }
}

/// Words for whoever reads the file next.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(extend("minLength" = 1))]
pub struct Reason(String);

from_text!(Reason);

impl FromStr for Reason {
    type Err = &'static str;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        match written.trim() {
            "" => Err("the reason is empty: say why the warning does not matter here"),
            reason => Ok(Self(reason.to_owned())),
        }
    }
}

/// How an entry is written: the reason alone, or a table.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Form {
    /// Why it does not matter, anywhere.
    Reason(Reason),
    /// Why it does not matter, and where.
    Table(SilenceWords),
}

/// A warning that is silenced.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "Form")]
pub struct Silence {
    /// Its key: a finding's name or code.
    pub key: Span,
    /// Why.
    pub reason: String,
    /// Paths of the sections that it holds for; none means everywhere.
    pub only: Vec<Spanned<String>>,
}

impl FromNode for Silence {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let form = if let Value::Table(_) = node.value {
            Form::Table(SilenceWords::from_node(node, diagnostics)?)
        } else {
            Form::Reason(Reason::from_node(node, diagnostics)?)
        };
        let (reason, only) = match form {
            Form::Reason(reason) => (reason, Vec::new()),
            Form::Table(words) => (words.reason.0?, words.only),
        };
        Some(Self {
            key: node.name,
            reason: reason.0,
            only,
        })
    }
}

/// An entry as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// A finding's name or code.
    pub name: Spanned<String>,
    /// The environment whose section holds it; none for `[lints]` itself.
    pub environment: Option<String>,
}

/// Every entry of the file, those of environments included.
pub fn entries(tree: &Table) -> Vec<Entry> {
    let base = (None, Some(tree));
    let overlays = merge::table(tree, "environments")
        .into_iter()
        .flat_map(|environments| {
            let names = environments.keys();
            names.map(|name| (Some(name.clone()), merge::table(environments, name)))
        });
    std::iter::once(base)
        .chain(overlays)
        .filter_map(|(environment, section)| Some((environment, merge::table(section?, "lints")?)))
        .flat_map(|(environment, lints)| {
            lints.iter().map(move |(key, node)| Entry {
                name: Spanned::new(key.clone(), node.name),
                environment: environment.clone(),
            })
        })
        .collect()
}
