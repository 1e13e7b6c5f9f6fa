//! Two versions of a contract: what changed, and who can still read whose data.
//!
//! The meaning of a verdict: *backward* compatible when every `data` that is valid by the old contract is valid by the new
//! one, *forward* the other way round. Fields that an open model lets through without declaring them are set apart
//! ([`Effect::Declared`]): with them in mind no field could ever be added to a contract that takes further fields, yet
//! producers send what their contract declares. `format` counts as a rule.
//!
//! How it is found: a walk over both schemas gives the changes with their places, and what each *may* break; then
//! `jsonschema`'s canonical forms are asked, place by place, to prove that the one covers the other, which clears what
//! was feared for nothing. What neither decides is [`Effect::Unknown`], never compatible.

mod leaves;
mod walk;

use super::Contract;
use walk::Walk;

/// What a change does to one direction of reading. From good to bad, so that the worst is the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// All that could be read can be read.
    Compatible,
    /// All that holds only declared fields can be read; what an open model let through besides may not.
    Declared,
    /// Nobody has proved either.
    Unknown,
    /// Some data cannot be read.
    Breaks,
}

/// One change of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field, such as `items[].price`; empty for `data` itself.
    pub path: String,
    /// What happened to it, to be read after its name: `is required now`.
    pub what: String,
    /// New consumers, old data.
    pub backward: Effect,
    /// Old consumers, new data.
    pub forward: Effect,
}

/// All changes between two versions. None: they mean the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// In the order of the contract's types and names.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// Whether the new contract reads data of the old one.
    pub fn backward(&self) -> Effect {
        worst(self.changes.iter().map(|change| change.backward))
    }

    /// Whether the old contract reads data of the new one.
    pub fn forward(&self) -> Effect {
        worst(self.changes.iter().map(|change| change.forward))
    }
}

fn worst(effects: impl Iterator<Item = Effect>) -> Effect {
    effects.max().unwrap_or(Effect::Compatible)
}

/// Compares two versions of a contract.
pub fn compare(old: &Contract, new: &Contract) -> Comparison {
    let mut walk = Walk::new(old.free(), new.free());
    let (old, new) = (&old.canonical, &new.canonical);
    let mut changes = walk.node("", old, new);
    if old.draft() != new.draft() {
        changes.push(Change {
            path: String::new(),
            what: "follows another draft of JSON Schema".to_owned(),
            backward: Effect::Unknown,
            forward: Effect::Unknown,
        });
    }
    Comparison { changes }
}
