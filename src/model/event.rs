//! `[events.*]`: facts that services publish.

use std::collections::BTreeMap;
use std::str::FromStr;

use schemars::JsonSchema;

use super::names::{AttributeName, EventName, OwnerName, TopicName};
use super::service::each_once;
use super::topic::{self, Topic};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, from_text, words};

/// Message attributes that the kit sends with every event.
pub const ENVELOPE_ATTRIBUTES: [&str; 2] = ["eventType", "eventVersion"];

words! {
    /// A fact in the past tense, and its contract.
    pub struct EventWords {
        /// Version of the contract, such as `1.0`; the envelope carries it. Default `1.0`.
        pub version: Option<Spanned<String>>,
        /// The team that owns the contract.
        pub owner: Option<OwnerName>,
        /// JSON Schema of the event's `data`: a path from the folder of topology.toml.
        pub schema: Option<Spanned<String>>,
        /// What a new minor version of the contract must keep up with: `full` (default), `backward`, `forward` or `none`.
        pub compatibility: Option<Compatibility>,
        /// Fields of `data` that also travel as message attributes, free to filter on.
        pub attributes: Vec<Spanned<AttributeName>>,
        /// The topic that it goes through. Default: `event`, which is there when the file declares no topic.
        pub topic: Option<Required<Spanned<TopicName>>>,
        /// Field of `data` whose value is the message group: what keeps its order on a FIFO topic, and what is served
        /// fairly on a standard one.
        pub message_group: Option<Spanned<AttributeName>>,
    }
}

/// Who must be able to read whose data across a minor version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Compatibility {
    /// Consumers of the new version read data of the old one.
    Backward,
    /// Consumers of the old version read data of the new one.
    Forward,
    /// Both.
    Full,
    /// Nobody: nothing is compared.
    None,
}

from_text!(Compatibility);

impl FromStr for Compatibility {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        match written {
            "backward" => Ok(Self::Backward),
            "forward" => Ok(Self::Forward),
            "full" => Ok(Self::Full),
            "none" => Ok(Self::None),
            _ => Err(format!(
                "`{written}` is not a compatibility: write \"full\", \"backward\", \"forward\" or \"none\""
            )),
        }
    }
}

/// A fact in the past tense, and its contract.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name; the envelope's `eventType`.
    pub name: EventName,
    /// Its header in the file.
    pub span: Span,
    /// Version of the contract, and where it is written.
    pub version: Spanned<String>,
    /// The team that owns the contract.
    pub owner: Option<OwnerName>,
    /// JSON Schema of `data`: a path from the folder of topology.toml.
    pub schema: Option<Spanned<String>>,
    /// What a new minor version of the contract must keep up with.
    pub compatibility: Compatibility,
    /// Fields of `data` that also travel as message attributes.
    pub attributes: Vec<Spanned<AttributeName>>,
    /// The topic that it goes through.
    pub topic: TopicName,
    /// Field of `data` whose value is the message group.
    pub message_group: Option<Spanned<AttributeName>>,
}

impl Event {
    pub(super) fn resolve(
        name: EventName,
        words: Spanned<EventWords>,
        topics: &BTreeMap<TopicName, Topic>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let topic = topic::of_event(&words, topics, diagnostics);
        let Spanned { value: words, span } = words;
        let fifo = topics.get(&topic).is_some_and(|topic| topic.fifo);
        if fifo && words.message_group.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    codes::MISSING_KEY,
                    span,
                    format!("`message_group` is missing: `{name}` goes through the FIFO topic `{topic}`"),
                )
                .help("name the field of `data` whose events keep their order, such as `message_group = \"orderId\"`"),
            );
        }
        if let Some(version) = &words.version
            && !is_version(&version.value)
        {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    version.span,
                    format!("`{}` is not a version", version.value),
                )
                .help("write two numbers, such as \"1.0\": a new first one breaks consumers, a new second one does not"),
            );
        }
        Self {
            name,
            span,
            version: words
                .version
                .unwrap_or_else(|| Spanned::new("1.0".to_owned(), span)),
            owner: words.owner,
            schema: words.schema,
            compatibility: words.compatibility.unwrap_or(Compatibility::Full),
            attributes: attributes(words.attributes, diagnostics),
            topic,
            message_group: words.message_group,
        }
    }
}

/// Each once, and none that the envelope itself sends: it would overwrite what filters rely on.
fn attributes(
    written: Vec<Spanned<AttributeName>>,
    diagnostics: &mut Diagnostics,
) -> Vec<Spanned<AttributeName>> {
    let written = each_once(written, diagnostics);
    for attribute in &written {
        if ENVELOPE_ATTRIBUTES.contains(&attribute.value.as_str()) {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    attribute.span,
                    format!("`{attribute}` is an attribute of every message already"),
                )
                .help("delete it here"),
            );
        }
    }
    written
}

fn is_version(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(major, minor)| number(major) && number(minor))
}
