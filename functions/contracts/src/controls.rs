//! Test controls: what a test may ask of the services it drives. Off in production.

use serde::{Deserialize, Serialize};

/// What a test asks for. It travels with the order's events, so that each service can honour its part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestControls {
    /// How the payment shall end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_outcome: Option<PaymentOutcome>,
    /// How the reservation shall end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory_outcome: Option<InventoryOutcome>,
    /// The service that shall fail with a technical error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulate_technical_failure: Option<String>,
}

/// How a payment ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentOutcome {
    /// The money is there.
    #[default]
    Approved,
    /// The provider said no.
    Declined,
}

/// How a reservation ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InventoryOutcome {
    /// The goods are set aside.
    #[default]
    Reserved,
    /// The shelf is empty.
    OutOfStock,
}

impl TestControls {
    /// Whether `service` shall fail.
    pub fn fails(&self, service: &str) -> bool {
        self.simulate_technical_failure.as_deref() == Some(service)
    }

    /// These controls, or `None` when nothing is asked for: an event without them carries no empty ones.
    pub fn if_any(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }

    /// What a service may honour of `given`: all of it where test controls are on, nothing where they are off, whatever
    /// an event says.
    pub fn honoured(given: Option<&Self>, switched_on: bool) -> Self {
        given.filter(|_| switched_on).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_count_only_where_they_are_switched_on() {
        let given = TestControls {
            payment_outcome: Some(PaymentOutcome::Declined),
            simulate_technical_failure: Some("payment".into()),
            ..TestControls::default()
        };
        assert!(TestControls::honoured(Some(&given), true).fails("payment"));
        assert!(!TestControls::honoured(Some(&given), true).fails("inventory"));
        assert_eq!(
            TestControls::honoured(Some(&given), false),
            TestControls::default()
        );
        assert_eq!(TestControls::honoured(None, true), TestControls::default());
    }
}
