//! One processor for the process under test, another for the stub, so that neither takes time from the other.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

#[derive(Debug, Clone, Copy)]
pub enum Side {
    /// Whatever is measured.
    Theirs,
    /// The stub, and this program.
    Ours,
}

/// Lets this thread, and what it starts, run on the processor of that side and on no other.
pub fn pin(side: Side) {
    let all = processors();
    let chosen = match side {
        Side::Theirs => all.first(),
        Side::Ours => all.last(),
    };
    let mut set = CpuSet::new();
    set.set(*chosen.unwrap());
    sched_setaffinity(None, &set).unwrap();
}

/// The processors of this process.
pub fn processors() -> Vec<usize> {
    // Of the process's first thread, since others are pinned already.
    let process = rustix::thread::Pid::from_raw(std::process::id().cast_signed());
    let set = sched_getaffinity(process).unwrap();
    (0..CpuSet::MAX_CPU)
        .filter(|cpu| set.is_set(*cpu))
        .collect()
}
