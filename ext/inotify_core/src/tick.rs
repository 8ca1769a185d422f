//! The clock that files are stamped by. It stands still between two ticks, some milliseconds: a file that is changed
//! after a moment has a stamp that is not earlier, and may be the same.

use std::time::Duration;

use rustix::time::ClockId;

use crate::moment::{Moment, Since, nanoseconds};

/// A moment by that clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(Moment);

impl Tick {
    /// A moment by that clock, and by one that nobody sets; in nanoseconds.
    #[must_use]
    pub fn new(stamp: i64, running: i64) -> Self {
        Self(Moment::new(stamp, running))
    }

    pub(crate) fn now() -> Self {
        let real = nanoseconds(ClockId::RealtimeCoarse);
        Self(Moment { real, running: nanoseconds(ClockId::Boottime) })
    }

    /// How much of this time since then is left, by the clock that nobody sets.
    pub(crate) fn left(self, time: Duration, now: Self) -> Duration {
        let passed = u64::try_from(now.0.running - self.0.running).unwrap_or(0);
        time.saturating_sub(Duration::from_nanos(passed))
    }

    /// Whether a file of this time stamp, in nanoseconds, may have been changed at this moment or later.
    /// `now`: by the clock that does not stand still.
    pub(crate) fn may_precede(self, stamp: i128, now: Moment) -> bool {
        Since(self.0.real - self.0.set_back(now)).includes(stamp)
    }
}

/// A moment by that clock, and by those that show every nanosecond.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    pub(crate) tick: Tick,
    pub(crate) moment: Moment,
}

impl Clocks {
    /// Whether a file of this time stamp, in nanoseconds, may have been changed at this moment or later.
    pub(crate) fn may_precede(&self, stamp: i128) -> bool {
        self.tick.may_precede(stamp, self.moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::SECOND;

    #[test]
    fn a_file_with_an_earlier_stamp_was_changed_before() {
        let tick = Tick::new(5_500_000_000, 0);
        let now = Moment::new(9_500_000_000, 4_000_000_000);
        for (stamp, expected) in [
            (5_500_000_000, true),
            (5_499_999_999, false),
            (9_000_000_001, true),
            (5_000_000_000, true),
            (4_000_000_000, true),
            (3_000_000_000, false),
        ] {
            assert_eq!(tick.may_precede(stamp, now), expected, "{stamp}");
        }
    }

    #[test]
    fn the_clocks_do_not_seem_to_be_set_back_by_being_read() {
        for _ in 0..10_000 {
            let tick = Tick::now();
            assert!(!tick.may_precede(not_a_second(tick.0.real - 2), Moment::now()), "{tick:?}");
            assert!(tick.may_precede(not_a_second(tick.0.real + 2), Moment::now()), "{tick:?}");
        }
    }

    /// The stamp, or one nearby: without nanoseconds it would stand for seconds.
    fn not_a_second(stamp: i128) -> i128 {
        if stamp % SECOND == 0 { stamp - 1 } else { stamp }
    }

    #[test]
    fn a_clock_that_is_set_back_makes_earlier_stamps_count() {
        let tick = Tick::new(50_500_000_000, 0);
        let now = Moment::new(40_500_000_000, 2_000_000_000);
        assert!(tick.may_precede(39_000_000_001, now));
        assert!(!tick.may_precede(38_000_000_001, now));
    }
}
