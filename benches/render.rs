//! How long `topogen render` takes as a whole process, with all lints, and how much memory: `cargo bench --bench render`.
//!
//! Topologies of 3, 100, 1,000 and 10,000 consumers are made, and rendered into an empty folder. In the same run a floor
//! program parses the same file with the same reader and writes as many bytes into as many files of the same names; a
//! figure is best read as a ratio of the two. With many files most of the time of both is the file system's: all is measured in memory,
//! where there is room, which tells what topogen takes, and then on the disk that `target/` is on. `RENDER_BENCH_FOLDER` names another
//! place, and is measured alone. On ext4, wait for five minutes after many files were deleted, such as those of a run before: for so
//! long each new file passes over every inode that was freed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking, and prints"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// Consumers, runs of each, and what is to be reached: wall time and memory.
const SIZES: [(usize, usize, Duration, u64); 4] = [
    (3, 41, Duration::from_millis(5), 15 << 20),
    (100, 21, Duration::from_millis(20), 500 << 20),
    (1_000, 11, Duration::from_millis(60), 500 << 20),
    (10_000, 3, Duration::from_millis(600), 500 << 20),
];

/// As the first argument, makes this program the floor.
const FLOOR: &str = "--floor";
/// As the first argument, lets it touch memory and end.
const WARM_UP: &str = "--warm-up";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == FLOOR) {
        return floor(Path::new(&arguments[1]));
    }
    if arguments.first().is_some_and(|first| first == WARM_UP) {
        return warm_up();
    }
    let installed = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let programs = Programs {
        topogen: install(Path::new(env!("CARGO_BIN_EXE_topogen")), installed.path()),
        floor: install(&std::env::current_exe().unwrap(), installed.path()),
    };
    for place in places() {
        measure_in(&place, &programs);
    }
}

/// Where to write to.
fn places() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os("RENDER_BENCH_FOLDER") {
        return vec![folder.into()];
    }
    const MEMORY: &str = "/dev/shm";
    const ROOM: u64 = 4 << 30;
    let disk = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    match rustix::fs::statvfs(MEMORY) {
        Ok(memory) if memory.f_bavail * memory.f_frsize >= ROOM => vec![MEMORY.into(), disk],
        Ok(_) | Err(_) => vec![disk],
    }
}

fn measure_in(place: &Path, programs: &Programs) {
    println!("in {}", place.display());
    println!("consumers      size  files   topogen    memory     floor  ratio  to reach");
    let folder = tempfile::tempdir_in(place).unwrap();
    for (consumers, runs, time, memory) in SIZES {
        run(Command::new(&programs.floor).arg(WARM_UP));
        let folder = folder.path().join(consumers.to_string());
        fs::create_dir(&folder).unwrap();
        measure(programs, &folder, consumers, runs, time, memory);
    }
}

struct Programs {
    topogen: PathBuf,
    floor: PathBuf,
}

/// Copies a program, as `cargo install --path` does. What the linker has just written lies in memory in pieces of 4 KB, and each is
/// mapped by itself; a program that was copied, or read from the disk, lies in larger ones.
fn install(program: &Path, folder: &Path) -> PathBuf {
    let installed = folder.join(program.file_name().unwrap());
    fs::copy(program, &installed).unwrap();
    installed
}

/// Touches as much memory as the runs of a size fill with files. The host of a virtual machine may have taken back what is free there:
/// then the first touch of a page takes microseconds, in the program that happens to be first.
fn warm_up() {
    const BYTES: usize = 3 << 30;
    std::hint::black_box(vec![1_u8; BYTES]);
}

fn measure(
    programs: &Programs,
    folder: &Path,
    consumers: usize,
    runs: usize,
    time: Duration,
    memory: u64,
) {
    let topology = topology(consumers);
    let fresh = |name: &str| {
        let folder = folder.join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("topology.toml"), &topology).unwrap();
        folder
    };
    let render = |folder: &Path| {
        let mut command = Command::new(&programs.topogen);
        run(command.arg("render").current_dir(folder))
    };
    let first = fresh("first");
    render(&first);
    let files = list(&first.join("out"));
    let bytes: u64 = files.iter().map(|(_, length)| length).sum();
    let manifest: Vec<String> = files
        .iter()
        .map(|(path, length)| format!("{length} {}", path.strip_prefix(&first).unwrap().display()))
        .collect();
    let manifest = manifest.join("\n");

    let (mut ours, mut floors, mut most) = (Vec::new(), Vec::new(), 0);
    for at in 0..runs {
        // Nothing is deleted before the end: for five minutes ext4 passes over each inode that was freed, one by one.
        let (took, resident) = render(&fresh(&format!("topogen-{at}")));
        ours.push(took);
        most = most.max(resident);
        let floor = fresh(&format!("floor-{at}"));
        fs::write(floor.join("manifest"), &manifest).unwrap();
        floors.push(run(Command::new(&programs.floor).arg(FLOOR).arg(&floor)).0);
    }
    let (ours, floor) = (median(ours), median(floors));
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!(
        "{consumers:>9} {:>5.1} MiB {:>6} {:>6.1} ms {:>5.1} MiB {:>6.1} ms {:>6.2}  {} ms, {} MiB{}",
        mib(bytes),
        files.len(),
        ours.as_secs_f64() * 1e3,
        mib(most),
        floor.as_secs_f64() * 1e3,
        ours.as_secs_f64() / floor.as_secs_f64(),
        time.as_millis(),
        memory >> 20,
        if ours <= time && most <= memory {
            ""
        } else {
            ": not reached"
        },
    );
}

/// Wall time of a process from start to end, and the most memory that it had at once.
fn run(command: &mut Command) -> (Duration, u64) {
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ended = child.wait4().unwrap();
    assert!(ended.status.success(), "{command:?}");
    (started.elapsed(), ended.rusage.maxrss)
}

/// Reads the file and writes what is in the manifest, of one byte.
fn floor(folder: &Path) {
    let text = fs::read_to_string(folder.join("topology.toml")).unwrap();
    let (table, errors) = toml::de::DeTable::parse_recoverable(&text);
    assert!(errors.is_empty() && !table.get_ref().is_empty());
    let manifest = fs::read_to_string(folder.join("manifest")).unwrap();
    let files = manifest.lines().map(|line| line.split_once(' ').unwrap());
    let files: Vec<(usize, PathBuf)> = files
        .map(|(length, path)| (length.parse().unwrap(), folder.join("floor").join(path)))
        .collect();
    let largest = files.iter().map(|(length, _)| *length).max().unwrap();
    let bytes = vec![b'x'; largest];
    let mut last = PathBuf::new();
    for (length, path) in files {
        let parent = path.parent().unwrap();
        if parent != last {
            fs::create_dir_all(parent).unwrap();
            last = parent.to_owned();
        }
        fs::write(&path, &bytes[..length]).unwrap();
    }
}

fn list(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.metadata().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                found.push((entry.path(), kind.len()));
            }
        }
    }
    found.sort();
    found
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// One producer, and so many services with a table and a subscription each. One stack as long as one can hold them.
fn topology(consumers: usize) -> String {
    let stacks = if consumers <= 20 {
        "single"
    } else {
        "per-service"
    };
    let mut text = format!(
        "[app]\nname = \"bench\"\nstacks = \"{stacks}\"\n\n[quotas]\nfilter_policies_per_topic = 10000\n\n[alarms]\nnotify = [\"email:oncall@example.com\"]\n\n\
         [events.OrderCreated]\nattributes = [\"currency\"]\n\n[services.order]\nhttp = [\"POST /orders\"]\n\
         publishes = [\"OrderCreated\"]\ntable = {{ name = \"Orders\", key = \"orderId\" }}\n"
    );
    for at in 0..consumers {
        write!(
            text,
            "\n[services.consumer-{at}]\ntable = {{ name = \"Consumer{at}\", key = \"orderId\" }}\n\n\
             [subscriptions.consumer-{at}]\nevents = [\"OrderCreated\"]\nbatch_size = 5\nbatching_window = \"1s\"\n"
        )
        .unwrap();
    }
    text
}
