//! `cors = { origins = ["https://shop.example.com"] }`: which web sites' scripts may call the API from a browser.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use super::route::{METHODS, Route};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::limits::within;
use crate::model::service::each_once;
use crate::model::units::Seconds;
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, from_text, words};

words! {
    /// Which web sites' scripts may call the API from a browser.
    pub struct CorsWords {
        /// The sites, such as `https://shop.example.com`, or `*` for any.
        pub origins: Vec<Required<Spanned<Origin>>>,
        /// Methods that they may use. Default: those of the routes.
        pub methods: Vec<Spanned<Method>>,
        /// Headers that they may send. Default: `content-type`, and `authorization` where there is an authorizer.
        pub headers: Vec<Spanned<Header>>,
        /// Headers of answers that they may read, beyond those that browsers always show.
        pub expose_headers: Vec<Spanned<Header>>,
        /// How long a browser may remember all this, up to `1d`. Default: what the browser likes.
        pub max_age: Option<Spanned<Seconds>>,
        /// Whether browsers send cookies along. Default `false`.
        pub credentials: Option<Spanned<bool>>,
    }
}

/// A web site: scheme, host and port, nothing after them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(extend("pattern" = "^(\\*|https?://[a-z0-9.-]+(:[0-9]+)?)$"))]
pub struct Origin(String);

/// A method, or `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(extend("pattern" = "^(\\*|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$"))]
pub struct Method(String);

/// A header's name, kept in lower case, or `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(extend("pattern" = "^(\\*|[A-Za-z0-9._-]+)$"))]
pub struct Header(String);

from_text!(Origin, Method, Header);

/// Stands for all.
const ANY: &str = "*";

macro_rules! names {
    ($($name:ident),*) => {$(
        impl $name {
            /// As it is sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether it stands for all.
            pub fn is_any(&self) -> bool {
                self.0 == ANY
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names!(Origin, Method, Header);

impl FromStr for Origin {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let example =
            "write scheme and host as browsers do, such as \"https://shop.example.com\", or \"*\"";
        if written == ANY {
            return Ok(Self(written.to_owned()));
        }
        let rest = written
            .strip_prefix("https://")
            .or_else(|| written.strip_prefix("http://"))
            .ok_or_else(|| format!("`{written}` is not an origin: {example}"))?;
        let (host, port) = rest.split_once(':').unwrap_or((rest, "443"));
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !host.split('.').all(is_label) || port.parse::<u16>().is_err() {
            return Err(format!(
                "`{written}` is not an origin: no path, no slash at the end, no `*` in it, small letters; {example}"
            ));
        }
        Ok(Self(written.to_owned()))
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        if written == ANY || explicit_methods().any(|method| method == written) {
            return Ok(Self(written.to_owned()));
        }
        let known: Vec<&str> = explicit_methods().collect();
        Err(format!(
            "`{written}` is not a method of a browser's request: use {} or \"*\"",
            known.join(", ")
        ))
    }
}

impl FromStr for Header {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if written != ANY && (written.is_empty() || !written.chars().all(is_token)) {
            return Err(format!(
                "`{written}` is not the name of a header: write one such as \"content-type\", or \"*\""
            ));
        }
        // Names of headers have no case; one form of each makes repetitions visible.
        Ok(Self(written.to_ascii_lowercase()))
    }
}

fn explicit_methods() -> impl Iterator<Item = &'static str> {
    METHODS.into_iter().filter(|method| *method != Route::ANY)
}

/// Which web sites' scripts may call the API, complete. Lists are sorted, each item once.
#[derive(Debug, Clone)]
pub struct Cors {
    /// Where it is written.
    pub span: Span,
    /// The sites.
    pub origins: Vec<Spanned<Origin>>,
    /// Methods that they may use.
    pub methods: Vec<Spanned<Method>>,
    /// Headers that they may send.
    pub headers: Vec<Spanned<Header>>,
    /// Headers of answers that they may read.
    pub expose_headers: Vec<Spanned<Header>>,
    /// How long a browser may remember all this.
    pub max_age: Option<Seconds>,
    /// Whether browsers send cookies along.
    pub credentials: Spanned<bool>,
}

impl Cors {
    /// `routes` are all routes of the app, for the default of `methods`.
    pub(super) fn resolve(
        words: Spanned<CorsWords>,
        routes: &[&Route],
        authorized: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Spanned {
            value: mut words,
            span,
        } = words;
        if words.origins.is_empty() {
            diagnostics.push(
                Diagnostic::error(
                    codes::MISSING_KEY,
                    span,
                    "`origins` is missing",
                )
                .help("name the sites whose scripts may call: `cors = { origins = [\"https://shop.example.com\"] }`"),
            );
            return None;
        }
        if let Some(age) = &mut words.max_age {
            // API Gateway takes a day at most; no browser remembers longer.
            within("max_age", age, Seconds(0)..=Seconds(86_400), diagnostics);
        }
        if words.methods.is_empty() {
            words.methods = explicit_methods()
                .filter(|method| {
                    let answers = |route: &&Route| route.method == *method || route.is_any();
                    routes.iter().any(answers)
                })
                .map(|method| Spanned::new(Method(method.to_owned()), span))
                .collect();
        }
        if words.headers.is_empty() {
            words.headers = ["content-type", "authorization"]
                .into_iter()
                .filter(|header| authorized || *header != "authorization")
                .map(|header| Spanned::new(Header(header.to_owned()), span))
                .collect();
        }
        let origins = words.origins.into_iter().filter_map(|origin| origin.0);
        Some(Self {
            span,
            origins: each_once(origins.collect(), diagnostics),
            methods: each_once(words.methods, diagnostics),
            headers: each_once(words.headers, diagnostics),
            expose_headers: each_once(words.expose_headers, diagnostics),
            max_age: words.max_age.map(|age| age.value),
            credentials: words.credentials.unwrap_or(Spanned::new(false, span)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_send() {
        for good in ["*", "https://shop.example.com", "http://localhost:3000"] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "shop.example.com",
            "https://shop.example.com/",
            "https://*.example.com",
            "https://Shop.example.com",
            "https://shop.example.com:port",
            "https://",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
