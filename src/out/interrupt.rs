//! Signals: Ctrl-C, a hang-up and a polite kill wait while files change together, and a file that may not grow is no reason to die.

#[cfg(unix)]
use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// While one lives, SIGHUP, SIGINT, SIGQUIT and SIGTERM do not end the process; one that came meanwhile ends it when this is dropped.
///
/// It holds for the thread that asks: where others run, the system hands a signal to one of those.
#[must_use]
pub struct Held {
    #[cfg(unix)]
    before: Option<SigSet>,
}

/// From now on, a file that reaches the limit of its size (`ulimit -f`) is an error of whoever writes it, which can be told and cleaned
/// up after; the system would end the process at once. It holds for this thread and for those that it starts.
pub fn outgrowing_is_an_error() {
    #[cfg(unix)]
    // Fails for no signal that there is.
    let _ = SigSet::from(Signal::SIGXFSZ).thread_block();
}

/// Lets them wait.
pub fn hold() -> Held {
    #[cfg(unix)]
    {
        let ours = [
            Signal::SIGHUP,
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGTERM,
        ];
        let before = SigSet::from_iter(ours).thread_swap_mask(SigmaskHow::SIG_BLOCK);
        Held {
            before: before.ok(),
        }
    }
    #[cfg(not(unix))]
    Held {}
}

impl Drop for Held {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(before) = &self.before {
            // Fails for no mask that the system gave out itself.
            let _ = before.thread_set_mask();
        }
    }
}
