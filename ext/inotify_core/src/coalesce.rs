//! When to let events coalesce before the next read.
//!
//! Reading costs the same for one event as for hundreds, and so does waking up. While events keep coming one by one it
//! pays to let a millisecond's worth of them coalesce. The first events of a burst are not kept waiting, nor is a lone
//! one, and a queue that fills quickly is read at once.

use std::time::{Duration, Instant};

/// From one read to the next while events coalesce.
const SPAN: Duration = Duration::from_millis(1);

/// After so many reads that found something, each within a `SPAN` of the one before, events keep coming.
const ROW: u32 = 4;

/// A pause that brings fewer bytes is the last one: four events or so.
const WORTH: usize = 128;

/// The last reads of one queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct Coalescing {
    /// The last read that found something.
    last: Option<Instant>,
    row: u32,
    filled: bool,
    paused: bool,
}

impl Coalescing {
    /// How long to wait before a read at `now`; zero: not at all. The caller must wait.
    #[must_use]
    pub fn pause(&mut self, now: Instant) -> Duration {
        let Some(last) = self.last.filter(|_| self.row >= ROW && !self.filled) else { return Duration::ZERO };
        let pause = SPAN.saturating_sub(now.saturating_duration_since(last));
        self.paused = !pause.is_zero();
        pause
    }

    /// Takes note of a read at `now` that gave `length` of `capacity` bytes.
    pub fn note(&mut self, now: Instant, length: usize, capacity: usize) {
        if std::mem::take(&mut self.paused) {
            self.row = if length < WORTH { 0 } else { self.row };
        } else if length == 0 {
            return;
        } else {
            let soon = self.last.is_some_and(|last| now.saturating_duration_since(last) < SPAN);
            self.row = if soon { self.row.saturating_add(1) } else { 0 };
        }
        self.last = Some(now);
        self.filled = length > capacity / 2;
    }
}
