//! The kernel's queue, emptied as fast as it fills, whatever else there is to do.

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::event::{Event, LONGEST};
use crate::inotify;
use crate::moment::Moment;
use crate::sys;

/// How much one read takes, in bytes.
const CHUNK: usize = 64 << 10;

/// How much is held that was read and not yet applied, in bytes: some 2 million events. Past that the kernel's queue
/// fills and overflows, which is mended by looking.
const MOST: usize = 64 << 20;

/// The events of one read, and when the queue was last known to be empty before it.
#[derive(Debug)]
struct Chunk {
    bytes: Vec<u8>,
    empty: Moment,
    read_at: Instant,
}

/// See the module's description.
#[derive(Debug)]
pub(crate) struct Queue {
    fd: OwnedFd,
    buffer: Vec<u8>,
    chunks: VecDeque<Chunk>,
    held: usize,
    empty: Moment,
    /// How many bytes were read, and how many of them applied, since the beginning.
    read: u64,
    applied: u64,
    pub(crate) events: u64,
    /// How long what was applied last had been held.
    pub(crate) lag: Duration,
}

impl Queue {
    pub(crate) fn new(fd: OwnedFd) -> Self {
        Self {
            fd,
            buffer: vec![0; CHUNK],
            chunks: VecDeque::new(),
            held: 0,
            empty: Moment::now(),
            read: 0,
            applied: 0,
            events: 0,
            lag: Duration::ZERO,
        }
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Reads until the queue is empty or enough is held. Never waits.
    pub(crate) fn drain(&mut self) -> Result<(), Error> {
        while self.held < MOST {
            let before = Moment::now();
            let length = inotify::read(self.fd.as_raw_fd(), &mut self.buffer)?;
            if length > 0 {
                let bytes = self.buffer.get(..length).unwrap_or_default().to_vec();
                self.held += length;
                self.read += length as u64;
                self.chunks.push_back(Chunk { bytes, empty: self.empty, read_at: Instant::now() });
            }
            if length + LONGEST <= CHUNK {
                self.empty = before;
                break;
            }
        }
        Ok(())
    }

    /// The position behind all that has happened until now. No mark in the queue is needed: the kernel queues an event
    /// before the call that causes it returns, and tells how many bytes are queued.
    pub(crate) fn tail(&self) -> u64 {
        self.read + sys::queued_bytes(self.fd.as_raw_fd()).unwrap_or(0) as u64
    }

    /// Whether all before this position is applied.
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

    /// Applies the events of one read.
    pub(crate) fn apply(&mut self, mut each: impl FnMut(&Event<'_>, Moment)) {
        let Some(chunk) = self.chunks.pop_front() else { return };
        self.held -= chunk.bytes.len();
        self.applied += chunk.bytes.len() as u64;
        let mut rest = chunk.bytes.as_slice();
        while let Ok(Some((event, after))) = Event::split_first(rest) {
            self.events += 1;
            each(&event, chunk.empty);
            rest = after;
        }
        self.lag = chunk.read_at.elapsed();
    }
}
