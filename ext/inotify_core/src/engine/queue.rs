//! The events of the kernel's queue, which are read as fast as they come, whatever else there is to do; and its
//! overflows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use crate::coalesce::Coalescing;
use crate::error::Error;
use crate::event::{Event, LONGEST};
use crate::invariant::must;
use crate::model::{Model, UNSEEN};
use crate::moment::Moment;
use crate::system::System;
use crate::tick::Clocks;

/// How many bytes one read takes.
const CHUNK: usize = 64 << 10;

/// How many bytes may be read and not applied: about 2 million events. Beyond that the kernel's queue fills and
/// overflows, which a rescan repairs.
const MOST: usize = 64 << 20;

/// The events of one read, and when the queue was last known to be empty before it.
#[derive(Debug)]
struct Chunk {
    bytes: Vec<u8>,
    empty: Clocks,
    read_at: Instant,
}

/// See the module's description.
#[derive(Debug)]
pub(crate) struct Queue {
    buffer: Vec<u8>,
    chunks: VecDeque<Chunk>,
    /// How many bytes of the first chunk are applied.
    begun: usize,
    held: usize,
    empty: Clocks,
    coalescing: Coalescing,
    /// How many bytes were applied since the beginning.
    applied: u64,
    pub(crate) events: u64,
    /// How long the events that were applied last had waited.
    pub(crate) lag: Duration,
}

impl Queue {
    pub(crate) fn new(now: Clocks) -> Self {
        Self {
            buffer: vec![0; CHUNK],
            chunks: VecDeque::new(),
            begun: 0,
            held: 0,
            empty: now,
            coalescing: Coalescing::default(),
            applied: 0,
            events: 0,
            lag: Duration::ZERO,
        }
    }

    /// Reads until the queue is empty or enough is read. Does not block.
    pub(crate) fn drain<S: System>(&mut self, system: &S) -> Result<(), Error> {
        while self.held < MOST {
            let before = system.clocks();
            let length = system.read(&mut self.buffer)?;
            let read_at = system.instant();
            self.coalescing.note(read_at, length, CHUNK);
            if length > 0 {
                let bytes = must(self.buffer.get(..length), "a read fits into the buffer").unwrap_or_default().to_vec();
                self.held += length;
                self.chunks.push_back(Chunk { bytes, empty: self.empty, read_at });
            }
            if length + LONGEST <= CHUNK {
                self.empty = before;
                break;
            }
        }
        Ok(())
    }

    /// How long to let events coalesce before the next read; zero: not at all.
    pub(crate) fn pause(&mut self, now: Instant) -> Duration {
        if self.is_empty() { self.coalescing.pause(now) } else { Duration::ZERO }
    }

    /// Events that happened since this moment may not be applied.
    pub(crate) fn unknown_since(&self) -> Clocks {
        self.chunks.front().map_or(self.empty, |chunk| chunk.empty)
    }

    /// Whether everything before this position is applied.
    pub(crate) fn has_passed(&self, position: u64) -> bool {
        self.applied >= position
    }

    /// How many bytes are read and not applied.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Applies the events of one read, up to this many.
    pub(crate) fn apply<S: System>(&mut self, system: &S, most: usize, mut each: impl FnMut(&Event<'_>, Moment)) {
        let Some(chunk) = self.chunks.front() else { return };
        let pending = must(chunk.bytes.get(self.begun..), "a chunk is applied to its end").unwrap_or_default();
        let mut rest = pending;
        let mut count = 0;
        let mut whole = true;
        while let Ok(Some((event, after))) = Event::split_first(rest) {
            if count == most {
                whole = false;
                break;
            }
            count += 1;
            each(&event, chunk.empty.moment);
            rest = after;
        }
        self.events += count as u64;
        // A malformed event ends a chunk.
        let length = if whole { pending.len() } else { pending.len() - rest.len() };
        self.held -= length;
        self.applied += length as u64;
        self.begun += length;
        self.lag = system.instant().saturating_duration_since(chunk.read_at);
        if whole {
            self.chunks.pop_front();
            self.begun = 0;
        }
    }
}

/// Overflows that a rescan has not repaired everywhere yet.
#[derive(Debug, Default)]
pub(super) struct Overflows {
    count: u64,
    /// The moments since which events are lost, by the number of the overflow.
    moments: BTreeMap<u64, Moment>,
}

impl Overflows {
    /// Events that happened since a moment are lost: has everything scanned, and the mounts read again.
    pub(super) fn rescan(&mut self, model: &mut Model, remounted: &mut bool, since: Moment) {
        self.count += 1;
        self.moments.insert(self.count, since);
        *remounted = true;
        model.rescan(self.count);
    }

    /// Everything that was never seen may have changed at any time.
    pub(super) fn add_unseen(&mut self) {
        self.moments.insert(UNSEEN, Moment::new(0, 0));
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The moment since which events are lost.
    pub(super) fn since(&self, overflow: u64) -> Option<Moment> {
        self.moments.get(&overflow).copied()
    }

    /// Whether all are repaired.
    pub(super) fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// Forgets all except for these. Returns whether the earliest one was forgotten.
    pub(super) fn retain(&mut self, open: &BTreeSet<u64>) -> bool {
        let earliest = self.moments.keys().next().copied();
        self.moments.retain(|overflow, _| open.contains(overflow));
        self.moments.keys().next().copied() != earliest
    }
}
