//! The API around the service: a request's body and headers in, a status and a JSON body out.

use serde::Serialize;
use topogen_kit::http::{Request, Response};
use topogen_kit::idempotency::Idempotency;
use topogen_kit::{Clock, Ids, Publisher, Store};
use tracing::Instrument;

use crate::form::Fault;
use crate::order::{NewOrder, State};
use crate::service::{OrderService, Placed};
use crate::validate::{Rejection, validate};

/// Answers `POST /orders`, be it behind an HTTP API or a REST API: 202 when everyone will know of the order, 400 with every
/// fault, 422 when its key stands for another request, 503 when it may be tried again.
pub async fn respond<S: Store, P: Publisher, C: Clock, I: Ids>(
    service: &OrderService<S, P, C, I>,
    request: &Request,
) -> Response {
    // At ERROR for the same reason as a record's span: its fields belong on error lines too.
    let span = tracing::error_span!("order", route = request.route);
    let (status, body) = answer(service, request).instrument(span).await;
    Response::json(status, body)
}

async fn answer<S: Store, P: Publisher, C: Clock, I: Ids>(
    service: &OrderService<S, P, C, I>,
    request: &Request,
) -> (u16, String) {
    let (order, idempotency) = match read(request, service.service.test_controls) {
        Ok(read) => read,
        Err(Rejection { message, errors }) => {
            // How many and not which: a field's name is the caller's own text.
            tracing::info!(faults = errors.len(), "order rejected");
            return (400, json(&Rejected { message, errors }));
        }
    };
    let placed = service.place(order, request.correlation_id(), idempotency.as_ref());
    match placed.await {
        Placed::Accepted(identity, state) => {
            let accepted = Accepted {
                order_id: identity.order_id,
                event_id: identity.event_id,
                status: state.as_str(),
            };
            (202, json(&accepted))
        }
        Placed::NotPublished(identity) => {
            let unavailable = Unavailable {
                message: "the order is stored, but could not be passed on",
                order_id: Some(identity.order_id),
                status: Some(State::EventPublishFailed.as_str()),
            };
            (503, json(&unavailable))
        }
        Placed::KeyTaken => {
            let message = "the key in `Idempotency-Key` was used for another request".to_owned();
            let errors = Vec::new();
            (422, json(&Rejected { message, errors }))
        }
        Placed::NotStored => {
            let unavailable = Unavailable {
                message: "the order could not be stored; try again",
                order_id: None,
                status: None,
            };
            (503, json(&unavailable))
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    order_id: String,
    event_id: String,
    status: &'static str,
}

#[derive(Serialize)]
struct Rejected {
    message: String,
    errors: Vec<Fault>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unavailable {
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

/// Texts and lists of texts always have a JSON form.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

/// The order that a request asks for, and whether it may be repeated.
fn read(
    request: &Request,
    test_controls: bool,
) -> Result<(NewOrder, Option<Idempotency>), Rejection> {
    let as_a_whole = |message| Rejection {
        message,
        errors: Vec::new(),
    };
    let body = request
        .text()
        .map_err(|message| as_a_whole(message.to_owned()))?;
    let idempotency = Idempotency::of(request, &body).map_err(as_a_whole)?;
    Ok((validate(&body, test_controls)?, idempotency))
}
