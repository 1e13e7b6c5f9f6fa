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
}

impl Events {
    /// Takes note of the events of earlier operations.
    pub async fn before(cloud: &impl Cloud, stack: &str) -> Result<Self, CloudError> {
        let events = cloud.events(stack, &BTreeSet::new()).await?;
        Ok(Self {
            started: false,
            seen: events.into_iter().map(|event| event.id).collect(),
            causes: Vec::new(),
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
            if explains_failure(event) {
                self.causes
                    .push((event.logical_id.clone(), event.reason.clone()));
            }
        }
        Ok(())
    }

    /// The end of an operation that failed.
    pub fn failure(self, status: String) -> DeployError {
        DeployError::Failed {
            status,
            causes: self.causes,
        }
    }
}

/// Resources that were only stopped because another failed explain nothing.
fn explains_failure(event: &Event) -> bool {
    event.status.ends_with("_FAILED") && !event.reason.contains("cancelled")
}
