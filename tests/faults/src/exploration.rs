//! The workflow as a model: which steps are possible in a world, and the world that each leads to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;
use topogen_kit::Item;

use crate::explorer::Model;
use crate::laws;
use crate::line::{Break, Way};
use crate::step::{Step, What};
use crate::workflow::{Done, Effect, Workflow, due};
use crate::world::{Answer, Delivery, Items, MAX_RECEIVES, Service, World};

/// How often a client tries.
const ATTEMPTS: usize = 2;

/// What a handler is given: the step, where it breaks, and its table.
type Run = (What, Option<Break>, Items);

/// A workflow being explored. What a handler does depends on what it is given and on its own table, so each run is made once.
pub(crate) struct Exploration<'a> {
    workflow: &'a Workflow,
    runs: RefCell<HashMap<Run, Rc<Effect>>>,
}

impl<'a> Exploration<'a> {
    pub(crate) fn new(workflow: &'a Workflow) -> Self {
        let runs = RefCell::default();
        Self { workflow, runs }
    }

    fn run(&self, world: &World, step: &Step) -> Rc<Effect> {
        let table = world.tables.get(&step.what.service());
        let table = table.cloned().unwrap_or_default();
        let key = (step.what.clone(), step.breaks, table);
        if let Some(effect) = self.runs.borrow().get(&key) {
            return Rc::clone(effect);
        }
        let effect = Rc::new(self.workflow.run(&key.0, key.1, &key.2));
        self.runs.borrow_mut().insert(key, Rc::clone(&effect));
        effect
    }

    /// What can happen as far as nothing goes wrong.
    fn possible(&self, world: &World) -> Vec<What> {
        let mut possible = Vec::new();
        for (client, answers) in world.clients.iter().enumerate() {
            let attempt = answers.len();
            let content = matches!(answers.last(), Some(Answer::Accepted { .. }));
            if attempt < ATTEMPTS && (!content || self.workflow.keyed) {
                possible.push(What::Post { client, attempt });
            }
        }
        for (service, queue) in &world.queues {
            for (at, first) in queue.iter().enumerate() {
                if *service == Service::Order {
                    possible.push(What::Relay(first.clone()));
                    continue;
                }
                possible.push(What::Deliver(*service, vec![first.clone()]));
                for second in &queue[at + 1..] {
                    let pair = vec![first.clone(), second.clone()];
                    possible.push(What::Deliver(*service, pair));
                }
            }
        }
        if !self.workflow.outbox {
            let orders: Vec<Item> = world.items(Service::Order).cloned().collect();
            possible.extend(due(&orders).into_iter().map(What::Republish));
        }
        possible
    }

    fn can_go(&self, what: &What, way: Way, call: usize) -> bool {
        match (way, what) {
            (Way::Refused | Way::Unanswered | Way::KilledBefore | Way::KilledAfter, _) => true,
            (Way::Overtaken, What::Post { .. }) => {
                self.workflow.keyed || (call > 0 && !self.workflow.outbox)
            }
            // A shard is read by one relay at a time.
            (Way::Overtaken, What::Relay(_)) => false,
            (Way::Overtaken, What::Republish(_)) => true,
            (Way::Overtaken, What::Deliver(_, batch)) => {
                batch.iter().all(|one| one.receives + 2 <= MAX_RECEIVES)
            }
        }
    }
}

/// The world after a step.
fn after(world: &World, step: &Step, effect: &Effect) -> World {
    let Step {
        what,
        breaks,
        again,
    } = step;
    let service = what.service();
    let mut next = world.clone();
    next.budget -= u8::from(breaks.is_some() || *again);
    next.tables.insert(service, effect.items.clone());
    for event in effect.recorded.iter().cloned() {
        next.put_back(service, Delivery { event, receives: 0 });
    }
    for event in &effect.published {
        next.publish(event);
    }
    let batch = match what {
        What::Post { client, .. } => {
            next.clients[*client].push(told(effect.done.as_ref()));
            return next;
        }
        What::Republish(_) => return next,
        What::Relay(record) => std::slice::from_ref(record),
        What::Deliver(_, batch) => batch,
    };
    // What is handled is gone, unless it comes again; what failed comes again, and so does everything of a killed process.
    for (at, delivery) in batch.iter().enumerate() {
        next.take(service, delivery);
        let handled = matches!(&effect.done, Some(Done::Failed(failed)) if !failed.contains(&at));
        if !handled || *again {
            let mut delivery = delivery.clone();
            let overtaken = breaks.is_some_and(|breaks| breaks.way == Way::Overtaken);
            delivery.receives += if overtaken { 2 } else { 1 };
            next.put_back(service, delivery);
        }
    }
    next
}

impl Model for Exploration<'_> {
    type State = World;
    type Step = Step;

    fn start(&self) -> World {
        World {
            clients: vec![Vec::new(); self.workflow.clients],
            budget: self.workflow.budget,
            ..World::default()
        }
    }

    fn steps(&self, world: &World) -> Vec<(Step, World)> {
        let mut steps = Vec::new();
        for what in self.possible(world) {
            let well = Step {
                what: what.clone(),
                breaks: None,
                again: false,
            };
            let effect = self.run(world, &well);
            steps.push((well.clone(), after(world, &well, &effect)));
            if world.budget == 0 {
                continue;
            }
            let mut faults = Vec::new();
            for (call, name) in effect.calls.iter().copied().enumerate() {
                let ways = Way::ALL
                    .into_iter()
                    .filter(|way| self.can_go(&what, *way, call));
                faults.extend(ways.map(|way| (Some(Break { call, name, way }), false)));
            }
            if let What::Deliver(..) | What::Relay(_) = what {
                faults.push((None, true));
            }
            for (breaks, again) in faults {
                let what = what.clone();
                let step = Step {
                    what,
                    breaks,
                    again,
                };
                let next = after(world, &step, &self.run(world, &step));
                steps.push((step, next));
            }
        }
        steps
    }

    fn goes_well(&self, step: &Step) -> bool {
        step.breaks.is_none() && !step.again
    }

    fn always(&self, before: &World, after: &World) -> Result<(), String> {
        laws::always(before, after)
    }

    fn finally(&self, world: &World) -> Result<(), String> {
        laws::finally(self.workflow, world)
    }
}

/// What a client hears.
fn told(done: Option<&Done>) -> Answer {
    let Some(Done::Answered(response)) = done else {
        return Answer::None;
    };
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    match (response.status_code, body["orderId"].as_str()) {
        (202, Some(order)) => Answer::Accepted {
            order: order.to_owned(),
            body: response.body.clone(),
        },
        (status, _) => Answer::Status(status),
    }
}
