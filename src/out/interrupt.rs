//! Ctrl-C, a hang-up and a polite kill wait while files change together.

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
