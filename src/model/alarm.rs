//! `[alarms]`: whom the alarms tell.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use super::names::pascal;
use crate::diag::{Diagnostic, Diagnostics, Fix, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::{from_text, words};

/// CloudWatch allows five actions for an alarm (API_PutMetricAlarm); one of them is our own topic.
const MAX_TOPICS: usize = 4;

words! {
    /// Whom the alarms tell.
    pub struct AlarmsWords {
        /// `email:ops@example.com`, or the ARN of an existing SNS topic.
        pub notify: Option<Spanned<Vec<Spanned<Notify>>>>,
    }
}

/// One receiver of alarms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^(email:.+@.+|arn:.+:sns:.+)$"))]
pub enum Notify {
    /// An e-mail address, subscribed to the app's own alarm topic.
    Email(String),
    /// The ARN of a topic that exists already.
    Topic(String),
}

from_text!(Notify);

impl FromStr for Notify {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        if let Some(address) = written.strip_prefix("email:") {
            let plausible = address
                .split_once('@')
                .is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
            return if plausible && !address.contains(char::is_whitespace) {
                Ok(Self::Email(address.to_owned()))
            } else {
                Err(format!("`{address}` is not an e-mail address"))
            };
        }
        let parts: Vec<&str> = written.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "sns", region, account, name]
                if !region.is_empty()
                    && account.len() == 12
                    && account.bytes().all(|b| b.is_ascii_digit())
                    && is_topic_name(name) =>
            {
                Ok(Self::Topic(written.to_owned()))
            }
            _ => Err(format!(
                "`{written}` is neither `email:name@example.com` nor the ARN of an SNS topic"
            )),
        }
    }
}

/// API_CreateTopic: letters, digits, hyphens and underscores, 256 at most. A FIFO topic takes no alarms.
fn is_topic_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !name.is_empty() && name.len() <= 256 && name.bytes().all(allowed)
}

impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(address) => write!(f, "email:{address}"),
            Self::Topic(arn) => f.write_str(arn),
        }
    }
}

/// Whom the alarms tell; always includes the app's own alarm topic.
#[derive(Debug, Clone)]
pub struct Alarms {
    /// The section, or the app's name where there is none.
    pub span: Span,
    /// The list of receivers, where it is written.
    pub notify: Option<Span>,
    /// Addresses subscribed to the app's alarm topic, sorted.
    pub emails: Vec<String>,
    /// Topics that exist already, sorted.
    pub topics: Vec<Spanned<String>>,
}

impl Alarms {
    pub(super) fn resolve(
        words: Option<Spanned<AlarmsWords>>,
        app: Span,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let span = words.as_ref().map_or(app, |words| words.span);
        let notify = words.and_then(|words| words.value.notify);
        let written = notify.as_ref().map(|notify| notify.span);
        let mut notify = notify.map(|notify| notify.value).unwrap_or_default();
        notify.sort_by(|a, b| (&a.value, a.span).cmp(&(&b.value, b.span)));
        for pair in notify.windows(2) {
            if pair[0].value == pair[1].value {
                diagnostics.push(
                    Diagnostic::error(
                        codes::DUPLICATE,
                        pair[1].span,
                        format!("`{}` is notified twice", pair[1].value),
                    )
                    .related(pair[0].span, "first here")
                    .help("delete one of the two")
                    .fix(Fix::remove_item(pair[1].span)),
                );
            }
        }
        let mut alarms = Self {
            span,
            notify: written,
            emails: Vec::new(),
            topics: Vec::new(),
        };
        notify.dedup_by(|again, first| again.value == first.value);
        let mut stems: BTreeMap<String, Span> = BTreeMap::new();
        for Spanned { value, span } in notify {
            match value {
                Notify::Email(address) => match stems.entry(pascal(&address)) {
                    Entry::Vacant(free) => {
                        free.insert(span);
                        alarms.emails.push(address);
                    }
                    Entry::Occupied(first) => {
                        diagnostics.push(alike(&address, span, *first.get()));
                    }
                },
                Notify::Topic(arn) => alarms.topics.push(Spanned::new(arn, span)),
            }
            if alarms.topics.len() == MAX_TOPICS + 1 {
                diagnostics.push(
                    Diagnostic::error(
                        codes::INVALID_VALUE,
                        span,
                        format!("more than {MAX_TOPICS} existing topics are notified"),
                    )
                    .help("an alarm has at most five actions, one of them the app's own topic"),
                );
            }
        }
        // Each alarm would have them all.
        alarms.topics.truncate(MAX_TOPICS);
        alarms
    }
}

/// Each address has a subscription, whose logical id is made of it.
fn alike(address: &str, span: Span, first: Span) -> Diagnostic {
    let message = format!("`{address}` has the letters and digits of another address");
    Diagnostic::error(codes::NAME_COLLISION, span, message)
        .related(first, "the other one")
        .help("logical ids have ASCII letters and digits alone: delete one of the two, or write an address that reaches both")
}
