//! No contract keeps a command busy for ever.
//!
//! Regular expressions that go back and forth, alternatives that multiply with each other: of what the library for JSON Schema does with a
//! contract, not all can be counted beforehand. A thread waits beside it, and ends the process with an error.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{CliError, Exit};
use crate::out;

/// For one contract. Large ones take less than a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// The thread that waits, while there is one.
#[derive(Default)]
pub(super) struct Patience(Mutex<Option<(Sender<()>, JoinHandle<()>)>>);

impl Patience {
    /// Waits for the contract at that path from now on, or for none any more.
    pub(super) fn watch(&self, path: Option<&str>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Without the sender it ends.
        if let Some((sender, thread)) = waiting.take() {
            drop(sender);
            let _ = thread.join();
        }
        *waiting = path.and_then(|path| {
            let (sender, is_done) = channel();
            let path = path.to_owned();
            // Signals are for the other threads: they may hold them back.
            let _held = out::hold();
            let thread = std::thread::Builder::new().spawn(move || {
                if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    give_up(&path);
                }
            });
            // Where there may be no further thread, nobody waits.
            Some((sender, thread.ok()?))
        });
    }
}

fn give_up(path: &str) {
    CliError::new(
        Exit::Findings,
        format!("the contract `{path}` takes more than {} seconds", PATIENCE.as_secs()),
    )
    .help("write fewer alternatives inside of each other (`allOf` of many `anyOf`), and plainer patterns; or make several contracts of it")
    .print();
    std::process::exit(Exit::Findings as i32);
}
