//! Whatever fails, as far as the budget goes, the laws of the workflow hold.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and the figures are to be read"
)]

use std::time::Instant;

use faults::explorer::{Explored, Violation};
use faults::mistakes::Mistake;
use faults::workflow::{Failing, Workflow};
use faults::world::Service;

/// Explores, prints how much, and insists that it was no less than `floor` states: a model that stops exploring finds nothing.
fn holds(name: &str, workflow: &Workflow, floor: usize) {
    let begun = Instant::now();
    let explored = workflow
        .explore()
        .unwrap_or_else(|violation| panic!("{name}: {violation}"));
    let Explored {
        states,
        steps,
        ends,
    } = explored;
    println!(
        "{name}: {states} states, {steps} steps, {ends} ends, {:?}",
        begun.elapsed()
    );
    assert!(
        states >= floor,
        "{name}: {states} states, fewer than {floor}"
    );
    assert!(ends > 0, "{name}: it never ends");
}

fn one_order(outbox: bool) -> Workflow {
    Workflow {
        clients: 1,
        budget: 2,
        outbox,
        ..Workflow::default()
    }
}

#[test]
fn two_faults_of_any_kind_do_no_harm_to_an_order() {
    holds("one order, two faults", &one_order(false), 1);
}

#[test]
fn two_faults_of_any_kind_do_no_harm_to_an_order_in_the_outbox() {
    holds("one order in the outbox, two faults", &one_order(true), 1);
}

#[test]
fn one_fault_of_any_kind_does_no_harm_to_two_orders() {
    for outbox in [false, true] {
        let workflow = Workflow {
            clients: 2,
            budget: 1,
            ..one_order(outbox)
        };
        holds(
            &format!("two orders, one fault, outbox {outbox}"),
            &workflow,
            1,
        );
    }
}

#[test]
fn a_business_failure_is_an_outcome_like_any_other() {
    let controls = [
        ("paymentOutcome", "declined"),
        ("inventoryOutcome", "out_of_stock"),
    ];
    for outbox in [false, true] {
        let workflow = Workflow {
            controls: controls.into(),
            ..one_order(outbox)
        };
        holds(
            &format!("declined and out of stock, outbox {outbox}"),
            &workflow,
            1,
        );
    }
}

#[test]
fn what_always_fails_is_in_its_own_dead_letter_queue_and_in_no_other() {
    for service in Service::ALL {
        for failing in [Failing::Itself, Failing::Table, Failing::Topic] {
            if (service, failing) == (Service::Notification, Failing::Topic) {
                continue;
            }
            for outbox in [false, true] {
                let workflow = Workflow {
                    budget: 1,
                    failing: Some((service, failing)),
                    ..one_order(outbox)
                };
                let name = format!(
                    "{} {failing:?} always fails, outbox {outbox}",
                    service.name()
                );
                holds(&name, &workflow, 1);
            }
        }
    }
}

fn broken(mistake: Mistake) -> Violation {
    let workflow = Workflow {
        budget: 1,
        mistake: Some(mistake),
        ..one_order(false)
    };
    let violation = workflow.explore().unwrap_err();
    println!("{violation}");
    violation
}

#[test]
fn a_handler_that_publishes_before_it_stores_is_caught() {
    let _ = broken(Mistake::PublishesFirst);
}

#[test]
fn a_handler_that_decides_again_is_caught() {
    let _ = broken(Mistake::DecidesAgain);
}

#[test]
fn a_handler_that_takes_stored_for_published_is_caught() {
    let _ = broken(Mistake::SkipsDuplicates);
}
