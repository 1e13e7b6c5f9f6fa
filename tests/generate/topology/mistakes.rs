//! Sections in another order, and sections that are wrong.

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::prelude::*;

use super::Section;

/// Sections and the lines of each in another order; the seed 0 leaves them as they are.
pub fn shuffled(sections: &[Section], seed: u64) -> Vec<Section> {
    let mut sections = sections.to_vec();
    mix(&mut sections, seed);
    for section in &mut sections {
        mix(&mut section.lines, seed);
    }
    sections
}

fn mix<T: Hash>(list: &mut [T], seed: u64) {
    if seed != 0 {
        list.sort_by_cached_key(|item| {
            let mut hasher = DefaultHasher::new();
            (seed, item).hash(&mut hasher);
            hasher.finish()
        });
    }
}

/// Sections with mistakes of many kinds, some of which meet others.
const MISTAKES: [(&str, &[&str]); 24] = [
    ("service.order", &["http = [\"GET /\"]"]),
    ("services.idle", &["memroy = 3", "owner = 4"]),
    (
        "services.a-b1",
        &["http = [\"GET /one/{a}\", \"ANY /wide/{p+}\", \"GET /two/{x}/{y}\"]"],
    ),
    (
        "services.a-b-1",
        &[
            "http = [\"GET /one/{b}\", \"GET /wide/x\", \"GET /wide/y\", \"GET /two/{y}/{x}\"]",
            "publishes = [\"OrderCreated\"]",
        ],
    ),
    (
        "services.a-c",
        &[
            "http = [\"GET /one/{c}\", \"POST /wide/z\", \"GET /wide/x\", \"ANY /{all+}\"]",
            "table = { name = \"Same\", key = \"id\" }",
        ],
    ),
    (
        "services.a-d",
        &[
            "http = [\"GET /d\"]",
            "table = { name = \"Same\", key = \"id\" }",
            "outbox = true",
        ],
    ),
    (
        "services.a-e",
        &[
            "http = [\"GET /e\", \"nowhere\"]",
            "environment = { TABLE_NAME = \"x\", API_TOKEN = \"Zk3vQ9sLx2Wm7Rt5\" }",
        ],
    ),
    (
        "services.a-f",
        &[
            "schedule = \"every day\"",
            "permissions = [{ actions = [\"*\"], resources = [\"*\", \"${Nothing.Arn}\"] }]",
        ],
    ),
    ("services.Bad", &["http = [\"GET /bad\"]"]),
    (
        "subscriptions.ghost",
        &[
            "events = [\"OrderCreatd\", \"Nothing\", \"OrderCreated\", \"OrderCreated\"]",
            "service = \"sorce\"",
        ],
    ),
    (
        "subscriptions.ghost-2",
        &["events = []", "batch_size = 99999", "retention = \"soon\""],
    ),
    (
        "subscriptions.twice-1",
        &["service = \"payment\"", "events = [\"OrderCreated\"]"],
    ),
    (
        "subscriptions.twice-2",
        &[
            "service = \"payment\"",
            "events = [\"OrderCreated\"]",
            "filter = { currency = [{ numerik = [1] }], x = \"y\" }",
        ],
    ),
    (
        "events.OrderCreated2",
        &["version = \"two\"", "topic = \"ordres\""],
    ),
    (
        "events.CreateOrder",
        &["attributes = [\"a\", \"a\", \"eventType\"]"],
    ),
    (
        "topics.spare",
        &["fifo = \"yes\"", "max_message_size = \"9MiB\""],
    ),
    (
        "lints",
        &[
            "event-cycle = \"on purpose\"",
            "TG111 = \"somebody listens\"",
            "unknown-evnt = \"x\"",
            "unknown-event = \"x\"",
            "delivered-twice = { reason = \"x\", only = [\"subscriptions.twice-1\", \"nowhere\"] }",
        ],
    ),
    ("overrides.Nothing", &["delete = [\"Properties.X\"]"]),
    (
        "overrides.PaymentFunction",
        &["delete = [\"Properties.Nope\", \"Properties.Timeout\"]"],
    ),
    (
        "resources.One",
        &[
            "Type = \"AWS::SSM::Parameter\"",
            "Properties = { Value = { Ref = \"Two\" } }",
        ],
    ),
    (
        "resources.Two",
        &[
            "Type = \"AWS::SSM::Parameter\"",
            "Properties = { Value = { Ref = \"One\" }, Name = { Ref = \"Thre\" } }",
        ],
    ),
    ("environments.prod.services.nobody", &["owner = \"x\""]),
    (
        "environments.dev",
        &[
            "regoin = \"eu-west-1\"",
            "subscriptions.ghost.events = [\"OrderCreated\"]",
        ],
    ),
    (
        "api.routes.\"GET /nothing\"",
        &["public = true", "scopes = [\"a\", \"a\"]"],
    ),
];

/// Some of them, mostly none.
pub fn mistakes() -> impl Strategy<Value = Vec<Section>> {
    let some = prop::sample::subsequence(MISTAKES.to_vec(), 0..8).prop_map(|chosen| {
        chosen
            .into_iter()
            .map(|(header, lines)| Section {
                header: header.to_owned(),
                lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            })
            .collect()
    });
    prop_oneof![1 => Just(Vec::new()), 2 => some]
}
