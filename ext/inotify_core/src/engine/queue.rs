//! The kernel's queue, emptied as fast as it fills, whatever else there is to do.

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError, Weak};
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

/// The instance, and how many bytes were read from it.
#[derive(Debug)]
struct Source {
    fd: OwnedFd,
    read: Mutex<u64>,
}

impl Source {
    /// Reads, and counts what it read: nobody finds those bytes neither queued nor counted.
    fn read(&self, buffer: &mut [u8]) -> Result<usize, Error> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let length = inotify::read(self.fd.as_raw_fd(), buffer)?;
        *read += length as u64;
        Ok(length)
    }

    /// See [`Queue::tail`].
    fn tail(&self) -> u64 {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        *read + sys::queued_bytes(self.fd.as_raw_fd()).unwrap_or(0) as u64
    }
}

/// The end of a queue, for other threads. It does not keep the queue open.
#[derive(Debug)]
pub(crate) struct Tail(Weak<Source>);

impl Tail {
    /// See [`Queue::tail`]. `None`: the queue is closed.
    pub(crate) fn position(&self) -> Option<u64> {
        self.0.upgrade().map(|source| source.tail())
    }
}

/// See the module's description.
#[derive(Debug)]
pub(crate) struct Queue {
    source: Arc<Source>,
    buffer: Vec<u8>,
    chunks: VecDeque<Chunk>,
    held: usize,
    empty: Moment,
    /// How many bytes were applied since the beginning.
    applied: u64,
    pub(crate) events: u64,
    /// How long what was applied last had been held.
    pub(crate) lag: Duration,
}

impl Queue {
    pub(crate) fn new(fd: OwnedFd) -> Self {
        Self {
            source: Arc::new(Source { fd, read: Mutex::new(0) }),
            buffer: vec![0; CHUNK],
            chunks: VecDeque::new(),
            held: 0,
            empty: Moment::now(),
            applied: 0,
            events: 0,
            lag: Duration::ZERO,
        }
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.source.fd.as_fd()
    }

    /// Reads until the queue is empty or enough is held. Never waits.
    pub(crate) fn drain(&mut self) -> Result<(), Error> {
        while self.held < MOST {
            let before = Moment::now();
            let length = self.source.read(&mut self.buffer)?;
            if length > 0 {
                let bytes = self.buffer.get(..length).unwrap_or_default().to_vec();
                self.held += length;
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
        self.source.tail()
    }

    /// For other threads to ask where the queue ends.
    pub(crate) fn tail_for_others(&self) -> Tail {
        Tail(Arc::downgrade(&self.source))
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
