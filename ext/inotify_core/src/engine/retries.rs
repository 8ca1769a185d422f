//! When directories that could not be watched or read are retried.

use std::time::{Duration, Instant};

use crate::model::Model;

/// The interval, unless a retry takes long.
const DENIED: Duration = Duration::from_secs(1);

/// The interval for stale scans, when no event reports a move.
const STALE: Duration = Duration::from_millis(20);

/// Retries take one part in this many of the time at most: very many directories may be denied.
const SHARE: u32 = 50;

#[derive(Debug)]
pub(super) struct Retries {
    finished: Instant,
    retried: Instant,
    /// When the mounts were read again last because reading them had failed.
    remounted: Instant,
    /// The interval for denied directories.
    pause: Duration,
}

impl Retries {
    pub(super) fn new(now: Instant) -> Self {
        Self { finished: now, retried: now, remounted: now, pause: DENIED }
    }

    /// When something must be retried. `mounts`: whether mounts cannot be read, or mounted files not be watched.
    pub(super) fn due(&self, model: &Model, mounts: bool) -> Option<Instant> {
        let mounts = mounts.then(|| self.remounted + DENIED);
        self.due_in(model).into_iter().chain(mounts).min()
    }

    /// Whether the mounts must be read again now.
    pub(super) fn begin_mounts(&mut self, now: Instant, denied: bool) -> bool {
        let due = denied && self.remounted + DENIED <= now;
        if due {
            self.remounted = now;
        }
        due
    }

    /// The same for the model only.
    fn due_in(&self, model: &Model) -> Option<Instant> {
        let stale = model.has_pending().then(|| self.finished + STALE);
        let polled = model.has_polled().then(|| self.finished + DENIED);
        let denied = model.has_denied().then(|| self.retried + self.pause);
        [stale, polled, denied].into_iter().flatten().min()
    }

    /// Whether something in the model must be retried now.
    pub(super) fn is_due(&self, model: &Model, now: Instant) -> bool {
        self.due_in(model).is_some_and(|due| due <= now)
    }

    /// Makes the model ask for everything that is due. Returns whether that includes all denied directories: then call
    /// [`took`](Self::took).
    pub(super) fn begin(&mut self, model: &mut Model, now: Instant) -> bool {
        if !self.is_due(model, now) {
            return false;
        }
        model.finish_pending();
        self.finished = now;
        let denied = model.has_denied() && self.retried + self.pause <= now;
        if denied {
            model.retry_all_denied();
            self.retried = now;
        }
        denied
    }

    /// How long a retry of all that is denied took.
    pub(super) fn took(&mut self, time: Duration) {
        self.pause = time.saturating_mul(SHARE).max(DENIED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_that_take_long_are_rarer() {
        let mut retries = Retries::new(Instant::now());
        retries.took(Duration::from_millis(2));
        assert_eq!(retries.pause, DENIED);
        retries.took(Duration::from_millis(200));
        assert_eq!(retries.pause, Duration::from_secs(10));
        retries.took(Duration::ZERO);
        assert_eq!(retries.pause, DENIED);
    }

    #[test]
    fn nothing_is_due_where_nothing_is_denied() {
        let mut model = Model::new(true, crate::filter::Filter::default());
        let mut retries = Retries::new(Instant::now());
        assert_eq!(retries.due(&model, false), None);
        assert!(!retries.begin(&mut model, Instant::now() + Duration::from_secs(100)));
    }
}
