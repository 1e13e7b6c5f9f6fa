//! What the edges of an app ask for, known without compiling it.

use std::collections::BTreeSet;

use super::{App, Service, pascal, subscription_name, table_name};

/// What a role is allowed: a service of AWS and a resource of it.
pub type Grant = (&'static str, String);

impl App {
    /// What the edges of a service ask for: its role's id, and that of its relay.
    pub fn grants(&self, service: &Service) -> Vec<(String, BTreeSet<Grant>)> {
        let stem = pascal(service.name);
        let table = format!("{}Table", table_name(service.name));
        let key = |encryption: &str| match encryption {
            "sqs" => None,
            "kms" => Some(("kms", "EncryptionKey.Arn".to_owned())),
            key => Some(("kms", key.to_owned())),
        };
        let mut publishing = BTreeSet::new();
        for event in self.publishes(service) {
            publishing.insert(("sns", self.topic_id(event)));
            publishing.extend(key(self.topic_encryption(event)));
        }
        let mut own = every_function(&stem);
        if service.table.is_some() {
            own.insert(("dynamodb", format!("{table}.Arn")));
            own.extend(key(self.encryption));
        }
        for (at, subscription) in service.subscriptions.iter().enumerate() {
            let name = subscription_name(service, at);
            own.insert(("sqs", format!("{}Queue.Arn", pascal(&name))));
            own.extend(key(subscription.encryption.unwrap_or(self.encryption)));
        }
        if service.secret {
            let arn = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:shop/api-??????";
            own.insert(("secretsmanager", arn.to_owned()));
        }
        if service.schedule {
            own.insert(("sqs", format!("{stem}ScheduleFailures.Arn")));
            own.extend(key(self.encryption));
        }
        if service.permission {
            own.insert(("s3", "arn:aws:s3:::prices/*".to_owned()));
        }
        if !self.outbox(service) {
            own.extend(publishing);
            return vec![(format!("{stem}Role"), own)];
        }
        let relay = format!("{stem}Outbox");
        let mut relays = every_function(&relay);
        relays.insert(("dynamodb", format!("{table}.StreamArn")));
        relays.insert(("dynamodb", format!("${{{table}.Arn}}/stream/*")));
        // To mark what is published.
        relays.insert(("dynamodb", format!("{table}.Arn")));
        relays.insert(("sqs", format!("{relay}Failures.Arn")));
        relays.extend(key(self.encryption));
        relays.extend(publishing);
        vec![
            (format!("{stem}Role"), own),
            (format!("{relay}Role"), relays),
        ]
    }
}

/// Its log group; and X-Ray, which knows no resources.
fn every_function(stem: &str) -> BTreeSet<Grant> {
    BTreeSet::from([
        ("logs", format!("{stem}LogGroup.Arn")),
        ("xray", "*".to_owned()),
    ])
}
