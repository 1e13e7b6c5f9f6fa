//! Starts and runs of handlers. They alternate, so that what else the machine does falls on all alike; figures are medians.

use std::time::{Duration, Instant};

use hyper::body::Bytes;

use crate::batch::{Batches, Service};
use crate::process::Contestant;

/// Starts of each handler.
const STARTS: usize = 31;
/// Runs of each handler through the loop.
const RUNS: usize = 5;
/// Records of a batch.
pub const BATCH: usize = 10;
/// Batches of a run that are not timed: Node compiles what it finds hot.
const WARM_UP: usize = 200;
/// Batches of a run that are.
const TIMED: usize = 500;
/// Records that a handler has seen when its memory is read.
pub const RECORDS: usize = (WARM_UP + TIMED) * BATCH;

/// What a start costs.
pub struct Start {
    /// Until it asks for its first event.
    pub took: Duration,
    /// Processor time of that.
    pub cpu: Duration,
    /// Until its first record is answered, were it there at once.
    pub answer: Duration,
    /// The most memory until it asks for its first event.
    pub memory: u64,
}

/// What the loop costs.
pub struct Loop {
    /// Records in a second.
    pub rate: f64,
    /// Processor time of a record.
    pub cpu: Duration,
    /// The most memory until the end.
    pub memory: u64,
}

pub fn starts(service: &Service, contestants: &[Contestant]) -> Vec<Start> {
    // The first of each finds its files on the disk, and the others find them in memory.
    for contestant in contestants {
        start(service, contestant);
    }
    let all = alternate(STARTS, contestants, |contestant| start(service, contestant));
    let medians = all.iter().map(|starts| Start {
        took: median(starts, |start| start.took),
        cpu: median(starts, |start| start.cpu),
        answer: median(starts, |start| start.answer),
        memory: median(starts, |start| start.memory),
    });
    medians.collect()
}

pub fn loops(service: &Service, contestants: &[Contestant]) -> Vec<Loop> {
    let all = alternate(RUNS, contestants, |contestant| run(service, contestant));
    let medians = all.iter().map(|runs| {
        let took = median(runs, |run| run.took);
        Loop {
            rate: (TIMED * BATCH) as f64 / took.as_secs_f64(),
            cpu: median(runs, |run| run.cpu) / (TIMED * BATCH) as u32,
            memory: median(runs, |run| run.memory),
        }
    });
    medians.collect()
}

fn alternate<T>(
    times: usize,
    contestants: &[Contestant],
    once: impl Fn(&Contestant) -> T,
) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = contestants.iter().map(|_| Vec::new()).collect();
    for _ in 0..times {
        for (contestant, results) in contestants.iter().zip(&mut all) {
            results.push(once(contestant));
        }
    }
    all
}

fn start(service: &Service, contestant: &Contestant) -> Start {
    let running = contestant.start(service);
    let (cpu, memory) = (running.cpu(), running.memory());
    let event = Batches::new(service).next(1);
    let handed_out = Instant::now();
    running.invoke([event]);
    Start {
        took: running.took,
        cpu,
        answer: running.took + handed_out.elapsed(),
        memory,
    }
}

struct Run {
    took: Duration,
    cpu: Duration,
    memory: u64,
}

fn run(service: &Service, contestant: &Contestant) -> Run {
    let running = contestant.start(service);
    let mut batches = Batches::new(service);
    running.invoke((0..WARM_UP).map(|_| batches.next(BATCH)));
    let timed: Vec<Bytes> = (0..TIMED).map(|_| batches.next(BATCH)).collect();
    let (begun, cpu) = (Instant::now(), running.cpu());
    running.invoke(timed);
    let (took, cpu) = (begun.elapsed(), running.cpu() - cpu);
    let calls = running.stub.calls();
    let made = (calls.puts, calls.publishes);
    assert_eq!(made, (RECORDS, RECORDS * service.publications));
    Run {
        took,
        cpu,
        memory: running.memory(),
    }
}

fn median<T, U: Ord>(of: &[T], figure: impl Fn(&T) -> U) -> U {
    let mut figures: Vec<U> = of.iter().map(figure).collect();
    figures.sort_unstable();
    let middle = figures.len() / 2;
    figures.swap_remove(middle)
}
