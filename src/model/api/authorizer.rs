//! `authorizer = { issuer, audience, scopes }`: tokens that let a caller in.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::service::each_once;
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, from_text, words};

words! {
    /// Tokens (JWT) that let a caller in.
    pub struct AuthorizerWords {
        /// Who signs them, as in their `iss`: `https://…`; its keys are found below `/.well-known/openid-configuration`.
        pub issuer: Option<Required<Spanned<Issuer>>>,
        /// Whom they must be meant for, as in their `aud` or `client_id`. A REST API, as `firewall` makes it, does not look
        /// at it.
        pub audience: Vec<Required<Spanned<Audience>>>,
        /// Scopes of which a token must have one, unless a route says otherwise. Default: none is needed.
        pub scopes: Vec<Spanned<Scope>>,
    }
}

/// Quotas of an authorizer and of a route (http-api-quotas.html).
const MAX_AUDIENCES: usize = 50;
const MAX_SCOPES: usize = 10;

/// Who signs tokens: an address that must be the same, letter by letter, as the `iss` of a token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(extend("pattern" = "^https://[^/?#\\s]+(/[^?#\\s]*)?$"))]
pub struct Issuer(String);

from_text!(Issuer, Audience, Scope);

impl FromStr for Issuer {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let example = "write it as tokens have it in `iss`, such as \"https://login.example.com/\"";
        let Some(rest) = written.strip_prefix("https://") else {
            return Err(format!(
                "the issuer `{written}` is not an `https` address: its keys must not be forged on the way; {example}"
            ));
        };
        let host = rest.split('/').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_graphic() && !"?#@\"\\".contains(c);
        if host.is_empty() || !host.contains('.') || !rest.chars().all(plain) {
            return Err(format!("`{written}` is not an issuer: {example}"));
        }
        Ok(Self(written.to_owned()))
    }
}

impl Issuer {
    /// The user pool of Amazon Cognito that it is: Region and id.
    pub fn user_pool(&self) -> Option<(&str, &str)> {
        let rest = self.0.strip_prefix("https://cognito-idp.")?;
        let (host, pool) = rest.split_once('/')?;
        let region = host
            .strip_suffix(".amazonaws.com")
            .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
        let (own, id) = pool.split_once('_')?;
        let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
        (own == region && is_id).then_some((region, pool))
    }
}

macro_rules! claims {
    ($($(#[$meta:meta])* $name:ident: $what:literal, $max:literal;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
        #[schemars(extend("minLength" = 1, "maxLength" = $max))]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = String;

            fn from_str(written: &str) -> Result<Self, String> {
                // RFC 6749 section 3.3: visible characters save these two; a blank parts scopes.
                let plain = |c: char| c.is_ascii_graphic() && !"\"\\".contains(c);
                if written.is_empty() || written.len() > $max || !written.chars().all(plain) {
                    return Err(format!(
                        "`{written}` is not {}: use 1 to {} visible characters, no blanks", $what, $max
                    ));
                }
                Ok(Self(written.to_owned()))
            }
        }
    )*};
}

claims! {
    /// Whom a token must be meant for.
    Audience: "an audience", 256;
    /// What a token allows.
    Scope: "a scope", 64;
}

macro_rules! shown {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

shown!(Issuer, Audience, Scope);

/// Tokens that let a caller in, complete.
#[derive(Debug, Clone)]
pub struct Authorizer {
    /// Where it is written.
    pub span: Span,
    /// Who signs them.
    pub issuer: Spanned<Issuer>,
    /// Whom they must be meant for.
    pub audience: Vec<Spanned<Audience>>,
    /// Scopes of which a token must have one.
    pub scopes: Vec<Spanned<Scope>>,
}

impl Authorizer {
    /// Its keys must be there once an environment is laid over the base.
    pub(super) fn resolve(
        words: Spanned<AuthorizerWords>,
        firewall: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Spanned { value: words, span } = words;
        let missing = [
            ("issuer", words.issuer.is_none()),
            ("audience", words.audience.is_empty() && !firewall),
        ];
        for (key, _) in missing.iter().filter(|(_, missing)| *missing) {
            diagnostics.push(
                Diagnostic::error(
                    codes::MISSING_KEY,
                    span,
                    format!("`{key}` is missing"),
                )
                .help("write both, such as `authorizer = { issuer = \"https://login.example.com/\", audience = [\"shop\"] }`"),
            );
        }
        let audience = words.audience.into_iter().filter_map(|audience| audience.0);
        let authorizer = Self {
            span,
            issuer: words.issuer?.0?,
            audience: at_most(MAX_AUDIENCES, "audiences", audience.collect(), diagnostics),
            scopes: at_most(MAX_SCOPES, "scopes", words.scopes, diagnostics),
        };
        if firewall && authorizer.issuer.value.user_pool().is_none() {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    authorizer.issuer.span,
                    format!(
                        "`{}` is no user pool of Amazon Cognito, and with `firewall` no other issuer's tokens can be checked",
                        authorizer.issuer
                    ),
                )
                .help("AWS WAF takes REST APIs, and these know no JWT: write \"https://cognito-idp.{region}.amazonaws.com/{pool}\", or do without `firewall`"),
            );
        }
        Some(authorizer)
    }
}

/// Each once, sorted, and no more of them than AWS takes.
pub(super) fn at_most<T: Ord + fmt::Display>(
    max: usize,
    what: &str,
    list: Vec<Spanned<T>>,
    diagnostics: &mut Diagnostics,
) -> Vec<Spanned<T>> {
    let list = each_once(list, diagnostics);
    if let Some(first_above) = list.get(max) {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                first_above.span,
                format!("there are {} {what}, API Gateway takes {max}", list.len()),
            )
            .help("let one stand for several"),
        );
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_https_and_user_pools_are_known() {
        let pool = |text: &str| text.parse::<Issuer>().unwrap();
        assert_eq!(
            pool("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3dE").user_pool(),
            Some(("eu-west-1", "eu-west-1_aB3dE"))
        );
        for other in [
            "https://login.example.com/",
            "https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_aB3dE",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_",
            "https://cognito-idp.eu-west-1.example.com/eu-west-1_aB3dE",
        ] {
            assert_eq!(pool(other).user_pool(), None, "{other}");
        }
        for bad in [
            "",
            "http://login.example.com/",
            "login.example.com",
            "https://",
            "https://localhost",
            "https://a.example.com/?x=1",
            "https://a.example.com/a b",
        ] {
            assert!(bad.parse::<Issuer>().is_err(), "{bad}");
        }
    }
}
