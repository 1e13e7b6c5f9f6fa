//! # resolved-secret
//!
//! An environment variable into which CloudFormation writes a secret.
//!
//! **Why it matters.** `{{resolve:…}}` keeps the secret out of the template, and puts it into the function's settings all the same:
//! whoever may look at the function reads it, and it stays the old one when the secret is rotated.
//!
//! **Example.**
//!
//! ```toml
//! [services.payment]
//! environment = { DATABASE = "{{resolve:secretsmanager:payments/database}}" }
//! ```
//!
//! **Instead.** Name it in `secrets`: the variable then holds the secret's ARN, and the function may read it.
//!
//! ```toml
//! [services.payment]
//! secrets = { DATABASE = "payments/database" }
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG311",
    name: "resolved-secret",
    severity: Severity::Warning,
};

/// References that CloudFormation replaces by secrets (dynamic-references.html).
const SECRETS: [&str; 2] = ["{{resolve:secretsmanager:", "{{resolve:ssm-secure:"];

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for service in context.topology.services.values() {
        for (variable, value) in &service.environment {
            if !SECRETS.iter().any(|start| value.value.contains(start)) {
                continue;
            }
            let message = format!(
                "CloudFormation writes the secret itself into `{variable}`, for all who may look at the function"
            );
            diagnostics.push(Diagnostic::warning(CODE, value.span, message).help(format!(
                "write `secrets = {{ {variable} = \"its/name\" }}`: the variable holds the ARN, and the function reads the secret"
            )));
        }
    }
}
