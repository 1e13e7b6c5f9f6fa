//! A stack's events, told once each, oldest first.

use std::collections::BTreeSet;

use super::cloud::{Cloud, CloudError, Event};
use super::run::{DeployError, Progress};

/// The events of one operation.
pub(super) struct Events {
    /// Whether any has been seen since the operation was asked for.
    pub started: bool,
    seen: BTreeSet<String>,
    causes: Vec<(String, String)>,
    /// Why all was rolled back. It names resources that failed, or is all that is told: that another stack imports what was to go.
    rollback: Option<(String, String)>,
}

impl Events {
    /// Takes note of the events of earlier operations.
    pub async fn before(cloud: &impl Cloud, stack: &str) -> Result<Self, CloudError> {
        let events = cloud.events(stack, &BTreeSet::new()).await?;
        Ok(Self {
            started: false,
            seen: events.into_iter().map(|event| event.id).collect(),
            causes: Vec::new(),
            rollback: None,
        })
    }

    /// Tells what is new, and keeps the reasons of failures.
    pub async fn tell_new(
        &mut self,
        cloud: &impl Cloud,
        stack: &str,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), CloudError> {
        let events = cloud.events(stack, &self.seen).await?;
        for event in events.iter().rev() {
            if !self.seen.insert(event.id.clone()) {
                continue;
            }
            self.started = true;
            progress(Progress::Event(event));
            let told = || (event.logical_id.clone(), event.reason.clone());
            if explains_failure(event) {
                self.causes.push(told());
            }
            if event.status.ends_with("ROLLBACK_IN_PROGRESS") && !event.reason.is_empty() {
                self.rollback.get_or_insert_with(told);
            }
        }
        Ok(())
    }

    /// The end of an operation that failed.
    pub fn failure(self, status: String) -> DeployError {
        let mut causes = self.causes;
        if causes.is_empty() {
            causes.extend(self.rollback);
        }
        DeployError::Failed { status, causes }
    }
}

/// Resources that were only stopped because another failed explain nothing.
fn explains_failure(event: &Event) -> bool {
    event.status.ends_with("_FAILED") && !event.reason.contains("cancelled")
}
