//! Who publishes and who receives what, looked up by name: a large topology is checked in one pass.

use std::collections::BTreeMap;

use super::names::{EventName, ServiceName, SubscriptionName};
use super::service::Service;
use super::subscription::Subscription;

/// The edges of a topology.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    publishers: BTreeMap<EventName, Vec<ServiceName>>,
    subscribers: BTreeMap<EventName, Vec<SubscriptionName>>,
    subscriptions: BTreeMap<ServiceName, Vec<SubscriptionName>>,
}

impl Flow {
    pub(super) fn of(
        services: &BTreeMap<ServiceName, Service>,
        subscriptions: &BTreeMap<SubscriptionName, Subscription>,
    ) -> Self {
        let mut flow = Self::default();
        for (name, service) in services {
            for event in &service.publishes {
                flow.publishers
                    .entry(event.value.clone())
                    .or_default()
                    .push(name.clone());
            }
        }
        for (name, subscription) in subscriptions {
            for event in &subscription.events {
                flow.subscribers
                    .entry(event.value.clone())
                    .or_default()
                    .push(name.clone());
            }
            flow.subscriptions
                .entry(subscription.service.value.clone())
                .or_default()
                .push(name.clone());
        }
        flow
    }

    /// Services that publish `event`, by name.
    pub fn publishers(&self, event: &EventName) -> &[ServiceName] {
        self.publishers.get(event).map_or(&[], Vec::as_slice)
    }

    /// Subscriptions that receive `event`, by name.
    pub fn subscribers(&self, event: &EventName) -> &[SubscriptionName] {
        self.subscribers.get(event).map_or(&[], Vec::as_slice)
    }

    /// Subscriptions of `service`, by name.
    pub fn subscriptions(&self, service: &ServiceName) -> &[SubscriptionName] {
        self.subscriptions.get(service).map_or(&[], Vec::as_slice)
    }
}
