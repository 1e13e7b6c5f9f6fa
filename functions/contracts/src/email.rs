//! A customer's address: carried and stored, never logged.

use std::fmt;

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Deserializer, Serialize, de};

/// As long as an address may be (RFC 5321).
const LONGEST: usize = 254;

/// A customer's e-mail address. It has no `Display`, and its debug form hides it, so it cannot reach a log by accident.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CustomerEmail(String);

impl CustomerEmail {
    /// The address, if it is one as `format: email` means it: in ASCII, at a host. Who takes an order may ask for more,
    /// such as a host that the world can reach.
    pub fn new(address: impl Into<String>) -> Option<Self> {
        let address = address.into();
        let options = Options::default()
            .without_display_text()
            .without_domain_literal();
        let parsed = EmailAddress::parse_with_options(&address, options).ok()?;
        let fits = address.is_ascii() && address.len() <= LONGEST && is_host(parsed.domain());
        fits.then_some(Self(address))
    }

    /// The address in clear.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_host(domain: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

impl fmt::Debug for CustomerEmail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CustomerEmail(…)")
    }
}

impl<'de> Deserialize<'de> for CustomerEmail {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(input)?)
            .ok_or_else(|| de::Error::custom("must be an e-mail address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_form_hides_the_address() {
        let email = CustomerEmail::new("ann@example.com").unwrap();
        assert_eq!(format!("{email:?}"), "CustomerEmail(…)");
        assert_eq!(
            serde_json::to_string(&email).unwrap(),
            r#""ann@example.com""#
        );
    }
}
