//! Marks in the queue of an instance with directory trees: something was mounted or unmounted, or polled directories
//! have changes. No event reports that, and a thread that waits for a queue waits for nothing else. So a thread waits for
//! the table of mounts, and puts a mark into the queue; a watcher that polls puts one, too. What happened before is queued
//! before the mark.
//!
//! A mark is an `IN_MODIFY` of a file in memory that is watched for that: it needs no further watch when none is free.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::{mem, process};

use rustix::fs::MemfdFlags;

use crate::directory;
use crate::error::{Error, Operation};
use crate::flags::Mask;
use crate::inotify;
use crate::mountinfo;
use crate::sys::{self, Signal};

/// A running thread. Dropping it ends the thread and waits until it has ended: it must be dropped before the queue's
/// descriptor is closed.
#[derive(Debug)]
pub struct TreeMarks {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The process the thread lives in: a forked child has none.
    pid: u32,
}

/// The meaning of a mark that was read, apart from changes of polled directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeMark {
    /// Whether something was mounted or unmounted.
    pub mounts: bool,
}

#[derive(Debug)]
struct Shared {
    mountinfo: File,
    /// The file that is truncated, and its wd.
    file: OwnedFd,
    wd: i32,
    /// For the thread: it is to end.
    signal: Signal,
    /// Locked while a mark is put: a thread that reads it waits until it is known.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether a mark is in the queue: then there is no other until it is taken.
    waiting: bool,
    /// Whether another one is due since that was put.
    owed: bool,
    /// Whether something was mounted since a mark was taken.
    mounts: bool,
    ended: bool,
}

impl TreeMarks {
    /// Puts marks into a queue from now on.
    ///
    /// # Errors
    /// That of opening the table of mounts, which names it: mostly that there is no /proc;
    /// [`ErrorKind::WatchLimit`](crate::ErrorKind::WatchLimit) where no watch is free; `EMFILE`, and `EAGAIN` where no
    /// thread can be started.
    pub fn start(queue: RawFd) -> Result<Self, Error> {
        let mountinfo = File::open(mountinfo::PATH)
            .map_err(|error| Error::os(Operation::Read, &error).at(c"/proc/self/mountinfo"))?;
        let failed = |error: io::Error| Error::os(Operation::Thread, &error);
        let signal = Signal::new().map_err(failed)?;
        let file =
            rustix::fs::memfd_create(c"inotify_rs", MemfdFlags::CLOEXEC).map_err(|error| failed(error.into()))?;
        let wd = directory::watch(queue, file.as_fd(), Mask::MODIFY).map_err(|error| inotify::watch_failed(&error))?;
        let shared = Arc::new(Shared { mountinfo, file, wd, signal, state: Mutex::default() });
        let thread = thread::Builder::new().name("inotify_rs".to_owned()).stack_size(64 << 10);
        let inner = Arc::clone(&shared);
        let thread = sys::with_signals_blocked(|| thread.spawn(move || inner.run())).map_err(failed)?;
        Ok(Self { shared, thread: Some(thread), pid: process::id() })
    }

    /// Puts a mark whenever it is called, from any thread. Does nothing when this is dropped.
    #[must_use]
    pub fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let shared = Arc::downgrade(&self.shared);
        Arc::new(move || {
            if let Some(shared) = shared.upgrade() {
                shared.put(false);
            }
        })
    }

    /// Takes a mark, if this is the wd of one.
    #[must_use]
    pub fn take(&self, wd: i32) -> Option<TreeMark> {
        if wd != self.shared.wd {
            return None;
        }
        let mut state = self.shared.state();
        state.waiting = false;
        let mark = TreeMark { mounts: mem::take(&mut state.mounts) };
        self.shared.put_owed(&mut state);
        Some(mark)
    }

    /// The queue overflowed, and a mark with it perhaps.
    pub fn lose(&self) {
        let mut state = self.shared.state();
        if state.waiting {
            (state.waiting, state.owed) = (false, true);
            self.shared.put_owed(&mut state);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, mounts: bool) {
        let mut state = self.state();
        state.owed = true;
        state.mounts |= mounts;
        self.put_owed(&mut state);
    }

    /// Puts the mark that is owed.
    fn put_owed(&self, state: &mut State) {
        if state.owed && !state.waiting && !state.ended {
            // Even to the length that it has.
            let put = rustix::fs::ftruncate(&self.file, 0);
            debug_assert!(put.is_ok(), "a file that is open can be truncated: {put:?}");
            (state.waiting, state.owed) = (put.is_ok(), put.is_err());
        }
    }

    fn run(&self) {
        loop {
            let signal = self.signal.fd();
            let mounted = sys::poll([signal, signal], Some(self.mountinfo.as_fd()), None);
            if self.state().ended {
                return;
            }
            if mounted {
                self.put(true);
            }
        }
    }
}

impl Drop for TreeMarks {
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
        // In a forked child, the thread's part is never dropped: there is no such thread.
        mem::forget(self.thread.take());
        let Shared { mountinfo, file, signal, .. } = &*self.shared;
        sys::close_inherited(&[mountinfo.as_raw_fd(), signal.fd().as_raw_fd(), file.as_raw_fd()]);
    }
}
