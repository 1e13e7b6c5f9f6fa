//! The same work on many things, side by side.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

/// As many threads as there are processors, or one alone: to start another takes as long as some hundred small checks.
pub fn threads(worthwhile: bool) -> usize {
    // On Linux several files are read to know it.
    static PROCESSORS: LazyLock<usize> =
        LazyLock::new(|| std::thread::available_parallelism().map_or(1, NonZero::get));
    if worthwhile { *PROCESSORS } else { 1 }
}

/// As much as the first thread has on Linux, so that what fits there fits everywhere; no more of it is taken than is used.
const STACK: usize = 8 << 20;

/// Does `work` for every number below `count`, lower ones first. Each of `threads`, or of as many as the system lets be made, gathers
/// what comes of it for itself; in which of them a number is gathered differs from run to run. A panic of one is a panic of the whole.
pub fn each<T: Default + Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize, &mut T) + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let gather = || {
        let mut gathered = T::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return gathered;
            }
            work(at, &mut gathered);
        }
    };
    std::thread::scope(|scope| {
        // Where there may be no further one, as under a limit of processes, those that are there do it all.
        let start = |_| {
            let builder = Builder::new().stack_size(STACK);
            builder.spawn_scoped(scope, gather).ok()
        };
        let others: Vec<_> = (1..threads).map_while(start).collect();
        let mut all = vec![gather()];
        for other in others {
            match other.join() {
                Ok(theirs) => all.push(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// Work that threads only hinder each other at, such as making files in one folder: one of them does it, and what others bring
/// meanwhile waits, so that they can go on.
pub struct Desk<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// Whether a thread is at it. It stays while something waits.
    attended: bool,
}

/// How many things may wait. Who brings more does one itself.
const ROOM: usize = 16;

impl<T> Default for Desk<T> {
    fn default() -> Self {
        let state = State {
            waiting: VecDeque::new(),
            attended: false,
        };
        Self {
            state: Mutex::new(state),
        }
    }
}

impl<T> Desk<T> {
    /// Does `work` on `thing`, or leaves it to the thread that is at it. Once all threads have come back from here, all is done,
    /// unless one of them came back with an error.
    pub fn bring<E>(&self, thing: T, work: impl Fn(T) -> Result<(), E>) -> Result<(), E> {
        let mut state = locked(&self.state);
        state.waiting.push_back(thing);
        if !state.attended {
            state.attended = true;
            return self.attend(state, work);
        }
        if state.waiting.len() <= ROOM {
            return Ok(());
        }
        let next = state.waiting.pop_front();
        drop(state);
        next.map_or(Ok(()), work)
    }

    fn attend<'a, E>(
        &'a self,
        mut state: MutexGuard<'a, State<T>>,
        work: impl Fn(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut done = Ok(());
        while done.is_ok()
            && let Some(next) = state.waiting.pop_front()
        {
            drop(state);
            done = work(next);
            state = locked(&self.state);
        }
        state.attended = false;
        done
    }
}

/// What threads share, for this one alone. A panic of another one leaves nothing half-done in there: each adds or takes in one step.
pub fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_worked_on_once() {
        for threads in [1, 2, 7] {
            for count in [0, 1, 1000] {
                let gathered = each(threads, count, |at, numbers: &mut Vec<usize>| {
                    numbers.push(at);
                });
                assert_eq!(gathered.len(), threads);
                assert!(gathered.iter().all(|numbers| numbers.is_sorted()));
                let mut all = gathered.concat();
                all.sort_unstable();
                assert!(all.into_iter().eq(0..count));
            }
        }
    }

    #[test]
    fn what_is_brought_is_done_once() {
        for threads in [1, 2, 7] {
            let (desk, done) = (Desk::default(), Mutex::new(Vec::new()));
            let note = |at| {
                locked(&done).push(at);
                Ok::<_, ()>(())
            };
            each(threads, 1000, |at, (): &mut ()| {
                desk.bring(at, note).unwrap()
            });
            let mut done = done.into_inner().unwrap();
            done.sort_unstable();
            assert!(done.into_iter().eq(0..1000));
        }
    }

    #[test]
    fn one_works_and_others_go_on_while_there_is_room() {
        let (desk, done) = (Desk::default(), Mutex::new(Vec::new()));
        let note = |at| {
            locked(&done).push(at);
            Ok::<_, ()>(())
        };
        let first = |at| {
            // While it is at it, others bring more than there is room for.
            if at == 0 {
                for next in 1..=ROOM + 1 {
                    desk.bring(next, note).unwrap();
                }
                assert_eq!(*locked(&done), [1], "the one too many makes room");
            }
            note(at)
        };
        desk.bring(0, first).unwrap();
        let all: Vec<usize> = [1, 0].into_iter().chain(2..=ROOM + 1).collect();
        assert_eq!(*locked(&done), all);
    }

    #[test]
    fn an_error_comes_back_and_the_next_one_is_done() {
        let desk = Desk::default();
        let work = |at: usize| match at {
            3 => Err("three"),
            _ => Ok(()),
        };
        let told: Vec<_> = (0..5).map(|at| desk.bring(at, work)).collect();
        assert_eq!(told, [Ok(()), Ok(()), Ok(()), Err("three"), Ok(())]);
    }

    #[test]
    #[should_panic(expected = "the ninth")]
    fn a_panic_of_one_thread_is_one_of_the_whole() {
        each(2, 1000, |at, (): &mut ()| {
            assert!(at != 9, "the ninth");
        });
    }
}
