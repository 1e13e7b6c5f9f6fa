//! `table = { name, key }`: the DynamoDB table that a service owns.

use super::names::{AttributeName, TableName};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, words};

/// The attribute that makes records of an outbox go by themselves, in a table that names none.
const OUTBOX_TTL: &str = "expiresAt";

words! {
    /// The DynamoDB table that a service owns.
    pub struct TableWords {
        /// Name, as it appears in logical ids: `Orders` makes `OrdersTable`.
        pub name: Option<Required<TableName>>,
        /// Partition key, a string.
        pub key: Option<Required<AttributeName>>,
        /// Sort key, a string. Default: none.
        pub sort_key: Option<Spanned<AttributeName>>,
        /// Attribute that holds the time at which an item goes by itself, in seconds since 1970. Default: none;
        /// `expiresAt` with an outbox.
        pub ttl: Option<Spanned<AttributeName>>,
    }
}

/// The DynamoDB table that a service owns.
#[derive(Debug, Clone)]
pub struct Table {
    /// Name, as it appears in logical ids.
    pub name: TableName,
    /// Partition key, a string.
    pub key: AttributeName,
    /// Sort key, a string.
    pub sort_key: Option<AttributeName>,
    /// Attribute that holds the time at which an item goes by itself.
    pub ttl: Option<AttributeName>,
    /// The table in the file.
    pub span: Span,
}

impl Table {
    /// Both keys must be there once an environment is laid over the base.
    pub(super) fn resolve(
        words: Spanned<TableWords>,
        outbox: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Spanned { value, span } = words;
        for (key, missing) in [("name", value.name.is_none()), ("key", value.key.is_none())] {
            if missing {
                diagnostics.push(
                    Diagnostic::error(
                        codes::MISSING_KEY,
                        span,
                        format!("`{key}` is missing"),
                    )
                    .help("write both, such as `table = { name = \"Orders\", key = \"orderId\" }`"),
                );
            }
        }
        let (name, key) = (value.name?.0?, value.key?.0?);
        let numbers = value.ttl.iter().map(|ttl| ("ttl", ttl, "a number"));
        let texts = value
            .sort_key
            .iter()
            .map(|sort| ("sort_key", sort, "another string"));
        for (word, attribute, what) in numbers.chain(texts) {
            if attribute.value == key {
                diagnostics.push(
                    Diagnostic::error(
                        codes::INVALID_VALUE,
                        attribute.span,
                        format!("`{word}` is `{attribute}`, the partition key"),
                    )
                    .help(format!("name another attribute: it holds {what}")),
                );
            }
        }
        if let (Some(ttl), Some(sort_key)) = (&value.ttl, &value.sort_key)
            && ttl.value == sort_key.value
            && ttl.value != key
        {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    ttl.span,
                    format!("`ttl` is `{ttl}`, the sort key"),
                )
                .help("name another attribute: it holds a number"),
            );
        }
        let of_outbox = || OUTBOX_TTL.parse().ok().filter(|_| outbox);
        Some(Self {
            name,
            key,
            sort_key: value.sort_key.map(|sort_key| sort_key.value),
            ttl: value.ttl.map(|ttl| ttl.value).or_else(of_outbox),
            span,
        })
    }
}
