//! When what could not be watched or read is retried.

use std::time::{Duration, Instant};

use crate::model::Model;

/// How often, if that is quickly done.
const DENIED: Duration = Duration::from_secs(1);

/// How often a scan that was stale is repeated when no event reports a move.
const STALE: Duration = Duration::from_millis(20);

/// Of the time, one part in so many is spent on trying again at most: very many directories may be denied.
const SHARE: u32 = 50;

#[derive(Debug)]
pub(super) struct Retries {
    finished: Instant,
    retried: Instant,
    /// When mounts were read again last because they could not be.
    remounted: Instant,
    /// Between two attempts at what is denied.
    pause: Duration,
}

impl Retries {
    pub(super) fn new(now: Instant) -> Self {
        Self { finished: now, retried: now, remounted: now, pause: DENIED }
    }

    /// When there is something to retry. `mounts`: whether mounts or what is mounted is denied.
    pub(super) fn due(&self, model: &Model, mounts: bool) -> Option<Instant> {
        let mounts = mounts.then(|| self.remounted + DENIED);
        self.due_in(model).into_iter().chain(mounts).min()
    }

    /// Whether mounts are to be read again now.
    pub(super) fn begin_mounts(&mut self, now: Instant, denied: bool) -> bool {
        let due = denied && self.remounted + DENIED <= now;
        if due {
            self.remounted = now;
        }
        due
    }

    /// The same of the tree alone.
    fn due_in(&self, model: &Model) -> Option<Instant> {
        let stale = model.has_pending().then(|| self.finished + STALE);
        let polled = model.has_polled().then(|| self.finished + DENIED);
        let denied = model.has_denied().then(|| self.retried + self.pause);
        [stale, polled, denied].into_iter().flatten().min()
    }

    /// Whether something in the tree is to be retried now.
    pub(super) fn is_due(&self, model: &Model, now: Instant) -> bool {
        self.due_in(model).is_some_and(|due| due <= now)
    }

    /// Has the tree ask for what is due. Returns whether that is all that was denied: then report how long it
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

    /// How long an attempt at all that was denied took.
    pub(super) fn took(&mut self, time: Duration) {
        self.pause = time.saturating_mul(SHARE).max(DENIED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_to_try_is_tried_less_often() {
        let mut retries = Retries::new(Instant::now());
        retries.took(Duration::from_millis(2));
        assert_eq!(retries.pause, DENIED);
        retries.took(Duration::from_millis(200));
        assert_eq!(retries.pause, Duration::from_secs(10));
        retries.took(Duration::ZERO);
        assert_eq!(retries.pause, DENIED);
    }

    #[test]
    fn nothing_is_due_where_nothing_is_refused() {
        let mut model = Model::new(true, crate::filter::Filter::default());
        let mut retries = Retries::new(Instant::now());
        assert_eq!(retries.due(&model, false), None);
        assert!(!retries.begin(&mut model, Instant::now() + Duration::from_secs(100)));
    }
}
