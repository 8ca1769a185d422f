//! One batch of a queue: read at once, handed out event by event.

use std::ops::Range;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::event::{Event, Malformed, Record};
use crate::gather::Gathering;
use crate::inotify;
use crate::invariant::must;

/// Where a new buffer begins, in bytes: room for a hundred events, so that ten thousand idle instances stay small.
const FIRST: usize = 4 << 10;

/// Where a busy one ends, in bytes. Larger reads gain nothing: the kernel's work is per event, not per read.
const MOST: usize = 64 << 10;

/// Bytes read from a queue and the part of them not handed out yet.
///
/// What is not handed out stays until it is: leaving a loop early loses nothing.
#[derive(Debug, Default)]
pub struct EventBuffer {
    bytes: Vec<u8>,
    pending: Range<usize>,
    gathering: Gathering,
}

impl EventBuffer {
    /// An empty buffer. Allocates at the first [`fill`](Self::fill): 4 KiB, later 64 KiB when reads come back full.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one batch if none is pending, without waiting. Returns whether an event is pending now.
    ///
    /// # Errors
    /// As [`inotify::read`].
    pub fn fill(&mut self, fd: RawFd) -> Result<bool, Error> {
        if self.is_pending() {
            return Ok(true);
        }
        if self.bytes.is_empty() {
            self.bytes = vec![0; FIRST];
        } else if self.bytes.len() < MOST && self.pending.end + crate::event::LONGEST > self.bytes.len() {
            self.bytes = vec![0; MOST];
        }
        self.pending = 0..0;
        let length = inotify::read(fd, &mut self.bytes)?;
        self.pending = 0..length;
        self.gathering.note(Instant::now(), length, self.bytes.len());
        Ok(length > 0)
    }

    /// How long it pays to wait before the next read, as events keep coming; zero when some are pending. Whoever asks
    /// waits, unless its time is up.
    #[must_use]
    pub fn pause(&mut self) -> Duration {
        if self.is_pending() { Duration::ZERO } else { self.gathering.pause(Instant::now()) }
    }

    /// Whether an event is left to hand out.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// How many bytes are left to hand out.
    #[must_use]
    pub fn pending_len(&self) -> usize {
        self.pending.len()
    }

    /// The next event, which stays pending; `None` at the end of the batch.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes that come next are no record.
    pub fn peek(&self) -> Result<Option<Event<'_>>, Malformed> {
        Ok(Event::split_first(self.pending_bytes())?.map(|(event, _)| event))
    }

    /// As [`peek`](Self::peek), without scanning for the end of the name.
    ///
    /// # Errors
    /// As [`peek`](Self::peek).
    #[inline]
    pub fn peek_record(&self) -> Result<Option<Record<'_>>, Malformed> {
        Ok(Record::split_first(self.pending_bytes())?.map(|(record, _)| record))
    }

    /// Hands out what [`peek_record`](Self::peek_record) gave, a record of `length` bytes.
    #[inline]
    pub fn advance(&mut self, length: usize) {
        self.pending.start = self.pending.end.min(self.pending.start.saturating_add(length));
    }

    /// What is pending, up to what is no record.
    pub fn pending_records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut rest = self.pending_bytes();
        std::iter::from_fn(move || {
            let (record, after) = Record::split_first(rest).ok().flatten()?;
            rest = after;
            Some(record)
        })
    }

    fn pending_bytes(&self) -> &[u8] {
        must(self.bytes.get(self.pending.clone()), "what is pending is in the buffer").unwrap_or_default()
    }

    /// Hands out the next event.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are no record; the rest of the batch is dropped with it, as nothing can be reported
    /// from there on.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, Malformed> {
        let bytes = must(self.bytes.get(self.pending.clone()), "what is pending is in the buffer").unwrap_or_default();
        match Event::split_first(bytes) {
            Ok(Some((event, rest))) => {
                self.pending.start = self.pending.end - rest.len();
                Ok(Some(event))
            }
            Ok(None) => Ok(None),
            Err(malformed) => {
                self.pending = 0..0;
                Err(malformed)
            }
        }
    }

    /// Drops what is pending.
    pub fn clear(&mut self) {
        self.pending = 0..0;
    }

    /// How many bytes the buffer holds in memory.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
