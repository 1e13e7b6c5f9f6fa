//! Contracts: the JSON Schemas of events' `data`, read once and asked many things.
//!
//! Takes texts through a [`Library`], whose reader the command line owns; never opens a file itself. Gives [`Contracts`],
//! the value that checks look at, and findings at the place that names the contract.

mod attributes;
mod canonical;
pub mod codes;
pub mod compatibility;
mod depth;
pub mod evolution;
mod field_type;
pub mod fields;
mod once;
mod place;
mod references;
pub mod schema;
mod shape;
pub mod size;
mod steps;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, codes as general};
use crate::source::Spanned;
pub use schema::{Contract, Fault};

/// What an event says of its contract in the topology.
#[derive(Debug, Clone)]
pub struct Declared<'a> {
    /// The event.
    pub event: &'a str,
    /// Path of the JSON Schema, and where it is written.
    pub schema: &'a Spanned<String>,
    /// Fields of `data` that also travel as message attributes.
    pub attributes: Vec<Spanned<&'a str>>,
    /// Field of `data` whose value is the message group.
    pub message_group: Option<Spanned<&'a str>>,
}

/// Reads a contract's text by its path; the error says why it cannot be read.
pub type Reader<'a> = Box<dyn Fn(&str) -> Result<Vec<u8>, String> + 'a>;

/// Told of the contract that is worked on, by its path, and of none when work has ended. Not all that takes long with a contract can be
/// counted beforehand: whoever has a clock may want to give up.
pub type Watch<'a> = Box<dyn Fn(Option<&str>) + 'a>;

/// Contracts by path, each read and compiled once, however many events and environments name it.
pub struct Library<'a> {
    read: Reader<'a>,
    watch: Watch<'a>,
    known: RefCell<BTreeMap<String, Arc<Entry>>>,
}

/// What became of one path.
enum Entry {
    /// A contract, and what is wrong with its examples.
    Good(Box<Contract>, Vec<Fault>),
    /// A text that is no contract.
    Bad(Vec<Fault>),
    /// No text.
    Unreadable(String),
}

impl<'a> Library<'a> {
    /// A library that reads through `read`.
    pub fn new(read: impl Fn(&str) -> Result<Vec<u8>, String> + 'a) -> Self {
        Self {
            read: Box::new(read),
            watch: Box::new(|_| {}),
            known: RefCell::default(),
        }
    }

    /// The same, with somebody who watches.
    #[must_use]
    pub fn watched(self, watch: impl Fn(Option<&str>) + 'a) -> Self {
        let watch = Box::new(watch);
        Self { watch, ..self }
    }

    /// Does `work` with the contract at `path` while somebody watches.
    pub fn watching<T>(&self, path: &str, work: impl FnOnce() -> T) -> T {
        (self.watch)(Some(path));
        let done = work();
        (self.watch)(None);
        done
    }

    fn entry(&self, path: &str) -> Arc<Entry> {
        if let Some(entry) = self.known.borrow().get(path) {
            return Arc::clone(entry);
        }
        let entry = Arc::new(match (self.read)(path) {
            Err(why) => Entry::Unreadable(why),
            Ok(bytes) => self.watching(path, || match Contract::parse(path, &bytes) {
                Ok(contract) => {
                    let faults = contract.faulty_examples();
                    Entry::Good(Box::new(contract), faults)
                }
                Err(faults) => Entry::Bad(faults),
            }),
        });
        self.known
            .borrow_mut()
            .insert(path.to_owned(), Arc::clone(&entry));
        entry
    }
}

/// The contracts of a topology's events.
#[derive(Clone, Default)]
pub struct Contracts(BTreeMap<String, Arc<Entry>>);

impl Contracts {
    /// Loads the contract of every event that names one. An event whose contract is not good has none in the result, and
    /// a finding.
    pub fn load<'a>(
        events: impl IntoIterator<Item = Declared<'a>>,
        library: &Library<'_>,
    ) -> (Self, Diagnostics) {
        let mut contracts = Self::default();
        let mut diagnostics = Diagnostics::default();
        for declared in events {
            let Spanned { value: path, span } = declared.schema;
            let entry = library.entry(path);
            match &*entry {
                Entry::Unreadable(why) => diagnostics.push(
                    Diagnostic::error(
                        general::CONTRACT_FILE,
                        *span,
                        format!("cannot read the contract `{path}`: {why}"),
                    )
                    .help("a contract is a JSON Schema; its path starts at the folder of topology.toml"),
                ),
                Entry::Bad(faults) => {
                    for fault in faults {
                        diagnostics.push(fault.at(path, *span));
                    }
                }
                Entry::Good(contract, faults) => {
                    for fault in faults {
                        diagnostics.push(fault.at(path, *span));
                    }
                    attributes::check(&declared, contract, &mut diagnostics);
                    contracts
                        .0
                        .insert(declared.event.to_owned(), Arc::clone(&entry));
                }
            }
        }
        (contracts, diagnostics)
    }

    /// The contract of `event`, if it names a good one.
    pub fn get(&self, event: &str) -> Option<&Contract> {
        match self.0.get(event).map(Arc::as_ref) {
            Some(Entry::Good(contract, _)) => Some(contract),
            Some(Entry::Bad(_) | Entry::Unreadable(_)) | None => None,
        }
    }
}

impl std::fmt::Debug for Contracts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
