//! # audience-not-checked
//!
//! An `audience` that nothing looks at: with a firewall the app has a REST API.
//!
//! **Why it matters.** The authorizer of a REST API takes every token of the user pool, whichever app it was made for. Whoever reads
//! `audience` thinks otherwise.
//!
//! **Example.**
//!
//! ```toml
//! [api]
//! firewall = true
//!
//! [api.authorizer]
//! issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3dE"
//! audience = ["shop"]
//! ```
//!
//! **Instead.** Ask for a scope that the pool gives to the right apps alone. Callers then show their access token; without scopes it
//! is the identity token.
//!
//! ```toml
//! [api]
//! firewall = true
//!
//! [api.authorizer]
//! issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3dE"
//! scopes = ["shop/orders"]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG308",
    name: "audience-not-checked",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let api = &context.topology.api;
    let audience = api
        .authorizer
        .iter()
        .flat_map(|authorizer| &authorizer.audience);
    let Some(first) = audience
        .min_by_key(|one| one.span)
        .filter(|_| api.firewall.value)
    else {
        return;
    };
    diagnostics.push(
        Diagnostic::warning(
            CODE,
            first.span,
            "with `firewall` nothing checks whom a token is meant for",
        )
        .related(api.firewall.span, "makes a REST API")
        .help("delete `audience`, and ask for `scopes` that only the right apps get"),
    );
}
