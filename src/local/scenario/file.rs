//! The language of a scenario file.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::api::Route;
use crate::model::names::{AttributeName, ServiceName, SubscriptionName};
use crate::model::units::Seconds;
use crate::plan::Plan;
use crate::source::{Source, Span, Spanned};
use crate::syntax;
use crate::syntax::read::{FromNode, words};
use crate::syntax::suggest;
use crate::syntax::tree::{Node, Value};

words! {
    /// A request to the running app, and what must hold at the end.
    pub struct Scenario {
        /// One line on what it shows.
        pub summary: String,
        /// How long it may take until everything holds. Default `60s`.
        pub within: Option<Seconds>,
        /// What is sent.
        pub request: RequestWords,
        /// What must come back.
        pub response: ResponseWords,
        /// Items that must be in a service's table.
        pub item: Vec<ItemWords>,
        /// Items that must not be there.
        pub no_item: Vec<NoItemWords>,
        /// How many items of a table have certain attributes.
        pub count: Vec<CountWords>,
        /// Messages that must end in a dead-letter queue; every other one must stay as it was.
        pub dead_letter: Vec<DeadLetterWords>,
    }

    /// What is sent.
    pub struct RequestWords {
        /// Method and path.
        pub route: Route,
        /// Headers.
        pub headers: BTreeMap<String, String>,
        /// Body, sent as JSON.
        pub body: Option<JsonWords>,
    }

    /// What must come back.
    pub struct ResponseWords {
        /// HTTP status.
        pub status: u32,
        /// Members of the JSON body.
        pub body: BTreeMap<String, String>,
        /// Members of the JSON body that later lines use as `${name}`.
        pub remember: Vec<String>,
    }

    /// An item that must be in a service's table.
    pub struct ItemWords {
        /// The service that owns the table.
        pub service: Spanned<ServiceName>,
        /// Value of the partition key.
        pub key: String,
        /// Attributes and their values, as text.
        pub has: BTreeMap<AttributeName, String>,
    }

    /// An item that must not be in a service's table.
    pub struct NoItemWords {
        /// The service that owns the table.
        pub service: Spanned<ServiceName>,
        /// Value of the partition key.
        pub key: String,
    }

    /// How many items of a table have certain attributes.
    pub struct CountWords {
        /// The service that owns the table.
        pub service: Spanned<ServiceName>,
        /// Attributes and their values, as text.
        pub having: BTreeMap<AttributeName, String>,
        /// How many.
        pub is: u32,
    }

    /// A message that must end in a dead-letter queue.
    pub struct DeadLetterWords {
        /// The subscription.
        pub subscription: Spanned<SubscriptionName>,
        /// Id of the event that the message carries.
        pub event: String,
        /// How often the handler received it.
        pub receives: u32,
    }
}

/// Any TOML value, as JSON text: digits stay as they were written, money must not pass through a binary float.
#[derive(Debug, Clone, schemars::JsonSchema)]
pub struct JsonWords(pub String);

impl FromNode for JsonWords {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let text = |text: &str| Json::from(text).to_string();
        let json = match &node.value {
            Value::String(string) => text(string),
            Value::Integer(digits) => digits.clone(),
            Value::Boolean(value) => value.to_string(),
            Value::Float(digits) if serde_json::from_str::<Json>(digits).is_ok() => digits.clone(),
            Value::Array(items) => {
                let items = items
                    .iter()
                    .filter_map(|item| Self::from_node(item, diagnostics));
                let items: Vec<String> = items.map(|item| item.0).collect();
                format!("[{}]", items.join(","))
            }
            Value::Table(table) => {
                let members = table.iter().filter_map(|(key, node)| {
                    let value = Self::from_node(node, diagnostics)?;
                    Some(format!("{}:{}", text(key), value.0))
                });
                let members: Vec<String> = members.collect();
                format!("{{{}}}", members.join(","))
            }
            Value::Float(_) | Value::Datetime => {
                diagnostics.push(
                    Diagnostic::error(
                        codes::WRONG_TYPE,
                        node.span,
                        format!("JSON has no such value: {}", node.value.type_name()),
                    )
                    .help("put it in double quotes, or write a plain number"),
                );
                return None;
            }
        };
        Some(Self(json))
    }
}

/// Reads a scenario and checks its names against the plan.
pub fn read(source: &Source, plan: &Plan) -> (Option<Scenario>, Diagnostics) {
    let (tree, mut diagnostics) = syntax::parse(source);
    let root = Node {
        name: Span::default(),
        span: Span::default(),
        value: Value::Table(Arc::new(tree)),
    };
    let scenario = Scenario::from_node(&root, &mut diagnostics);
    if let Some(scenario) = &scenario {
        check_names(scenario, plan, &mut diagnostics);
    }
    let diagnostics = diagnostics.sorted();
    (scenario.filter(|_| !diagnostics.has_errors()), diagnostics)
}

fn check_names(scenario: &Scenario, plan: &Plan, diagnostics: &mut Diagnostics) {
    let services = scenario
        .item
        .iter()
        .map(|item| &item.service)
        .chain(scenario.no_item.iter().map(|item| &item.service))
        .chain(scenario.count.iter().map(|count| &count.service));
    for service in services.filter(|service| !plan.tables.contains_key(&service.value)) {
        diagnostics.push(
            Diagnostic::error(
                codes::UNKNOWN_SERVICE,
                service.span,
                format!("no service `{service}` owns a table"),
            )
            .help(suggest::help(
                service.value.as_str(),
                plan.tables.keys().map(|name| name.as_str()),
            )),
        );
    }
    for dead in &scenario.dead_letter {
        if !plan.consumers.contains_key(&dead.subscription.value) {
            diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_SERVICE,
                    dead.subscription.span,
                    format!("there is no subscription `{}`", dead.subscription),
                )
                .help(suggest::help(
                    dead.subscription.value.as_str(),
                    plan.consumers.keys().map(|name| name.as_str()),
                )),
            );
        }
    }
}
