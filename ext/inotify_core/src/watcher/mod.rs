//! Watches directory trees and loses nothing: a thread that empties the kernel's queue at once, looks where the
//! [`Tree`](crate::tree::Tree) wishes, and hands merged changes over.
//!
//! The thread never calls back. Its user waits for a descriptor to become readable, and takes what there is.

mod anchors;
mod audit;
mod mounted;
mod places;
mod queue;
mod reports;
mod retries;
mod roots;
mod rules;
mod shared;
mod wishes;
mod worker;

use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem, process};

use crate::error::{Error, Operation};
use crate::filter::Filter;
use crate::flags::InitFlags;
use crate::inotify;
use crate::sys;
use crate::tree::{Change, Kind};

use roots::Root;
use shared::{Demand, Shared};
use worker::Worker;

pub use shared::{Audit, Difference, Differences, Paths, Request, Stats, Trouble};

/// What to watch, and how.
#[derive(Clone, Debug)]
pub struct Options {
    roots: Vec<Root>,
    recursive: bool,
    debounce: Duration,
    filter: Filter,
    follow_links: bool,
}

impl Options {
    /// Nothing yet. `recursive`: whether directories below the roots are watched too. `debounce`: how long it must be
    /// quiet before changes are handed over; on a busy tree they are after ten times that, at least half a second.
    #[must_use]
    pub fn new(recursive: bool, debounce: Duration) -> Self {
        Self { roots: Vec::new(), recursive, debounce, filter: Filter::new(), follow_links: false }
    }

    /// Which paths count. Given files always do.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Whether symbolic links to directories are followed, each directory being entered once.
    #[must_use]
    pub fn follow_links(mut self, follow: bool) -> Self {
        self.follow_links = follow;
        self
    }

    /// Adds a path, which need not exist. One that is inside of another that is watched adds nothing, but where the filter
    /// leaves it out there: what is asked for by its name counts.
    ///
    /// # Errors
    /// When the path is relative and the working directory is not to be had.
    pub fn add(&mut self, path: &[u8]) -> io::Result<()> {
        let new = Root::new(path)?;
        if self.roots.iter().any(|root| self.covers(root, &new)) {
            return Ok(());
        }
        let mut roots = mem::take(&mut self.roots);
        roots.retain(|root| !self.covers(&new, root));
        roots.push(new);
        self.roots = roots;
        Ok(())
    }

    /// Whether what is told of `outer` contains all that is to be told of `inner`.
    fn covers(&self, outer: &Root, inner: &Root) -> bool {
        outer.is_at(inner) || self.recursive && outer.leads_to(inner) && !self.leaves_out(outer, inner)
    }

    /// Whether the filter keeps `outer` from telling of `inner`, which is below it, or may do so some day.
    fn leaves_out(&self, outer: &Root, inner: &Root) -> bool {
        // What somebody else will say is not known, nor what git will ignore: it stands for itself.
        self.filter.is_judged()
            || self.filter.honours_gitignore()
            || inner.way_from(outer).any(|(below, kind)| {
                // A file, or what is not there, may be a directory later.
                !self.filter.admits_by_patterns(below, kind) || !self.filter.admits_by_patterns(below, Kind::Dir)
            })
    }

    /// The roots below `outer`, which it must leave to themselves: their paths relative to it.
    pub(crate) fn apart(&self, outer: &Root) -> Vec<Vec<u8>> {
        self.roots.iter().filter_map(|inner| inner.below(outer)).map(<[u8]>::to_vec).collect()
    }

    /// Whether a root is below another.
    pub(crate) fn is_inner(&self, root: &Root) -> bool {
        self.roots.iter().any(|outer| root.below(outer).is_some())
    }
}

/// A running watcher. Dropping it ends its thread without waiting for it.
#[derive(Debug)]
pub struct Watcher {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The process the thread lives in: a forked child has none.
    pid: u32,
    /// The descriptors that a forked child has copies of: the thread, which is not there, would close them.
    fds: [RawFd; 4],
}

impl Watcher {
    /// Starts to watch. The roots are looked through in the background: see [`ready`](Self::ready).
    ///
    /// # Errors
    /// As [`inotify::init`]; `EMFILE`, and `EAGAIN` where no thread is to be had.
    pub fn start(options: &Options) -> Result<Self, Error> {
        let fd = inotify::init(InitFlags::NONBLOCK)?;
        let inotify = sys::own(fd);
        let failed = |error: io::Error| Error::os(Operation::Init, &error);
        let no_thread = |error: io::Error| {
            let failed = Error::os(Operation::Thread, &error);
            failed.remarking("this user may have no more processes and threads; raise the limit with `ulimit -u`")
        };
        let shared = Arc::new(Shared::new().map_err(failed)?);
        let worker = Worker::new(Arc::clone(&shared), inotify, options);
        let [demands, changes, ready] = [shared.demands_fd(), shared.changes_fd(), shared.ready.fd()];
        let fds = [fd, demands.as_raw_fd(), changes.as_raw_fd(), ready.as_raw_fd()];
        let thread = thread::Builder::new().name("inotify_rs".to_owned());
        let thread = thread.spawn(move || worker.run()).map_err(no_thread)?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)), pid: process::id(), fds })
    }

    /// Answered when the roots are looked through: from then on, nothing is lost.
    #[must_use]
    pub fn ready(&self) -> &Request<()> {
        &self.shared.ready
    }

    /// Readable when there is something to [`take`](Self::take), or the watcher has ended.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.shared.changes_fd()
    }

    /// Takes the changes that were handed over. Never waits.
    #[must_use]
    pub fn take(&self) -> Vec<Change> {
        self.shared.take_changes()
    }

    /// Says that whoever [`take`](Self::take)s the changes is done with all that were taken. Nobody needs to: it saves
    /// files from being told again when they are renamed later.
    pub fn rest(&self) {
        self.shared.rest();
    }

    /// Whether there are changes to take.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.shared.has_changes()
    }

    /// How it is doing, as of a moment ago.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Asks for the differences between what it believes, what the kernel watches and what is on the disk: a sentence
    /// each, right for a tree that is quiet. Looks at every directory; the answer is an error when it could not, for want of
    /// descriptors.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn audit(&self) -> io::Result<Arc<Request<Audit>>> {
        let request = Arc::new(Request::new()?);
        self.shared.demand(Demand::Audit(Arc::clone(&request)));
        Ok(request)
    }

    /// Whether there are troubles to take.
    #[must_use]
    pub fn has_troubles(&self) -> bool {
        self.shared.has_troubles()
    }

    /// Takes what it can't do and has not told yet.
    #[must_use]
    pub fn take_troubles(&self) -> Vec<Trouble> {
        self.shared.take_troubles()
    }

    /// Takes the directories about which the filter wants somebody asked: the question's number, and the path.
    #[must_use]
    pub fn take_questions(&self) -> Vec<(u64, Vec<u8>)> {
        self.shared.take_questions()
    }

    /// Answers questions: by number, whether the directory counts.
    pub fn judge(&self, judgements: Vec<(u64, bool)>) {
        self.shared.demand(Demand::Judge(judgements));
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.shared.has_ended()
    }

    /// Wakes who waits for [`fd`](Self::fd). It stays readable until [`calm`](Self::calm) is called.
    pub fn wake(&self) {
        self.shared.wake();
    }

    /// Lets [`fd`](Self::fd) be readable only if there is something to take.
    pub fn calm(&self) {
        self.shared.calm();
    }

    /// Takes what ended the thread before its time. It ends for want of memory or descriptors only.
    #[must_use]
    pub fn take_failure(&self) -> Option<Error> {
        self.shared.take_failure()
    }

    /// Asks for all that has happened to be handed over. Answered when it is, or is the next to be.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn sync(&self) -> io::Result<Arc<Request<()>>> {
        let request = Arc::new(Request::new()?);
        self.shared.demand(Demand::Sync(Arc::clone(&request)));
        Ok(request)
    }

    /// Asks for all paths there are.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn paths(&self) -> io::Result<Arc<Request<Paths>>> {
        let request = Arc::new(Request::new()?);
        self.shared.demand(Demand::Paths(Arc::clone(&request)));
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

    /// Tells the thread to end, and wakes who waits.
    pub fn end(&self) {
        if process::id() == self.pid {
            self.shared.close();
        }
    }

    /// Waits until the thread has ended.
    pub fn join(&self) {
        if process::id() != self.pid {
            return;
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic has been told of where it happened.
            thread.join().ok();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if process::id() == self.pid {
            self.shared.close();
            return;
        }
        // In a forked child the lock may be held by a thread that is not there, and another thread of this process may have
        // that one's identity by now: nothing is to be done to either.
        mem::forget(self.thread.get_mut().map(Option::take));
        // What only the thread holds on to is held for ever.
        if Arc::strong_count(&self.shared) > 1 {
            for fd in self.fds {
                sys::close(fd).ok();
            }
        }
    }
}
