//! An HTTP request as API Gateway hands it over, and the answer to it.
//!
//! An HTTP API speaks payload format 2.0, a REST API 1.0. A [`Request`] is read from either and looks the same: header
//! names in lower case, several values of one header joined by commas. A [`Response`] is understood by both.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The header by which a caller names the conversation that its request belongs to.
pub const CORRELATION_HEADER: &str = "x-correlation-id";

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Payload")]
pub struct Request {
    /// The route that it came by, as the topology writes it: `POST /orders`.
    pub route: String,
    /// Its headers, by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Its body as it was handed over; see [`Request::text`].
    pub body: Option<String>,
    /// Whether the body is in base64.
    pub is_base64_encoded: bool,
}

impl Request {
    /// The conversation that the caller names. One that is not short and plain is not taken over, since it goes into logs and
    /// into every event that follows.
    pub fn correlation_id(&self) -> Option<&str> {
        let id = self.headers.get(CORRELATION_HEADER)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        ((1..=128).contains(&id.len()) && id.bytes().all(plain)).then_some(id)
    }

    /// The body as text.
    ///
    /// # Errors
    /// When there is none, or it is not what it says it is; the message is for the caller.
    pub fn text(&self) -> Result<String, &'static str> {
        let body = self.body.as_ref().ok_or("the body is missing")?;
        if !self.is_base64_encoded {
            return Ok(body.clone());
        }
        let bytes = STANDARD
            .decode(body)
            .map_err(|_| "the body is not base64")?;
        String::from_utf8(bytes).map_err(|_| "the body is not UTF-8")
    }
}

/// What of both payload formats is read. REST APIs send `null` for what is empty.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    /// 2.0 only.
    route_key: Option<String>,
    /// 1.0 only.
    http_method: Option<String>,
    /// 1.0 only.
    resource: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    /// 1.0 only: all values, where `headers` has the last one.
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

impl TryFrom<Payload> for Request {
    type Error = &'static str;

    fn try_from(payload: Payload) -> Result<Self, Self::Error> {
        let route = match (payload.route_key, payload.http_method, payload.resource) {
            (Some(route), _, _) => route,
            (None, Some(method), Some(resource)) => format!("{method} {resource}"),
            (None, _, _) => return Err("not an HTTP request in payload format 1.0 or 2.0"),
        };
        let several = payload.multi_value_headers.into_iter().flatten();
        let several = several.map(|(name, values)| (name, values.join(",")));
        let headers = payload.headers.into_iter().flatten().chain(several);
        Ok(Self {
            route,
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
            body: payload.body,
            is_base64_encoded: payload.is_base64_encoded,
        })
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The status.
    pub status_code: u16,
    /// The headers.
    pub headers: BTreeMap<&'static str, String>,
    /// The body, as text.
    pub body: String,
    is_base64_encoded: bool,
}

impl Response {
    /// An answer whose body is that JSON.
    pub fn json(status_code: u16, body: String) -> Self {
        Self {
            status_code,
            headers: BTreeMap::from([("content-type", "application/json".to_owned())]),
            body,
            is_base64_encoded: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(payload: &Value) -> Result<Request, String> {
        serde_json::from_str(&payload.to_string())
            .map_err(|error: serde_json::Error| error.to_string())
    }

    #[test]
    fn both_payload_formats_are_the_same_request() {
        let http = json!({
            "version": "2.0", "routeKey": "PUT /orders/{id}", "rawPath": "/live/orders/7", "rawQueryString": "",
            "headers": { "x-correlation-id": "c-1", "accept": "text/html,text/plain" },
            "requestContext": { "http": { "method": "PUT", "path": "/live/orders/7" } },
            "body": "e30=", "isBase64Encoded": true,
        });
        let rest = json!({
            "resource": "/orders/{id}", "path": "/orders/7", "httpMethod": "PUT",
            "headers": { "X-Correlation-Id": "c-1", "Accept": "text/plain" },
            "multiValueHeaders": { "X-Correlation-Id": ["c-1"], "Accept": ["text/html", "text/plain"] },
            "queryStringParameters": null, "requestContext": { "resourcePath": "/orders/{id}" },
            "body": "e30=", "isBase64Encoded": true,
        });
        let request = read(&http).unwrap();
        assert_eq!(read(&rest).unwrap(), request);
        assert_eq!(request.route, "PUT /orders/{id}");
        assert_eq!(request.headers["x-correlation-id"], "c-1");
        assert_eq!(request.text().as_deref(), Ok("{}"));
    }

    #[test]
    fn a_rest_api_may_send_null_for_headers_and_body() {
        let request = read(&json!({
            "resource": "/orders", "path": "/orders", "httpMethod": "POST",
            "headers": null, "multiValueHeaders": null, "body": null, "isBase64Encoded": false,
        }));
        let request = request.unwrap();
        assert!(request.headers.is_empty());
        assert_eq!(request.text(), Err("the body is missing"));
    }

    #[test]
    fn a_correlation_id_is_taken_over_when_it_is_short_and_plain() {
        let named = |id: &str| {
            let mut request = read(&json!({ "routeKey": "POST /orders" })).unwrap();
            request.headers.insert(CORRELATION_HEADER.into(), id.into());
            request.correlation_id().map(str::to_owned)
        };
        for id in ["checkout-42", "a:b_c.d", &"x".repeat(128)] {
            assert_eq!(named(id).as_deref(), Some(id));
        }
        for id in [
            "two words",
            "\"quoted\"",
            "ann@example.com",
            &"x".repeat(129),
            "",
        ] {
            assert_eq!(named(id), None, "{id}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let error = read(&json!({ "Records": [] })).unwrap_err();
        assert!(
            error.starts_with("not an HTTP request in payload format 1.0 or 2.0"),
            "{error}"
        );
    }

    #[test]
    fn the_answer_is_what_both_formats_take() {
        assert_eq!(
            serde_json::to_value(Response::json(202, "{}".into())).unwrap(),
            json!({
                "statusCode": 202,
                "headers": { "content-type": "application/json" },
                "body": "{}",
                "isBase64Encoded": false,
            })
        );
    }
}
