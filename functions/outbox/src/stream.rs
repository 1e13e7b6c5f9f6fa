//! A batch of a table's stream, as far as the relay reads it, and the answer to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use topogen_kit::{Failure, outbox};

/// A batch: records of one shard, in the order of their writes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Batch {
    /// The records.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// A write.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Record {
    dynamodb: Change,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    sequence_number: String,
    #[serde(default)]
    new_image: BTreeMap<String, Value>,
}

/// A value of an item; of types other than text, nothing is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Value {
    #[serde(rename = "S")]
    text: Option<String>,
}

impl Record {
    /// Where in its shard it is.
    pub fn sequence_number(&self) -> &str {
        &self.dynamodb.sequence_number
    }

    /// The event that it holds.
    ///
    /// # Errors
    /// When it holds none.
    pub fn event(&self) -> Result<&str, Failure> {
        let value = self.dynamodb.new_image.get(outbox::EVENT);
        let text = value.and_then(|value| value.text.as_deref());
        text.ok_or_else(|| {
            let name = outbox::EVENT;
            Failure::malformed(format!("the record has no text attribute `{name}`"))
        })
    }
}

/// From where on a batch must come again. Lambda takes what is before it for done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// At most one.
    pub batch_item_failures: Vec<Place>,
}

/// A place in a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Its sequence number.
    pub item_identifier: String,
}

impl Answer {
    /// The batch shall come again from that record on.
    pub fn again_from(record: &Record) -> Self {
        let item_identifier = record.sequence_number().to_owned();
        Self {
            batch_item_failures: vec![Place { item_identifier }],
        }
    }
}
