//! Whatever fails, as far as the budget goes, the laws of the workflow hold.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::io::{Write, stdout};
use std::time::Instant;

use faults::explorer::{Explored, Violation};
use faults::mistakes::Mistake;
use faults::workflow::{Failing, Workflow};
use faults::world::Service;

/// Prints a line even where the test passes: the figures are to be read.
fn say(line: &str) {
    stdout().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Explores all of it and prints how much that was.
fn holds(name: &str, workflow: &Workflow) -> usize {
    let begun = Instant::now();
    let explored = workflow.explore();
    let explored = explored.unwrap_or_else(|violation| panic!("{name}: {violation}"));
    let Explored {
        states,
        steps,
        ends,
    } = explored;
    let took = begun.elapsed();
    say(&format!(
        "{name}: {states} states, {steps} steps, {ends} ends, {took:.1?}"
    ));
    assert!(ends > 0, "{name}: it never ends");
    states
}

/// A model that stops exploring finds nothing.
fn at_least(floor: usize, states: usize) {
    say(&format!("{states} states, of at least {floor}"));
    assert!(states >= floor, "{states} states, fewer than {floor}");
}

fn one_order(outbox: bool) -> Workflow {
    Workflow {
        clients: 1,
        budget: 2,
        outbox,
        ..Workflow::default()
    }
}

fn via(outbox: bool) -> &'static str {
    if outbox { " by way of the outbox" } else { "" }
}

#[test]
fn two_faults_of_any_kind_do_an_order_no_harm() {
    let states = holds("an order, two faults", &one_order(false));
    at_least(50_000, states);
}

#[test]
fn two_faults_of_any_kind_do_an_order_in_the_outbox_no_harm() {
    let states = holds(
        "an order by way of the outbox, two faults",
        &one_order(true),
    );
    at_least(10_000, states);
}

#[test]
fn a_fault_of_any_kind_does_two_orders_no_harm() {
    let states = [false, true].map(|outbox| {
        let workflow = Workflow {
            clients: 2,
            budget: 1,
            ..one_order(outbox)
        };
        holds(&format!("two orders{}, one fault", via(outbox)), &workflow)
    });
    at_least(30_000, states.iter().sum());
}

/// A repetition comes after an answer or without one, and while the first request is being served.
#[test]
fn a_key_makes_one_order_of_all_its_requests() {
    let mut states = 0;
    for outbox in [false, true] {
        for (clients, budget) in [(1, 2), (2, 1)] {
            let workflow = Workflow {
                clients,
                budget,
                keyed: true,
                ..one_order(outbox)
            };
            let name = format!("keys: {clients}{}, faults: {budget}", via(outbox));
            states += holds(&name, &workflow);
        }
    }
    at_least(55_000, states);
}

#[test]
fn a_business_failure_is_an_outcome_like_any_other() {
    let controls = [
        ("paymentOutcome", "declined"),
        ("inventoryOutcome", "out_of_stock"),
    ];
    let states = [false, true].map(|outbox| {
        let workflow = Workflow {
            controls: controls.into(),
            ..one_order(outbox)
        };
        let name = format!("declined and out of stock{}, two faults", via(outbox));
        holds(&name, &workflow)
    });
    at_least(60_000, states.iter().sum());
}

#[test]
fn what_always_fails_is_in_its_own_dead_letter_queue_and_in_no_other() {
    let failing = [Failing::Itself, Failing::Table, Failing::Topic];
    let failing = Service::ALL
        .into_iter()
        .flat_map(|service| failing.map(|how| (service, how)));
    let mut states = 0;
    for (service, how) in failing {
        if (service, how) == (Service::Notification, Failing::Topic) {
            // It publishes nothing.
            continue;
        }
        for outbox in [false, true] {
            let workflow = Workflow {
                budget: 1,
                failing: Some((service, how)),
                ..one_order(outbox)
            };
            let what = match how {
                Failing::Itself => "",
                Failing::Table => "'s table",
                Failing::Topic => "'s topic",
            };
            let name = format!(
                "{}{what} always fails{}, one fault",
                service.name(),
                via(outbox)
            );
            states += holds(&name, &workflow);
        }
    }
    at_least(45_000, states);
}

/// The law that a service with that mistake breaks, and the steps that lead there.
fn broken(mistake: Mistake) -> (String, Vec<String>) {
    let workflow = Workflow {
        budget: 1,
        keyed: mistake == Mistake::OrdersAnew,
        mistake: Some(mistake),
        ..one_order(false)
    };
    let violation = workflow.explore().unwrap_err();
    say(&violation.to_string());
    let Violation { law, path } = violation;
    (law, path)
}

#[test]
fn a_handler_that_publishes_before_it_stores_is_caught() {
    let (law, path) = broken(Mistake::PublishesFirst);
    assert_eq!(
        law,
        "the event `c0a1-1:payment-outcome` was published and not stored"
    );
    assert_eq!(
        path[1],
        "payment gets OrderCreated c0a1-1: call 1, `publish`, is done and its answer lost"
    );
}

#[test]
fn a_handler_that_decides_again_is_caught() {
    let (law, path) = broken(Mistake::DecidesAgain);
    assert_eq!(
        law,
        "the event `c0a1-1:payment-outcome` was published in two versions"
    );
    assert_eq!(
        path[1],
        "payment gets OrderCreated c0a1-1: overtaken before call 1, `put_if_absent`"
    );
}

#[test]
fn a_handler_that_takes_stored_for_published_is_caught() {
    let (law, path) = broken(Mistake::SkipsDuplicates);
    assert_eq!(law, "outcomes of payment for the order `c0a1-2`: 0, not 1");
    assert_eq!(
        path[1],
        "payment gets OrderCreated c0a1-1: call 2, `put_if_absent`, is done and its answer lost"
    );
}

#[test]
fn a_handler_that_takes_an_unpublished_order_for_none_is_caught() {
    let (law, path) = broken(Mistake::OrdersAnew);
    assert_eq!(law, "orders: 2, keys: 1");
    assert_eq!(
        path[0],
        "client 0 orders, attempt 1: overtaken before call 4, `publish`"
    );
}
