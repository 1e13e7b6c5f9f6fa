//! `encryption = "sqs" | "kms" | "<key>"`: with whose key messages and items are encrypted at rest.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use crate::syntax::read::from_text;

/// With whose key something is encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^(sqs|kms|alias/.+|arn:.+:kms:.+:key/.+)$"))]
pub enum Encryption {
    /// Keys that the AWS service owns: SSE-SQS for queues, the account's own key for tables.
    Sqs,
    /// A customer key that topogen makes for the app, rotated every year.
    Kms,
    /// An existing key: `alias/…` or the ARN of a key.
    Key(String),
}

from_text!(Encryption);

impl FromStr for Encryption {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let parts: Vec<&str> = written.split(':').collect();
        let is_arn = matches!(parts.as_slice(), ["arn", _, "kms", region, account, key]
            if !region.is_empty()
                && account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && key.strip_prefix("key/").is_some_and(is_name));
        match written {
            "sqs" => Ok(Self::Sqs),
            "kms" => Ok(Self::Kms),
            _ if is_arn || written.strip_prefix("alias/").is_some_and(is_name) => {
                Ok(Self::Key(written.to_owned()))
            }
            _ => Err(format!(
                "`{written}` is not an encryption: write \"sqs\", \"kms\", or an existing key as \"alias/…\" or as its ARN"
            )),
        }
    }
}

/// API_CreateAlias: letters, digits, `/`, `_` and `-`.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 250
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/_-".contains(&b))
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqs => "sqs",
            Self::Kms => "kms",
            Self::Key(key) => key,
        })
    }
}
