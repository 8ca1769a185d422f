//! The system as it is.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use rustix::fs::{AtFlags, FileType, OFlags, PROC_SUPER_MAGIC};

use super::threads::{Threads, Waker};
use super::{Files, Job, Stat, Symlinks, System};
use crate::directory;
use crate::error::Error;
use crate::fdinfo::{self, KernelWatch};
use crate::flags::{InitFlags, Mask};
use crate::inotify;
use crate::moment::Moment;
use crate::mountinfo;
use crate::sys;
use crate::tick::Tick;

/// The instance, and how many bytes were read from it.
#[derive(Debug)]
struct Instance<F> {
    fd: F,
    read: Mutex<u64>,
}

impl<F: AsRawFd> Instance<F> {
    /// Reads, and counts the bytes: at any time, each byte is either queued or counted.
    fn read(&self, buffer: &mut [u8]) -> Result<usize, Error> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let length = inotify::read(self.fd.as_raw_fd(), buffer)?;
        *read += length as u64;
        Ok(length)
    }

    /// No mark in the queue is needed: the kernel queues an event before the call that causes it returns, and says how
    /// many bytes are queued.
    fn position(&self) -> u64 {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        *read + sys::queued(self.fd.as_raw_fd())
    }
}

/// The end of a queue, for other threads. It does not keep the queue open.
#[derive(Debug)]
pub(crate) struct Tail(Weak<Instance<OwnedFd>>);

impl Tail {
    /// See [`System::position`]. `None`: the queue is closed.
    pub(crate) fn position(&self) -> Option<u64> {
        self.0.upgrade().map(|instance| instance.position())
    }
}

/// See the module's description. `F`: the owner of the descriptor of the instance.
#[derive(Debug)]
pub struct Linux<F = OwnedFd> {
    instance: Arc<Instance<F>>,
    mounts: mountinfo::Source,
    /// Whether the working directory is this thread's own.
    wanders: bool,
    /// `None`: calls that may block do.
    threads: Option<Threads>,
}

impl Linux {
    /// With an instance of its own.
    ///
    /// # Errors
    /// As [`inotify::init`].
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self::with(inotify::init(InitFlags::NONBLOCK)?))
    }

    /// Has jobs that may block run on other threads. `waker`: called when one is done.
    pub(crate) fn use_threads(&mut self, waker: Waker) {
        self.threads = Some(Threads::new(waker));
    }

    /// Readable when events are queued.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.instance.fd.as_fd()
    }

    /// See [`mountinfo::Source::fd`].
    pub(crate) fn mounts_fd(&self) -> Option<BorrowedFd<'_>> {
        self.mounts.fd()
    }

    /// For other threads to ask where the queue ends.
    pub(crate) fn tail(&self) -> Tail {
        Tail(Arc::downgrade(&self.instance))
    }
}

impl<F: AsRawFd> Linux<F> {
    /// With an instance of somebody else's.
    pub(crate) fn with(fd: F) -> Self {
        let instance = Arc::new(Instance { fd, read: Mutex::new(0) });
        Self { instance, mounts: mountinfo::Source::default(), wanders: false, threads: None }
    }

    /// Makes this thread's working directory its own, so that directories can be watched from where they are.
    pub(crate) fn wander(&mut self) {
        self.wanders = sys::own_working_directory().is_ok();
    }
}

/// A way to the real file systems.
pub(crate) trait OnDisk {
    /// Whether servers are asked, and cached replies are not used.
    const ASKS: bool;
}

impl<F> OnDisk for Linux<F> {
    const ASKS: bool = false;
}

/// The file systems alone, for other threads.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl OnDisk for Disk {
    const ASKS: bool = true;
}

#[allow(private_bounds, reason = "nothing else reaches the real file systems")]
impl<T: OnDisk> Files for T {
    type File = OwnedFd;

    fn open(&self, dir: Option<&OwnedFd>, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
        directory::open_at(dir.map(AsFd::as_fd), path, flags)
    }

    fn open_beneath(&self, dir: &OwnedFd, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
        directory::open_beneath(dir.as_fd(), path, flags)
    }

    fn entries(&self, dir: &OwnedFd, found: impl FnMut(FileType, &[u8])) -> io::Result<()> {
        directory::each_entry(dir.as_fd(), found)
    }

    fn stat(&self, dir: Option<&OwnedFd>, path: &[u8], symlinks: Symlinks) -> io::Result<Stat> {
        let mut flags = AtFlags::EMPTY_PATH;
        if symlinks == Symlinks::Kept {
            flags |= AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
        }
        if T::ASKS {
            flags |= AtFlags::NO_AUTOMOUNT | AtFlags::STATX_FORCE_SYNC;
        }
        sys::stat(dir.map(AsFd::as_fd), path, flags)
    }

    fn is_in_proc(&self, dir: &OwnedFd) -> io::Result<bool> {
        Ok(rustix::fs::fstatfs(dir)?.f_type == PROC_SUPER_MAGIC)
    }

    fn read_link(&self, dir: &OwnedFd, name: &[u8]) -> io::Result<Vec<u8>> {
        directory::read_link(dir.as_fd(), name)
    }

    fn read_file(&self, dir: Option<&OwnedFd>, path: &[u8], symlinks: Symlinks) -> Option<Vec<u8>> {
        directory::read_file(dir.map(AsFd::as_fd), path, symlinks == Symlinks::Followed)
    }

    fn has_writer(&self, dir: Option<&OwnedFd>, path: &[u8], symlinks: Symlinks) -> Option<bool> {
        directory::has_writer(dir.map(AsFd::as_fd), path, symlinks == Symlinks::Followed)
    }

    fn real_path(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        Ok(fs::canonicalize(OsStr::from_bytes(path))?.into_os_string().into_vec())
    }

    fn moment(&self) -> Moment {
        Moment::now()
    }

    fn tick(&self) -> Tick {
        Tick::now()
    }
}

impl<F: AsRawFd> System for Linux<F> {
    /// By its descriptor: the watched directory is the one that will be listed. Going there and watching `.` takes
    /// three quarters of the time of the way over /proc, which is for directories that can't be entered.
    fn watch(&self, file: &OwnedFd, mask: Mask) -> io::Result<i32> {
        let inotify = self.instance.fd.as_raw_fd();
        if self.wanders && rustix::process::fchdir(file).is_ok() {
            sys::inotify_add_watch(inotify, c".", mask.bits())
        } else {
            match directory::watch(inotify, file.as_fd(), mask) {
                Err(error) if error.raw_os_error() == Some(libc::EOPNOTSUPP) => watch_elsewhere(inotify, file, mask),
                watched => watched,
            }
        }
    }

    /// It would keep the directory that it watched last from being removed, or unmounted.
    fn leave(&self) {
        if self.wanders {
            // There always is such a directory.
            rustix::process::chdir(c"/").ok();
        }
    }

    fn unwatch(&self, wd: i32) {
        // It fails where the kernel was faster.
        sys::inotify_rm_watch(self.instance.fd.as_raw_fd(), wd).ok();
    }

    fn watches(&self) -> io::Result<Vec<KernelWatch>> {
        fdinfo::watches(self.instance.fd.as_raw_fd())
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.instance.read(buffer)
    }

    fn position(&self) -> u64 {
        self.instance.position()
    }

    fn elsewhere<J: Job>(&self, place: &[u8], mut job: J, done: &Sender<J>) {
        match &self.threads {
            Some(threads) => threads.run(place, job, done),
            None => {
                job.run(&Disk);
                done.send(job).ok();
            }
        }
    }

    fn mountinfo(&mut self) -> io::Result<Vec<u8>> {
        self.mounts.text()
    }

    fn mounts_changed(&self) -> bool {
        self.mounts.changed()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// Watches a directory where /proc is missing: from a thread of its own, which goes there.
fn watch_elsewhere(inotify: RawFd, dir: &OwnedFd, mask: Mask) -> io::Result<i32> {
    let watch = || {
        sys::own_working_directory()?;
        rustix::process::fchdir(dir)?;
        sys::inotify_add_watch(inotify, c".", mask.bits())
    };
    let failed = io::Error::from_raw_os_error(libc::EOPNOTSUPP);
    thread::scope(|scope| match sys::with_signals_blocked(|| thread::Builder::new().spawn_scoped(scope, watch)) {
        Ok(thread) => thread.join().unwrap_or(Err(failed)),
        Err(_) => Err(failed),
    })
}
