//! `[quotas]`: limits that AWS has raised for this account.

use super::limits::within;
use crate::diag::Diagnostics;
use crate::source::{Span, Spanned};
use crate::syntax::read::words;

words! {
    /// Limits that AWS has raised for this account. What is not written has AWS's default.
    pub struct QuotasWords {
        /// Invocations at once of all functions of the account, in one Region. Default 1000; new accounts have less.
        pub concurrent_executions: Option<Spanned<u32>>,
        /// Subscriptions with a filter that one topic may have. Default 200.
        pub filter_policies_per_topic: Option<Spanned<u32>>,
        /// Requests in a second of all HTTP APIs of the account, in one Region. Default 10000.
        pub api_requests_per_second: Option<Spanned<u32>>,
        /// Requests at once of all HTTP APIs of the account, in one Region. Default 5000.
        pub api_burst: Option<Spanned<u32>>,
    }
}

/// What AWS lets this account do.
#[derive(Debug, Clone)]
pub struct Quotas {
    /// Invocations at once of all functions.
    pub concurrent_executions: Spanned<u32>,
    /// Subscriptions with a filter that one topic may have.
    pub filter_policies_per_topic: Spanned<u32>,
    /// Requests in a second of all HTTP APIs.
    pub api_requests_per_second: Spanned<u32>,
    /// Requests at once of all HTTP APIs.
    pub api_burst: Spanned<u32>,
}

impl Quotas {
    /// `app` is the place to point at for what is not written. A quota is raised and never lowered, save that of
    /// concurrency, of which AWS gives a new account as little as 10.
    pub(super) fn resolve(
        words: Option<QuotasWords>,
        app: Span,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let words = words.unwrap_or(QuotasWords {
            concurrent_executions: None,
            filter_policies_per_topic: None,
            api_requests_per_second: None,
            api_burst: None,
        });
        let mut quota = |key, written: Option<Spanned<u32>>, default, least| {
            let mut value = written.unwrap_or(Spanned::new(default, app));
            within(key, &mut value, least..=10_000_000, diagnostics);
            value
        };
        Self {
            // gettingstarted-limits.html
            concurrent_executions: quota(
                "concurrent_executions",
                words.concurrent_executions,
                1_000,
                10,
            ),
            // subscription-filter-policy-constraints.html
            filter_policies_per_topic: quota(
                "filter_policies_per_topic",
                words.filter_policies_per_topic,
                200,
                200,
            ),
            // apigateway limits.html; some newer Regions begin with a quarter of both.
            api_requests_per_second: quota(
                "api_requests_per_second",
                words.api_requests_per_second,
                10_000,
                2_500,
            ),
            api_burst: quota("api_burst", words.api_burst, 5_000, 1_250),
        }
    }
}
