//! SNS filter policies: read, measured, written as JSON and evaluated exactly as SNS does.
//!
//! Input: a filter as it stands in topology.toml, or as JSON. Output: a [`Policy`], its JSON, its size by AWS's own counting,
//! and a [`Verdict`](evaluate::Verdict) on a message that names the clause which let it pass. What AWS's documentation leaves
//! open is settled in `docs/decisions/008-filter-evaluator.md`.

pub mod evaluate;
pub mod field;
mod field_type;
mod json;
pub mod limits;
mod message;
mod number;
pub mod overlap;
pub mod policy;
mod read;
mod rule;
mod schema;
mod written;

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use crate::syntax::read::from_text;
pub use message::{Attribute, AttributeType, Message};
pub use number::Number;
pub use policy::Policy;

/// What a filter policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
pub enum Scope {
    /// The message's attributes.
    MessageAttributes,
    /// The message's body, which must be a JSON object.
    MessageBody,
}

from_text!(Scope);

impl Scope {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessageAttributes => "MessageAttributes",
            Self::MessageBody => "MessageBody",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        [Self::MessageAttributes, Self::MessageBody]
            .into_iter()
            .find(|scope| scope.as_str() == written)
            .ok_or_else(|| {
                format!("`{written}` is not a filter scope: write \"MessageAttributes\" or \"MessageBody\"")
            })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
