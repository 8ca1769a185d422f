//! The descriptor of an `Inotify::Instance`: whoever uses it in whichever Ractor, it is closed once, and its number is
//! not used after that.

use std::os::fd::{IntoRawFd, RawFd};
use std::process;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use inotify_core::tree_marks::TreeMarks;
use inotify_core::{InitFlags, inotify};
use magnus::{Error, Ruby};

use crate::errors;

/// In messages.
pub(crate) const NAME: &str = "Inotify::Instance";

const CLOSED: RawFd = -1;

#[derive(Debug)]
pub(crate) struct Descriptor {
    fd: AtomicI32,
    pid: u32,
    /// Held while another Ractor may use the number, and to close it: it must not change hands meanwhile.
    in_use: Mutex<()>,
    /// Puts marks into the queue for directory trees.
    trees: Mutex<Option<TreeMarks>>,
}

impl Descriptor {
    pub(crate) fn open() -> Result<Self, inotify_core::Error> {
        let fd = inotify::init(InitFlags::NONBLOCK)?.into_raw_fd();
        Ok(Self { fd: AtomicI32::new(fd), pid: process::id(), in_use: Mutex::new(()), trees: Mutex::default() })
    }

    /// The number, for the Ractor of the instance. An error when it is closed, and in a forked child.
    pub(crate) fn fd(&self, ruby: &Ruby) -> Result<RawFd, Error> {
        self.check_process(ruby)?;
        match self.fd.load(Ordering::Acquire) {
            CLOSED => Err(errors::closed(ruby, NAME)),
            fd => Ok(fd),
        }
    }

    pub(crate) fn check_process(&self, ruby: &Ruby) -> Result<(), Error> {
        if self.is_foreign() { Err(errors::foreign(ruby, NAME, self.pid)) } else { Ok(()) }
    }

    /// Whether this is a forked child's copy.
    pub(crate) fn is_foreign(&self) -> bool {
        process::id() != self.pid
    }

    /// Removes a watch from whichever Ractor. Returns whether it was there.
    pub(crate) fn remove(&self, wd: i32) -> bool {
        let _in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        // The kernel may have dropped it already; a closed descriptor's number is none.
        inotify::rm_watch(self.fd.load(Ordering::Acquire), wd).is_ok()
    }

    /// From now on the queue has [marks](inotify_core::tree_marks).
    pub(crate) fn mark_trees(&self) -> Result<(), inotify_core::Error> {
        let mut marks = self.tree_marks();
        if marks.is_none() {
            *marks = Some(TreeMarks::start(self.fd.load(Ordering::Acquire))?);
        }
        Ok(())
    }

    /// The marks, where there are any.
    pub(crate) fn tree_marks(&self) -> MutexGuard<'_, Option<TreeMarks>> {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes it, once.
    pub(crate) fn close(&self) {
        drop(self.tree_marks().take());
        // A thread that held the lock when this process was forked is not in it.
        let in_use = (!self.is_foreign()).then(|| self.in_use.lock());
        let fd = self.fd.swap(CLOSED, Ordering::AcqRel);
        if fd != CLOSED {
            #[allow(unsafe_code, reason = "Ractors share the number")]
            // SAFETY: it was made here, and the number is not to be had any more.
            unsafe { inotify::close(fd) }.ok();
        }
        drop(in_use);
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        self.close();
    }
}
