//! The table of a service as a port: [`Item`]s under one key, written once.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::Failure;
use crate::once::Outcome;

/// A value of an item. Numbers are kept as text: a table holds 38 digits, a binary float does not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// Text.
    Text(String),
    /// A number, exactly as written.
    Number(String),
    /// True or false.
    Bool(bool),
    /// Nothing, said aloud.
    Null,
    /// Values in order.
    List(Vec<Attribute>),
    /// Values by name.
    Map(BTreeMap<String, Attribute>),
}

/// One item of a table: values by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Item(BTreeMap<String, Attribute>);

impl Item {
    /// An item with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The item, with `value` under `name`.
    #[must_use]
    pub fn with(mut self, name: &str, value: Attribute) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The item, with a text under `name`.
    #[must_use]
    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.with(name, Attribute::Text(value.into()))
    }

    /// The item, with a number under `name`; `value` prints itself in plain decimals.
    #[must_use]
    pub fn number(self, name: &str, value: impl Display) -> Self {
        self.with(name, Attribute::Number(value.to_string()))
    }

    /// What stands under `name`.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.get(name)
    }

    /// The text under `name`, if there is one and it is text.
    pub fn get_text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Attribute::Text(text) => Some(text),
            Attribute::Number(_)
            | Attribute::Bool(_)
            | Attribute::Null
            | Attribute::List(_)
            | Attribute::Map(_) => None,
        }
    }
}

impl From<Item> for Attribute {
    fn from(item: Item) -> Self {
        Self::Map(item.0)
    }
}

impl From<BTreeMap<String, Attribute>> for Item {
    fn from(values: BTreeMap<String, Attribute>) -> Self {
        Self(values)
    }
}

impl IntoIterator for Item {
    type Item = (String, Attribute);
    type IntoIter = std::collections::btree_map::IntoIter<String, Attribute>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What a conditional write found.
#[derive(Clone, Debug, PartialEq)]
pub enum Put {
    /// The key was free; the item is stored.
    Stored,
    /// The key was taken, by this item, which is left as it was.
    Duplicate(Item),
}

/// A table whose key is one text attribute. The store knows the attribute's name.
pub trait Store {
    /// Stores `item` unless its key is taken: the one write that makes a second delivery harmless.
    fn put_if_absent(&self, item: Item) -> impl Future<Output = Result<Put, Failure>>;

    /// Stores `item` unless its key is taken, and in the same transaction `event` into the [`outbox`](crate::outbox): both or
    /// neither. Where the key is taken, the event that the item there holds is in the outbox afterwards, though the item may
    /// have been stored without one.
    fn put_with_event(
        &self,
        item: Item,
        event: &Outcome,
    ) -> impl Future<Output = Result<Put, Failure>>;

    /// The item under `key`, as of now and not as of a moment ago.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Item>, Failure>>;

    /// Sets the attribute `status` of the item under `key`, which must exist.
    fn set_status(&self, key: &str, status: &str) -> impl Future<Output = Result<(), Failure>>;
}
