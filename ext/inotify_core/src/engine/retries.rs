//! When what could not be watched or read is tried again.

use std::time::{Duration, Instant};

use crate::tree::Tree;

/// How often, if that is quickly done.
const REFUSED: Duration = Duration::from_secs(1);

/// How often a look that led astray is repeated where nothing tells that something moved.
const ASTRAY: Duration = Duration::from_millis(20);

/// Of the time, one part in so many is spent on trying again at most: very many directories may be refused.
const SHARE: u32 = 50;

#[derive(Debug)]
pub(super) struct Retries {
    settled: Instant,
    retried: Instant,
    /// When mounts were read again last because they could not be.
    remounted: Instant,
    /// Between two attempts at what is refused.
    pause: Duration,
}

impl Retries {
    pub(super) fn new(now: Instant) -> Self {
        Self { settled: now, retried: now, remounted: now, pause: REFUSED }
    }

    /// When there is something to try again. `mounts`: whether mounts or what is mounted is denied.
    pub(super) fn due(&self, tree: &Tree, mounts: bool) -> Option<Instant> {
        let mounts = mounts.then(|| self.remounted + REFUSED);
        self.due_in(tree).into_iter().chain(mounts).min()
    }

    /// Whether mounts are to be read again now.
    pub(super) fn begin_mounts(&mut self, now: Instant, denied: bool) -> bool {
        let due = denied && self.remounted + REFUSED <= now;
        if due {
            self.remounted = now;
        }
        due
    }

    /// The same of the tree alone.
    fn due_in(&self, tree: &Tree) -> Option<Instant> {
        let astray = tree.is_unsettled().then(|| self.settled + ASTRAY);
        let unseen = tree.has_unseen().then(|| self.settled + REFUSED);
        let refused = tree.has_refused().then(|| self.retried + self.pause);
        [astray, unseen, refused].into_iter().flatten().min()
    }

    /// Whether something in the tree is to be tried again now.
    pub(super) fn is_due(&self, tree: &Tree, now: Instant) -> bool {
        self.due_in(tree).is_some_and(|due| due <= now)
    }

    /// Has the tree wish for what is due. Answers whether that is all that was refused: then it is to be told how long it
    /// [`took`](Self::took).
    pub(super) fn begin(&mut self, tree: &mut Tree, now: Instant) -> bool {
        if !self.is_due(tree, now) {
            return false;
        }
        tree.settle();
        self.settled = now;
        let refused = tree.has_refused() && self.retried + self.pause <= now;
        if refused {
            tree.retry_all_refused();
            self.retried = now;
        }
        refused
    }

    /// How long an attempt at all that was refused took.
    pub(super) fn took(&mut self, time: Duration) {
        self.pause = time.saturating_mul(SHARE).max(REFUSED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_to_try_is_tried_less_often() {
        let mut retries = Retries::new(Instant::now());
        retries.took(Duration::from_millis(2));
        assert_eq!(retries.pause, REFUSED);
        retries.took(Duration::from_millis(200));
        assert_eq!(retries.pause, Duration::from_secs(10));
        retries.took(Duration::ZERO);
        assert_eq!(retries.pause, REFUSED);
    }

    #[test]
    fn nothing_is_due_where_nothing_is_refused() {
        let mut tree = Tree::new(true, crate::filter::Filter::default());
        let mut retries = Retries::new(Instant::now());
        assert_eq!(retries.due(&tree, false), None);
        assert!(!retries.begin(&mut tree, Instant::now() + Duration::from_secs(100)));
    }
}
