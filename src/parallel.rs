//! The same work on many things, side by side.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// As many threads as there are processors, or one alone: to start another takes as long as some hundred small checks.
pub fn threads(worthwhile: bool) -> usize {
    match worthwhile {
        true => std::thread::available_parallelism().map_or(1, NonZero::get),
        false => 1,
    }
}

/// Does `work` for every number below `count`, lower ones first. Each of `threads` gathers what comes of it for itself; in which of
/// them a number is gathered differs from run to run. A panic of one is a panic of the whole.
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
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(gather)).collect();
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

/// What threads share, for this one alone. A panic of another one leaves nothing half-done in there: each only adds to it.
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
    #[should_panic(expected = "the ninth")]
    fn a_panic_of_one_thread_is_one_of_the_whole() {
        each(2, 1000, |at, (): &mut ()| {
            assert!(at != 9, "the ninth");
        });
    }
}
