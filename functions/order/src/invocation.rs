//! What the function is started with, and what it answers.

use serde::{Deserialize, Serialize};
use topogen_kit::cors::Cors;
use topogen_kit::http::{Request, Response};
use topogen_kit::{Clock, Ids, Publisher, Store};

use crate::http;
use crate::republish::{Republish, Republished};
use crate::service::OrderService;

/// What the function is started with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "an HTTP request, or an object with the ids of orders in `republish`"
)]
pub enum Invocation {
    /// By an operator.
    Republish(Republish),
    /// By a customer.
    Request(Request),
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To an operator.
    Republished(Republished),
    /// To a customer.
    Response(Response),
}

/// Answers either.
pub async fn answer<S: Store, P: Publisher, C: Clock, I: Ids>(
    service: &OrderService<S, P, C, I>,
    cors: &Cors,
    invocation: Invocation,
) -> Answer {
    match invocation {
        Invocation::Republish(request) => Answer::Republished(service.republish(request).await),
        Invocation::Request(request) => {
            let response = http::respond(service, &request).await;
            Answer::Response(cors.allow(&request, response))
        }
    }
}
