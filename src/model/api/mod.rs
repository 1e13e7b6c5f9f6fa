//! `[api]`: who may call the app's API, how often, from which sites, and what is logged.
//!
//! The routes themselves are the services' `http`; `[api.routes."POST /orders"]` sets what differs for one of them.

pub mod authorizer;
pub mod cors;
pub mod route;
pub mod throttling;

use std::collections::BTreeMap;

use super::app::{App, Stacks};
use super::function::days;
use super::names::ServiceName;
use super::service::Service;
use super::units::Seconds;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::words;
use authorizer::{Authorizer, AuthorizerWords, Scope, at_most};
use cors::{Cors, CorsWords};
pub use route::Route;
use throttling::{Throttling, ThrottlingWords};

words! {
    /// The app's API: who may call it, how often, from which sites, and what is logged.
    pub struct ApiWords {
        /// Tokens (JWT) that let a caller in, on every route that is not `public`.
        pub authorizer: Option<Spanned<AuthorizerWords>>,
        /// How many requests the API takes. Default 1000 in a second, 500 at once.
        pub throttling: Option<ThrottlingWords>,
        /// Which web sites' scripts may call it from a browser. Default: none.
        pub cors: Option<Spanned<CorsWords>>,
        /// How long the access log is kept, such as `30d` (default).
        pub access_log_retention: Option<Spanned<Seconds>>,
        /// Whether AWS WAF stands before it: common attacks, known bad inputs, too many requests of one address. AWS WAF does
        /// not take HTTP APIs, so the app then has a REST API, which is deployed only where the account has API Gateway's
        /// CloudWatch role (`TG135`). AWS WAF refuses bodies above 8 KB, and browsers cannot read what is refused where `cors` sends cookies
        /// along to several sites. Default `false`.
        pub firewall: Option<Spanned<bool>>,
        /// What differs for one route, such as `[api.routes."POST /orders"]`.
        pub routes: BTreeMap<Route, Spanned<RouteWords>>,
    }

    /// What differs for one route.
    pub struct RouteWords {
        /// Whether anybody may call it, on purpose. Default `false`.
        pub public: Option<Spanned<bool>>,
        /// Scopes of which a token must have one. Default: those of the authorizer.
        pub scopes: Option<Vec<Spanned<Scope>>>,
        /// How many requests it takes. Default: what the API takes.
        pub throttling: Option<Spanned<ThrottlingWords>>,
    }
}

const LOG_RETENTION: Seconds = Seconds(30 * 86_400);

/// The app's API, complete.
#[derive(Debug, Clone)]
pub struct Api {
    /// The section, where there is one.
    pub span: Option<Span>,
    /// Tokens that let a caller in.
    pub authorizer: Option<Authorizer>,
    /// Whether there would be one, could it be read.
    pub authorizer_is_broken: bool,
    /// How many requests it takes.
    pub throttling: Throttling,
    /// Which web sites' scripts may call it.
    pub cors: Option<Cors>,
    /// Days that the access log is kept; one of the values that CloudWatch Logs accepts.
    pub access_log_retention_days: u32,
    /// Whether AWS WAF stands before it.
    pub firewall: Spanned<bool>,
    /// What differs for single routes.
    pub routes: BTreeMap<Route, RouteSettings>,
}

/// What differs for one route.
#[derive(Debug, Clone)]
pub struct RouteSettings {
    /// The route's name in the header.
    pub span: Span,
    /// Whether anybody may call it, on purpose.
    pub public: bool,
    /// Scopes of which a token must have one.
    pub scopes: Option<Vec<Spanned<Scope>>>,
    /// How many requests it takes.
    pub throttling: Option<Throttling>,
}

/// Who may call a route.
#[derive(Debug, Clone, Copy)]
pub enum Access<'a> {
    /// Anybody, and the file says that this is meant.
    Public,
    /// Anybody, and nothing says that this is meant.
    Unguarded,
    /// Whoever has a token of the authorizer, with one of the scopes where there are any.
    Token(&'a Authorizer, &'a [Spanned<Scope>]),
}

impl Api {
    /// Who may call `route`.
    pub fn access(&self, route: &Route) -> Access<'_> {
        let settings = self.routes.get(route);
        match &self.authorizer {
            _ if settings.is_some_and(|settings| settings.public) => Access::Public,
            None => Access::Unguarded,
            Some(authorizer) => {
                let own = settings.and_then(|settings| settings.scopes.as_deref());
                Access::Token(authorizer, own.unwrap_or(&authorizer.scopes))
            }
        }
    }

    pub(super) fn resolve(
        words: Option<Spanned<ApiWords>>,
        app: &App,
        services: &BTreeMap<ServiceName, Service>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let written = words.as_ref().map(|words| words.span);
        let span = written.unwrap_or(app.name.span);
        let words = words.map_or_else(nothing, |words| words.value);
        let firewall = words.firewall.unwrap_or(Spanned::new(false, span));
        let throttling = Throttling::resolve(words.throttling, span, diagnostics);
        let retention = words
            .access_log_retention
            .unwrap_or(Spanned::new(LOG_RETENTION, span));
        let asks_for_tokens = words.authorizer.is_some();
        let authorizer = words
            .authorizer
            .and_then(|words| Authorizer::resolve(words, firewall.value, diagnostics));
        let routes = words
            .routes
            .into_iter()
            .map(|(route, words)| {
                let settings = RouteSettings::resolve(&route, words, &throttling, diagnostics);
                (route, settings)
            })
            .collect();
        let answered: Vec<&Route> = services
            .values()
            .flat_map(|service| &service.http)
            .map(|route| &route.value)
            .collect();
        let cors = words
            .cors
            .and_then(|words| Cors::resolve(words, &answered, authorizer.is_some(), diagnostics));
        let api = Self {
            span: written,
            cors,
            throttling,
            access_log_retention_days: days(&retention, diagnostics),
            firewall,
            authorizer_is_broken: asks_for_tokens && authorizer.is_none(),
            authorizer,
            routes,
        };
        api.refuse_in_stacks(app, diagnostics);
        api.refuse_scopes_of_nothing(diagnostics);
        if api.firewall.value {
            refuse_tildes(services, diagnostics);
        }
        api
    }

    /// What the core's stack would have to know of the services' stacks, which are deployed after it.
    fn refuse_in_stacks(&self, app: &App, diagnostics: &mut Diagnostics) {
        match app.stacks {
            Stacks::Single => return,
            Stacks::PerService => {}
        }
        if self.firewall.value {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    self.firewall.span,
                    "`firewall` does not go with `stacks = \"per-service\"`: it makes a REST API, whose deployment must know all routes",
                )
                .help("write `stacks = \"single\"` in `[app]`, or do without the firewall"),
            );
        }
        for settings in self.routes.values() {
            if let Some(throttling) = &settings.throttling {
                diagnostics.push(
                    Diagnostic::error(
                        codes::INVALID_VALUE,
                        throttling.span,
                        "a route's own `throttling` does not go with `stacks = \"per-service\"`: the API's stage is deployed before the routes are",
                    )
                    .help("set `[api] throttling` for all routes, or write `stacks = \"single\"` in `[app]`"),
                );
            }
        }
    }

    fn refuse_scopes_of_nothing(&self, diagnostics: &mut Diagnostics) {
        for (route, settings) in &self.routes {
            let Some(first) = settings.scopes.iter().flatten().next() else {
                continue;
            };
            let why = if settings.public {
                format!("`{route}` is public: nobody shows a token there")
            } else if self.authorizer.is_none() && !self.authorizer_is_broken {
                format!("`{route}` asks for scopes, and the API has no authorizer")
            } else {
                continue;
            };
            diagnostics.push(
                Diagnostic::error(codes::INVALID_VALUE, first.span, why).help(
                    "scopes are those of a token: add `[api] authorizer = { … }`, or delete the line",
                ),
            );
        }
    }
}

impl RouteSettings {
    fn resolve(
        route: &Route,
        words: Spanned<RouteWords>,
        api: &Throttling,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let Spanned { value: words, span } = words;
        let scopes = words
            .scopes
            .map(|scopes| at_most(10, &format!("scopes of `{route}`"), scopes, diagnostics));
        Self {
            span,
            public: words.public.is_some_and(|public| public.value),
            scopes,
            throttling: words
                .throttling
                .map(|words| Throttling::of_route(words, api, diagnostics)),
        }
    }
}

fn nothing() -> ApiWords {
    ApiWords {
        authorizer: None,
        throttling: None,
        cors: None,
        access_log_retention: None,
        firewall: None,
        routes: BTreeMap::new(),
    }
}

/// A path part of a REST API has letters, digits and `-._:` (API_CreateResource); one of an HTTP API may have `~` as well.
fn refuse_tildes(services: &BTreeMap<ServiceName, Service>, diagnostics: &mut Diagnostics) {
    for route in services.values().flat_map(|service| &service.http) {
        if route.value.path.contains('~') {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    route.span,
                    format!("`{route}` has a `~`, which a REST API does not take"),
                )
                .help("rename the path: with `firewall` the app has a REST API"),
            );
        }
    }
}
