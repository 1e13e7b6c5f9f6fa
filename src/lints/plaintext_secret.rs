//! # plaintext-secret
//!
//! A value that looks like a secret, in the file.
//!
//! **Why it matters.** The file is in version control, the template in a bucket, and the function's settings in the console,
//! for all who may look at them. A secret that has been there must be replaced.
//!
//! **Example.**
//!
//! ```toml
//! [services.payment]
//! environment = { DATABASE_URL = "postgres://app:correct-horse@db.example.com/payments" }
//! ```
//!
//! **Instead.** Put it into Secrets Manager and name it: the variable then holds the secret's ARN, and the function may
//! read it.
//!
//! ```toml
//! [services.payment]
//! secrets = { DATABASE_URL = "payments/database" }
//! ```

use super::Context;
use super::secret_shape::{by_name, by_value};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::raw::{Raw, RawValue};
use crate::model::secret::Secret;
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG309",
    name: "plaintext-secret",
    severity: Severity::Error,
};

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let topology = context.topology;
    for service in topology.services.values() {
        for (variable, value) in &service.environment {
            if let Some(kind) = by_name(variable.as_str(), &value.value) {
                let help = format!(
                    "replace the secret, put the new one into Secrets Manager, and write `secrets = {{ {variable} = \"its/name\" }}`"
                );
                diagnostics.push(finding(variable.as_str(), kind, value.span, &help));
            }
        }
        for (variable, secret) in &service.secrets {
            let (Secret::Name(text) | Secret::Arn(text)) = &secret.value;
            if let Some(kind) = by_value(text) {
                let help =
                    "a secret's name or ARN belongs here, never its value: replace the secret";
                diagnostics.push(finding(variable.as_str(), kind, secret.span, help));
            }
        }
    }
    let of_services = topology.services.values().map(|service| &service.tags);
    let tags = of_services.chain([&topology.app.tags]).flatten();
    let tags = tags.map(|(key, value)| (key.as_str(), value.value.as_str(), value.span));
    let services = topology.services.values().map(|service| &service.owner);
    let topics = topology.topics.values().map(|topic| &topic.owner);
    let owners = services.chain(topics).chain([&topology.app.owner]);
    let owners = owners.flatten();
    let owners = owners.map(|owner| ("owner", owner.value.as_str(), owner.span));
    for (key, value, span) in tags.chain(owners) {
        if let Some(kind) = by_value(value) {
            let help = "tags are shown to everybody who may look at the account: replace the secret, and delete it here";
            diagnostics.push(finding(key, kind, span, help));
        }
    }
    for (key, value) in topology.raw() {
        raw(key, value, diagnostics);
    }
}

fn raw(key: &str, value: &Raw, diagnostics: &mut Diagnostics) {
    match &value.value {
        RawValue::Text(text) => {
            if let Some(kind) = by_name(key, text) {
                let help = "replace the secret, put the new one into Secrets Manager, and refer to it with \"{{resolve:secretsmanager:its/name}}\"";
                diagnostics.push(finding(key, kind, value.span, help));
            }
        }
        RawValue::List(items) => items.iter().for_each(|item| raw(key, item, diagnostics)),
        RawValue::Map(map) => {
            let named = map.get("Name").and_then(Raw::text);
            for (key, value) in map {
                // Variables of containers, parameters and headers are pairs of a name and a value.
                let key = named.filter(|_| key == "Value").unwrap_or(key);
                raw(key, value, diagnostics);
            }
        }
        RawValue::Number(_) | RawValue::Boolean(_) => {}
    }
}

/// Nobody sees the value: neither the message nor the line that is drawn above it has it.
fn finding(name: &str, kind: &str, span: Span, help: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        span,
        format!("the value of `{name}` looks like {kind}"),
    )
    .conceal(span)
    .help(help)
}
