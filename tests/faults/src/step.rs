//! The steps from one world to the next.

use std::fmt;

use crate::line::Break;
use crate::world::{Delivery, Service};

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub(crate) what: What,
    pub(crate) breaks: Option<Break>,
    /// The messages are handled, and handed out once more all the same.
    pub(crate) again: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// A client orders.
    Post { client: usize, attempt: usize },
    /// A queue hands messages out, one or two at once.
    Deliver(Service, Vec<Delivery>),
    /// The outbox's stream hands out a record.
    Relay(Delivery),
    /// An operator publishes an order again.
    Republish(String),
}

impl What {
    /// Whose handler it is.
    pub(crate) fn service(&self) -> Service {
        match self {
            Self::Post { .. } | Self::Relay(_) | Self::Republish(_) => Service::Order,
            Self::Deliver(service, _) => *service,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Post { client, attempt } => {
                write!(out, "client {client} orders, attempt {}", attempt + 1)?;
            }
            What::Deliver(service, batch) => {
                let batch: Vec<String> = batch.iter().map(Delivery::to_string).collect();
                write!(out, "{} gets {}", service.name(), batch.join(" and "))?;
            }
            What::Relay(record) => write!(out, "the relay gets {record}")?,
            What::Republish(order) => write!(out, "an operator publishes {order} again")?,
        }
        if let Some(breaks) = self.breaks {
            write!(out, ": {breaks}")?;
        }
        if self.again {
            write!(out, ": handled, and to be handed out again")?;
        }
        Ok(())
    }
}
