//! A polled file that is not scanned with its directory: a root leads to it, or a link, or it is mounted by itself. As with
//! the entries of a directory, it counts as changed at the next scan, too, if it changed in the moment of a scan: it may
//! have changed again with the same stamp.

use crate::stamp::Stamp;
use crate::system::Stat;

use super::snapshot::{Clock, DOUBT};

/// What a scan found.
#[derive(Clone, Copy, Debug)]
pub(super) struct PolledFile {
    pub(super) stamp: Stamp,
    /// Whether a later change may have the same stamp.
    pub(super) doubtful: bool,
    /// When the scan began that found this stamp first, by the clock that nobody sets.
    since: i128,
}

impl PolledFile {
    /// `clock`: before the file was stat'ed.
    pub(super) fn new(stat: Stat, clock: &Clock) -> Self {
        Self { stamp: Stamp::from(stat), doubtful: clock.is_doubtful(&stat), since: clock.now }
    }

    /// Compares it with what the scan before found. Returns whether it changed. `is_changed`: whether a doubtful file of this
    /// time stamp counts as changed.
    pub(super) fn compare(&mut self, before: &Self, is_changed: impl Fn((i64, i64)) -> bool) -> bool {
        if self.stamp != before.stamp {
            return true;
        }
        let expired = self.since - before.since > DOUBT;
        self.since = before.since;
        self.doubtful &= before.doubtful && !expired;
        before.doubtful && is_changed(self.stamp.changed_at())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::{Moment, SECOND};
    use crate::tick::Tick;

    fn found(changed: i64, at: i64) -> PolledFile {
        let at = at * 1_000_000_000;
        let clock = Clock::new(Tick::new(at, at), Moment::new(at, at));
        PolledFile::new(Stat { changed: (changed, 1), ..Stat::default() }, &clock)
    }

    #[test]
    fn a_file_that_changed_in_the_moment_of_a_scan_counts_as_changed_at_the_next_one_unless_that_was_reported() {
        assert!(!found(5, 7).compare(&found(5, 6), |_| true));
        assert!(found(6, 7).compare(&found(5, 6), |_| false));
        let before = found(5, 5);
        assert!(before.doubtful);
        assert!(found(5, 7).compare(&before, |_| true));
        assert!(!found(5, 7).compare(&before, |_| false));
    }

    #[test]
    fn a_doubt_ends() {
        let ahead = 100;
        let mut before = found(ahead, 0);
        let changed = (1..8).map(|at| {
            let mut now = found(ahead, at);
            let changed = now.compare(&before, |_| true);
            before = now;
            changed
        });
        assert_eq!(changed.collect::<Vec<_>>(), [true, true, true, true, false, false, false]);
        assert_eq!(DOUBT, 3 * SECOND);
    }
}
