//! `[topics.*]`: what events go through. A file without one has a single standard topic, `event`.

use std::collections::BTreeMap;

use super::encryption::Encryption;
use super::event::EventWords;
use super::limits::within;
use super::names::{OwnerName, TopicName};
use super::units::Bytes;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::words;
use crate::syntax::suggest;

words! {
    /// An SNS topic that events go through.
    pub struct TopicWords {
        /// Whether messages of one group keep their order and duplicates within five minutes are dropped. Queues and
        /// dead-letter queues of its subscriptions are then FIFO as well. Default `false`.
        pub fifo: Option<bool>,
        /// FIFO alone: whether a message that is sent without a deduplication id, and with the same body as another one within
        /// five minutes, is a duplicate. Default `false`. The kit sends each event's id, which decides then in either case.
        pub content_based_deduplication: Option<Spanned<bool>>,
        /// `sqs` (no key of its own), `kms` (the app's customer key), or an existing key. Default: that of the app.
        pub encryption: Option<Spanned<Encryption>>,
        /// Largest message, body and attributes together, `1KiB` to `1MiB`. Default `256KiB`.
        pub max_message_size: Option<Spanned<Bytes>>,
        /// The team that owns it.
        pub owner: Option<Spanned<OwnerName>>,
    }
}

/// Largest message of a topic that says nothing else (large-message-payloads.html).
pub const DEFAULT_SIZE: Bytes = Bytes(262_144);
/// Largest message of any topic.
pub const MOST: Bytes = Bytes(1_048_576);

/// An SNS topic, complete.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Its name.
    pub name: TopicName,
    /// Its header in the file; the app's name where the file has no topic.
    pub span: Span,
    /// Whether the file has a section for it.
    pub is_declared: bool,
    /// Whether messages of one group keep their order.
    pub fifo: bool,
    /// Whether the body decides what is a duplicate.
    pub content_based_deduplication: bool,
    /// How it is encrypted at rest.
    pub encryption: Spanned<Encryption>,
    /// Largest message in bytes; none is SNS's own default of 256 KiB.
    pub max_message_size: Option<Spanned<Bytes>>,
    /// The team that owns it.
    pub owner: Option<Spanned<OwnerName>>,
}

impl Topic {
    /// Bytes of its largest message.
    pub fn largest_message(&self) -> Bytes {
        self.max_message_size
            .as_ref()
            .map_or(DEFAULT_SIZE, |size| size.value)
    }

    fn resolve(
        name: TopicName,
        words: Spanned<TopicWords>,
        app: &Spanned<Encryption>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let Spanned {
            value: mut words,
            span,
        } = words;
        if let Some(size) = &mut words.max_message_size {
            within("max_message_size", size, Bytes(1_024)..=MOST, diagnostics);
        }
        let fifo = words.fifo.unwrap_or(false);
        if let (false, Some(written)) = (fifo, &words.content_based_deduplication) {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    written.span,
                    format!("`content_based_deduplication` is for FIFO topics, and `{name}` is a standard one"),
                )
                .help("add `fifo = true`, or delete the line"),
            );
        }
        Self {
            name,
            span,
            fifo,
            content_based_deduplication: words.content_based_deduplication.is_some_and(|w| w.value),
            encryption: words.encryption.unwrap_or_else(|| app.clone()),
            is_declared: true,
            max_message_size: words.max_message_size,
            owner: words.owner,
        }
    }

    fn implied(span: Span, app: &Spanned<Encryption>) -> Self {
        Self {
            name: TopicName::default_topic(),
            span,
            is_declared: false,
            fifo: false,
            content_based_deduplication: false,
            encryption: app.clone(),
            max_message_size: None,
            owner: None,
        }
    }
}

/// All topics; one is made up when the file has none.
pub(super) fn resolve(
    words: BTreeMap<TopicName, Spanned<TopicWords>>,
    app: Span,
    encryption: &Spanned<Encryption>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<TopicName, Topic> {
    if words.is_empty() {
        let topic = Topic::implied(app, encryption);
        return BTreeMap::from([(topic.name.clone(), topic)]);
    }
    words
        .into_iter()
        .map(|(name, words)| {
            (
                name.clone(),
                Topic::resolve(name, words, encryption, diagnostics),
            )
        })
        .collect()
}

/// Topics that a help names.
const SHOWN: usize = 3;

/// The topic of an event: the one it names, or the default one, which is there unless the file declares others.
pub(super) fn of_event(
    words: &Spanned<EventWords>,
    topics: &BTreeMap<TopicName, Topic>,
    diagnostics: &mut Diagnostics,
) -> TopicName {
    let names = || topics.keys().map(|name| name.as_str());
    match words.value.topic.as_ref().map(|topic| topic.0.as_ref()) {
        Some(Some(written)) if topics.contains_key(&written.value) => written.value.clone(),
        Some(Some(written)) => {
            let known = suggest::while_few(diagnostics, names());
            diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_TOPIC,
                    written.span,
                    format!("the topic `{}` is not declared", written.value),
                )
                .help(
                    match suggest::nearest(written.value.as_str(), known.clone()) {
                        Some(word) => format!("did you mean `{word}`?"),
                        None => format!("declare it with `[topics.{}]`", written.value),
                    },
                )
                .fix(suggest::mend_text(
                    written.span,
                    written.value.as_str(),
                    known,
                )),
            );
            written.value.clone()
        }
        // It is written, and cannot be read.
        Some(None) => TopicName::default_topic(),
        None => {
            let default = TopicName::default_topic();
            if !topics.contains_key(&default) {
                let known: Vec<String> = names()
                    .take(SHOWN)
                    .map(|name| format!("`topic = \"{name}\"`"))
                    .collect();
                // To take the only one would move every event when the first topic is declared.
                diagnostics.push(
                    Diagnostic::error(
                        codes::MISSING_KEY,
                        words.span,
                        "`topic` is missing: the file declares topics",
                    )
                    .help(format!(
                        "write {}; or declare `[topics.{default}]`, which is the topic of events that name none",
                        known.join(" or ")
                    )),
                );
            }
            default
        }
    }
}
