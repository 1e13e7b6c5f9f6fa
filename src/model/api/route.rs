//! `http = ["POST /orders"]`: routes of the app's API.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;

use crate::model::names::pascal;
use crate::syntax::read::from_text;

pub(super) const METHODS: [&str; 8] = [
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

/// A part of a path, between two slashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// `orders`: itself.
    Literal(&'a str),
    /// `{orderId}`: any one.
    Parameter(&'a str),
    /// `{proxy+}`: any one and all that follow.
    Greedy(&'a str),
}

impl Route {
    /// The method that stands for all.
    pub const ANY: &'static str = "ANY";

    /// `PostOrders`, `GetOrdersByOrderId`: the stem of its logical ids.
    pub fn pascal(&self) -> String {
        pascal(&self.method.to_lowercase()) + &path_pascal(&self.path)
    }

    /// Whether it answers every method.
    pub fn is_any(&self) -> bool {
        self.method == Self::ANY
    }

    /// The parts of its path.
    pub fn segments(&self) -> Vec<Segment<'_>> {
        segments(&self.path).map(segment).collect()
    }

    /// Its path with a `*` for each parameter, as policies have it.
    pub fn path_pattern(&self) -> String {
        let parts = self.segments().into_iter().map(|part| match part {
            Segment::Literal(text) => text,
            Segment::Parameter(_) | Segment::Greedy(_) => "*",
        });
        format!("/{}", parts.collect::<Vec<_>>().join("/"))
    }
}

/// `OrdersByOrderId` of `/orders/{orderId}`.
pub fn path_pascal(path: &str) -> String {
    segments(path)
        .map(|part| match segment(part) {
            Segment::Literal(text) => pascal(text),
            Segment::Parameter(name) | Segment::Greedy(name) => format!("By{}", pascal(name)),
        })
        .collect()
}

/// The parts of a path, as they are written.
pub fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

impl FromStr for Route {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let example = "write a method and a path, such as \"POST /orders\"";
        let (method, path) = written
            .split_once(' ')
            .ok_or_else(|| format!("`{written}` is not a route: {example}"))?;
        if !METHODS.contains(&method) {
            let meant = method.to_ascii_uppercase();
            return Err(match METHODS.contains(&meant.as_str()) {
                true => format!("`{method}` is not an HTTP method: write `{meant} {path}`"),
                false => format!(
                    "`{method}` is not an HTTP method: use one of {}",
                    METHODS.join(", ")
                ),
            });
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

fn is_segment(part: &str) -> bool {
    let (text, further): (&str, &[u8]) = match segment(part) {
        Segment::Literal(text) => (text, b"-._~"),
        Segment::Parameter(name) | Segment::Greedy(name) => (name, b"_"),
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || further.contains(&b);
    !text.is_empty() && text.bytes().all(allowed)
}

fn segment(part: &str) -> Segment<'_> {
    let inner = part
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    match inner {
        None => Segment::Literal(part),
        Some(inner) => match inner.strip_suffix('+') {
            Some(name) => Segment::Greedy(name),
            None => Segment::Parameter(inner),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_read_and_named() {
        for (text, name) in [
            ("POST /orders", "PostOrders"),
            ("GET /orders/{orderId}", "GetOrdersByOrderId"),
            ("GET /users/{user_id}/{_rest+}", "GetUsersByUserIdByRest"),
            ("ANY /{proxy+}", "AnyByProxy"),
            ("GET /", "Get"),
            ("PUT /stock-levels/v1.2", "PutStockLevelsV12"),
        ] {
            assert_eq!(text.parse::<Route>().unwrap().pascal(), name);
        }
    }

    #[test]
    fn policies_have_a_star_for_each_parameter() {
        for (text, pattern) in [
            ("POST /orders", "/orders"),
            ("GET /orders/{orderId}/lines", "/orders/*/lines"),
            ("ANY /{proxy+}", "/*"),
            ("GET /", "/"),
        ] {
            assert_eq!(text.parse::<Route>().unwrap().path_pattern(), pattern);
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
