//! # any-origin-with-authorizer
//!
//! Scripts of any web site may call an API that asks for tokens.
//!
//! **Why it matters.** Who has a token should be the only one to use it. When one leaks, or a browser keeps it, any page can read the
//! answers.
//!
//! **Example.**
//!
//! ```toml
//! [api]
//! authorizer = { issuer = "https://login.example.com/", audience = ["shop"] }
//! cors = { origins = ["*"] }
//! ```
//!
//! **Instead.** Name the sites whose scripts are yours.
//!
//! ```toml
//! [api]
//! authorizer = { issuer = "https://login.example.com/", audience = ["shop"] }
//! cors = { origins = ["https://shop.example.com"] }
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG303",
    name: "any-origin-with-authorizer",
    severity: Severity::Warning,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let api = &context.topology.api;
    let (Some(cors), Some(authorizer)) = (&api.cors, &api.authorizer) else {
        return;
    };
    for origin in cors.origins.iter().filter(|origin| origin.value.is_any()) {
        diagnostics.push(
            Diagnostic::warning(
                CODE,
                origin.span,
                "scripts of any site may call an API that asks for tokens",
            )
            .related(authorizer.span, "tokens are asked for")
            .help("name your own sites, such as \"https://shop.example.com\""),
        );
    }
}
