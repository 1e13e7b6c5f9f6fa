//! `[environments.*]`: what differs from one stack of the app to another.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use std::str::FromStr;

use super::DefaultsWords;
use super::alarm::AlarmsWords;
use super::api::ApiWords;
use super::app::AppOverlayWords;
use super::event::EventWords;
use super::lints::Silence;
use super::names::{
    EnvironmentName, EventName, ResourceId, ServiceName, SubscriptionName, TopicName,
};
use super::quotas::QuotasWords;
use super::service::ServiceWords;
use super::subscription::SubscriptionWords;
use super::template::{Override, ResourceOverlay};
use super::topic::TopicWords;
use crate::source::Spanned;
use crate::syntax::read::{from_text, words};

/// The environment of the developer's own machine. It needs no section.
pub const LOCAL: &str = "local";
/// The environment that commands take when none is named. It needs no section.
pub const DEFAULT: &str = "dev";

words! {
    /// What differs from one stack of the app to another: its own settings, and any path of the file set again.
    pub struct EnvironmentWords {
        /// AWS Region of the stack. Default: that of the caller's configuration.
        pub region: Option<Region>,
        /// AWS account of the stack; a deployment to any other is refused.
        pub account: Option<Account>,
        /// Whether tables go with the stack. Default `false`: they are kept and protected.
        pub ephemeral: Option<bool>,
        /// Whether handlers honour test controls in requests. Default `false`.
        pub test_controls: Option<bool>,
        /// The system as a whole, here.
        pub app: Option<AppOverlayWords>,
        /// Whom the alarms tell, here.
        pub alarms: Option<AlarmsWords>,
        /// The API, here.
        pub api: Option<ApiWords>,
        /// Settings for all, here.
        pub defaults: Option<DefaultsWords>,
        /// Topics, here.
        pub topics: BTreeMap<TopicName, TopicWords>,
        /// Events, here.
        pub events: BTreeMap<EventName, EventWords>,
        /// Services, here.
        pub services: BTreeMap<ServiceName, ServiceWords>,
        /// Subscriptions, here.
        pub subscriptions: BTreeMap<SubscriptionName, SubscriptionWords>,
        /// Warnings that are silenced, here.
        pub lints: BTreeMap<String, Silence>,
        /// Limits that AWS has raised for the account, here.
        pub quotas: Option<QuotasWords>,
        /// Generated resources, changed here.
        pub overrides: BTreeMap<ResourceId, Override>,
        /// Further resources, here.
        pub resources: BTreeMap<ResourceId, ResourceOverlay>,
    }
}

/// Sections that an environment may set again.
pub(super) const OVERLAYS: &[&str] = &[
    "app",
    "alarms",
    "api",
    "defaults",
    "events",
    "services",
    "subscriptions",
    "topics",
    "lints",
    "overrides",
    "quotas",
    "resources",
];

/// Where in a continent a Region lies: the last word of its name.
const DIRECTIONS: [&str; 9] = [
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

macro_rules! pattern_text {
    ($($(#[$meta:meta])* $name:ident: $what:literal, $pattern:literal, $check:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
        #[schemars(extend("pattern" = $pattern))]
        pub struct $name(pub String);

        from_text!($name);

        impl FromStr for $name {
            type Err = String;

            fn from_str(written: &str) -> Result<Self, String> {
                let check: fn(&str) -> bool = $check;
                if check(written) { Ok(Self(written.to_owned())) } else { Err(format!("`{written}` is not {}", $what)) }
            }
        }
    )*};
}

pattern_text! {
    /// An AWS Region, such as `eu-west-1`.
    Region: "an AWS Region, such as \"eu-west-1\"", "^[a-z]{2,4}(-[a-z]+)?-(central|east|west|(north|south)(east|west)?)-[0-9]+$", |text| {
        let mut parts = text.rsplit('-');
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        parts.next().is_some_and(is_number)
            && parts.next().is_some_and(|part| DIRECTIONS.contains(&part))
            && parts.next_back().is_some_and(|part| is_word(part) && (2..=4).contains(&part.len()))
            && parts.next().is_none_or(is_word)
            && parts.next().is_none()
    };
    /// An AWS account: twelve digits.
    Account: "an AWS account: write its twelve digits in quotes", "^[0-9]{12}$", |text| {
        text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
    };
}

/// One environment, complete.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// AWS Region of the stack, when the file fixes it.
    pub region: Option<Region>,
    /// AWS account of the stack, when the file fixes it.
    pub account: Option<Account>,
    /// Whether tables go with the stack.
    pub ephemeral: bool,
    /// Whether handlers honour test controls.
    pub test_controls: bool,
}

impl Environment {
    pub(super) fn resolve(
        name: EnvironmentName,
        words: Option<&Spanned<EnvironmentWords>>,
    ) -> Self {
        let words = words.map(|w| &w.value);
        // What lives on the developer's machine goes when the local cloud stops, and is there to be tested.
        let local = name.as_str() == LOCAL;
        Self {
            region: words.and_then(|w| w.region.clone()),
            account: words.and_then(|w| w.account.clone()),
            ephemeral: words.and_then(|w| w.ephemeral).unwrap_or(local),
            test_controls: words.and_then(|w| w.test_controls).unwrap_or(local),
            name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_told_from_slips() {
        for region in [
            "eu-west-1",
            "ap-southeast-2",
            "us-gov-west-1",
            "us-isob-east-1",
            "eusc-de-east-1",
            "mx-central-1",
            "ap-northeast-3",
        ] {
            assert!(region.parse::<Region>().is_ok(), "{region}");
        }
        for slip in [
            "eu-wst-1",
            "eu-west",
            "eu-west-",
            "euwest-1",
            "west-1",
            "Eu-west-1",
            "eu--west-1",
            "e-west-1",
            "",
        ] {
            assert!(slip.parse::<Region>().is_err(), "{slip}");
        }
    }
}
