//! Reads a JSON object field by field and collects every fault, where a derived reader would stop at the first.
//!
//! Each field is read from its own exact text, so a number is seen as it was written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

/// More faults than any honest request can have: a hostile one shall not be answered at greater length than it asked.
const MAX_FAULTS: usize = 1_000;

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: `items[0].quantity`.
    pub field: String,
    /// What must hold: `must be a whole number from 1 to 10000`.
    pub message: String,
}

/// All faults of a request, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < MAX_FAULTS {
            let (field, message) = (field.into(), message.into());
            self.0.push(Fault { field, message });
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

/// A JSON object whose fields are taken one by one.
#[derive(Debug)]
pub struct Form<'a> {
    prefix: String,
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Form<'a> {
    /// The form in a text that must be an object. `prefix` stands before its fields' names: `items[0].`.
    ///
    /// # Errors
    /// When the text is no object.
    pub fn read(text: &'a str, prefix: &str) -> Result<Self, serde_json::Error> {
        let fields = serde_json::from_str(text)?;
        let prefix = prefix.to_owned();
        Ok(Self { prefix, fields })
    }

    /// Takes a field that must be there. `read` says what must hold if it does not.
    pub fn require<T>(
        &mut self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&'a str) -> Result<T, String>,
    ) -> Option<T> {
        if !self.fields.contains_key(name) {
            faults.add(self.path(name), "is missing");
        }
        self.take(name, faults, read)
    }

    /// Takes a field that may be there. `null` is not a way to leave it out.
    pub fn take<T>(
        &mut self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&'a str) -> Result<T, String>,
    ) -> Option<T> {
        let raw = self.fields.remove(name)?;
        match read(raw.get()) {
            Ok(value) => Some(value),
            Err(message) => {
                faults.add(self.path(name), message);
                None
            }
        }
    }

    /// Says that whatever was not taken is not known: a misspelt field must not pass in silence.
    pub fn finish(self, faults: &mut Faults) {
        for name in self.fields.keys() {
            faults.add(self.path(name), "is not a known field");
        }
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// Reads a text.
///
/// # Errors
/// When it is no JSON string.
pub fn text(raw: &str) -> Result<String, String> {
    serde_json::from_str(raw).map_err(|_| "must be a text".to_owned())
}
