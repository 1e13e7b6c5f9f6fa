//! `secrets = { STRIPE_KEY = "payments/stripe" }`: which secret of Secrets Manager a handler may read, never its value.

use std::str::FromStr;

use schemars::JsonSchema;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::syntax::read::FromNode;
use crate::syntax::tree::Node;

/// A secret of Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^[A-Za-z0-9/_+=.@:-]{1,600}$"))]
pub enum Secret {
    /// By its name, in the stack's own account and Region.
    Name(String),
    /// By its ARN, with or without the six characters that AWS adds.
    Arn(String),
}

impl FromNode for Secret {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let parsed = String::from_node(node, diagnostics)?.parse();
        parsed
            .map_err(|error: &str| {
                let found = Diagnostic::error(codes::INVALID_VALUE, node.span, error);
                // Perhaps it is the value that was written.
                diagnostics.push(found.conceal(node.span));
            })
            .ok()
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    /// No message holds what was written: it may be the secret itself.
    fn from_str(written: &str) -> Result<Self, Self::Err> {
        if written.starts_with("arn:") {
            let parts: Vec<&str> = written.split(':').collect();
            return match parts.as_slice() {
                ["arn", _, "secretsmanager", region, account, "secret", name]
                    if !region.is_empty()
                        && account.len() == 12
                        && account.bytes().all(|b| b.is_ascii_digit())
                        && is_name(name) =>
                {
                    Ok(Self::Arn(written.to_owned()))
                }
                _ => Err("this is not the ARN of a secret in Secrets Manager"),
            };
        }
        if !is_name(written) {
            return Err(
                "this is not the name of a secret: names have letters, digits and `/_+=.@-`, 512 at most",
            );
        }
        if has_suffix(written) {
            return Err(
                "AWS takes a name that ends in a hyphen and six characters for a whole ARN: write the secret's ARN",
            );
        }
        Ok(Self::Name(written.to_owned()))
    }
}

impl Secret {
    /// Its ARN as far as it is known, in the form of `Fn::Sub`.
    pub fn arn(&self) -> String {
        match self {
            Self::Name(name) => format!(
                "arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:secret:{name}"
            ),
            Self::Arn(arn) => arn.clone(),
        }
    }

    /// What IAM knows it by. AWS ends each ARN in a hyphen and six characters of its own, which nobody can know before
    /// the secret is made (auth-and-access_iam-policies.html).
    pub fn iam_resource(&self) -> String {
        match self {
            Self::Arn(arn) if has_suffix(arn) => arn.clone(),
            Self::Arn(_) | Self::Name(_) => self.arn() + "-??????",
        }
    }
}

/// API_CreateSecret.
fn is_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b);
    !name.is_empty() && name.len() <= 512 && name.bytes().all(allowed)
}

fn has_suffix(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, suffix)| {
        suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iam_gets_exactly_the_secret() {
        let resource = |text: &str| text.parse::<Secret>().unwrap().iam_resource();
        assert_eq!(
            resource("payments/key"),
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:payments/key-??????"
        );
        let whole = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments/key-a1B2c3";
        assert_eq!(resource(whole), whole);
        let partial = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments/key";
        assert_eq!(resource(partial), format!("{partial}-??????"));
    }

    #[test]
    fn what_is_not_a_secret_is_refused_without_repeating_it() {
        for text in [
            "",
            "two words",
            "payments-stripe",
            "arn:aws:s3:::bucket",
            "hunter2!",
        ] {
            let error = text.parse::<Secret>().unwrap_err();
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
    }
}
