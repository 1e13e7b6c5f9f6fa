//! Which web sites may read an answer: the topology's word, as the environment variable `CORS` brings it.
//!
//! An HTTP API adds these headers itself, and the variable is not there. A REST API leaves them to the function.

use std::str::FromStr;

use serde::Deserialize;

use crate::http::{Request, Response};

/// Which web sites may read an answer. By default this function says nothing about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cors {
    origins: Vec<String>,
    expose_headers: Vec<String>,
    credentials: bool,
}

impl FromStr for Cors {
    type Err = serde_json::Error;

    fn from_str(json: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(json)
    }
}

impl Cors {
    /// The answer, with the headers that let a script of the site that asks read it.
    #[must_use]
    pub fn allow(&self, request: &Request, mut response: Response) -> Response {
        let asks = request.headers.get("origin");
        let Some(origin) = self
            .origins
            .iter()
            .find(|origin| *origin == "*" || asks == Some(origin))
        else {
            return response;
        };
        let mut add = |name, value: String| response.headers.insert(name, value);
        add("access-control-allow-origin", origin.clone());
        // What is kept for one site must not be shown to another.
        if origin != "*" {
            add("vary", "origin".to_owned());
        }
        if self.credentials {
            add("access-control-allow-credentials", "true".to_owned());
        }
        if !self.expose_headers.is_empty() {
            add(
                "access-control-expose-headers",
                self.expose_headers.join(","),
            );
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn answer(cors: &str, origin: Option<&str>) -> BTreeMap<&'static str, String> {
        let headers = origin.map(|origin| ("origin".to_owned(), origin.to_owned()));
        let request = Request {
            route: "GET /orders".to_owned(),
            headers: headers.into_iter().collect(),
            body: None,
            is_base64_encoded: false,
        };
        let cors: Cors = cors.parse().unwrap();
        cors.allow(&request, Response::json(200, "{}".to_owned()))
            .headers
    }

    const TWO: &str = r#"{"origins":["https://a.example","https://b.example"],"exposeHeaders":["x-next"],"credentials":true}"#;

    #[test]
    fn the_site_that_asks_is_named_when_it_may() {
        let headers = answer(TWO, Some("https://b.example"));
        assert_eq!(headers["access-control-allow-origin"], "https://b.example");
        assert_eq!(headers["vary"], "origin");
        assert_eq!(headers["access-control-allow-credentials"], "true");
        assert_eq!(headers["access-control-expose-headers"], "x-next");
    }

    #[test]
    fn any_other_site_and_no_site_get_the_plain_answer() {
        for origin in [Some("https://c.example"), None] {
            let headers = answer(TWO, origin);
            assert_eq!(
                headers.keys().copied().collect::<Vec<_>>(),
                ["content-type"]
            );
        }
    }

    #[test]
    fn a_star_is_for_all() {
        let cors = r#"{"origins":["*"],"exposeHeaders":[],"credentials":false}"#;
        let headers = answer(cors, Some("https://c.example"));
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn without_the_variable_nothing_is_added() {
        let request = Request {
            route: "GET /orders".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            is_base64_encoded: false,
        };
        let plain = Response::json(200, "{}".to_owned());
        assert_eq!(Cors::default().allow(&request, plain.clone()), plain);
    }
}
