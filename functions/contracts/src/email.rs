//! A customer's address: carried and stored, never logged.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A customer's e-mail address. It has no `Display`, and its debug form hides it, so it cannot reach a log by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CustomerEmail(String);

impl CustomerEmail {
    /// An address that was checked where it came in.
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }

    /// The address in clear.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CustomerEmail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CustomerEmail(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_form_hides_the_address() {
        let email = CustomerEmail::new("ann@example.com");
        assert_eq!(format!("{email:?}"), "CustomerEmail(…)");
        assert_eq!(
            serde_json::to_string(&email).unwrap(),
            r#""ann@example.com""#
        );
    }
}
