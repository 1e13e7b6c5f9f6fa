//! The targets of `tests/fuzz/` on stable Rust: over the seeds as they are, and over small changes of them, always the same.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::ops::Range;
use std::panic::catch_unwind;
use std::path::PathBuf;

use serde_json::{Value, json};

/// Changes that are tried: few enough for every day, `TOPOGEN_CHANGES=100000` for a change of the reader.
fn changes(few: u64) -> u64 {
    let wanted = std::env::var("TOPOGEN_CHANGES");
    wanted.map_or(few, |wanted| wanted.parse().unwrap())
}

/// A name and bytes.
type Seed = (String, Vec<u8>);

/// Every topology that there is.
fn seeds() -> Vec<Seed> {
    let mut files = vec![PathBuf::from("topology.toml")];
    for folder in ["examples", "tests/diagnostics", "tests/broken"] {
        let entries = fs::read_dir(folder).unwrap();
        files.extend(entries.map(|entry| match entry.unwrap().path() {
            folder if folder.is_dir() => folder.join("topology.toml"),
            file => file,
        }));
    }
    files.retain(|path| path.is_file());
    assert!(files.len() > 100, "only {} seeds were found", files.len());
    read(files)
}

/// Every contract.
fn contracts() -> Vec<Seed> {
    let folders = ["tests/diagnostics/schemas", "functions/contracts/schemas"];
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(
        files.len() > 20,
        "only {} contracts were found",
        files.len()
    );
    read(files)
}

fn read(mut files: Vec<PathBuf>) -> Vec<Seed> {
    files.sort();
    let read = |path: PathBuf| (path.display().to_string(), fs::read(path).unwrap());
    files.into_iter().map(read).collect()
}

/// A small generator of numbers (splitmix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 1).unwrap() % n.max(1)
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A short range within `length`.
    fn range(&mut self, length: usize) -> Range<usize> {
        let start = self.below(length + 1);
        start..(start + self.below(40)).min(length)
    }
}

/// What trips readers.
const TOKENS: [&[u8]; 24] = [
    b"[",
    b"]",
    b"{",
    b"}",
    b"\"",
    b"'",
    b"\"\"\"",
    b"=",
    b".",
    b",",
    b"\n",
    b"\r",
    b"#",
    b"\\",
    b"\\u0000",
    b"\\U0010FFFF",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    "\u{202e}é🦀".as_bytes(),
    b"${",
    b"-0",
    b"99999999999999999999",
    b"1e400",
];

/// Any bytes may change.
fn broken(draw: &mut Draw, seeds: &[Seed], bytes: &mut Vec<u8>) {
    for _ in 0..=draw.below(4) {
        let place = draw.range(bytes.len());
        match draw.below(5) {
            0 => drop(bytes.splice(place, Vec::new())),
            1 => drop(bytes.splice(place, draw.of(&TOKENS).iter().copied())),
            2 => {
                let (_, other) = draw.of(seeds);
                let part = draw.range(other.len());
                bytes.splice(place, other[part].iter().copied());
            }
            3 => {
                let part = bytes[place.clone()].to_vec();
                bytes.splice(place.start..place.start, part);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(place.start) {
                    *byte ^= 1 << draw.below(8);
                }
            }
        }
    }
}

/// Lines change places, go, or come from other files, whole or from behind the `=`: most of it is still TOML.
fn rearranged(draw: &mut Draw, seeds: &[Seed], bytes: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=draw.below(4) {
        let (_, other) = draw.of(seeds);
        let other = String::from_utf8_lossy(other);
        let others: Vec<&str> = other.lines().collect();
        let at = draw.below(lines.len());
        if lines.is_empty() || others.is_empty() {
            return;
        }
        let line = (*draw.of(&others)).to_owned();
        match draw.below(4) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, line),
            2 => {
                let to = draw.below(lines.len());
                lines.swap(at, to);
            }
            _ => {
                if let (Some((key, _)), Some((_, value))) =
                    (lines[at].split_once('='), line.split_once('='))
                {
                    lines[at] = format!("{key}={value}");
                }
            }
        }
    }
    *bytes = lines.join("\n").into_bytes();
}

/// Values change places, go, or come from other contracts, and references lead elsewhere: it is still JSON.
fn reworded(draw: &mut Draw, seeds: &[Seed], bytes: &mut Vec<u8>) {
    let Ok(mut contract) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    for _ in 0..=draw.below(4) {
        let (_, other) = draw.of(seeds);
        let other = serde_json::from_slice::<Value>(other).unwrap_or_default();
        let (places, theirs) = (pointers(&contract), pointers(&other));
        let place = draw.below(places.len());
        let from = draw.below(places.len());
        let value = match draw.below(5) {
            0 => contract.pointer(&places[from]).cloned().unwrap(),
            1 => other
                .pointer(&theirs[draw.below(theirs.len())])
                .cloned()
                .unwrap(),
            2 => json!({ "$ref": format!("#{}", places[from]) }),
            3 => {
                json!({ *draw.of(&["not", "anyOf", "allOf", "contains", "$defs"]): [{ "$ref": "#" }, {}] })
            }
            _ => draw
                .of(&[
                    json!(null),
                    json!(true),
                    json!(-1),
                    json!(1e300),
                    json!("("),
                    json!([]),
                ])
                .clone(),
        };
        *contract.pointer_mut(&places[place]).unwrap() = value;
    }
    *bytes = serde_json::to_vec_pretty(&contract).unwrap();
}

/// Where something stands.
fn pointers(value: &Value) -> Vec<String> {
    let step = |step: &str| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (step(key), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, value)| (step(&at.to_string()), value))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let below = inner.iter().flat_map(|(step, value)| {
        pointers(value)
            .into_iter()
            .map(move |rest| format!("{step}{rest}"))
    });
    std::iter::once(String::new()).chain(below).collect()
}

/// Runs `target`; when it panics, fails with the lines that it takes.
fn survives(name: &str, bytes: &[u8], target: fn(&[u8])) {
    if catch_unwind(|| target(bytes)).is_ok() {
        return;
    }
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for at in (0..lines.len()).rev() {
        let line = lines.remove(at);
        if catch_unwind(|| target(&lines.concat())).is_ok() {
            lines.insert(at, line);
        }
    }
    let lines = lines.concat();
    let _ = catch_unwind(|| target(&lines));
    panic!(
        "{name}, changed:\n{}",
        lines.escape_ascii().to_string().replace("\\n", "\n")
    );
}

fn pipeline(bytes: &[u8]) {
    targets::pipeline(&String::from_utf8_lossy(bytes));
}

#[test]
fn every_seed_is_read_and_compiled() {
    for (name, bytes) in seeds() {
        survives(&name, &bytes, targets::reader);
        survives(&name, &bytes, pipeline);
    }
}

type Change = fn(&mut Draw, &[Seed], &mut Vec<u8>);

/// Tries so many changes of `seeds`: a third of them with `bytes`, the others with `words`.
fn no_change_breaks(target: fn(&[u8]), seeds: &[Seed], few: u64, bytes: Change, words: Change) {
    for at in 0..changes(few) {
        let mut draw = Draw(at);
        let (name, seed) = draw.of(seeds);
        let mut changed = seed.clone();
        let change = if at % 3 == 0 { bytes } else { words };
        change(&mut draw, seeds, &mut changed);
        survives(name, &changed, target);
    }
}

#[test]
fn no_change_of_a_seed_breaks_the_reader() {
    no_change_breaks(targets::reader, &seeds(), 1_000, broken, rearranged);
}

#[test]
fn no_change_of_a_contract_breaks_the_checks() {
    no_change_breaks(targets::contract, &contracts(), 1_000, broken, reworded);
}

#[test]
fn no_change_of_a_seed_breaks_the_pipeline() {
    no_change_breaks(pipeline, &seeds(), 300, rearranged, rearranged);
}
