//! AWS Identity and Access Management.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::value::Text;

/// `AWS::IAM::Role`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// Who may take the role.
    pub assume_role_policy_document: PolicyDocument,
    /// What the role may do.
    pub policies: Vec<Policy>,
}

/// An inline policy of a role.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    /// Unique in the role.
    pub policy_name: &'static str,
    /// What it allows.
    pub policy_document: PolicyDocument,
}

/// A policy document in IAM's language.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    version: &'static str,
    statement: Vec<Statement>,
}

impl PolicyDocument {
    /// The language's version of 2012, the current one. Statements for one and the same end, such as one for each topic, stand
    /// together, and are numbered from the second on: AWS refuses a policy that has an id twice.
    pub fn new(mut statement: Vec<Statement>) -> Self {
        for alike in statement.chunk_by_mut(|a, b| a.sid == b.sid) {
            for (at, each) in alike.iter_mut().enumerate().skip(1) {
                each.sid = format!("{}{}", each.sid, at + 1).into();
            }
        }
        Self {
            version: "2012-10-17",
            statement,
        }
    }

    /// Its statements.
    pub fn statements(&self) -> &[Statement] {
        &self.statement
    }

    /// Bytes of its JSON without blanks, where `text` says how long each text becomes.
    pub fn length(&self, text: &impl Fn(&Text) -> usize) -> usize {
        const FRAME: usize = r#"{"Version":"2012-10-17","Statement":[]}"#.len();
        FRAME + list(self.statement.iter().map(|each| each.length(text)))
    }
}

/// Elements with commas between them.
fn list(lengths: impl Iterator<Item = usize>) -> usize {
    lengths
        .map(|length| length + 1)
        .sum::<usize>()
        .saturating_sub(1)
}

/// One statement of a policy.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// What it is for; letters and digits.
    pub sid: Cow<'static, str>,
    /// Allow or deny.
    pub effect: Effect,
    /// Whom a resource's policy speaks of; absent in a role's policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// Actions, such as `sqs:SendMessage`.
    pub action: Vec<Cow<'static, str>>,
    /// ARNs; empty only in a trust policy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<Text>,
    /// Operator to key to value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<&'static str, BTreeMap<&'static str, Text>>,
}

impl Statement {
    /// A statement of a role's policy that allows `action` on `resource`.
    pub fn allow(sid: &'static str, action: &[&'static str], resource: Vec<Text>) -> Self {
        Self {
            sid: sid.into(),
            effect: Effect::Allow,
            principal: None,
            action: action.iter().map(|action| (*action).into()).collect(),
            resource,
            condition: BTreeMap::new(),
        }
    }

    /// As [`Self::allow`], with an id and actions that are made at run time.
    pub fn allow_written(sid: String, action: Vec<String>, resource: Vec<Text>) -> Self {
        Self {
            sid: sid.into(),
            action: action.into_iter().map(Cow::Owned).collect(),
            ..Self::allow("", &[], resource)
        }
    }

    /// A statement of a resource's policy that lets an AWS service act.
    #[must_use]
    pub fn by(mut self, service: &'static str) -> Self {
        self.principal = Some(Principal::Service {
            service: service.into(),
        });
        self
    }

    /// As [`Self::by`], for a service whose name depends on the Region.
    #[must_use]
    pub fn by_text(mut self, service: Text) -> Self {
        self.principal = Some(Principal::Service { service });
        self
    }

    /// A statement of a resource's policy that lets an account's IAM decide.
    #[must_use]
    pub fn by_account(mut self, aws: Text) -> Self {
        self.principal = Some(Principal::Account { aws });
        self
    }

    /// Adds a condition.
    #[must_use]
    pub fn when(mut self, operator: &'static str, key: &'static str, value: Text) -> Self {
        self.condition
            .entry(operator)
            .or_default()
            .insert(key, value);
        self
    }

    fn length(&self, text: &impl Fn(&Text) -> usize) -> usize {
        const FRAME: usize = r#"{"Sid":"","Effect":"","Action":[]}"#.len();
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let principal = self.principal.as_ref().map_or(0, |principal| {
            r#","Principal":"#.len()
                + match principal {
                    Principal::Anyone(who) => who.len() + 2,
                    Principal::Service { service } => r#"{"Service":""}"#.len() + text(service),
                    Principal::Account { aws } => r#"{"AWS":""}"#.len() + text(aws),
                }
        });
        let resource = match self.resource.as_slice() {
            [] => 0,
            arns => r#","Resource":[]"#.len() + list(arns.iter().map(|arn| text(arn) + 2)),
        };
        let condition = match self.condition.is_empty() {
            true => 0,
            false => {
                let operators = self.condition.iter().map(|(operator, keys)| {
                    let keys = keys.iter();
                    let keys = keys.map(|(key, value)| r#""":"""#.len() + key.len() + text(value));
                    r#""":{}"#.len() + operator.len() + list(keys)
                });
                r#","Condition":{}"#.len() + list(operators)
            }
        };
        let actions = list(self.action.iter().map(|action| action.len() + 2));
        FRAME + self.sid.len() + effect.len() + actions + principal + resource + condition
    }

    /// Refuses everybody who does not use TLS; `service` is `sns` or `sqs`.
    pub fn tls_only(actions: &[&'static str], resource: Vec<Text>) -> Self {
        Self {
            effect: Effect::Deny,
            principal: Some(Principal::Anyone("*")),
            ..Self::allow("TlsOnly", actions, resource)
        }
        .when("Bool", "aws:SecureTransport", "false".into())
    }
}

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Effect {
    /// Lets the action pass.
    Allow,
    /// Refuses the action, whatever else allows it.
    Deny,
}

/// Whom a resource's policy speaks of.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Principal {
    /// `*`; only ever in a refusal.
    Anyone(&'static str),
    /// An AWS service.
    Service {
        /// Such as `lambda.amazonaws.com`.
        #[serde(rename = "Service")]
        service: Text,
    },
    /// An account, whose IAM decides who of it.
    Account {
        /// ARN of its root.
        #[serde(rename = "AWS")]
        aws: Text,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_policy_has_an_id_twice() {
        let from = |sid| Statement::allow(sid, &["sqs:SendMessage"], Vec::new());
        let document =
            PolicyDocument::new(vec![from("A"), from("B"), from("B"), from("B"), from("C")]);
        let ids: Vec<&str> = document.statements().iter().map(|s| &*s.sid).collect();
        assert_eq!(ids, ["A", "B", "B2", "B3", "C"]);
    }

    #[test]
    fn a_policy_is_as_long_as_its_json() {
        let topic = || Statement::allow("A", &["sns:Publish", "sns:Get"], vec!["arn:x".into()]);
        for statements in [
            vec![],
            vec![topic()],
            vec![
                Statement::allow("Trust", &["sts:AssumeRole"], Vec::new()).by("lambda"),
                topic().by_account("arn:y".into()),
                Statement::tls_only(&["sqs:*"], vec!["arn:x".into(), "arn:z".into()])
                    .when("Bool", "a:b", "true".into())
                    .when("ArnLike", "c:d", "arn:*".into()),
            ],
        ] {
            let document = PolicyDocument::new(statements);
            let length = document.length(&|text| {
                let Text::Literal(text) = text else {
                    panic!("{text:?}");
                };
                text.len()
            });
            assert_eq!(length, serde_json::to_string(&document).unwrap().len());
        }
    }
}
