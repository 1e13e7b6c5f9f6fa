//! Test controls: what a test may ask of the services it drives. Off in production.

use crate::{InventoryOutcome, PaymentOutcome, TestControls};

/// Where nobody asks, the money is there.
impl Default for PaymentOutcome {
    fn default() -> Self {
        Self::Approved
    }
}

/// Where nobody asks, the goods are there.
impl Default for InventoryOutcome {
    fn default() -> Self {
        Self::Reserved
    }
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
            simulate_technical_failure: Some("payment".try_into().unwrap()),
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
