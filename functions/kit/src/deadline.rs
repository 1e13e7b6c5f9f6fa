//! When the work of an invocation must be over.

use std::time::Duration;

use tokio::time::Instant;

use crate::Timestamp;

/// A moment by which work must be over, on the clock that time-outs use.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// So long from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// At that moment of the calendar, which is how Lambda tells it; now, when it has passed.
    pub fn at(epoch_millis: u64, now: Timestamp) -> Self {
        let now = u64::try_from(now.epoch_millis()).unwrap_or(0);
        Self::after(Duration::from_millis(epoch_millis.saturating_sub(now)))
    }

    /// That much earlier, for what must still be done afterwards.
    #[must_use]
    pub fn less(self, margin: Duration) -> Self {
        Self(self.0.checked_sub(margin).unwrap_or(self.0))
    }

    /// Whether it has come.
    pub fn is_over(self) -> bool {
        self.0 <= Instant::now()
    }

    /// What comes of `work`, if it is over by then.
    pub async fn limit<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.0, work).await.ok()
    }
}
