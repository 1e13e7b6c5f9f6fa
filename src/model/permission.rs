//! `permissions = [{ actions, resources }]`: what a function may do beyond what its edges ask for.

use std::str::FromStr;

use schemars::JsonSchema;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, from_text, words};

words! {
    /// What a function may do beyond what its edges ask for: one statement of its role.
    pub struct PermissionWords {
        /// Actions of IAM, such as `s3:GetObject`.
        pub actions: Vec<Required<Spanned<Action>>>,
        /// ARNs. `${AWS::Region}` and the like are filled in, and so is `${Id.Arn}` of a resource of the template; a topic's or a
        /// secret's ARN is `${Id}`.
        pub resources: Vec<Required<Spanned<Target>>>,
    }
}

/// An action of IAM: a service and a verb, of which `*` and `?` may stand for letters.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(extend("pattern" = "^(\\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$"))]
pub struct Action(pub String);

/// What an action is done to: an ARN or `*`.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(extend("pattern" = "^(\\*|arn:.+|\\$\\{[A-Za-z0-9.:]+\\}.*)$"))]
pub struct Target(pub String);

from_text!(Action, Target);

impl FromStr for Action {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let good = written == "*"
            || written.split_once(':').is_some_and(|(service, verb)| {
                let service_is_plain = !service.is_empty()
                    && service
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                let verb_is_plain = !verb.is_empty()
                    && verb
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"*?".contains(&b));
                service_is_plain && verb_is_plain
            });
        if good {
            return Ok(Self(written.to_owned()));
        }
        let (service, verb) = written.split_once(':').unwrap_or_default();
        let lower = format!("{}:{verb}", service.to_ascii_lowercase());
        Err(match lower != written && lower.parse::<Self>().is_ok() {
            true => format!("services stand in small letters here: write \"{lower}\""),
            false => format!(
                "`{written}` is not an action of IAM: write a service and a verb, such as \"s3:GetObject\""
            ),
        })
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        // `arn:partition:service:region:account:resource`; the resource may hold further colons.
        let is_arn = written.starts_with("arn:")
            && plain(written).splitn(6, ':').count() == 6
            && !plain(written).ends_with(':');
        let is_reference = written.starts_with("${") && written.contains('}');
        let spaced = written.contains(char::is_whitespace);
        if written == "*" || ((is_arn || is_reference) && !spaced) {
            Ok(Self(written.to_owned()))
        } else {
            Err(format!(
                "`{written}` is not an ARN: write one such as \"arn:aws:s3:::bucket/*\", or \"${{Bucket.Arn}}\" for a resource of the template"
            ))
        }
    }
}

/// Pseudo parameters have colons of their own: what stands in `${}` counts as one letter.
fn plain(pattern: &str) -> String {
    let mut pieces = pattern.split("${");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push('x');
        text.push_str(piece.split_once('}').map_or("", |(_, rest)| rest));
    }
    text
}

/// A statement of a function's role.
#[derive(Debug, Clone)]
pub struct Permission {
    /// The table in the file.
    pub span: Span,
    /// Actions of IAM.
    pub actions: Vec<Spanned<Action>>,
    /// What they are done to.
    pub resources: Vec<Spanned<Target>>,
}

impl Permission {
    pub(super) fn resolve(words: Spanned<PermissionWords>, diagnostics: &mut Diagnostics) -> Self {
        let Spanned { value, span } = words;
        for (key, empty, example) in [
            ("actions", value.actions.is_empty(), "s3:GetObject"),
            (
                "resources",
                value.resources.is_empty(),
                "arn:aws:s3:::bucket/*",
            ),
        ] {
            if empty {
                diagnostics.push(
                    Diagnostic::error(
                        codes::MISSING_KEY,
                        span,
                        format!("`{key}` is missing or empty"),
                    )
                    .help(format!(
                        "list at least one, such as `{key} = [\"{example}\"]`"
                    )),
                );
            }
        }
        Self {
            span,
            actions: value.actions.into_iter().filter_map(|a| a.0).collect(),
            resources: value.resources.into_iter().filter_map(|r| r.0).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_in_capitals_is_told_how_it_is_written() {
        let error = "S3:GetObject".parse::<Action>().unwrap_err();
        assert!(error.contains("write \"s3:GetObject\""), "{error}");
    }

    #[test]
    fn actions_and_arns_are_told_from_slips() {
        for good in ["s3:GetObject", "dynamodb:Batch*", "execute-api:Invoke", "*"] {
            assert!(good.parse::<Action>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "s3",
            "GetObject",
            "S3:GetObject",
            "s3:Get Object",
            "s3:",
            ":Get",
        ] {
            assert!(bad.parse::<Action>().is_err(), "{bad}");
        }
        for good in [
            "*",
            "arn:aws:s3:::bucket/*",
            "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/example.com",
            "${ReceiptBucket.Arn}/*",
        ] {
            assert!(good.parse::<Target>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "bucket",
            "arn:aws:s3",
            "arn:aws:s3:::",
            "arn:aws:s3:::a b",
            "$Bucket",
        ] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}
