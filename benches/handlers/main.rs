//! What the handlers of the order workflow cost, against the same handlers for Node 20: `cargo bench --bench handlers`.
//!
//! Both get the same batches from a stub of Lambda's Runtime API and make the same calls to a stub of DynamoDB and SNS,
//! which is checked; runs alternate, and figures are medians. The process under test has one processor, the stub another.
//! Ours are the zips of `topogen build`. Node's are in benches/node, without the runtime that Lambda puts under them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking, and prints"
)]

mod batch;
mod cpu;
mod node;
mod process;
mod stub;

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use batch::{Batches, NOTIFICATION, PAYMENT, Service, meaning};
use node::Node;
use process::Contestant;

/// Starts of each handler.
const STARTS: usize = 31;
/// Runs of each handler through the loop.
const RUNS: usize = 5;
/// Records of a batch.
const BATCH: usize = 10;
/// Batches of a run that are not timed: Node compiles what it finds hot.
const WARM_UP: usize = 200;
/// Batches of a run that are.
const TIMED: usize = 500;

/// What is to be reached.
const START: Duration = Duration::from_millis(15);
const START_RATIO: f64 = 10.0;
const MEMORY_RATIO: f64 = 4.0;
const RATE_RATIO: f64 = 5.0;
const ZIP: u64 = 3_000_000;

fn main() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("handlers");
    fs::create_dir_all(&target).unwrap();
    let node = Node::install(&target);
    let zips = build();
    cpu::pin(cpu::Side::Ours);
    for service in [&PAYMENT, &NOTIFICATION] {
        measure(service, &zips, &node, &target);
    }
}

/// The handlers as `topogen build` makes them, for this machine's processor.
fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(env!("CARGO_BIN_EXE_topogen"))
        .args([
            "build",
            "--environment",
            "local",
            PAYMENT.name,
            NOTIFICATION.name,
        ])
        .current_dir(root)
        .status();
    assert!(status.unwrap().success(), "topogen build");
    root.join("out/local/functions")
}

fn measure(service: &Service, zips: &Path, node: &Node, target: &Path) {
    let zip = zips.join(service.name).with_extension("zip");
    let bundle = node.bundle(service.name);
    let ours = Contestant {
        name: "topogen",
        command: vec![unpack(&zip, &target.join(service.name))],
    };
    let theirs = Contestant {
        name: "node",
        command: node.command(bundle.clone()),
    };
    let unbundled = Contestant {
        name: "node, unbundled",
        command: node.command(node.plain(service.name)),
    };
    same_calls(service, [&ours, &theirs, &unbundled]);

    println!(
        "\n{:<36}{:>12}{:>12}{:>8}  to reach",
        service.name, ours.name, theirs.name, "ratio"
    );
    let [start, theirs_start, plain_start] = starts(service, [&ours, &theirs, &unbundled]);
    let first = Row::of(
        "start to first `next`, ms",
        start.took,
        theirs_start.took,
        millis,
    );
    first.print(
        &format!("under {} ms, {START_RATIO} times", START.as_millis()),
        |ratio| start.took < START && ratio >= START_RATIO,
    );
    Row::of(
        "  of it processor time, ms",
        start.cpu,
        theirs_start.cpu,
        millis,
    )
    .print("", |_| true);
    Row::of("  unbundled, ms", start.took, plain_start.took, millis).print("", |_| true);
    Row::of(
        "start to answer of one record, ms",
        start.answer,
        theirs_start.answer,
        millis,
    )
    .print("", |_| true);
    Row::of(
        "memory at first `next`, MiB",
        start.memory,
        theirs_start.memory,
        mib,
    )
    .print(&format!("{MEMORY_RATIO} times"), |ratio| {
        ratio >= MEMORY_RATIO
    });

    let [loops, theirs_loops] = loops(service, [&ours, &theirs]);
    let records = (WARM_UP + TIMED) * BATCH;
    Row::of(
        &format!("memory after {records} records, MiB"),
        loops.memory,
        theirs_loops.memory,
        mib,
    )
    .print(&format!("{MEMORY_RATIO} times"), |ratio| {
        ratio >= MEMORY_RATIO
    });
    Row::rate("records a second", loops.took, theirs_loops.took)
        .print(&format!("{RATE_RATIO} times"), |ratio| ratio >= RATE_RATIO);
    Row::of(
        "processor time of a record, µs",
        loops.cpu,
        theirs_loops.cpu,
        micros_a_record,
    )
    .print("", |_| true);

    let (zip, theirs_zip) = (fs::metadata(&zip).unwrap().len(), zipped(&bundle));
    Row::of(
        "zip, MB (Node's without its runtime)",
        zip,
        theirs_zip,
        |bytes| bytes as f64 / 1e6,
    )
    .print(&format!("under {} MB", ZIP / 1_000_000), |_| zip < ZIP);
}

/// Both make the same calls of the same batch, or there is nothing to compare.
fn same_calls<const N: usize>(service: &Service, contestants: [&Contestant; N]) {
    let [first, others @ ..] = &contestants.map(|contestant| {
        let running = contestant.start(service);
        running.invoke(Batches::new(service).next(BATCH));
        let calls = running.stub.calls();
        running.end();
        assert_eq!(
            (calls.puts, calls.publishes),
            (BATCH, BATCH * service.publications)
        );
        meaning(&calls)
    })[..] else {
        unreachable!("nobody was compared")
    };
    assert_eq!(first.len(), BATCH * (1 + service.publications));
    for other in others {
        for (call, meaning) in first {
            assert_eq!(Some(meaning), other.get(call), "{call}");
        }
    }
}

struct Start {
    took: Duration,
    cpu: Duration,
    answer: Duration,
    memory: u64,
}

fn starts<const N: usize>(service: &Service, contestants: [&Contestant; N]) -> [Start; N] {
    let mut all = contestants.map(|_| Vec::new());
    for _ in 0..=STARTS {
        for (contestant, starts) in contestants.iter().zip(&mut all) {
            let running = contestant.start(service);
            let cpu = running.cpu();
            let event = Batches::new(service).next(1);
            let (took, memory) = (running.took, running.memory);
            let asked = Instant::now();
            running.invoke(event);
            let answer = took + asked.elapsed();
            running.end();
            starts.push(Start {
                took,
                cpu,
                answer,
                memory,
            });
        }
    }
    all.map(|mut starts| {
        // The first of each finds its file on the disk, and the others find it in memory.
        starts.remove(0);
        Start {
            took: median(starts.iter().map(|start| start.took)),
            cpu: median(starts.iter().map(|start| start.cpu)),
            answer: median(starts.iter().map(|start| start.answer)),
            memory: median(starts.iter().map(|start| start.memory)),
        }
    })
}

struct Loop {
    took: Duration,
    cpu: Duration,
    memory: u64,
}

fn loops<const N: usize>(service: &Service, contestants: [&Contestant; N]) -> [Loop; N] {
    let mut all = contestants.map(|_| Vec::new());
    for _ in 0..RUNS {
        for (contestant, loops) in contestants.iter().zip(&mut all) {
            loops.push(run(service, contestant));
        }
    }
    all.map(|loops| Loop {
        took: median(loops.iter().map(|one| one.took)),
        cpu: median(loops.iter().map(|one| one.cpu)),
        memory: median(loops.iter().map(|one| one.memory)),
    })
}

fn run(service: &Service, contestant: &Contestant) -> Loop {
    let running = contestant.start(service);
    let mut batches = Batches::new(service);
    for _ in 0..WARM_UP {
        running.invoke(batches.next(BATCH));
    }
    let (begun, cpu) = (Instant::now(), running.cpu());
    for _ in 0..TIMED {
        running.invoke(batches.next(BATCH));
    }
    let (took, cpu) = (begun.elapsed(), running.cpu() - cpu);
    let memory = running.memory();
    let calls = running.stub.calls();
    running.end();
    let records = (WARM_UP + TIMED) * BATCH;
    assert_eq!(
        (calls.puts, calls.publishes),
        (records, records * service.publications)
    );
    Loop { took, cpu, memory }
}

/// A figure of ours, Node's, and how many times better ours is.
struct Row {
    name: String,
    ours: f64,
    theirs: f64,
    ratio: f64,
}

impl Row {
    /// Of something that is better when it is less.
    fn of<T>(name: &str, ours: T, theirs: T, unit: impl Fn(T) -> f64) -> Self {
        let (ours, theirs) = (unit(ours), unit(theirs));
        Self {
            name: name.to_owned(),
            ours,
            theirs,
            ratio: theirs / ours,
        }
    }

    fn rate(name: &str, ours: Duration, theirs: Duration) -> Self {
        let rate = |took: Duration| (TIMED * BATCH) as f64 / took.as_secs_f64();
        let (ours, theirs) = (rate(ours), rate(theirs));
        Self {
            name: name.to_owned(),
            ours,
            theirs,
            ratio: ours / theirs,
        }
    }

    fn print(&self, goal: &str, reached: impl FnOnce(f64) -> bool) {
        let Self {
            name,
            ours,
            theirs,
            ratio,
        } = self;
        let missed = if reached(*ratio) { "" } else { ": not reached" };
        println!("{name:<36}{ours:>12.2}{theirs:>12.2}{ratio:>8.2}  {goal}{missed}");
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn micros_a_record(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6 / (TIMED * BATCH) as f64
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn median<T: Ord>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let middle = values.len() / 2;
    values.swap_remove(middle)
}

/// Takes the binary out of a zip, as Lambda does.
fn unpack(zip: &Path, folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let mut archive = ZipArchive::new(File::open(zip).unwrap()).unwrap();
    let path = folder.join("bootstrap");
    let mut file = File::create(&path).unwrap();
    std::io::copy(&mut archive.by_name("bootstrap").unwrap(), &mut file).unwrap();
    file.set_permissions(fs::Permissions::from_mode(0o755))
        .unwrap();
    path
}

/// Bytes of a zip with that one file.
fn zipped(file: &Path) -> u64 {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_level(Some(9));
    writer.start_file("index.cjs", options).unwrap();
    writer.write_all(&fs::read(file).unwrap()).unwrap();
    writer.finish().unwrap().into_inner().len() as u64
}
