//! One batch of a queue: read at once, delivered record by record.

use std::ops::Range;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use crate::coalesce::Coalescing;
use crate::error::Error;
use crate::event::{Malformed, Record};
use crate::inotify;
use crate::invariant::must;

/// Where a new buffer begins, in bytes: room for a hundred events, so that ten thousand idle instances stay small.
const FIRST: usize = 4 << 10;

/// Where a busy one ends, in bytes. Larger reads gain nothing: the kernel's work is per event, not per read.
const MOST: usize = 64 << 10;

/// Bytes read from a queue, and the part of them that is pending: not delivered yet.
///
/// A pending record stays until it is delivered: a loop that ends early loses nothing.
#[derive(Debug, Default)]
pub struct EventBuffer {
    bytes: Vec<u8>,
    pending: Range<usize>,
    coalescing: Coalescing,
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
        self.coalescing.note(Instant::now(), length, self.bytes.len());
        Ok(length > 0)
    }

    /// How long it pays to wait before the next read, as events keep coming; zero when some are pending. The
    /// caller must wait, unless its time is up.
    #[must_use]
    pub fn pause(&mut self) -> Duration {
        if self.is_pending() { Duration::ZERO } else { self.coalescing.pause(Instant::now()) }
    }

    /// Whether a record is pending.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// How many bytes are pending.
    #[must_use]
    pub fn pending_len(&self) -> usize {
        self.pending.len()
    }

    /// The next record, which stays pending; `None` at the end of the batch.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes that come next are no record.
    #[inline]
    pub fn peek_record(&self) -> Result<Option<Record<'_>>, Malformed> {
        Ok(Record::split_first(self.pending_bytes())?.map(|(record, _)| record))
    }

    /// Ends the delivery of the record that [`peek_record`](Self::peek_record) returned, of `length` bytes.
    #[inline]
    pub fn advance(&mut self, length: usize) {
        self.pending.start = self.pending.end.min(self.pending.start.saturating_add(length));
    }

    /// The pending records, up to bytes that are none.
    pub fn pending_records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut rest = self.pending_bytes();
        std::iter::from_fn(move || {
            let (record, after) = Record::split_first(rest).ok().flatten()?;
            rest = after;
            Some(record)
        })
    }

    fn pending_bytes(&self) -> &[u8] {
        must(self.bytes.get(self.pending.clone()), "the pending bytes are in the buffer").unwrap_or_default()
    }

    /// Drops the pending records.
    pub fn clear(&mut self) {
        self.pending = 0..0;
    }

    /// How many bytes the buffer holds in memory.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
