//! Names, checked once when they are read: a value of these types is always fit for AWS and for a logical id.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use crate::syntax::read::from_text;

/// Longest kebab-case name. A queue's name is `{app}-{environment}-{subscription}-…` within 80 characters
/// (API_CreateQueue), so each part is kept well under that.
const MAX_KEBAB: usize = 32;
/// Longest event name; it travels as a message attribute and in filter policies.
const MAX_EVENT: usize = 64;

macro_rules! names {
    ($($(#[$meta:meta])* $name:ident: $what:literal, $check:ident, $pattern:literal;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
        #[schemars(extend("pattern" = $pattern))]
        pub struct $name(String);

        impl $name {
            /// The name as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(written: &str) -> Result<Self, String> {
                match $check(written) {
                    Ok(()) => Ok(Self(written.to_owned())),
                    Err(rule) => Err(format!("`{written}` is not a valid {}: {rule}", $what)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        from_text!($name);
    )*};
}

names! {
    /// The app: first half of the stack's name.
    AppName: "app name", kebab, "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
    /// An environment: second half of the stack's name.
    EnvironmentName: "environment name", kebab, "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
    /// A topic: what events go through.
    TopicName: "topic name", kebab, "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
    /// A service: owns a handler, a table, its queue.
    ServiceName: "service name", kebab, "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
    /// A subscription: a service's wish for events.
    SubscriptionName: "subscription name", kebab, "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
    /// An event: a fact in the past tense.
    EventName: "event name", event, "^[A-Z][A-Za-z0-9]*$";
    /// A table, as it appears in logical ids: `Orders` makes `OrdersTable`.
    TableName: "table name", event, "^[A-Z][A-Za-z0-9]*$";
    /// The team that owns something; it becomes a tag.
    OwnerName: "owner", owner, r"^[\p{L}\p{N} _.:/=+@-]{1,256}$";
    /// An attribute of an item, such as a table's key.
    AttributeName: "attribute name", attribute, "^[A-Za-z][A-Za-z0-9_]*$";
    /// Key of a tag.
    TagKey: "tag key", tag_key, "^.{1,128}$";
    /// Value of a tag.
    TagValue: "tag value", tag_value, "^.{0,256}$";
    /// A resource's id in the template.
    ResourceId: "logical id", resource_id, "^[A-Za-z0-9]+$";
    /// A name of a function's environment variable.
    VariableName: "environment variable", variable, "^[A-Za-z][A-Za-z0-9_]+$";
}

impl AppName {
    /// For an app whose name is missing, which has been reported.
    pub(super) fn stand_in() -> Self {
        Self("unnamed".to_owned())
    }
}

impl TopicName {
    /// The topic of a file that declares none.
    pub fn default_topic() -> Self {
        Self("event".to_owned())
    }

    /// `card-payments` as `CardPayments`: the stem of its logical ids.
    pub fn pascal(&self) -> String {
        pascal(&self.0)
    }
}

impl ServiceName {
    /// `fraud-check` as `FraudCheck`: the stem of its logical ids.
    pub fn pascal(&self) -> String {
        pascal(&self.0)
    }
}

impl SubscriptionName {
    /// `fraud-check` as `FraudCheck`: the stem of its logical ids.
    pub fn pascal(&self) -> String {
        pascal(&self.0)
    }
}

impl ServiceName {
    /// The relay of this service's outbox: a function of its own, beside the service's.
    pub fn outbox(&self) -> Self {
        Self(format!("{}-outbox", self.0))
    }
}

/// A subscription that names no service belongs to the service of its own name.
impl From<&SubscriptionName> for ServiceName {
    fn from(name: &SubscriptionName) -> Self {
        Self(name.0.clone())
    }
}

/// Bytes of what is set behind a stem to make an id, more or less.
const SUFFIX: usize = 24;

/// The words of `text` with a capital each and nothing between them: `FraudCheck` of `fraud-check`, `OrderId` of `order_id`. A logical id
/// has ASCII letters and digits alone.
pub fn pascal(text: &str) -> String {
    // What it is the stem of comes after it.
    let mut pascal = String::with_capacity(text.len() + SUFFIX);
    let mut begins = true;
    for letter in text.chars() {
        let belongs = letter.is_ascii_alphanumeric();
        if belongs {
            pascal.push(match begins {
                true => letter.to_ascii_uppercase(),
                false => letter,
            });
        }
        begins = !belongs;
    }
    pascal
}

/// Nobody means a name of more.
const MOST_DIGITS: usize = 6;

/// `order_created` and `orderCreated` as words with hyphens between, without what no name may have.
fn words(name: &str) -> String {
    // It may be a secret, which no message may repeat in another form.
    if name.bytes().filter(u8::is_ascii_digit).count() > MOST_DIGITS {
        return String::new();
    }
    let mut words = String::new();
    let mut before = '-';
    for c in name.chars().take(MAX_EVENT) {
        let starts = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        let plain = c.is_ascii_alphanumeric();
        if (starts || !plain) && !words.is_empty() && !words.ends_with('-') {
            words.push('-');
        }
        words.extend(plain.then_some(c));
        before = c;
    }
    words.trim_end_matches('-').to_owned()
}

fn kebab(name: &str) -> Result<(), String> {
    let starts_with_letter = name.starts_with(|c: char| c.is_ascii_lowercase());
    let words_are_plain = name.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    });
    if !starts_with_letter || !words_are_plain {
        let rule = "use lower-case letters, digits and single hyphens, starting with a letter";
        let meant = words(name).to_lowercase();
        return Err(match meant.starts_with(|c: char| c.is_ascii_lowercase()) {
            true => format!("{rule}, such as `{meant}`"),
            false => rule.to_owned(),
        });
    }
    at_most(name, MAX_KEBAB)
}

fn event(name: &str) -> Result<(), String> {
    let starts_with_capital = name.starts_with(|c: char| c.is_ascii_uppercase());
    if !starts_with_capital || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let meant = pascal(&words(name));
        let meant = match meant.starts_with(|c: char| c.is_ascii_uppercase()) {
            true => meant.as_str(),
            false => "OrderCreated",
        };
        return Err(format!(
            "use letters and digits, starting with a capital, such as `{meant}`"
        ));
    }
    at_most(name, MAX_EVENT)
}

fn attribute(name: &str) -> Result<(), String> {
    let starts_with_letter = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !starts_with_letter || !plain {
        return Err("use letters, digits and underscores, starting with a letter".into());
    }
    at_most(name, 255)
}

/// What a tag's value may hold (tagging reference: letters, digits, spaces and `_ . : / = + - @`).
fn owner(name: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    if name.is_empty() || !name.chars().all(allowed) {
        return Err("use letters, digits, spaces and `_ . : / = + - @`: it becomes a tag".into());
    }
    at_most(name, 256)
}

/// Tags that topogen sets itself, and the word that each stands for.
const OWN_TAGS: [(&str, &str); 3] = [
    ("app", "topogen sets it to the app's name"),
    ("environment", "topogen sets it to the environment's name"),
    ("owner", "write `owner = \"…\"` beside `tags`"),
];

/// The rules that all of AWS's services share (tagging reference).
fn tag_key(key: &str) -> Result<(), String> {
    if let Some((_, why)) = OWN_TAGS.iter().find(|(own, _)| *own == key) {
        return Err((*why).into());
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err("AWS keeps `aws:` for itself".into());
    }
    if key.is_empty() {
        return Err("it is empty".into());
    }
    tag_text(key, 128)
}

fn tag_value(value: &str) -> Result<(), String> {
    tag_text(value, 256)
}

fn tag_text(text: &str, max: usize) -> Result<(), String> {
    if !text
        .chars()
        .all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
    {
        return Err("use letters, digits, spaces and `_ . : / = + - @`".into());
    }
    match text.chars().count() {
        count if count > max => Err(format!("it has {count} characters, at most {max} fit")),
        _ => Ok(()),
    }
}

/// CloudFormation: letters and digits, 255 at most.
fn resource_id(id: &str) -> Result<(), String> {
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("use letters and digits alone".into());
    }
    at_most(id, 255)
}

/// Lambda wants two characters at least (configuration-envvars.html).
fn variable(name: &str) -> Result<(), String> {
    attribute(name)?;
    if name.len() < 2 {
        return Err("use two characters at least".into());
    }
    Ok(())
}

fn at_most(name: &str, max: usize) -> Result<(), String> {
    match name.len() {
        length if length > max => Err(format!("it has {length} characters, at most {max} fit")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!("fraud-check".parse::<ServiceName>().is_ok());
        for bad in [
            "",
            "Fraud",
            "fraud--check",
            "-fraud",
            "fraud-",
            "1fraud",
            "früd",
            "fraud_check",
        ] {
            assert!(bad.parse::<ServiceName>().is_err(), "{bad}");
        }
        assert!(
            "a".repeat(33)
                .parse::<ServiceName>()
                .unwrap_err()
                .contains("33 characters")
        );
        assert!("OrderCreated".parse::<EventName>().is_ok());
        assert!("orderCreated".parse::<EventName>().is_err());
    }

    #[test]
    fn a_name_that_cannot_be_is_told_as_it_could_be() {
        let told = |error: Option<String>| {
            let error = error.unwrap();
            error
                .rsplit_once("such as ")
                .map(|(_, name)| name.to_owned())
        };
        for (written, meant) in [
            ("orderCreated", "`OrderCreated`"),
            ("order-created", "`OrderCreated`"),
            ("Order_Created", "`OrderCreated`"),
            ("9", "`OrderCreated`"),
            ("", "`OrderCreated`"),
        ] {
            let error = written.parse::<EventName>().err();
            assert_eq!(told(error).as_deref(), Some(meant), "{written}");
        }
        for (written, meant) in [
            ("FraudCheck", Some("`fraud-check`")),
            ("fraud_check", Some("`fraud-check`")),
            ("fraud--check", Some("`fraud-check`")),
            ("-fraud", Some("`fraud`")),
            ("früd", Some("`fr-d`")),
            ("1fraud", None),
        ] {
            assert_eq!(
                told(written.parse::<ServiceName>().err()).as_deref(),
                meant,
                "{written}"
            );
        }
    }

    #[test]
    fn logical_id_stems_are_readable() {
        assert_eq!(
            "fraud-check2".parse::<ServiceName>().unwrap().pascal(),
            "FraudCheck2"
        );
    }
}
