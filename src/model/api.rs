//! `http = ["POST /orders"]`: routes of the app's HTTP API.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use crate::syntax::read::from_text;

const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY",
];

/// A method and a path, such as `POST /orders` or `GET /orders/{orderId}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) /"))]
pub struct Route {
    /// HTTP method, or `ANY`.
    pub method: String,
    /// Path with `{parameters}`, starting with a slash.
    pub path: String,
}

from_text!(Route);

impl Route {
    /// `PostOrders`, `GetOrdersByOrderId`: the stem of its logical ids.
    pub fn pascal(&self) -> String {
        let mut name = capitalised(&self.method.to_lowercase());
        for segment in self.path.split('/').filter(|s| !s.is_empty()) {
            match parameter(segment) {
                Some(parameter) => name.push_str(&format!("By{}", capitalised(parameter))),
                None => segment
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .for_each(|word| name.push_str(&capitalised(word))),
            }
        }
        name
    }
}

impl FromStr for Route {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let example = "write a method and a path, such as \"POST /orders\"";
        let (method, path) = written
            .split_once(' ')
            .ok_or_else(|| format!("`{written}` is not a route: {example}"))?;
        if !METHODS.contains(&method) {
            return Err(format!(
                "`{method}` is not an HTTP method: use one of {}",
                METHODS.join(", ")
            ));
        }
        let segments = path
            .strip_prefix('/')
            .ok_or_else(|| format!("the path `{path}` does not start with a slash: {example}"))?;
        let good = segments.is_empty() || segments.split('/').all(is_segment);
        if !good {
            return Err(format!(
                "`{path}` is not a path: segments are letters, digits, `-`, `.`, `_`, `~`, or one `{{parameter}}`"
            ));
        }
        let mut before_last = segments.split('/').rev().skip(1);
        if before_last.any(|segment| segment.ends_with("+}")) {
            return Err(format!(
                "`{path}` is not a path: a greedy `{{parameter+}}` stands last"
            ));
        }
        Ok(Self {
            method: method.to_owned(),
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

fn is_segment(segment: &str) -> bool {
    match parameter(segment) {
        Some(name) => {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        }
        None => {
            !segment.is_empty()
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        }
    }
}

/// `orderId` of `{orderId}`, `proxy` of `{proxy+}`.
fn parameter(segment: &str) -> Option<&str> {
    let inner = segment.strip_prefix('{')?.strip_suffix('}')?;
    Some(inner.strip_suffix('+').unwrap_or(inner))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_read_and_named() {
        for (text, name) in [
            ("POST /orders", "PostOrders"),
            ("GET /orders/{orderId}", "GetOrdersByOrderId"),
            ("ANY /{proxy+}", "AnyByProxy"),
            ("GET /", "Get"),
            ("PUT /stock-levels/v1.2", "PutStockLevelsV12"),
        ] {
            assert_eq!(text.parse::<Route>().unwrap().pascal(), name);
        }
    }

    #[test]
    fn what_is_not_a_route_is_refused() {
        for text in [
            "",
            "/orders",
            "post /orders",
            "POST orders",
            "POST /a//b",
            "POST /{}",
            "POST /a b",
            "POST  /a",
            "GET /{a+}/b",
        ] {
            assert!(text.parse::<Route>().is_err(), "{text}");
        }
    }
}
