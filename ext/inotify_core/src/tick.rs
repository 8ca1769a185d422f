//! The clock that files are stamped by. It stands still between two ticks, some milliseconds: what is changed after a moment
//! has a stamp that is not earlier, but may be the same.

use crate::sys;

/// In nanoseconds.
const SECOND: i128 = 1_000_000_000;

/// A moment by that clock, which anybody may set, and by one that nobody sets; in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick {
    stamp: i128,
    monotonic: i128,
}

impl Tick {
    /// A moment by both clocks.
    #[must_use]
    pub fn new(stamp: i64, monotonic: i64) -> Self {
        Self { stamp: stamp.into(), monotonic: monotonic.into() }
    }

    pub(crate) fn now() -> Self {
        let stamp = sys::nanoseconds(libc::CLOCK_REALTIME_COARSE);
        Self { stamp, monotonic: sys::nanoseconds(libc::CLOCK_BOOTTIME) }
    }

    /// Whether a file of this time stamp, in seconds and nanoseconds, may have been changed at this moment or later.
    pub(crate) fn may_precede(self, stamp: (i64, i64)) -> bool {
        // However long this takes, and the reading of the clocks did, the clock does not seem to be set back by it: each of
        // them is read on the side on which that makes it later.
        let monotonic = sys::nanoseconds(libc::CLOCK_BOOTTIME);
        self.may_precede_at(Self { stamp: sys::nanoseconds(libc::CLOCK_REALTIME), monotonic }, stamp)
    }

    /// `now`: by the clock that does not stand still.
    fn may_precede_at(self, now: Self, (seconds, nanoseconds): (i64, i64)) -> bool {
        // A stamp without nanoseconds may stand for a second, or on vfat for two.
        let length = if nanoseconds == 0 { 2 * SECOND } else { 1 };
        let end = i128::from(seconds) * SECOND + i128::from(nanoseconds) + length;
        // The clock may have been set back since.
        let set_back = (self.stamp + (now.monotonic - self.monotonic) - now.stamp).max(0);
        end > self.stamp - set_back
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_an_earlier_stamp_was_changed_before() {
        let tick = Tick::new(5_500_000_000, 0);
        let now = Tick::new(9_500_000_000, 4_000_000_000);
        for (stamp, expected) in [
            ((5, 500_000_000), true),
            ((5, 499_999_999), false),
            ((9, 1), true),
            ((5, 0), true),
            ((4, 0), true),
            ((3, 0), false),
        ] {
            assert_eq!(tick.may_precede_at(now, stamp), expected, "{stamp:?}");
        }
    }

    #[test]
    fn the_clocks_do_not_seem_to_be_set_back_by_being_read() {
        for _ in 0..10_000 {
            let tick = Tick::now();
            assert!(!tick.may_precede(stamp_of(tick.stamp - 2)), "{tick:?}");
            assert!(tick.may_precede(stamp_of(tick.stamp + 2)), "{tick:?}");
        }
    }

    /// In seconds and nanoseconds.
    fn stamp_of(stamp: i128) -> (i64, i64) {
        // Without nanoseconds it would stand for seconds.
        let stamp = if stamp % SECOND == 0 { stamp - 1 } else { stamp };
        (i64::try_from(stamp / SECOND).unwrap(), i64::try_from(stamp % SECOND).unwrap())
    }

    #[test]
    fn a_clock_that_is_set_back_makes_earlier_stamps_count() {
        let tick = Tick::new(50_500_000_000, 0);
        let now = Tick::new(40_500_000_000, 2_000_000_000);
        assert!(tick.may_precede_at(now, (39, 1)));
        assert!(!tick.may_precede_at(now, (38, 1)));
    }
}
