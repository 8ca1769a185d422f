//! The system calls that the library makes itself: on descriptor numbers, of which programs may pass any, and where
//! rustix has no safe function. Each returns the kernel's errno unchanged.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::Duration;

use libc::c_int;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd};
use rustix::fs::{AtFlags, CWD, StatxFlags, StatxTimestamp};

use crate::invariant::must;
use crate::moment::SECOND;
use crate::stamp::Stamp;

/// The result of a call that returns −1 on failure.
fn checked(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// inotify_add_watch(2).
pub(crate) fn inotify_add_watch(fd: RawFd, path: &CStr, mask: u32) -> io::Result<i32> {
    // SAFETY: `path` is NUL-terminated and lives through the call, which only reads it.
    checked(unsafe { libc::inotify_add_watch(fd, path.as_ptr(), mask) })
}

/// inotify_rm_watch(2).
pub(crate) fn inotify_rm_watch(fd: RawFd, wd: i32) -> io::Result<()> {
    // SAFETY: the call takes integers and touches no memory of ours.
    checked(unsafe { libc::inotify_rm_watch(fd, wd) }).map(drop)
}

/// read(2), into the whole of `buffer` at most. Returns the number of bytes read.
pub(crate) fn read(fd: RawFd, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the pointer and length are those of one exclusively borrowed slice.
    let length = unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// poll(2) without waiting: whether a read would find something now.
pub(crate) fn is_readable(fd: RawFd) -> io::Result<bool> {
    let mut polled = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // A signal interrupts it even though it does not wait.
    while let Err(error) = checked(
        // SAFETY: the pointer is to one pollfd, as the count says.
        unsafe { libc::poll(&raw mut polled, 1, 0) },
    ) {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    // It ignores negative numbers.
    if fd < 0 || polled.revents & libc::POLLNVAL != 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    Ok(polled.revents & libc::POLLIN != 0)
}

/// fcntl(2) `F_GETFL`: the open file's status flags (`O_NONBLOCK` and others).
pub(crate) fn status_flags(fd: RawFd) -> io::Result<c_int> {
    // SAFETY: F_GETFL takes no argument and touches no memory of ours.
    checked(unsafe { libc::fcntl(fd, libc::F_GETFL) })
}

/// ioctl(2) `FIONREAD`: how many bytes are queued; 0 when that is not known.
pub(crate) fn queued(fd: RawFd) -> u64 {
    let mut bytes: c_int = 0;
    // SAFETY: FIONREAD writes an int to the address that it is given.
    let asked = checked(unsafe { libc::ioctl(fd, libc::FIONREAD, &raw mut bytes) });
    asked.ok().and_then(|_| u64::try_from(bytes).ok()).unwrap_or(0)
}

/// As in `<linux/fcntl.h>`.
#[repr(C)]
struct Owner {
    kind: c_int,
    id: libc::pid_t,
}

/// `F_OWNER_TID`: the owner is a thread.
const THREAD: c_int = 0;
const F_SETSIG: c_int = 10;
const F_SETOWN_EX: c_int = 15;

/// Whether somebody has a file open for writing that is open for reading: fcntl(2) `F_SETLEASE` denies a lease then. A
/// lease that is granted is released at once. A program that opens the file for writing in that moment waits, and the
/// kernel signals it to the holder: to this thread only, and by a signal that is ignored unless somebody handles it.
pub(crate) fn has_writer(file: BorrowedFd<'_>) -> io::Result<bool> {
    let fd = file.as_raw_fd();
    // SAFETY: the call takes nothing and returns a number. glibc has a function for it since 2.30.
    let thread = unsafe { libc::syscall(libc::SYS_gettid) };
    let id = must(libc::pid_t::try_from(thread).ok(), "a thread has an id").unwrap_or_default();
    let owner = Owner { kind: THREAD, id };
    // SAFETY: the pointer is to a `struct f_owner_ex`, which the call only reads.
    checked(unsafe { libc::fcntl(fd, F_SETOWN_EX, &raw const owner) })?;
    // SAFETY: the argument is a number.
    checked(unsafe { libc::fcntl(fd, F_SETSIG, libc::SIGURG) })?;
    // SAFETY: the argument is a number.
    match checked(unsafe { libc::fcntl(fd, libc::F_SETLEASE, libc::F_RDLCK) }) {
        Ok(_) => {
            // SAFETY: the argument is a number.
            checked(unsafe { libc::fcntl(fd, libc::F_SETLEASE, libc::F_UNLCK) })?;
            Ok(false)
        }
        Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => Ok(true),
        Err(error) => Err(error),
    }
}

/// close(2).
///
/// # Safety
/// No Rust object owns the descriptor, and nobody uses its number afterwards.
pub(crate) unsafe fn close(fd: RawFd) -> io::Result<()> {
    // SAFETY: as the caller promises.
    checked(unsafe { libc::close(fd) }).map(drop)
}

/// Closes the descriptors that a thread owns, in a forked child, which has copies of them and not that thread: nobody
/// else closes them there, or uses their numbers.
pub(crate) fn close_inherited(fds: &[RawFd]) {
    for fd in fds {
        // SAFETY: their owners are never dropped.
        unsafe { close(*fd) }.ok();
    }
}

/// The part of a stat(2) that is used here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// The `S_IFMT` bits.
    pub format: libc::mode_t,
    /// How many names it has.
    pub names: u32,
    /// The user that it belongs to.
    pub user: u32,
    /// The part that is kept to be compared.
    pub stamp: Stamp,
}

/// unshare(2) `CLONE_FS`: from here on the working directory is this thread's own. Needs no privilege, but sandboxes
/// may forbid it.
pub(crate) fn own_working_directory() -> io::Result<()> {
    // SAFETY: the call takes an integer and touches no memory of ours. It parts this thread alone from the others.
    checked(unsafe { libc::unshare(libc::CLONE_FS) }).map(drop)
}

/// statx(2). It has 64 bits for sizes and times on every architecture; stat(2) has 32 on 32-bit ones, and fails on
/// more.
pub(crate) fn stat(dir: Option<BorrowedFd<'_>>, path: &[u8], flags: AtFlags) -> io::Result<Stat> {
    let wanted = StatxFlags::TYPE
        | StatxFlags::NLINK
        | StatxFlags::UID
        | StatxFlags::MTIME
        | StatxFlags::CTIME
        | StatxFlags::BTIME
        | StatxFlags::INO
        | StatxFlags::SIZE;
    let stat = rustix::fs::statx(dir.unwrap_or(CWD), path, flags, wanted)?;
    Ok(Stat {
        format: libc::mode_t::from(stat.stx_mode) & libc::S_IFMT,
        names: stat.stx_nlink,
        user: stat.stx_uid,
        stamp: Stamp {
            identity: (stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino),
            size: i64::try_from(stat.stx_size).unwrap_or(i64::MAX),
            modified: nanoseconds(stat.stx_mtime),
            changed: nanoseconds(stat.stx_ctime),
            born: (stat.stx_mask & StatxFlags::BTIME.bits() != 0).then(|| nanoseconds(stat.stx_btime)),
        },
    })
}

fn nanoseconds(time: StatxTimestamp) -> i128 {
    i128::from(time.tv_sec) * SECOND + i128::from(time.tv_nsec)
}

/// poll(2): until one of the first is readable, the last has an exceptional condition, or `timeout` has passed; `None`:
/// no limit. Returns whether the last one has. An interrupted wait is one that ends early.
pub(crate) fn poll(
    readable: [BorrowedFd<'_>; 2],
    exceptional: Option<BorrowedFd<'_>>,
    timeout: Option<Duration>,
) -> bool {
    let [first, second] = readable.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
    let last = match exceptional {
        Some(fd) => PollFd::from_borrowed_fd(fd, PollFlags::PRI),
        None => PollFd::from_borrowed_fd(readable[0], PollFlags::empty()),
    };
    let mut polled = [first, second, last];
    // A time that is too long for the kernel is no limit.
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    rustix::event::poll(&mut polled, timeout.as_ref()).ok();
    polled[2].revents().contains(PollFlags::PRI)
}

/// poll(2) without waiting: whether it has an exceptional condition.
pub(crate) fn is_exceptional(fd: BorrowedFd<'_>) -> bool {
    let mut polled = [PollFd::from_borrowed_fd(fd, PollFlags::PRI)];
    rustix::event::poll(&mut polled, Some(&Timespec::default())).ok();
    polled[0].revents().contains(PollFlags::PRI)
}

/// A counter that wakes threads that wait for it: eventfd(2), non-blocking.
#[derive(Debug)]
pub(crate) struct Signal(OwnedFd);

impl Signal {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Makes it readable.
    pub(crate) fn raise(&self) {
        // It fails only where the counter is full, which is readable as well.
        rustix::io::write(&self.0, &1_u64.to_ne_bytes()).ok();
    }

    /// Makes it unreadable.
    pub(crate) fn lower(&self) {
        // It fails only where the counter is 0 already.
        rustix::io::read(&self.0, &mut [0_u8; 8]).ok();
    }
}

/// The signals that this thread had blocked, which it blocks again when this is dropped.
struct Blocked(libc::sigset_t);

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: a set that the kernel filled; the old one is not asked for.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut()) };
    }
}

/// Does this with all signals blocked, so that a thread that is started by it has them blocked from its beginning: they
/// are for the threads of the program. Not those that a mistake in that very thread raises, which would end the process
/// without a word. pthread_sigmask(3).
pub(crate) fn with_signals_blocked<T>(what: impl FnOnce() -> T) -> T {
    let mut signals = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    let mut before = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the call fills the set.
    unsafe { libc::sigfillset(signals.as_mut_ptr()) };
    for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL] {
        // SAFETY: a filled set.
        unsafe { libc::sigdelset(signals.as_mut_ptr(), signal) };
    }
    // SAFETY: a filled set, and room for the old one.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, signals.as_ptr(), before.as_mut_ptr()) };
    // SAFETY: it is all numbers, and was zeroed.
    let blocked = Blocked(unsafe { before.assume_init() });
    let done = what();
    drop(blocked);
    done
}
