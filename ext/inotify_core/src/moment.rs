//! Moments, and the time stamps of files that are compared with them.
//!
//! A file that was changed at 10:00:07.3 has the stamp 10:00:07.3 on most file systems, 10:00:07 on an ext2, ext3 or ext4
//! with inodes of 128 bytes, and 10:00:06 on vfat. A stamp stands for all the time that it was rounded down from.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Files are stamped by a clock that ticks every 10 ms at the slowest; twice that.
pub(crate) const TWO_TICKS: Duration = Duration::from_millis(20);

/// The same in nanoseconds.
const CLOCK_MARGIN: i128 = TWO_TICKS.as_nanos() as i128;

/// In nanoseconds.
pub(crate) const SECOND: i128 = 1_000_000_000;

/// The time of a clock, in nanoseconds.
pub(crate) fn nanoseconds(clock: ClockId) -> i128 {
    let time = clock_gettime(clock);
    i128::from(time.tv_sec) * SECOND + i128::from(time.tv_nsec)
}

/// A moment by the clock that nobody sets, which orders moments, and by the real-time clock, which files are stamped by and
/// anybody may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub(crate) running: i128,
    pub(crate) real: i128,
}

impl Moment {
    /// A moment, in nanoseconds of `CLOCK_REALTIME` and of `CLOCK_BOOTTIME`.
    #[must_use]
    pub fn new(real: i64, running: i64) -> Self {
        Self { real: real.into(), running: running.into() }
    }

    /// However long the reading of the clocks takes, the real-time clock does not seem to be set back by it: it is read
    /// last.
    pub(crate) fn now() -> Self {
        let running = nanoseconds(ClockId::Boottime);
        Self { real: nanoseconds(ClockId::Realtime), running }
    }

    /// From when on a file counts as changed after this moment, although somebody may have set the clock back since.
    #[must_use]
    pub fn since(self) -> Since {
        self.since_at(Self::now())
    }

    /// The same as of `now`.
    pub(crate) fn since_at(self, now: Self) -> Since {
        Since(self.real - self.set_back(now) - CLOCK_MARGIN)
    }

    /// By how many nanoseconds the real-time clock was set back between this moment and `now`.
    pub(crate) fn set_back(self, now: Self) -> i128 {
        (self.real + (now.running - self.running) - now.real).max(0)
    }
}

/// From when on a file counts as changed.
#[derive(Clone, Copy, Debug)]
pub struct Since(pub(crate) i128);

impl Since {
    /// Whether a file of this time stamp, in nanoseconds, may have been changed then or later.
    #[must_use]
    pub fn includes(self, stamp: i128) -> bool {
        let length = match stamp.rem_euclid(2 * SECOND) {
            0 => 2 * SECOND,
            SECOND => SECOND,
            _ => 1,
        };
        stamp + length > self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 101.5 seconds, with the margin of the clock added.
    const SINCE: Since = Since(101_500_000_000);

    /// A time stamp of this second and nanosecond.
    fn at((second, nanosecond): (i128, i128)) -> i128 {
        second * SECOND + nanosecond
    }

    #[test]
    fn a_stamp_with_nanoseconds_stands_for_itself() {
        let included = [(101, 499_999_999), (101, 500_000_000), (102, 1)].map(|stamp| SINCE.includes(at(stamp)));
        assert_eq!(included, [false, true, true]);
    }

    #[test]
    fn a_stamp_of_an_odd_second_stands_for_that_second() {
        assert_eq!([(99, 0), (101, 0), (103, 0)].map(|stamp| SINCE.includes(at(stamp))), [false, true, true]);
    }

    #[test]
    fn a_stamp_of_an_even_second_stands_for_two() {
        assert_eq!([(98, 0), (100, 0), (102, 0)].map(|stamp| SINCE.includes(at(stamp))), [false, true, true]);
    }

    #[test]
    fn a_stamp_before_1970_is_compared_as_others_are() {
        let since = Since(-1_500_000_000);
        assert_eq!(
            [(-4, 0), (-3, 0), (-2, 0), (-2, 1)].map(|stamp| since.includes(at(stamp))),
            [false, false, true, false]
        );
    }

    #[test]
    fn a_file_changed_at_the_moment_counts_however_slow_the_clock_ticks() {
        let moment = Moment { real: 100 * SECOND, running: 0 };
        let since = moment.since_at(Moment { real: 105 * SECOND, running: 5 * SECOND });
        assert_eq!([(99, 979_999_999), (99, 985_000_000)].map(|stamp| since.includes(at(stamp))), [false, true]);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_files_count_that_have_earlier_stamps() {
        let moment = Moment { real: 100 * SECOND, running: 0 };
        let since = moment.since_at(Moment { real: 40 * SECOND, running: 5 * SECOND });
        assert_eq!([(34, 900_000_000), (35, 500_000_000)].map(|stamp| since.includes(at(stamp))), [false, true]);
    }

    #[test]
    fn an_earlier_moment_stays_earlier_though_the_clock_is_set_back() {
        assert!(Moment::new(100, 1) < Moment::new(40, 2));
    }

    #[test]
    fn a_clock_that_is_set_forward_changes_nothing() {
        let moment = Moment { real: 100 * SECOND, running: 0 };
        let since = moment.since_at(Moment { real: 500 * SECOND, running: 5 * SECOND });
        assert_eq!([(97, 500_000_000), (101, 1)].map(|stamp| since.includes(at(stamp))), [false, true]);
    }
}
