//! What the handlers of the order workflow cost, against the same handlers for Node 20: `cargo bench --bench handlers`.
//!
//! Both get the same batches from a stub of Lambda's Runtime API and make the same calls to a stub of DynamoDB and SNS,
//! which is checked. The process under test has one processor, the stub another. Ours are the zips of `topogen build`.
//! Node's are in benches/node, without the runtime that Lambda puts under them.
//!
//! `cargo bench --bench handlers -- BINARY…` compares builds of the payment handler with one another: profiles, allocators.

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
mod measure;
mod node;
mod process;
mod stub;

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use batch::{Batches, NOTIFICATION, PAYMENT, Service, meaning};
use measure::{BATCH, Loop, RECORDS, Start, loops, starts};
use node::Node;
use process::Contestant;

fn main() {
    // Cargo adds `--bench`.
    let arguments = std::env::args().skip(1);
    let binaries: Vec<String> = arguments.filter(|word| !word.starts_with('-')).collect();
    if !binaries.is_empty() {
        cpu::pin(cpu::Side::Ours);
        return compare(binaries);
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("handlers");
    fs::create_dir_all(&target).unwrap();
    let node = Node::install(&target);
    let zips = build();
    cpu::pin(cpu::Side::Ours);
    for service in [PAYMENT, NOTIFICATION] {
        measure(&service, &zips, &node, &target);
    }
}

/// The handlers as `topogen build` makes them, for this machine's processor.
fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(env!("CARGO_BIN_EXE_topogen"))
        .args(["build", "--environment", "local"])
        .args([PAYMENT.name, NOTIFICATION.name])
        .current_dir(root)
        .status();
    assert!(status.unwrap().success(), "topogen build");
    root.join("out/local/functions")
}

fn measure(service: &Service, zips: &Path, node: &Node, target: &Path) {
    let name = service.name;
    let zip = zips.join(name).with_extension("zip");
    let bundle = node.bundle(name);
    let contestant = |command| Contestant { command };
    let mut contestants = vec![
        contestant(vec![unpack(&zip, &target.join(name))]),
        contestant(node.command(bundle.clone())),
        contestant(node.command(node.plain(name))),
    ];
    same_calls(service, &contestants);

    let starts = starts(service, &contestants);
    let start = |figure: fn(&Start) -> f64| figures(&starts, figure);
    contestants.truncate(2);
    let loops = loops(service, &contestants);
    let each = |figure: fn(&Loop) -> f64| figures(&loops, figure);
    let zips = [fs::metadata(&zip).unwrap().len(), zipped(&bundle)].map(|bytes| bytes as f64 / 1e6);

    println!("\n{name:<35} topogen      node   ratio  unbundled  to reach");
    line(
        "start to first `next`, ms",
        &start(|start| millis(start.took)),
        LESS,
    )
    .against("under 15, 10 times", |ours, ratio| {
        ours < 15.0 && ratio >= 10.0
    });
    line(
        "  of it processor time, ms",
        &start(|start| millis(start.cpu)),
        LESS,
    )
    .end();
    line(
        "start to answer of one record, ms",
        &start(|start| millis(start.answer)),
        LESS,
    )
    .end();
    line(
        "memory at first `next`, MiB",
        &start(|start| mib(start.memory)),
        LESS,
    )
    .against("4 times", |_, ratio| ratio >= 4.0);
    line(
        &format!("memory after {RECORDS} records, MiB"),
        &each(|each| mib(each.memory)),
        LESS,
    )
    .against("4 times", |_, ratio| ratio >= 4.0);
    line("records a second", &each(|each| each.rate), MORE)
        .against("5 times", |_, ratio| ratio >= 5.0);
    line(
        "processor time of a record, µs",
        &each(|each| micros(each.cpu)),
        LESS,
    )
    .end();
    line("zip, MB", &zips, LESS).against("under 3", |ours, _| ours < 3.0);
}

/// All make the same calls of the same batch, or there is nothing to compare.
fn same_calls(service: &Service, contestants: &[Contestant]) {
    let meanings = contestants.iter().map(|contestant| {
        let running = contestant.start(service);
        running.invoke([Batches::new(service).next(BATCH)]);
        meaning(&running.stub.calls())
    });
    let meanings: Vec<_> = meanings.collect();
    for other in &meanings {
        assert_eq!(other.len(), BATCH * (1 + service.publications));
        for (call, meaning) in &meanings[0] {
            assert_eq!(Some(meaning), other.get(call), "{call}");
        }
    }
}

/// Builds of the payment handler, each in a line.
fn compare(binaries: Vec<String>) {
    let contestants = binaries.iter().map(|binary| Contestant {
        command: vec![binary.into()],
    });
    let contestants: Vec<Contestant> = contestants.collect();
    let starts = starts(&PAYMENT, &contestants);
    let loops = loops(&PAYMENT, &contestants);
    println!(
        "start, ms    cpu  answer  memory, MiB  after  records/s  cpu, µs  zip, MB  payment handler"
    );
    for ((binary, start), each) in binaries.iter().zip(starts).zip(loops) {
        println!(
            "{:>9.2} {:>6.2} {:>7.2} {:>12.2} {:>6.2} {:>10.0} {:>8.1} {:>8.3}  {binary}",
            millis(start.took),
            millis(start.cpu),
            millis(start.answer),
            mib(start.memory),
            mib(each.memory),
            each.rate,
            micros(each.cpu),
            zipped(Path::new(binary)) as f64 / 1e6,
        );
    }
}

fn figures<T>(of: &[T], figure: fn(&T) -> f64) -> Vec<f64> {
    of.iter().map(figure).collect()
}

/// How many times better the first figure is than the second.
type Better = fn(f64, f64) -> f64;
const LESS: Better = |ours, theirs| theirs / ours;
const MORE: Better = |ours, theirs| ours / theirs;

/// A line that has begun.
struct Line {
    ours: f64,
    ratio: f64,
}

fn line(name: &str, figures: &[f64], better: Better) -> Line {
    let (ours, theirs) = (figures[0], figures[1]);
    let ratio = better(ours, theirs);
    print!("{name:<32} {ours:>10.2} {theirs:>9.2} {ratio:>7.2}");
    match figures.get(2) {
        Some(third) => print!(" {third:>10.2}"),
        None => print!("{:>11}", ""),
    }
    Line { ours, ratio }
}

impl Line {
    fn against(self, goal: &str, is_reached: fn(f64, f64) -> bool) {
        let reached = is_reached(self.ours, self.ratio);
        println!("  {goal}{}", if reached { "" } else { ": not reached" });
    }

    fn end(self) {
        println!();
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
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

/// Bytes of a zip with that one file, as `topogen build` compresses.
fn zipped(file: &Path) -> u64 {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_level(Some(9));
    writer.start_file("file", options).unwrap();
    writer.write_all(&fs::read(file).unwrap()).unwrap();
    writer.finish().unwrap().into_inner().len() as u64
}
