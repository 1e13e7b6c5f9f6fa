//! A resource that topogen knows nothing of, as the file has it.

use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value};

/// A resource as the file has it.
#[derive(Debug, Clone)]
pub struct Raw {
    /// CloudFormation's name of the type.
    pub kind: String,
    /// Attributes beside the type: `Properties`, `DeletionPolicy` and the like.
    pub attributes: Map<String, Value>,
}

impl Serialize for Raw {
    /// The properties alone, as those of any other type.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.attributes.get("Properties").serialize(serializer)
    }
}
