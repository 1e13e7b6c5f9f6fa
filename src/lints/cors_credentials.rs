//! # cors-credentials-for-all
//!
//! A `*` in `cors` together with `credentials`.
//!
//! **Why it matters.** Browsers then refuse every answer, so that no site whatever can act with the cookies of whoever visits it; API
//! Gateway refuses the setting.
//!
//! **Example.**
//!
//! ```toml
//! [api]
//! cors = { origins = ["*"], credentials = true }
//! ```
//!
//! **Instead.** Name the sites, methods and headers, or do without cookies: a token in `authorization` needs no `credentials`.
//!
//! ```toml
//! [api]
//! cors = { origins = ["https://shop.example.com"], credentials = true }
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG302",
    name: "cors-credentials-for-all",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(cors) = &context.topology.api.cors else {
        return;
    };
    if !cors.credentials.value {
        return;
    }
    let origins = cors
        .origins
        .iter()
        .map(|o| ("origins", o.value.is_any(), o.span));
    let methods = cors
        .methods
        .iter()
        .map(|m| ("methods", m.value.is_any(), m.span));
    let headers = cors
        .headers
        .iter()
        .map(|h| ("headers", h.value.is_any(), h.span));
    let exposed = cors.expose_headers.iter();
    let exposed = exposed.map(|h| ("expose_headers", h.value.is_any(), h.span));
    for (key, any, span) in origins.chain(methods).chain(headers).chain(exposed) {
        if any {
            diagnostics.push(
                Diagnostic::error(
                    CODE,
                    span,
                    format!("`*` in `{key}` does not go with `credentials`"),
                )
                .related(cors.credentials.span, "cookies are sent along")
                .help(format!(
                    "name the {key}, or delete `credentials = true`",
                    key = key.replace('_', " ")
                )),
            );
        }
    }
}
