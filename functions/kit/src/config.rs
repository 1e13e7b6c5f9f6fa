//! The environment that the rendered template gives a function.
//!
//! | variable | holds |
//! | --- | --- |
//! | `APP_NAME`, `ENVIRONMENT_NAME` | whose [metrics](crate::metrics) they are |
//! | `SERVICE_NAME` | the service's name in the topology; its events' `source` is `{name}-service` |
//! | `TEST_CONTROLS` | `true` or `false`: whether test controls in events and requests are honoured |
//! | `TABLE_NAME`, `TABLE_KEY` | the service's table and its key attribute, if it owns one |
//! | `TABLE_SORT_KEY`, `TABLE_TTL` | the table's sort key and TTL attribute, if it has them |
//! | `CORS` | behind a REST API: which web sites may read its answers, see [`cors`](crate::cors) |
//! | `OUTBOX` | `true`: events go by way of the table, see [`outbox`](crate::outbox) |
//! | `PUBLISHES` | its events, if it publishes: their topics, versions, attributes and message groups, see [`publishes`] |
//!
//! A secret of the topology comes in a variable of its own name, and never by its value: `STRIPE_KEY` holds the ARN of a
//! Secrets Manager secret, which the handler reads by itself when it starts.
//!
//! [`publishes`]: crate::publishes

use std::fmt;
use std::str::FromStr;

use crate::cors::Cors;
use crate::publishes::Publishes;

/// What the environment says about this function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Who this function is.
    pub service: Service,
    /// Which web sites may read its answers.
    pub cors: Cors,
    table_name: Option<String>,
    table_key: Option<String>,
    table_sort_key: Option<String>,
    table_ttl: Option<String>,
}

/// Who a function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The service's name in the topology, by which a test control calls it.
    pub name: String,
    /// Whether test controls are honoured.
    pub test_controls: bool,
    /// What it publishes, and how.
    pub publishes: Publishes,
}

impl Service {
    /// The `source` of this service's events.
    pub fn source(&self) -> String {
        format!("{}-service", self.name)
    }
}

/// A table's name, and the attributes that mean something to DynamoDB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name.
    pub name: String,
    /// The attribute that is the partition key.
    pub key: String,
    /// The attribute that is the sort key, if there is one.
    pub sort_key: Option<String>,
    /// The attribute that says when an item is deleted, if there is one.
    pub ttl: Option<String>,
}

impl Table {
    /// A table with a partition key and nothing else.
    pub fn new(name: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            key: key.into(),
            sort_key: None,
            ttl: None,
        }
    }
}

/// A variable that is missing or says nothing we know.
#[derive(Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// The variable is not set, or empty.
    Missing(&'static str),
    /// The variable has a value that is not one of those allowed.
    Invalid(&'static str, &'static str),
    /// A variable is not the JSON that topogen writes.
    Unreadable(&'static str, String),
    /// The function publishes an event that `PUBLISHES` does not have.
    NotPublished(String),
}

/// A variable of JSON; one that is not set stands for the default.
fn json<T: FromStr<Err = serde_json::Error> + Default>(
    name: &'static str,
    value: Option<String>,
) -> Result<T, ConfigError> {
    value.map_or_else(
        || Ok(T::default()),
        |json| {
            json.parse().map_err(|error: serde_json::Error| {
                ConfigError::Unreadable(name, error.to_string())
            })
        },
    )
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// When a variable that every function needs is missing or invalid.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads an environment.
    ///
    /// # Errors
    /// When a variable that every function needs is missing or invalid.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let lookup = |name| lookup(name).filter(|value| !value.is_empty());
        let test_controls = match lookup("TEST_CONTROLS").as_deref() {
            Some("true") => true,
            Some("false") => false,
            Some(_) => return Err(ConfigError::Invalid("TEST_CONTROLS", "`true` or `false`")),
            None => return Err(ConfigError::Missing("TEST_CONTROLS")),
        };
        let name = lookup("SERVICE_NAME").ok_or(ConfigError::Missing("SERVICE_NAME"))?;
        let mut publishes: Publishes = json("PUBLISHES", lookup("PUBLISHES"))?;
        match lookup("OUTBOX").as_deref() {
            Some("true") => publishes = publishes.through_outbox(),
            Some("false") | None => {}
            Some(_) => return Err(ConfigError::Invalid("OUTBOX", "`true` or `false`")),
        }
        let cors = json("CORS", lookup("CORS"))?;
        Ok(Self {
            service: Service {
                name,
                test_controls,
                publishes,
            },
            cors,
            table_name: lookup("TABLE_NAME"),
            table_key: lookup("TABLE_KEY"),
            table_sort_key: lookup("TABLE_SORT_KEY"),
            table_ttl: lookup("TABLE_TTL"),
        })
    }

    /// The service's table.
    ///
    /// # Errors
    /// When the environment names none.
    pub fn table(&self) -> Result<Table, ConfigError> {
        let name = self
            .table_name
            .clone()
            .ok_or(ConfigError::Missing("TABLE_NAME"))?;
        let key = self
            .table_key
            .clone()
            .ok_or(ConfigError::Missing("TABLE_KEY"))?;
        Ok(Table {
            name,
            key,
            sort_key: self.table_sort_key.clone(),
            ttl: self.table_ttl.clone(),
        })
    }

    /// This, if the environment says how to publish each of these events: better known at the start than when the first
    /// of them is due.
    ///
    /// # Errors
    /// When it does not.
    pub fn publishing(self, events: &[&str]) -> Result<Self, ConfigError> {
        if self.service.publishes.is_empty() {
            return Err(ConfigError::Missing("PUBLISHES"));
        }
        let missing = events
            .iter()
            .find(|event| self.service.publishes.get(event).is_err());
        match missing {
            Some(event) => Err(ConfigError::NotPublished((*event).to_owned())),
            None => Ok(self),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(out, "environment variable `{name}` is not set"),
            Self::Invalid(name, allowed) => {
                write!(out, "environment variable `{name}` must be {allowed}")
            }
            Self::Unreadable(name, reason) => write!(
                out,
                "environment variable `{name}` is not what topogen writes: {reason}"
            ),
            Self::NotPublished(event) => write!(
                out,
                "environment variable `PUBLISHES` has no `{event}`: the topology does not say that this service publishes it"
            ),
        }
    }
}

/// A failed start shows errors in their debug form.
impl fmt::Debug for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            let found = set.iter().find(|(key, _)| *key == name)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn a_full_environment_is_read() {
        let config = read(&[
            ("SERVICE_NAME", "payment"),
            ("TEST_CONTROLS", "true"),
            ("TABLE_NAME", "Payments"),
            ("TABLE_KEY", "orderId"),
            ("TABLE_TTL", "expiresAt"),
            ("OUTBOX", "true"),
            (
                "PUBLISHES",
                r#"{"Paid":{"topicArn":"arn","version":"1.0"}}"#,
            ),
        ])
        .unwrap();
        assert_eq!(config.service.source(), "payment-service");
        assert!(config.service.test_controls);
        let table = config.table().unwrap();
        assert_eq!((table.key.as_str(), table.sort_key), ("orderId", None));
        assert_eq!(table.ttl.as_deref(), Some("expiresAt"));
        assert!(config.service.publishes.has_outbox());
        assert_eq!(config.service.publishes.get("Paid").unwrap().version, "1.0");
        assert!(config.publishing(&["Paid"]).is_ok());
    }

    #[test]
    fn what_is_missing_is_named_when_it_is_needed() {
        let bare = read(&[
            ("SERVICE_NAME", "audit"),
            ("TEST_CONTROLS", "false"),
            ("TABLE_NAME", ""),
        ])
        .unwrap();
        let said = |error: ConfigError| error.to_string();
        assert_eq!(
            said(bare.table().unwrap_err()),
            "environment variable `TABLE_NAME` is not set"
        );
        assert_eq!(
            said(bare.publishing(&["Paid"]).unwrap_err()),
            "environment variable `PUBLISHES` is not set"
        );
        let publishes = |json| {
            let set = [
                ("SERVICE_NAME", "a"),
                ("TEST_CONTROLS", "true"),
                ("PUBLISHES", json),
            ];
            read(&set)?.publishing(&["Paid", "Refunded"])
        };
        assert_eq!(
            said(publishes(r#"{"Paid":{"topicArn":"arn","version":"1.0"}}"#).unwrap_err()),
            "environment variable `PUBLISHES` has no `Refunded`: the topology does not say that this service publishes it"
        );
        assert_eq!(
            said(publishes("arn:aws:sns").unwrap_err()),
            "environment variable `PUBLISHES` is not what topogen writes: expected value at line 1 column 1"
        );
        assert_eq!(
            said(publishes(r#"{"Paid":{"version":"1.0"}}"#).unwrap_err()),
            "environment variable `PUBLISHES` is not what topogen writes: missing field `topicArn` at line 1 column 25"
        );
        assert_eq!(
            said(read(&[("TEST_CONTROLS", "yes")]).unwrap_err()),
            "environment variable `TEST_CONTROLS` must be `true` or `false`"
        );
        assert_eq!(
            said(read(&[("TEST_CONTROLS", "true")]).unwrap_err()),
            "environment variable `SERVICE_NAME` is not set"
        );
    }
}
