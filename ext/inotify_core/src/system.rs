//! Everything that an [`Engine`](crate::engine::Engine) needs of the operating system: so that the tests can put
//! a made-up disk in its place, on which anything happens between two calls.

mod linux;
mod threads;

use std::fmt::Debug;
use std::io;
use std::sync::mpsc::Sender;
use std::time::Instant;

use crate::error::Error;
use crate::fdinfo::KernelWatch;
use crate::flags::Mask;
use crate::moment::Moment;
use crate::tick::{Clocks, Tick};

pub use crate::sys::Stat;
pub(crate) use linux::Tail;
pub use linux::{Disk, Linux};
pub use rustix::fs::{FileType, OFlags};
pub(crate) use threads::Waker;

/// Whether a symbolic link at the end of a path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symlinks {
    /// The path leads to the target of the link.
    Followed,
    /// The path leads to the link itself.
    Kept,
}

/// The file systems, and the clocks that their files are stamped by. A path is of any length, and relative to an open
/// directory if there is one, else absolute. Every error has the kernel's errno.
pub trait Files {
    /// An open directory or file, closed when it is dropped.
    type File: Debug;

    /// Opens a path, over symbolic links, except for one at its end if the flags say so (`O_NOFOLLOW`).
    ///
    /// # Errors
    /// As open(2).
    fn open(&self, dir: Option<&Self::File>, path: &[u8], flags: OFlags) -> io::Result<Self::File>;

    /// Opens a path below a directory, over no symbolic link.
    ///
    /// # Errors
    /// As openat2(2).
    fn open_beneath(&self, dir: &Self::File, path: &[u8], flags: OFlags) -> io::Result<Self::File>;

    /// Lists a directory from where it was read last: the type and the name of each entry except for `.` and `..`. The type
    /// is unknown where the file system does not say. A removed directory has none.
    ///
    /// # Errors
    /// As getdents64(2), after the entries that were read before it.
    fn entries(&self, dir: &Self::File, found: impl FnMut(FileType, &[u8])) -> io::Result<()>;

    /// Stats a path; an empty one is the open file itself.
    ///
    /// # Errors
    /// As statx(2).
    fn stat(&self, dir: Option<&Self::File>, path: &[u8], symlinks: Symlinks) -> io::Result<Stat>;

    /// Whether a directory is in /proc.
    ///
    /// # Errors
    /// As fstatfs(2).
    fn is_in_proc(&self, dir: &Self::File) -> io::Result<bool>;

    /// The text of a symbolic link.
    ///
    /// # Errors
    /// As readlinkat(2).
    fn read_link(&self, dir: &Self::File, name: &[u8]) -> io::Result<Vec<u8>>;

    /// The first megabyte of a regular file, without blocking. `None`: it does not exist, or cannot be read.
    fn read_file(&self, dir: Option<&Self::File>, path: &[u8], symlinks: Symlinks) -> Option<Vec<u8>>;

    /// Whether somebody has a regular file open for writing. `None`: that cannot be found out.
    fn has_writer(&self, dir: Option<&Self::File>, path: &[u8], symlinks: Symlinks) -> Option<bool>;

    /// The path without symbolic links that an absolute path leads to.
    ///
    /// # Errors
    /// As realpath(3).
    fn real_path(&self, path: &[u8]) -> io::Result<Vec<u8>>;

    /// The moment by the clocks that show every nanosecond.
    fn moment(&self) -> Moment;

    /// The moment by the clock that files are stamped by.
    fn tick(&self) -> Tick;

    /// The moment by all clocks. The one that stands still is read first: it is not later than the others.
    fn clocks(&self) -> Clocks {
        let tick = self.tick();
        Clocks { tick, moment: self.moment() }
    }
}

/// Work on file systems that may block for ever.
pub trait Job: Send + 'static {
    /// Does it.
    fn run<F: Files>(&mut self, files: &F);
}

/// One instance of inotify(7), the mounts, and the [`Files`] around it.
pub trait System: Files {
    /// Watches an open file or directory.
    ///
    /// # Errors
    /// As inotify_add_watch(2).
    fn watch(&self, file: &Self::File, mask: Mask) -> io::Result<i32>;

    /// Releases the directory that was watched last.
    fn leave(&self) {}

    /// Removes a watch, if there is such a one.
    fn unwatch(&self, wd: i32);

    /// The watches of the kernel.
    ///
    /// # Errors
    /// When /proc is not there, and for want of descriptors.
    fn watches(&self) -> io::Result<Vec<KernelWatch>>;

    /// Reads as many events as fit, without waiting. Returns the number of bytes; 0 when none is queued.
    ///
    /// # Errors
    /// When they can't be read.
    fn read(&self, buffer: &mut [u8]) -> Result<usize, Error>;

    /// How many bytes of events were read, and are queued.
    fn position(&self) -> u64;

    /// Has a job run where it blocks nobody, and sends it back when it is done. Those of one place run one after the
    /// other.
    fn elsewhere<J: Job>(&self, place: &[u8], job: J, done: &Sender<J>);

    /// The text of `/proc/self/mountinfo`.
    ///
    /// # Errors
    /// When it can't be read.
    fn mountinfo(&mut self) -> io::Result<Vec<u8>>;

    /// Whether something was mounted or unmounted since this was asked last.
    fn mounts_changed(&self) -> bool;

    /// The time for waiting.
    fn instant(&self) -> Instant;
}
