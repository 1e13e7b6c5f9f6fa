//! What must hold, whatever fails.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use topogen_kit::{Item, once, outbox};

use crate::workflow::{Failing, Workflow};
use crate::world::{Answer, Event, Service, World};

/// Laws of every step.
pub(crate) fn always(before: &World, after: &World) -> Result<(), String> {
    if before.published == after.published && before.tables == after.tables {
        return Ok(());
    }
    for pair in after.published.iter().collect::<Vec<_>>().windows(2) {
        if pair[0].id == pair[1].id {
            let id = &pair[0].id;
            return Err(format!("the event `{id}` was published in two versions"));
        }
    }
    let stored: BTreeSet<&str> = Service::ALL
        .into_iter()
        .flat_map(|service| after.items(service))
        .filter_map(|item| item.get_text(once::OUTCOME))
        .collect();
    for event in after.published.iter() {
        if !stored.contains(&*event.body) {
            return Err(format!(
                "the event `{}` was published and not stored",
                event.id
            ));
        }
    }
    for (service, items) in &before.tables {
        if after.tables.get(service) == Some(items) {
            continue;
        }
        for (key, item) in items.by_key() {
            let now = after
                .tables
                .get(service)
                .and_then(|items| items.by_key().get(key));
            // An order's state moves on, and so does a record of the outbox.
            if now.is_none() || (*service != Service::Order && now != Some(item)) {
                return Err(format!(
                    "the item `{key}` of {} was changed",
                    service.name()
                ));
            }
        }
    }
    Ok(())
}

/// Laws of a world in which nothing more happens.
pub(crate) fn finally(workflow: &Workflow, world: &World) -> Result<(), String> {
    let orders: BTreeSet<&str> = world
        .items(Service::Order)
        .filter_map(|item| item.get_text("orderId"))
        .filter(|key| !key.starts_with(outbox::KEY_PREFIX))
        .collect();
    for answer in world.clients.iter().flatten() {
        if let Answer::Accepted { order, .. } = answer
            && !orders.contains(order.as_str())
        {
            return Err(format!("the order `{order}` was accepted and is lost"));
        }
    }
    if workflow.keyed {
        one_order_a_key(world, orders.len())?;
    }
    let placed: BTreeMap<String, &Event> = of_types(world, &["OrderCreated"])
        .map(|event| (order_of(event), event))
        .collect();
    for order in orders {
        if !placed.contains_key(order) && !workflow.fails(Service::Order, Failing::Topic) {
            return Err(format!("nobody was told of the order `{order}`"));
        }
    }
    let mut outcomes = 0;
    for (service, types) in [
        (Service::Payment, payment::PUBLISHES),
        (Service::Inventory, inventory::PUBLISHES),
    ] {
        let stores = ![Failing::Itself, Failing::Table]
            .iter()
            .any(|failing| workflow.fails(service, *failing));
        let publishes = stores && !workflow.fails(service, Failing::Topic);
        for order in placed.keys() {
            let named = |item: &&Item| item.get_text("orderId") == Some(order);
            let items = world.items(service).filter(named).count();
            let name = service.name();
            is(items, stores, || {
                format!("items of {name} for the order `{order}`")
            })?;
            let events = of_types(world, types).filter(|event| order_of(event) == **order);
            let events = events.count();
            is(events, publishes, || {
                format!("outcomes of {name} for the order `{order}`")
            })?;
            outcomes += events;
        }
        let (items, orders) = (world.items(service).count(), placed.len());
        if items > orders {
            return Err(format!(
                "{} has {items} items for {orders} orders",
                service.name()
            ));
        }
    }
    let writes = ![Failing::Itself, Failing::Table]
        .iter()
        .any(|failing| workflow.fails(Service::Notification, *failing));
    for event in world
        .published
        .iter()
        .filter(|event| &*event.event_type != "OrderCreated")
    {
        let told = |item: &&Item| item.get_text("eventId") == Some(&*event.id);
        let notes = world.items(Service::Notification).filter(told).count();
        is(notes, writes, || {
            format!("notes for the event `{}`", event.id)
        })?;
    }
    let notes = world.items(Service::Notification).count();
    if notes > outcomes {
        return Err(format!("there are {notes} notes for {outcomes} outcomes"));
    }
    dead_letters(workflow, world)
}

/// However often a client repeats its request, there is one order, and whoever is answered 202 gets the same words.
fn one_order_a_key(world: &World, orders: usize) -> Result<(), String> {
    let keys = world.clients.iter().filter(|answers| !answers.is_empty());
    let keys = keys.count();
    if orders > keys {
        return Err(format!("orders: {orders}, keys: {keys}"));
    }
    for (client, answers) in world.clients.iter().enumerate() {
        let accepted = answers.iter().filter_map(|answer| match answer {
            Answer::Accepted { body, .. } => Some(body.as_str()),
            Answer::None | Answer::Status(_) => None,
        });
        let accepted: BTreeSet<&str> = accepted.collect();
        if accepted.len() > 1 {
            return Err(format!("client {client} has two answers: {accepted:?}"));
        }
    }
    Ok(())
}

/// What a service never got done is in its own dead-letter queue, and nothing else is in any.
fn dead_letters(workflow: &Workflow, world: &World) -> Result<(), String> {
    for service in Service::ALL {
        let dead: BTreeSet<&str> = world
            .dead
            .get(&service)
            .into_iter()
            .flatten()
            .map(|event| &*event.id)
            .collect();
        let expected: BTreeSet<&str> = match workflow.failing {
            Some((failing, how)) if failing == service => match service {
                Service::Order if workflow.outbox && how == Failing::Topic => world
                    .items(Service::Order)
                    .filter(|item| item.get_text(once::OUTCOME).is_some())
                    .filter_map(|item| item.get_text("eventId"))
                    .collect(),
                // The caller is told.
                Service::Order => BTreeSet::new(),
                Service::Payment | Service::Inventory | Service::Notification => world
                    .published
                    .iter()
                    .filter(|event| Service::subscribers(&event.event_type).contains(&service))
                    .map(|event| &*event.id)
                    .collect(),
            },
            Some(_) | None => BTreeSet::new(),
        };
        if dead != expected {
            let name = service.name();
            return Err(format!(
                "dead letters of {name}: {dead:?}, not {expected:?}"
            ));
        }
    }
    Ok(())
}

fn is(count: usize, there: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    let expected = usize::from(there);
    if count == expected {
        return Ok(());
    }
    Err(format!("{}: {count}, not {expected}", what()))
}

fn of_types<'a>(world: &'a World, types: &'a [&str]) -> impl Iterator<Item = &'a Event> {
    let published = world.published.iter();
    published.filter(|event| types.contains(&&*event.event_type))
}

fn order_of(event: &Event) -> String {
    let envelope: Value = serde_json::from_str(&event.body).unwrap_or_default();
    envelope["data"]["orderId"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
