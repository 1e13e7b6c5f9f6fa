//! Requests that a caller repeats because it did not see the answer: the header `Idempotency-Key`.
//!
//! All ids that come of such a request are made of its key, so a repetition makes them again and finds what the first attempt
//! has stored, however far that came. No second item is needed, and none can be missing: the conditional write that keeps
//! deliveries apart keeps requests apart too.
//!
//! A key stands for its request for [`LIFETIME`]. What it made is there for longer, under the same ids; a later request with that
//! key is a new one, and counts its `round`s on until it finds ids that are free.
//!
//! Keys of all callers of a route are alike: a caller draws them at random, such as a UUID.

use std::fmt;
use std::time::Duration;

use uuid::Builder;

use crate::hash;
use crate::http::Request;

/// The header.
pub const HEADER: &str = "idempotency-key";

/// How long a key stands for its first request.
pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// As long as a key may be.
const LONGEST: usize = 255;

/// A request that may be repeated. Its debug form hides the key: whoever knows it can ask for the answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Idempotency {
    route: String,
    key: String,
    fingerprint: String,
}

impl Idempotency {
    /// What the request's header says, if it has one. `body` is the request's text: a repetition has the same.
    ///
    /// # Errors
    /// When the key cannot be one; the message is for the caller.
    pub fn of(request: &Request, body: &str) -> Result<Option<Self>, String> {
        let Some(key) = request.headers.get(HEADER) else {
            return Ok(None);
        };
        // The standard's draft has quotes around it, the usual callers have not.
        let inner = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
        let key = inner.unwrap_or(key);
        let plain = key
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if !plain || !(1..=LONGEST).contains(&key.len()) {
            return Err(format!(
                "the header `Idempotency-Key` must have 1 to {LONGEST} letters, digits or signs, and no spaces"
            ));
        }
        Ok(Some(Self {
            route: request.route.clone(),
            key: key.to_owned(),
            fingerprint: hash::hex(body),
        }))
    }

    /// The id of what the request makes, `what` for short: the same for every repetition, and no other's.
    pub fn id(&self, what: &str, round: usize) -> String {
        let digest = hash::digest(&[&self.route, &self.key, what, &round.to_string()]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        // Version 8: made by a rule of our own.
        Builder::from_custom_bytes(bytes).into_uuid().to_string()
    }

    /// What tells the request from another with its key. It is stored with what the request makes.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Idempotency({}, …)", self.route)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn request(key: Option<&str>) -> Request {
        let headers = key.map(|key| (HEADER.to_owned(), key.to_owned()));
        Request {
            route: "POST /orders".to_owned(),
            headers: headers.into_iter().collect::<BTreeMap<_, _>>(),
            body: None,
            is_base64_encoded: false,
        }
    }

    fn of(key: &str, body: &str) -> Idempotency {
        Idempotency::of(&request(Some(key)), body).unwrap().unwrap()
    }

    #[test]
    fn a_repetition_makes_the_same_ids_and_nothing_else_does() {
        let first = of("k-1", "{}");
        let id = first.id("order", 0);
        assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 8);
        assert_eq!(
            of("k-1", "{ }").id("order", 0),
            id,
            "the body is compared, and names nothing"
        );
        assert_eq!(of("\"k-1\"", "{}"), first);
        let mut elsewhere = request(Some("k-1"));
        elsewhere.route = "POST /refunds".to_owned();
        let elsewhere = Idempotency::of(&elsewhere, "{}").unwrap().unwrap();
        for other in [
            of("k-2", "{}").id("order", 0),
            first.id("event", 0),
            first.id("order", 1),
            elsewhere.id("order", 0),
        ] {
            assert_ne!(other, id);
        }
        assert_ne!(of("k-1", "{ }").fingerprint(), first.fingerprint());
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        assert_eq!(Idempotency::of(&request(None), "{}"), Ok(None));
        let long = "x".repeat(255);
        for key in ["k", &long, "8e03978e-40d5-43dd-bc93-6894a57f9324", "a+/=~"] {
            assert!(Idempotency::of(&request(Some(key)), "{}").is_ok(), "{key}");
        }
        for key in [
            "",
            "\"\"",
            "two words",
            "Zürich",
            "a\"b",
            &format!("{long}x"),
        ] {
            assert_eq!(
                Idempotency::of(&request(Some(key)), "{}"),
                Err("the header `Idempotency-Key` must have 1 to 255 letters, digits or signs, and no spaces".to_owned()),
                "{key}"
            );
        }
    }

    #[test]
    fn the_debug_form_hides_the_key() {
        assert_eq!(
            format!("{:?}", of("k-1", "{}")),
            "Idempotency(POST /orders, …)"
        );
    }
}
