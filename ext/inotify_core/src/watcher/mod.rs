//! An [`Engine`] on a thread of its own, with a mailbox of commands, which delivers merged changes.
//!
//! The thread never calls back. The user waits for a descriptor to become readable, and takes what is there.

mod mailbox;
mod thread;

use std::ffi::OsStr;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, mem, process};

use crate::checkpoint::{self, Checkpoint};
use crate::engine::{Audit, Engine, Options, Paths, Stats, WatchError};
use crate::error::{Error, Operation};
use crate::model::Change;
use crate::sys;
use crate::system::{Linux, Waker};

use mailbox::{Command, Mailbox, Writing, WrittenFiles};
use thread::{Since, Thread};

pub use mailbox::Request;

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
    pub fn ready(&self) -> &Request<()> {
        &self.mailbox.ready
    }

    /// Readable when there are changes or errors to take, or the watcher has ended.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.mailbox.changes_fd()
    }

    /// Takes the delivered changes. Does not block.
    #[must_use]
    pub fn take(&self) -> Vec<Change> {
        self.mailbox.take_changes(false)
    }

    /// The same for a user who passes them on to the consumer later, and calls [`release`](Self::release) then: until
    /// then they are not in a [`checkpoint`](Self::checkpoint).
    #[must_use]
    pub fn take_and_hold(&self) -> Vec<Change> {
        self.mailbox.take_changes(true)
    }

    /// Says that the consumer was given all changes that were taken.
    pub fn release(&self) {
        self.mailbox.release();
    }

    /// Says that the consumer is done with all changes that were taken. It need not: but then files are not reported
    /// again when they are renamed later.
    pub fn done_with_taken(&self) {
        self.mailbox.done_with_taken();
    }

    /// Whether there are changes to take.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.mailbox.has_changes()
    }

    /// The figures of a moment ago.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.mailbox.stats()
    }

    /// Requests the differences between the model, the kernel's watches and the disk: a sentence each, right only for
    /// trees that are quiet. Every directory is listed. The reply is an error where no descriptor is left.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn audit(&self) -> io::Result<Arc<Request<Audit>>> {
        let request = Arc::new(Request::new()?);
        self.mailbox.send(Command::Audit(Arc::clone(&request)));
        Ok(request)
    }

    /// Whether there are errors to take.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.mailbox.has_errors()
    }

    /// Takes the errors that are reported.
    #[must_use]
    pub fn take_errors(&self) -> Vec<WatchError> {
        self.mailbox.take_errors()
    }

    /// Takes the directories about which the predicate is to be asked: the number of the request, and the path.
    #[must_use]
    pub fn take_predicate_requests(&self) -> Vec<(u64, Vec<u8>)> {
        self.mailbox.take_predicate_requests()
    }

    /// Replies to predicate requests: by number, whether the directory is included.
    pub fn reply_predicate(&self, replies: Vec<(u64, bool)>) {
        self.mailbox.send(Command::PredicateReplies(replies));
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.mailbox.has_ended()
    }

    /// Wakes whoever waits for [`fd`](Self::fd), which stays readable until [`calm`](Self::calm).
    pub fn wake(&self) {
        self.mailbox.wake();
    }

    /// Makes [`fd`](Self::fd) readable only if there is something to take.
    pub fn calm(&self) {
        self.mailbox.calm();
    }

    /// Takes the error that ended the thread: only for want of memory or descriptors.
    #[must_use]
    pub fn take_failure(&self) -> Option<Error> {
        self.mailbox.take_failure()
    }

    /// Requests that all that has happened is delivered. Replied to when it is, or is in the next batch.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn sync(&self) -> io::Result<Arc<Request<()>>> {
        let request = Arc::new(Request::new()?);
        self.mailbox.send(Command::Sync(Arc::clone(&request)));
        Ok(request)
    }

    /// Requests all paths.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn paths(&self) -> io::Result<Arc<Request<Paths>>> {
        let request = Arc::new(Request::new()?);
        self.mailbox.send(Command::Paths(Arc::clone(&request)));
        Ok(request)
    }

    /// Requests that a checkpoint of the last batch that was taken is written to a file: see
    /// [`crate::checkpoint`]. Replied to when it is on the disk. Changes of the file are not reported from
    /// here on.
    ///
    /// # Errors
    /// `EMFILE`, and when the path is relative and the working directory is not to be had.
    pub fn checkpoint(&self, path: &[u8]) -> io::Result<Arc<Request<Result<(), Error>>>> {
        let path = std::path::absolute(Path::new(OsStr::from_bytes(path)))?.into_os_string().into_vec();
        let request = Arc::new(Request::new()?);
        let writing = Writing { path, files: WrittenFiles::Unknown, request: Arc::clone(&request) };
        self.mailbox.send(Command::Checkpoint(writing));
        Ok(request)
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
