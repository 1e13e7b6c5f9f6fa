//! `[app]`: the system as a whole.

use super::names::{AppName, OwnerName};
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, words};

words! {
    /// The system as a whole.
    pub struct AppWords {
        /// Name; the stack is `{app}-{environment}`.
        pub name: Required<Spanned<AppName>>,
        /// The team that owns it.
        pub owner: Option<OwnerName>,
    }
}

/// The system as a whole.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name.
    pub name: Spanned<AppName>,
    /// The team that owns it.
    pub owner: Option<OwnerName>,
}

impl App {
    /// A missing section or name has been reported; a stand-in lets everything else be checked.
    pub(super) fn resolve(words: Option<Spanned<AppWords>>) -> Self {
        let (span, name, owner) = words.map_or((Span::default(), None, None), |words| {
            (words.span, words.value.name.0, words.value.owner)
        });
        Self {
            name: name.unwrap_or_else(|| Spanned::new(AppName::stand_in(), span)),
            owner,
        }
    }
}
