//! Marks in a queue where something was mounted or unmounted. No event of a directory reports that, and who waits for a
//! queue waits for nothing else: so a thread waits for the table of mounts, and puts a mark into the queue. What
//! happened before the mount is queued before the mark.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{mem, process};

use crate::error::{Error, Operation};
use crate::inotify;
use crate::mountinfo;
use crate::sys::{self, Signal};

/// The time until it is retried to put a mark where no watch is free for one.
const PATIENCE: Duration = Duration::from_secs(1);

/// A running thread. Dropping it ends the thread and waits until it has ended: it must be dropped before the queue's
/// descriptor is closed.
#[derive(Debug)]
pub struct MountMarks {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The process the thread lives in: a forked child has none.
    pid: u32,
}

#[derive(Debug)]
struct Shared {
    queue: RawFd,
    mountinfo: File,
    /// For the thread: it is to end, or to put a mark.
    signal: Signal,
    /// Locked while a mark is put: whoever reads it waits until it is known.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Marks that may be in the queue, in their order.
    marks: Vec<i32>,
    /// Whether the last of them is there: then there is no other until it is taken.
    waiting: bool,
    /// Whether something was mounted since the last of them was put.
    owed: bool,
    ended: bool,
}

impl MountMarks {
    /// Puts marks into a queue from now on.
    ///
    /// # Errors
    /// That of opening the table of mounts, which names it: mostly that there is no /proc; `EMFILE`, and `EAGAIN` where
    /// no thread is to be had.
    pub fn start(queue: RawFd) -> Result<Self, Error> {
        let mountinfo = File::open(mountinfo::PATH)
            .map_err(|error| Error::os(Operation::Read, &error).at(c"/proc/self/mountinfo"))?;
        let signal = Signal::new().map_err(|error| Error::os(Operation::Thread, &error))?;
        let shared = Arc::new(Shared { queue, mountinfo, signal, state: Mutex::default() });
        let thread = thread::Builder::new().name("inotify_rs".to_owned()).stack_size(64 << 10);
        let inner = Arc::clone(&shared);
        let thread = sys::with_signals_blocked(|| thread.spawn(move || inner.run()))
            .map_err(|error: io::Error| Error::os(Operation::Thread, &error))?;
        Ok(Self { shared, thread: Some(thread), pid: process::id() })
    }

    /// Whether an `IN_IGNORED` of this wd is a mark. Forgets it then.
    #[must_use]
    pub fn take(&self, wd: i32) -> bool {
        let mut state = self.shared.state();
        let Some(position) = state.marks.iter().position(|mark| *mark == wd) else { return false };
        // Those before it were lost.
        state.marks.drain(..=position);
        state.waiting &= !state.marks.is_empty();
        self.shared.settle(&mut state);
        true
    }

    /// The queue overflowed, and marks with them perhaps.
    pub fn lose(&self) {
        let mut state = self.shared.state();
        if state.waiting {
            (state.waiting, state.owed) = (false, true);
            self.shared.settle(&mut state);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the mark that is owed. Where it can't be, the thread does it later.
    fn settle(&self, state: &mut State) {
        if state.owed && !state.waiting {
            match inotify::mark(self.queue) {
                Some(wd) => {
                    state.marks.push(wd);
                    (state.waiting, state.owed) = (true, false);
                }
                None => self.signal.raise(),
            }
        }
    }

    fn run(&self) {
        let mut timeout = None;
        loop {
            let signal = self.signal.fd();
            let changed = sys::poll([signal, signal], Some(self.mountinfo.as_fd()), timeout);
            let mut state = self.state();
            if state.ended {
                return;
            }
            state.owed |= changed;
            self.settle(&mut state);
            self.signal.lower();
            timeout = (state.owed && !state.waiting).then_some(PATIENCE);
        }
    }
}

impl Drop for MountMarks {
    fn drop(&mut self) {
        if process::id() == self.pid {
            self.shared.state().ended = true;
            self.shared.signal.raise();
            if let Some(thread) = self.thread.take() {
                // A panic has been reported where it happened.
                thread.join().ok();
            }
            return;
        }
        // In a forked child, what the thread holds on to, which is not there, is held for ever.
        mem::forget(self.thread.take());
        for fd in [self.shared.mountinfo.as_raw_fd(), self.shared.signal.fd().as_raw_fd()] {
            #[allow(unsafe_code, reason = "nobody else is left to close them")]
            // SAFETY: their owner, which the thread held on to, is never dropped.
            unsafe { sys::close(fd) }.ok();
        }
    }
}
