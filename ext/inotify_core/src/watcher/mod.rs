//! Watches directory trees and loses nothing: an [`Engine`] on a thread of its own, with a mailbox of commands, which
//! delivers merged changes.
//!
//! The thread never calls back. Its user waits for a descriptor to become readable, and takes what there is.

mod mailbox;
mod thread;

use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, mem, process};

use crate::engine::{Audit, Engine, Options, Paths, Stats, WatchError};
use crate::error::{Error, Operation};
use crate::model::Change;
use crate::sys;
use crate::system::Linux;

use mailbox::{Command, Mailbox};
use thread::Thread;

pub use mailbox::Request;

/// A running watcher. Dropping it ends its thread without waiting for it.
#[derive(Debug)]
pub struct Watcher {
    mailbox: Arc<Mailbox>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The process the thread lives in: a forked child has none.
    pid: u32,
    /// The descriptors that a forked child has copies of: the thread, which is not there, would close them.
    fds: [RawFd; 4],
}

impl Watcher {
    /// Starts to watch. The roots are scanned in the background: see [`ready`](Self::ready). `debounce`: how long it
    /// must be quiet before changes are delivered; on a busy tree they are after ten times that, at least half a
    /// second.
    ///
    /// # Errors
    /// As [`inotify::init`](crate::inotify::init); `EMFILE`, and `EAGAIN` where no thread is to be had.
    pub fn start(options: &Options, debounce: Duration) -> Result<Self, Error> {
        let engine = Engine::new(Linux::new()?, options);
        let failed = |error: io::Error| Error::os(Operation::Init, &error);
        let no_thread = |error: io::Error| {
            let failed = Error::os(Operation::Thread, &error);
            failed.remarking("this user may have no more processes and threads; raise the limit with `ulimit -u`")
        };
        let mailbox = Arc::new(Mailbox::new().map_err(failed)?);
        let fd = engine.fd().as_raw_fd();
        let worker = Thread::new(Arc::clone(&mailbox), engine, debounce);
        let [commands, changes, ready] = [mailbox.commands_fd(), mailbox.changes_fd(), mailbox.ready.fd()];
        let fds = [fd, commands.as_raw_fd(), changes.as_raw_fd(), ready.as_raw_fd()];
        let thread = std::thread::Builder::new().name("inotify_rs".to_owned());
        let thread = sys::with_signals_blocked(|| thread.spawn(move || worker.run())).map_err(no_thread)?;
        Ok(Self { mailbox, thread: Mutex::new(Some(thread)), pid: process::id(), fds })
    }

    /// Replied to when the roots are scanned: from then on, nothing is lost.
    #[must_use]
    pub fn ready(&self) -> &Request<()> {
        &self.mailbox.ready
    }

    /// Readable when there is something to [`take`](Self::take), or the watcher has ended.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.mailbox.changes_fd()
    }

    /// Takes the changes that were delivered. Never waits.
    #[must_use]
    pub fn take(&self) -> Vec<Change> {
        self.mailbox.take_changes()
    }

    /// Says that whoever [`take`](Self::take)s the changes is done with all that were taken. Nobody needs to: it saves
    /// files from being reported again when they are renamed later.
    pub fn done_with_taken(&self) {
        self.mailbox.done_with_taken();
    }

    /// Whether there are changes to take.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.mailbox.has_changes()
    }

    /// How it is doing, as of a moment ago.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.mailbox.stats()
    }

    /// Asks for the differences between what it believes, what the kernel watches and what is on the disk: a sentence
    /// each, right for a tree that is quiet. Scans every directory; the reply is an error where that fails for want of
    /// descriptors.
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

    /// Takes the errors that were not taken yet.
    #[must_use]
    pub fn take_errors(&self) -> Vec<WatchError> {
        self.mailbox.take_errors()
    }

    /// Takes the directories about which the filter wants somebody asked: the question's number, and the path.
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

    /// Wakes who waits for [`fd`](Self::fd). It stays readable until [`calm`](Self::calm) is called.
    pub fn wake(&self) {
        self.mailbox.wake();
    }

    /// Lets [`fd`](Self::fd) be readable only if there is something to take.
    pub fn calm(&self) {
        self.mailbox.calm();
    }

    /// Takes what ended the thread before its time. It ends for want of memory or descriptors only.
    #[must_use]
    pub fn take_failure(&self) -> Option<Error> {
        self.mailbox.take_failure()
    }

    /// Asks for all that has happened to be delivered. Replied to when it is, or is the next to be.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn sync(&self) -> io::Result<Arc<Request<()>>> {
        let request = Arc::new(Request::new()?);
        self.mailbox.send(Command::Sync(Arc::clone(&request)));
        Ok(request)
    }

    /// Asks for all paths there are.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn paths(&self) -> io::Result<Arc<Request<Paths>>> {
        let request = Arc::new(Request::new()?);
        self.mailbox.send(Command::Paths(Arc::clone(&request)));
        Ok(request)
    }

    /// The process it was started in, and the only one it works in.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends the thread and waits until it has: for the system call it is in, at most. Nothing to do in a forked child.
    pub fn close(&self) {
        self.end();
        self.join();
    }

    /// Asks the thread to end, and wakes who waits.
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
        // In a forked child the lock may be held by a thread that is not there, and another thread of this process may
        // have that one's identity by now: nothing is to be done to either.
        mem::forget(self.thread.get_mut().map(Option::take));
        // What only the thread holds on to is held for ever.
        if Arc::strong_count(&self.mailbox) > 1 {
            for fd in self.fds {
                #[allow(unsafe_code, reason = "nobody else is left to close them")]
                // SAFETY: their owners are held by the thread that is not there.
                unsafe { sys::close(fd) }.ok();
            }
        }
    }
}
