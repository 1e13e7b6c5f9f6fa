//! `[app]`: the system as a whole.

use std::collections::BTreeMap;
use std::str::FromStr;

use schemars::JsonSchema;

use super::encryption::Encryption;
use super::names::{AppName, OwnerName, TagKey, TagValue};
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, from_text, words};

words! {
    /// The system as a whole.
    pub struct AppWords {
        /// Name; the stack is `{app}-{environment}`.
        pub name: Required<Spanned<AppName>>,
        /// The team that owns it.
        pub owner: Option<Spanned<OwnerName>>,
        /// `single` (default): one stack for all. `per-service`: one for what is shared and one for each service, so that
        /// each team deploys its own.
        pub stacks: Option<Stacks>,
        /// Encryption at rest of topics, queues and tables: `sqs` (default; keys that AWS owns), `kms` (a customer key that
        /// topogen makes), or an existing key.
        pub encryption: Option<Spanned<Encryption>>,
        /// Tags of every resource, beside `app`, `environment` and `owner`.
        pub tags: BTreeMap<TagKey, Spanned<TagValue>>,
    }
}

words! {
    /// The system as a whole, in one environment. Its name is the same in all.
    pub struct AppOverlayWords {
        /// The team that owns it.
        pub owner: Option<Spanned<OwnerName>>,
        /// `single`: one stack for all. `per-service`: one for what is shared and one for each service.
        pub stacks: Option<Stacks>,
        /// Encryption at rest of topics, queues and tables: `sqs`, `kms` or an existing key.
        pub encryption: Option<Spanned<Encryption>>,
        /// Further tags of every resource.
        pub tags: BTreeMap<TagKey, Spanned<TagValue>>,
    }
}

/// The system as a whole.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name.
    pub name: Spanned<AppName>,
    /// The team that owns it.
    pub owner: Option<Spanned<OwnerName>>,
    /// How resources are divided among stacks.
    pub stacks: Stacks,
    /// Encryption at rest of all that says nothing else.
    pub encryption: Spanned<Encryption>,
    /// Tags of every resource, beside those that topogen sets.
    pub tags: BTreeMap<TagKey, Spanned<TagValue>>,
}

/// How resources are divided among stacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub enum Stacks {
    /// One stack for all.
    Single,
    /// One for what is shared, and one for each service.
    PerService,
}

from_text!(Stacks);

impl FromStr for Stacks {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        match written {
            "single" => Ok(Self::Single),
            "per-service" => Ok(Self::PerService),
            _ => Err(format!(
                "`{written}` is not a division into stacks: write \"single\" or \"per-service\""
            )),
        }
    }
}

impl App {
    /// A missing section or name has been reported; a stand-in lets everything else be checked.
    pub(super) fn resolve(words: Option<Spanned<AppWords>>) -> Self {
        let stand_in = |span| Spanned::new(AppName::stand_in(), span);
        let Some(Spanned { value, span }) = words else {
            return Self {
                name: stand_in(Span::default()),
                owner: None,
                stacks: Stacks::Single,
                encryption: Spanned::new(Encryption::Sqs, Span::default()),
                tags: BTreeMap::new(),
            };
        };
        Self {
            name: value.name.0.unwrap_or_else(|| stand_in(span)),
            owner: value.owner,
            stacks: value.stacks.unwrap_or(Stacks::Single),
            encryption: value
                .encryption
                .unwrap_or(Spanned::new(Encryption::Sqs, span)),
            tags: value.tags,
        }
    }
}
