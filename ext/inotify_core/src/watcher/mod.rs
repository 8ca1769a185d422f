//! An [`Engine`] on a thread of its own, with a mailbox of commands, which delivers merged changes.
//!
//! The thread never calls back. The user waits for a descriptor to become readable, and takes what is there.

mod mailbox;
mod thread;

use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, mem, process};

use crate::checkpoint::{self, Checkpoint};
use crate::engine::{Engine, Options};
use crate::error::{Error, Operation};
use crate::sys;
use crate::system::{Linux, Waker};

use mailbox::Mailbox;
use thread::{Since, Thread};

pub use mailbox::{Query, Reply, Request};

/// A running watcher. Dropping it ends its thread without waiting for it.
#[derive(Debug)]
pub struct Watcher {
    mailbox: Arc<Mailbox>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The process that the thread lives in: a forked child has none.
    pid: u32,
    /// A forked child has copies of these descriptors, and no thread that would close them.
    fds: [RawFd; 4],
}

impl Watcher {
    /// Starts the thread, which scans the roots first: see [`ready`](Self::ready). `debounce`: the time without changes
    /// before a batch is delivered. On a busy tree it is delivered after ten times that, at least half a second.
    ///
    /// # Errors
    /// As [`inotify::init`](crate::inotify::init); `EMFILE`, and `EAGAIN` where no thread is to be had; and where the
    /// checkpoint of [`Options::since`] cannot be read or used.
    pub fn start(options: &Options, debounce: Duration) -> Result<Self, Error> {
        let mut engine = Engine::new(Linux::new()?, options);
        let since = match options.since_path() {
            None => None,
            Some(path) => {
                engine.expect_checkpoint();
                Some(Since { checkpoint: checkpoint::read(path, engine.settings())?, files: checkpoint::files(path) })
            }
        };
        Self::run(engine, options, debounce, since, None)
    }

    /// The same for a user who does not wait for [`fd`](Self::fd): `waker` is called on the thread when there are changes
    /// or errors to take, or it has ended. `all_new`: everything that the first scan finds is created in the first batch.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(crate) fn start_waking(
        options: &Options,
        debounce: Duration,
        waker: Waker,
        all_new: bool,
    ) -> Result<Self, Error> {
        let engine = Engine::new(Linux::new()?, options);
        let since = all_new.then(|| Since { checkpoint: Checkpoint::empty(engine.settings()), files: Vec::new() });
        Self::run(engine, options, debounce, since, Some(waker))
    }

    fn run(
        engine: Engine,
        options: &Options,
        debounce: Duration,
        since: Option<Since>,
        waker: Option<Waker>,
    ) -> Result<Self, Error> {
        let failed = |error: io::Error| Error::os(Operation::Init, &error);
        let no_thread = |error: io::Error| {
            let failed = Error::os(Operation::Thread, &error);
            failed.remarking("this user may have no more processes and threads; raise the limit with `ulimit -u`")
        };
        let mailbox = Arc::new(Mailbox::new(waker).map_err(failed)?);
        let fd = engine.fd().as_raw_fd();
        let worker = Thread::new(Arc::clone(&mailbox), engine, debounce, since, options.git_work());
        let [commands, changes, ready] = [mailbox.commands_fd(), mailbox.changes_fd(), mailbox.ready.fd()];
        let fds = [fd, commands.as_raw_fd(), changes.as_raw_fd(), ready.as_raw_fd()];
        let thread = std::thread::Builder::new().name("inotify_rs".to_owned());
        let thread = sys::with_signals_blocked(|| thread.spawn(move || worker.run())).map_err(no_thread)?;
        Ok(Self { mailbox, thread: Mutex::new(Some(thread)), pid: process::id(), fds })
    }

    /// Replied to when the roots are scanned: from then on no change is lost.
    #[must_use]
    pub fn ready(&self) -> &Request {
        &self.mailbox.ready
    }

    /// Readable when there are changes or errors to take, or the watcher has ended.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.mailbox.changes_fd()
    }

    /// The process that it was started in. It works in no other.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends the thread and waits until it has ended, for one system call at most. Does nothing in a forked child.
    pub fn close(&self) {
        self.end();
        self.join();
    }

    /// Asks the thread to end, and wakes whoever waits.
    pub fn end(&self) {
        if process::id() == self.pid {
            self.mailbox.close();
        }
    }

    /// Waits until the thread has ended.
    pub fn join(&self) {
        if process::id() != self.pid {
            return;
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic has been reported where it happened.
            thread.join().ok();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if process::id() == self.pid {
            self.mailbox.close();
            return;
        }
        // In a forked child, a thread that does not exist may hold the lock, and another thread may have its identity:
        // neither is touched.
        mem::forget(self.thread.get_mut().map(Option::take));
        // Only the thread would have dropped its part.
        if Arc::strong_count(&self.mailbox) > 1 {
            sys::close_inherited(&self.fds);
        }
    }
}
