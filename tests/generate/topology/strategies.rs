//! How apps are drawn.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;

use super::{
    Api, App, EVENTS, Event, KEY, Limit, SERVICES, Service, Settings, Shape, Subscription, TOPICS,
    Topic,
};

/// Of two at least, so that one can go.
pub fn app() -> impl Strategy<Value = App> {
    let encryption = || select(vec!["sqs", "sqs", "kms", KEY]);
    let topic = (any::<bool>(), option(encryption()))
        .prop_map(|(fifo, encryption)| Topic { fifo, encryption });
    let event = (0..3_usize, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(topic, attribute, version, group)| Event {
            topic,
            attribute,
            version,
            group,
        },
    );
    let api = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(authorizer, cors, throttling, firewall)| Api {
            authorizer,
            cors,
            throttling,
            firewall,
        },
    );
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (
        flags,
        encryption(),
        prop::collection::vec(topic, 0..=TOPICS.len()),
        prop::collection::vec(event, 1..=EVENTS.len()),
        prop::collection::vec(service(), 2..=SERVICES.len()),
        api,
    )
        .prop_map(|(flags, encryption, topics, events, mut services, api)| {
            let (per_service, told, defaults, headers) = flags;
            for (service, name) in services.iter_mut().zip(SERVICES) {
                service.name = name;
            }
            App {
                per_service,
                encryption,
                topics,
                events,
                services,
                api,
                told,
                defaults,
                headers,
            }
        })
}

/// Its name is given later.
fn service() -> impl Strategy<Value = Service> {
    let shape = select(vec![
        Shape::Plain,
        Shape::Parameter,
        Shape::Any,
        Shape::Shared,
    ]);
    let settings = select(vec![
        Settings::Nothing,
        Settings::Public,
        Settings::Scopes,
        Settings::Throttling,
    ]);
    let edges = (
        prop::collection::vec((shape, settings), 0..3),
        prop::collection::btree_set(0..EVENTS.len(), 0..3),
        option((any::<bool>(), any::<bool>())),
        any::<bool>(),
        rarely(),
        prop::collection::vec(subscription(), 0..3),
    );
    let rest = (
        rarely(),
        rarely(),
        rarely(),
        prop::option::weighted(0.2, 1..50_u32),
        rarely(),
        prop::option::weighted(0.3, (select(vec![128_u32, 512, 1769]), 1..900_u32)),
        (rarely(), rarely()),
        rarely(),
    );
    (edges, rest).prop_map(|(edges, rest)| {
        let (routes, publishes, table, outbox, schedule, subscriptions) = edges;
        let (secret, variable, permission, reserved, owner, function, patched, extra) = rest;
        Service {
            name: "",
            routes,
            publishes,
            table,
            outbox,
            schedule,
            secret,
            variable,
            permission,
            reserved,
            owner,
            function,
            patched,
            extra,
            subscriptions,
        }
    })
}

fn subscription() -> impl Strategy<Value = Subscription> {
    let filter = select(vec![
        "{ currency = [\"USD\"] }",
        "{ total = [{ numeric = [\">=\", 100] }] }",
        "{ \"$or\" = [{ currency = [\"EUR\"] }, { place = { city = [{ prefix = \"B\" }] } }] }",
    ]);
    (
        prop::collection::vec(0..EVENTS.len(), 1..3),
        prop::option::weighted(0.3, filter),
        prop::option::weighted(0.3, (1..1_000_u32, 1..300_u32)),
        prop::option::weighted(0.3, 2..20_u32),
        rarely(),
        select(vec![
            Limit::None,
            Limit::None,
            Limit::Concurrency,
            Limit::Pollers,
        ]),
        prop::option::weighted(0.2, select(vec!["sqs", "kms", KEY])),
        rarely(),
    )
        .prop_map(
            |(events, filter, batch, receives, raw, limit, encryption, alarm)| Subscription {
                events,
                filter,
                batch,
                receives,
                raw,
                limit,
                encryption,
                alarm,
            },
        )
}

fn option<T: fmt::Debug + Clone>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.4, value)
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.2)
}
