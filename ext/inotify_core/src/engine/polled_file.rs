//! A polled file that is not scanned with its directory: a root leads to it, or a link, or it is mounted by itself. As with
//! the entries of a directory, it counts as changed at the next scan, too, if it changed in the moment of a scan: it may
//! have changed again with the same stamp.

use crate::moment::Moment;
use crate::stamp::Stamp;
use crate::system::{Files, Stat};

use super::snapshot::{Clock, doubtful_from_now, still_doubtful};

/// What a scan found.
#[derive(Clone, Copy, Debug)]
pub(super) struct PolledFile {
    pub(super) stamp: Stamp,
    /// Since when a later change may have the same stamp, if it may: by the clock that nobody sets, in nanoseconds.
    doubtful: Option<i64>,
    /// When the scan began.
    begun: Moment,
}

impl PolledFile {
    /// `clock`: before the file was stat'ed.
    pub(super) fn new<F: Files>(files: &F, stat: Stat, clock: &Clock) -> Self {
        let doubtful = doubtful_from_now(files, clock.is_doubtful(&stat));
        Self { stamp: stat.stamp, doubtful, begun: clock.moment }
    }

    /// Whether it may change once more without another stamp.
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubtful.is_some()
    }

    /// Compares it with what the scan before found. Returns whether it changed. `is_changed`: whether a doubtful file of this
    /// time stamp counts as changed.
    pub(super) fn compare(&mut self, before: &Self, is_changed: impl Fn(i128) -> bool) -> bool {
        if self.stamp != before.stamp {
            return true;
        }
        self.doubtful = still_doubtful(self.is_doubtful(), before.doubtful, self.begun);
        before.is_doubtful() && is_changed(self.stamp.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::SECOND;

    /// A file with a stamp of this second, and since which second it is doubtful.
    fn found(changed: i64, doubtful: Option<i64>, begun: i64) -> PolledFile {
        let second = i64::try_from(SECOND).unwrap();
        let stamp = Stamp { changed: i128::from(changed * second + 1), ..Stamp::default() };
        let begun = Moment::new(begun * second, begun * second);
        PolledFile { stamp, doubtful: doubtful.map(|since| since * second), begun }
    }

    #[test]
    fn a_file_that_changed_in_the_moment_of_a_scan_counts_as_changed_at_the_next_one_unless_that_was_reported() {
        assert!(!found(5, None, 7).compare(&found(5, None, 6), |_| true));
        assert!(found(6, None, 7).compare(&found(5, None, 6), |_| false));
        assert!(found(5, None, 7).compare(&found(5, Some(5), 5), |_| true));
        assert!(!found(5, None, 7).compare(&found(5, Some(5), 5), |_| false));
    }

    #[test]
    fn a_doubt_ends() {
        let ahead = 100;
        let mut before = found(ahead, Some(0), 0);
        let changed = (1..8).map(|at| {
            let mut now = found(ahead, Some(at), at);
            let changed = now.compare(&before, |_| true);
            before = now;
            changed
        });
        assert_eq!(changed.collect::<Vec<_>>(), [true, true, true, true, false, false, false]);
    }
}
