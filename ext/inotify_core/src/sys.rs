//! The system calls, one function each, and nothing else.
//!
//! Every function takes plain file descriptor numbers: the callers are handed numbers by programs, and the kernel
//! answers `EBADF` to a wrong one. Each returns the kernel's errno unchanged.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use libc::{c_int, c_uint};

/// The kernel's answer to a call that returns −1 on failure.
fn answer(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// inotify_init1(2).
pub(crate) fn inotify_init1(flags: c_int) -> io::Result<OwnedFd> {
    // SAFETY: the call takes an integer and touches no memory of ours.
    let fd = answer(unsafe { libc::inotify_init1(flags) })?;
    // SAFETY: the kernel just made the descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// inotify_add_watch(2).
pub(crate) fn inotify_add_watch(fd: RawFd, path: &CStr, mask: u32) -> io::Result<i32> {
    // SAFETY: `path` is NUL-terminated and lives through the call, which only reads it.
    answer(unsafe { libc::inotify_add_watch(fd, path.as_ptr(), mask) })
}

/// inotify_rm_watch(2).
pub(crate) fn inotify_rm_watch(fd: RawFd, wd: i32) -> io::Result<()> {
    // SAFETY: the call takes integers and touches no memory of ours.
    answer(unsafe { libc::inotify_rm_watch(fd, wd) }).map(drop)
}

/// read(2), into the whole of `buffer` at most. Answers the number of bytes read.
pub(crate) fn read(fd: RawFd, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the pointer and length are those of one exclusively borrowed slice.
    let length = unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// poll(2) without waiting: whether a read would find something now.
pub(crate) fn is_readable(fd: RawFd) -> io::Result<bool> {
    let mut polled = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: the pointer is to one pollfd, as the count says.
    answer(unsafe { libc::poll(&raw mut polled, 1, 0) })?;
    // It passes over negative numbers.
    if fd < 0 || polled.revents & libc::POLLNVAL != 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    Ok(polled.revents & libc::POLLIN != 0)
}

/// ioctl(2) `FIONREAD`: how many bytes of events are queued. The kernel counts them one by one.
pub(crate) fn queued_bytes(fd: RawFd) -> io::Result<usize> {
    let mut bytes: c_int = 0;
    // SAFETY: FIONREAD writes one int through the pointer, which is valid for that.
    answer(unsafe { libc::ioctl(fd, libc::FIONREAD, &raw mut bytes) })?;
    Ok(usize::try_from(bytes).unwrap_or(0))
}

/// fcntl(2) `F_GETFL`: the open file's status flags (`O_NONBLOCK` and others).
pub(crate) fn status_flags(fd: RawFd) -> io::Result<c_int> {
    // SAFETY: F_GETFL takes no argument and touches no memory of ours.
    answer(unsafe { libc::fcntl(fd, libc::F_GETFL) })
}

/// close(2).
///
/// # Safety
/// No Rust object owns the descriptor, and nobody uses its number afterwards.
pub(crate) unsafe fn close(fd: RawFd) -> io::Result<()> {
    // SAFETY: as the caller promises.
    answer(unsafe { libc::close(fd) }).map(drop)
}

/// eventfd(2): the cheapest new descriptor there is.
pub(crate) fn eventfd(flags: c_int) -> io::Result<OwnedFd> {
    let initial: c_uint = 0;
    // SAFETY: the call takes integers and touches no memory of ours.
    let fd = answer(unsafe { libc::eventfd(initial, flags | libc::EFD_CLOEXEC) })?;
    // SAFETY: the kernel just made the descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// What stat(2) returns for an entry, as far as it is used here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// The `S_IFMT` bits.
    pub format: libc::mode_t,
    /// How many names it has.
    pub names: u32,
    /// Whom it belongs to.
    pub user: u32,
    /// The device, major and minor number, and the inode.
    pub identity: (u32, u32, u64),
    /// In bytes.
    pub size: i64,
    /// The time content was changed last, in seconds and nanoseconds.
    pub modified: (i64, i64),
    /// The time of the last change, in seconds and nanoseconds.
    pub changed: (i64, i64),
}

/// openat(2); the descriptor closes on execve(2).
pub(crate) fn openat(dir: Option<BorrowedFd<'_>>, name: &CStr, flags: c_int) -> io::Result<OwnedFd> {
    let dir = dir.map_or(libc::AT_FDCWD, |dir| dir.as_raw_fd());
    // SAFETY: `name` is NUL-terminated and lives through the call, which only reads it.
    let fd = answer(unsafe { libc::openat(dir, name.as_ptr(), flags | libc::O_CLOEXEC) })?;
    // SAFETY: the kernel just made the descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// openat2(2), of what is at or below a directory and at the end of a path without symbolic links; the descriptor closes
/// on execve(2). Linux 5.6 has it; sandboxes may forbid it.
pub(crate) fn openat2_beneath(dir: BorrowedFd<'_>, path: &CStr, flags: c_int) -> io::Result<OwnedFd> {
    let mut how = std::mem::MaybeUninit::<libc::open_how>::zeroed();
    // SAFETY: it is all numbers, and was zeroed.
    let how = unsafe { how.assume_init_mut() };
    how.flags = libc::__u64::from((flags | libc::O_CLOEXEC).unsigned_abs());
    how.resolve = libc::RESOLVE_BENEATH | libc::RESOLVE_NO_MAGICLINKS | libc::RESOLVE_NO_SYMLINKS;
    let (fd, size) = (dir.as_raw_fd(), size_of::<libc::open_how>());
    // SAFETY: `path` is NUL-terminated; it and `how`, which has the size that is given, are only read.
    let fd = unsafe { libc::syscall(libc::SYS_openat2, fd, path.as_ptr(), &raw const *how, size) };
    let fd = RawFd::try_from(fd).map_err(|_| io::Error::from_raw_os_error(libc::EBADF))?;
    let fd = answer(fd)?;
    // SAFETY: the kernel just made the descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// geteuid(2): on whose behalf files are opened.
pub(crate) fn effective_user() -> u32 {
    // SAFETY: the call takes nothing and always succeeds.
    unsafe { libc::geteuid() }
}

/// unshare(2) `CLONE_FS`: from here on the working directory is this thread's own. Needs no privilege, but sandboxes may
/// forbid it.
pub(crate) fn own_working_directory() -> io::Result<()> {
    // SAFETY: the call takes an integer and touches no memory of ours. It parts this thread alone from the others.
    answer(unsafe { libc::unshare(libc::CLONE_FS) }).map(drop)
}

/// fchdir(2), of this thread alone where it has [a working directory of its own](own_working_directory).
pub(crate) fn fchdir(dir: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the call takes an integer and touches no memory of ours.
    answer(unsafe { libc::fchdir(dir.as_raw_fd()) }).map(drop)
}

/// chdir(2) to `/`, of this thread alone as [`fchdir`] is.
pub(crate) fn chdir_top() -> io::Result<()> {
    // SAFETY: the path is a constant, NUL-terminated and only read.
    answer(unsafe { libc::chdir(c"/".as_ptr()) }).map(drop)
}

/// lseek(2) to the beginning: a directory is read from its first entry again.
pub(crate) fn rewind(dir: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the call takes integers and touches no memory of ours.
    let offset = unsafe { libc::lseek(dir.as_raw_fd(), 0, libc::SEEK_SET) };
    if offset < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// getdents64(2): as many directory entries as fit. Answers the number of bytes; 0 at the end.
pub(crate) fn getdents64(dir: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the pointer and length are those of one exclusively borrowed slice.
    let length = unsafe { libc::syscall(libc::SYS_getdents64, dir.as_raw_fd(), buffer.as_mut_ptr(), buffer.len()) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// statx(2), of the entry itself where it is a symbolic link.
pub(crate) fn lstatat(dir: Option<BorrowedFd<'_>>, name: &CStr) -> io::Result<Stat> {
    basic_stat(dir, name, libc::AT_SYMLINK_NOFOLLOW | libc::AT_NO_AUTOMOUNT)
}

/// statx(2), of what a symbolic link leads to.
pub(crate) fn statat(dir: Option<BorrowedFd<'_>>, name: &CStr) -> io::Result<Stat> {
    basic_stat(dir, name, 0)
}

/// statx(2), of an open file or directory, whoever may search it.
pub(crate) fn fstat(file: BorrowedFd<'_>) -> io::Result<Stat> {
    basic_stat(Some(file), c"", libc::AT_EMPTY_PATH)
}

fn basic_stat(dir: Option<BorrowedFd<'_>>, name: &CStr, flags: c_int) -> io::Result<Stat> {
    let stat = statx(
        dir,
        name,
        flags,
        libc::STATX_BASIC_STATS & !(libc::STATX_MODE | libc::STATX_GID | libc::STATX_ATIME | libc::STATX_BLOCKS),
    )?;
    let time = |stamp: libc::statx_timestamp| (stamp.tv_sec, i64::from(stamp.tv_nsec));
    Ok(Stat {
        format: libc::mode_t::from(stat.stx_mode) & libc::S_IFMT,
        names: stat.stx_nlink,
        user: stat.stx_uid,
        identity: (stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino),
        size: i64::try_from(stat.stx_size).unwrap_or(i64::MAX),
        modified: time(stat.stx_mtime),
        changed: time(stat.stx_ctime),
    })
}

/// statx(2): when an entry was made, in seconds and nanoseconds; `None` where the file system does not tell.
pub(crate) fn born(dir: BorrowedFd<'_>, name: &CStr) -> io::Result<Option<(i64, i64)>> {
    let stat = statx(Some(dir), name, libc::AT_SYMLINK_NOFOLLOW | libc::AT_NO_AUTOMOUNT, libc::STATX_BTIME)?;
    let known = stat.stx_mask & libc::STATX_BTIME != 0;
    Ok(known.then(|| (stat.stx_btime.tv_sec, i64::from(stat.stx_btime.tv_nsec))))
}

/// statx(2) has 64 bits for sizes and times on every architecture; stat(2) has 32 on 32-bit ones, and fails on more.
fn statx(dir: Option<BorrowedFd<'_>>, name: &CStr, flags: c_int, mask: c_uint) -> io::Result<libc::statx> {
    let dir = dir.map_or(libc::AT_FDCWD, |dir| dir.as_raw_fd());
    let mut stat = std::mem::MaybeUninit::<libc::statx>::zeroed();
    // SAFETY: `name` is NUL-terminated; the call writes a whole `statx` where it succeeds.
    answer(unsafe { libc::statx(dir, name.as_ptr(), flags, mask, stat.as_mut_ptr()) })?;
    // SAFETY: it is all numbers, and was zeroed.
    Ok(unsafe { stat.assume_init() })
}

/// fstatfs(2): whether a directory is in /proc.
pub(crate) fn is_in_proc(dir: BorrowedFd<'_>) -> io::Result<bool> {
    let mut stat = std::mem::MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: the call writes a whole `statfs` where it succeeds.
    answer(unsafe { libc::fstatfs(dir.as_raw_fd(), stat.as_mut_ptr()) })?;
    // SAFETY: it is all numbers, and was zeroed.
    let stat = unsafe { stat.assume_init() };
    // The type of the field differs between architectures, and so does that of the constant.
    Ok(i128::from(stat.f_type) == i128::from(libc::PROC_SUPER_MAGIC))
}

/// readlinkat(2). Answers the link's target.
pub(crate) fn readlinkat(dir: BorrowedFd<'_>, name: &CStr) -> io::Result<Vec<u8>> {
    let mut target = vec![0; libc::PATH_MAX.unsigned_abs() as usize];
    // SAFETY: `name` is NUL-terminated; the pointer and length are those of one exclusively borrowed slice.
    let length = unsafe { libc::readlinkat(dir.as_raw_fd(), name.as_ptr(), target.as_mut_ptr().cast(), target.len()) };
    let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
    target.truncate(length);
    Ok(target)
}

/// poll(2): until one of the first is readable, the last has an exceptional condition, or `timeout` milliseconds have
/// passed; −1: no limit. Answers whether the last one has.
pub(crate) fn poll(readable: [BorrowedFd<'_>; 2], exceptional: Option<BorrowedFd<'_>>, timeout: c_int) -> bool {
    let polled = |fd: RawFd, events| libc::pollfd { fd, events, revents: 0 };
    let [first, second] = readable.map(|fd| polled(fd.as_raw_fd(), libc::POLLIN));
    // A negative descriptor is passed over.
    let last = polled(exceptional.map_or(-1, |fd| fd.as_raw_fd()), libc::POLLPRI);
    let mut polled = [first, second, last];
    // SAFETY: the pointer and count are those of one exclusively borrowed array. An interrupted wait is one that ends
    // early.
    unsafe { libc::poll(polled.as_mut_ptr(), 3, timeout) };
    let [_, _, last] = polled;
    last.revents & libc::POLLPRI != 0
}

/// poll(2) without waiting: whether it has an exceptional condition.
pub(crate) fn is_exceptional(fd: BorrowedFd<'_>) -> bool {
    let mut polled = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLPRI, revents: 0 };
    // SAFETY: the pointer is to one pollfd, as the count says.
    unsafe { libc::poll(&raw mut polled, 1, 0) };
    polled.revents & libc::POLLPRI != 0
}

/// clock_gettime(2) of a clock that always exists, in nanoseconds.
pub(crate) fn nanoseconds(clock: libc::clockid_t) -> i128 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one timespec through the pointer.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

/// A counter that wakes who waits for it: eventfd(2), non-blocking.
#[derive(Debug)]
pub(crate) struct Signal(OwnedFd);

impl Signal {
    pub(crate) fn new() -> io::Result<Self> {
        eventfd(libc::EFD_NONBLOCK).map(Self)
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        use std::os::fd::AsFd;
        self.0.as_fd()
    }

    /// Makes it readable.
    pub(crate) fn raise(&self) {
        let one = 1_u64.to_ne_bytes();
        // SAFETY: eight bytes of one array. It fails only where the counter is full, which is readable as well.
        unsafe { libc::write(self.0.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Makes it unreadable.
    pub(crate) fn lower(&self) {
        let mut count = [0_u8; 8];
        // It fails only where the counter is 0 already.
        drop(read(self.0.as_raw_fd(), &mut count));
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
