//! What an operator asks of the function itself: to publish the events of orders again.
//!
//! `aws lambda invoke --payload '{"republish":["…"]}'` names orders whose state says that nobody knows of them. It may be
//! asked again: an order that is published is left alone, and consumers know a repeated event by its id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use topogen_kit::{Clock, Failure, Handled, Ids, Item, Publisher, Store, once};

use crate::order::State;
use crate::service::OrderService;

/// The request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Republish {
    /// Ids of orders.
    pub republish: Vec<String>,
}

/// The answer: every order under one of three headings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Republished {
    /// Published now.
    pub published: Vec<String>,
    /// Published before.
    pub left: Vec<String>,
    /// Not published, and why.
    pub failed: BTreeMap<String, String>,
}

impl<S: Store, P: Publisher, C: Clock, I: Ids> OrderService<S, P, C, I> {
    /// Publishes what these orders have stored, as far as their state says that it was not.
    pub async fn republish(&self, request: Republish) -> Republished {
        let ids = request.republish;
        let publishes = &self.service.publishes;
        let results = if publishes.has_outbox() {
            let why = Failure::unavailable("this service has an outbox: its relay publishes");
            vec![Err(why); ids.len()]
        } else {
            once::republish(&self.store, &self.publisher, publishes, &ids, is_due).await
        };
        let mut answer = Republished::default();
        for (id, result) in ids.into_iter().zip(results) {
            match result {
                Ok(Handled::Processed) => {
                    self.settle(&id, State::EventPublished).await;
                    tracing::info!(orderId = id, "order published again");
                    answer.published.push(id);
                }
                Ok(Handled::Duplicate) => answer.left.push(id),
                Err(failure) => {
                    tracing::error!(orderId = id, error = %failure, "order not published again");
                    answer.failed.insert(id, failure.to_string());
                }
            }
        }
        answer
    }
}

fn is_due(order: &Item) -> bool {
    order.get_text("status") != Some(State::EventPublished.as_str())
}
