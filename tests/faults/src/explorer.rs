//! Walks all states of a model, breadth first.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::Hash;
use std::rc::Rc;

/// What can be explored.
pub trait Model {
    /// A state.
    type State: Hash + Eq;
    /// What leads from one to the next.
    type Step: fmt::Display;

    /// Where it begins.
    fn start(&self) -> Self::State;

    /// Every step that is possible, and where it leads. The steps that go well are the ones that must come to an end.
    fn steps(&self, state: &Self::State) -> Vec<(Self::Step, Self::State)>;

    /// Whether nothing goes wrong in the step.
    fn goes_well(&self, step: &Self::Step) -> bool;

    /// What must hold of every step.
    ///
    /// # Errors
    /// When it does not: what is wrong.
    fn always(&self, before: &Self::State, after: &Self::State) -> Result<(), String>;

    /// What must hold where nothing more happens by itself.
    ///
    /// # Errors
    /// When it does not: what is wrong.
    fn finally(&self, state: &Self::State) -> Result<(), String>;
}

/// How much was walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Explored {
    /// States, each counted once.
    pub states: usize,
    /// Steps between them.
    pub steps: usize,
    /// States in which nothing more happens by itself.
    pub ends: usize,
}

/// A law that does not hold, and the shortest way to where it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong.
    pub law: String,
    /// The steps that lead there.
    pub path: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.law)?;
        for (at, step) in self.path.iter().enumerate() {
            writeln!(out, "{:>4}. {step}", at + 1)?;
        }
        Ok(())
    }
}

/// The step that first led to a state, linked to the one before it.
struct Trail<S> {
    step: S,
    earlier: Option<Rc<Trail<S>>>,
}

/// Walks the whole model.
///
/// # Errors
/// At the first law that does not hold.
pub fn explore<M: Model>(model: &M) -> Result<Explored, Violation> {
    let start = Rc::new(model.start());
    let mut seen = HashSet::from([Rc::clone(&start)]);
    let mut waiting = VecDeque::from([(start, None::<Rc<Trail<M::Step>>>)]);
    let mut explored = Explored::default();
    while let Some((state, trail)) = waiting.pop_front() {
        explored.states += 1;
        let mut is_end = true;
        for (step, next) in model.steps(&state) {
            explored.steps += 1;
            is_end &= next == *state || !model.goes_well(&step);
            let law = model.always(&state, &next);
            let next = Rc::new(next);
            if law.is_err() || !seen.contains(&next) {
                let earlier = trail.clone();
                let trail = Some(Rc::new(Trail { step, earlier }));
                law.map_err(|law| violation(law, trail.as_deref()))?;
                seen.insert(Rc::clone(&next));
                waiting.push_back((next, trail));
            }
        }
        if is_end {
            explored.ends += 1;
            let law = model.finally(&state);
            law.map_err(|law| violation(law, trail.as_deref()))?;
        }
    }
    Ok(explored)
}

fn violation<S: fmt::Display>(law: String, mut trail: Option<&Trail<S>>) -> Violation {
    let mut path = Vec::new();
    while let Some(Trail { step, earlier }) = trail {
        path.push(step.to_string());
        trail = earlier.as_deref();
    }
    path.reverse();
    Violation { law, path }
}
