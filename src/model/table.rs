//! `table = { name, key }`: the DynamoDB table that a service owns.

use super::names::{AttributeName, TableName};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::words;

words! {
    /// The DynamoDB table that a service owns.
    pub struct TableWords {
        /// Name, as it appears in logical ids: `Orders` makes `OrdersTable`.
        pub name: Option<TableName>,
        /// Partition key, a string.
        pub key: Option<AttributeName>,
    }
}

/// The DynamoDB table that a service owns.
#[derive(Debug, Clone)]
pub struct Table {
    /// Name, as it appears in logical ids.
    pub name: TableName,
    /// Partition key, a string.
    pub key: AttributeName,
    /// The table in the file.
    pub span: Span,
}

impl Table {
    /// Both keys must be there once an environment is laid over the base.
    pub(super) fn resolve(
        words: Spanned<TableWords>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Spanned { value, span } = words;
        for (key, missing) in [("name", value.name.is_none()), ("key", value.key.is_none())] {
            if missing {
                diagnostics.push(
                    Diagnostic::error(
                        codes::MISSING_KEY,
                        span,
                        format!("`{key}` is missing or not valid"),
                    )
                    .help("write both, such as `table = { name = \"Orders\", key = \"orderId\" }`"),
                );
            }
        }
        Some(Self {
            name: value.name?,
            key: value.key?,
            span,
        })
    }
}
