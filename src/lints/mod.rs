//! Checks of a complete topology: what AWS would refuse at deploy time, or what would fail in an incident.
//!
//! One lint, one file: its doc comment is its page, its `CODE` its identity, its `check` the whole of it.

mod alarms_tell_nobody;
mod any_origin_with_authorizer;
mod api_log_role;
mod audience_not_checked;
mod batch_never_full;
mod batch_without_window;
mod coarse_permission;
mod concurrency_above_reserved;
mod cors_credentials;
mod cors_shuts_out;
mod dead_letter_retention;
mod delivered_twice;
pub mod drawn;
mod event_cycle;
mod event_named_as_command;
mod event_without_publisher;
mod event_without_subscriber;
mod fifo_batching;
mod filter_always_matches;
mod filter_contract;
mod filter_drops_event;
mod filter_field_type;
mod filter_field_unknown;
mod filter_never_matches;
mod filter_too_complex;
mod filter_too_many_keys;
mod filter_unconfirmed;
mod filter_wildcards;
mod idle_api;
mod key_blocks_delivery;
mod key_policy_unseen;
mod message_too_large;
mod missing_alarm;
mod name_taken;
mod network_permission;
mod other_region;
mod outbox_advised;
mod outbox_before_fifo;
mod own_event_received;
mod plaintext_secret;
mod preflight_needs_token;
mod receive_count_too_low;
mod reserved_above_account;
mod resolved_secret;
mod retries_outlive_retention;
mod route_conflict;
mod route_overlap;
mod secret_shape;
mod secret_words;
pub mod silence;
mod throttling_above_quota;
mod timeout_above_api;
mod too_many_attributes;
mod too_many_filters;
mod too_many_subscriptions;
mod unauthenticated_route;
mod unknown_route;
mod unused_declaration;
mod visibility_below_advice;
mod visibility_below_timeout;
mod wide_permission;
mod wide_statement;

use std::collections::BTreeMap;

use crate::contracts::{self, Contracts};
use crate::diag::{Code, Diagnostics, Page, codes};
use crate::filter::Policy;
use crate::model::Topology;
use crate::model::filter::MOST_TOPICS;
use crate::model::subscription::Subscription;
use crate::parallel;

/// What lints look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The system, complete, for one environment.
    pub topology: &'a Topology,
    /// The contracts of its events, as far as they are good.
    pub contracts: &'a Contracts,
}

/// A check and its identity.
pub struct Lint {
    /// Its code, name and severity.
    pub code: Code,
    check: fn(&Context<'_>, &mut Diagnostics),
    /// Its own file, whose first comment is its page.
    file: &'static str,
}

macro_rules! lints {
    ($($name:ident),* $(,)?) => {
        /// Every lint, by code.
        pub const LINTS: &[Lint] = &[$(Lint {
            code: $name::CODE,
            check: $name::check,
            file: include_str!(concat!(stringify!($name), ".rs")),
        }),*];
    };
}

lints![
    event_without_publisher,
    event_without_subscriber,
    delivered_twice,
    event_cycle,
    own_event_received,
    event_named_as_command,
    unused_declaration,
    name_taken,
    filter_unconfirmed,
    filter_field_unknown,
    filter_field_type,
    filter_never_matches,
    filter_always_matches,
    filter_drops_event,
    unknown_route,
    route_conflict,
    route_overlap,
    preflight_needs_token,
    idle_api,
    api_log_role,
    cors_shuts_out,
    visibility_below_timeout,
    visibility_below_advice,
    batch_without_window,
    dead_letter_retention,
    receive_count_too_low,
    retries_outlive_retention,
    fifo_batching,
    batch_never_full,
    alarms_tell_nobody,
    timeout_above_api,
    concurrency_above_reserved,
    reserved_above_account,
    outbox_advised,
    outbox_before_fifo,
    missing_alarm,
    other_region,
    unauthenticated_route,
    cors_credentials,
    any_origin_with_authorizer,
    wide_permission,
    key_blocks_delivery,
    key_policy_unseen,
    coarse_permission,
    audience_not_checked,
    plaintext_secret,
    wide_statement,
    resolved_secret,
    network_permission,
    message_too_large,
    throttling_above_quota,
    too_many_subscriptions,
    too_many_attributes,
    filter_too_many_keys,
    filter_too_complex,
    filter_wildcards,
    too_many_filters,
];

/// Services from which on it pays to run lints side by side.
const MANY: usize = 256;

/// Runs every lint. Findings come in the order of the lints, however many threads look for them.
pub fn run(context: &Context<'_>) -> Diagnostics {
    let threads = parallel::threads(context.topology.services.len() >= MANY);
    let found: Vec<Found> = parallel::each(threads, LINTS.len(), |at, found: &mut Found| {
        if let Some(lint) = LINTS.get(at) {
            let mut diagnostics = Diagnostics::default();
            (lint.check)(context, &mut diagnostics);
            found.insert(at, diagnostics);
        }
    });
    let found: Found = found.into_iter().flatten().collect();
    let mut diagnostics = Diagnostics::default();
    for (_, of_one) in found {
        diagnostics.extend(of_one);
    }
    diagnostics
}

/// What each lint found, by its place among them.
type Found = BTreeMap<usize, Diagnostics>;

/// The page of every code that there is, lint or not, by code.
pub fn pages() -> Vec<Page> {
    let lints = LINTS
        .iter()
        .map(|lint| Page::of_module(lint.code, lint.file));
    let mut pages: Vec<Page> = codes::pages()
        .into_iter()
        .chain(contracts::codes::pages())
        .chain(lints)
        .collect();
    pages.sort_by_key(|page| page.code);
    pages
}

/// Every filter policy of `topology` as SNS gets it, with its subscription.
fn filter_policies(topology: &Topology) -> impl Iterator<Item = (&Subscription, Policy)> {
    topology
        .subscriptions
        .values()
        .flat_map(move |subscription| {
            let policies = topology.filter_policies(subscription);
            let policies = policies.take(MOST_TOPICS);
            policies.map(move |(_, policy)| (subscription, policy))
        })
}
