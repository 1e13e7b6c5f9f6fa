//! `throttling = { rate = 1000, burst = 500 }`: how many requests an API or a route takes.

use crate::diag::Diagnostics;
use crate::model::limits::within;
use crate::source::{Span, Spanned};
use crate::syntax::read::words;

words! {
    /// How many requests are taken; those above get the status 429.
    pub struct ThrottlingWords {
        /// Requests in a second, in the long run.
        pub rate: Option<Spanned<u32>>,
        /// Requests at once.
        pub burst: Option<Spanned<u32>>,
    }
}

/// Requests in a second and at once: a tenth of what an account may take in all, so that one app cannot starve others
/// (apigateway limits.html: 10,000 in a second, 5,000 at once).
const DEFAULT: (u32, u32) = (1_000, 500);

/// How many requests are taken.
#[derive(Debug, Clone)]
pub struct Throttling {
    /// Where it is written; the section where it is not.
    pub span: Span,
    /// Requests in a second, in the long run.
    pub rate: Spanned<u32>,
    /// Requests at once.
    pub burst: Spanned<u32>,
}

impl Throttling {
    /// `section` is the place to point at for what is not written.
    pub(super) fn resolve(
        words: Option<ThrottlingWords>,
        section: Span,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let (rate, burst) = words.map_or((None, None), |words| (words.rate, words.burst));
        let or = |written: Option<Spanned<u32>>, default| {
            written.unwrap_or(Spanned::new(default, section))
        };
        Self {
            span: section,
            rate: or(rate, DEFAULT.0),
            burst: or(burst, DEFAULT.1),
        }
        .checked(diagnostics)
    }

    /// What is not written for a route is that of the `api`.
    pub(super) fn of_route(
        words: Spanned<ThrottlingWords>,
        api: &Self,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let Spanned { value: words, span } = words;
        Self {
            span,
            rate: words.rate.unwrap_or_else(|| api.rate.clone()),
            burst: words.burst.unwrap_or_else(|| api.burst.clone()),
        }
        .checked(diagnostics)
    }

    /// With 0 no request would ever pass.
    fn checked(mut self, diagnostics: &mut Diagnostics) -> Self {
        within("rate", &mut self.rate, 1..=1_000_000, diagnostics);
        within("burst", &mut self.burst, 1..=1_000_000, diagnostics);
        self
    }
}
