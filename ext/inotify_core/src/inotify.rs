//! The inotify calls, with types, errors and limits.
//!
//! They take descriptor numbers, not owned descriptors: programs pass the numbers around, and the kernel denies the
//! wrong ones. Owning is the business of the layers above.

use std::ffi::CStr;
use std::io;
use std::os::fd::{OwnedFd, RawFd};

use rustix::event::EventfdFlags;
use rustix::fs::inotify::CreateFlags;

use crate::error::{Error, Operation};
use crate::fdinfo;
use crate::flags::{InitFlags, Mask};
use crate::limits::Sysctl;
use crate::sys;

/// Makes an instance, whose descriptor always closes on execve(2).
///
/// # Errors
/// `EINVAL` for flags the kernel does not know; [`ErrorKind::InstanceLimit`](crate::ErrorKind::InstanceLimit);
/// `EMFILE` and `ENFILE` when the process or the system has no descriptor left.
#[doc(alias = "inotify_init1")]
pub fn init(flags: InitFlags) -> Result<OwnedFd, Error> {
    let flags = flags | InitFlags::CLOEXEC;
    let bits = CreateFlags::from_bits_retain(u32::from_ne_bytes(flags.bits().to_ne_bytes()));
    rustix::fs::inotify::init(bits).map_err(|error| {
        let failed = Error::os(Operation::Init, &error.into());
        match failed.errno() {
            libc::EINVAL => {
                let unknown = flags.difference(InitFlags::all()).bits();
                failed.remarking(format!("flags {unknown:#x} are not known; IN_NONBLOCK and IN_CLOEXEC are"))
            }
            libc::EMFILE if descriptor_left() => Error::limit(Operation::Init, libc::EMFILE, Sysctl::Instances.limit()),
            _ => failed,
        }
    })
}

/// `EMFILE` of inotify_init1(2) has two causes; a free descriptor number rules one of them out.
fn descriptor_left() -> bool {
    rustix::event::eventfd(0, EventfdFlags::CLOEXEC).is_ok()
}

/// Watches `path` for `mask` and returns the watch descriptor. A second call for the same inode returns the same one.
///
/// # Errors
/// As inotify_add_watch(2), naming `path`; `ENOSPC` as [`ErrorKind::WatchLimit`](crate::ErrorKind::WatchLimit).
#[doc(alias = "inotify_add_watch")]
pub fn add_watch(fd: RawFd, path: &CStr, mask: Mask) -> Result<i32, Error> {
    sys::inotify_add_watch(fd, path, mask.bits()).map_err(|error| {
        let failed = watch_failed(&error);
        let failed = match failed.errno() {
            libc::EINVAL => failed.remarking(invalid(fd, mask)),
            libc::EEXIST => failed.remarking("it has a watch already, and IN_MASK_CREATE refuses to change it"),
            libc::ENOENT if path.is_empty() => failed.remarking("the path is empty"),
            libc::EBADF => failed.remarking(not_open(fd)),
            _ => failed,
        };
        failed.at(path)
    })
}

/// The error of a watch that was denied.
pub(crate) fn watch_failed(error: &io::Error) -> Error {
    match error.raw_os_error() {
        Some(libc::ENOSPC) => Error::limit(Operation::AddWatch, libc::ENOSPC, Sysctl::Watches.limit()),
        _ => Error::os(Operation::AddWatch, error),
    }
}

/// Why inotify_add_watch(2) returned `EINVAL`.
fn invalid(fd: RawFd, mask: Mask) -> String {
    if mask.contains(Mask::MASK_ADD | Mask::MASK_CREATE) {
        return "IN_MASK_ADD and IN_MASK_CREATE exclude each other".to_owned();
    }
    let mut known = mask.iter_names();
    known.by_ref().for_each(drop);
    match (check(fd), known.remaining().bits()) {
        (Ok(()), unknown @ 1..) => format!("the kernel knows no bits {unknown:#x} of mask {:#x}", mask.bits()),
        (Ok(()), 0) => format!("mask {:#x} asks for no event", mask.bits()),
        (Err(_), _) => not_inotify(fd),
    }
}

/// Removes a watch. Its last event, `IN_IGNORED`, follows in the queue.
///
/// # Errors
/// As inotify_rm_watch(2): `EINVAL` when there is no such watch.
#[doc(alias = "inotify_rm_watch")]
pub fn rm_watch(fd: RawFd, wd: i32) -> Result<(), Error> {
    sys::inotify_rm_watch(fd, wd).map_err(|error| {
        let failed = Error::os(Operation::RmWatch, &error);
        match failed.errno() {
            libc::EINVAL if check(fd).is_err() => failed.remarking(not_inotify(fd)),
            libc::EINVAL => failed.remarking(format!("fd {fd} has no watch {wd}; it may have ended by itself")),
            libc::EBADF => failed.remarking(not_open(fd)),
            _ => failed,
        }
    })
}

/// Closes an inotify descriptor.
///
/// # Errors
/// `EBADF` when it is not open; `EINVAL` when it is something else, which then stays open.
///
/// # Safety
/// No Rust object owns the descriptor, and nobody uses its number afterwards.
#[allow(unsafe_code, reason = "programs pass numbers around")]
pub unsafe fn close(fd: RawFd) -> Result<(), Error> {
    checked(Operation::Close, fd)?;
    // SAFETY: as the caller promises.
    unsafe { sys::close(fd) }.map_err(|error| Error::os(Operation::Close, &error))
}

/// Makes sure that `fd` is an inotify descriptor, without reading from it.
///
/// # Errors
/// `EBADF` when it is not open; `EINVAL` when it is something else.
pub fn check(fd: RawFd) -> Result<(), Error> {
    checked(Operation::Read, fd)
}

/// The kernel checks the descriptor before the path: an empty path gives `ENOENT` from inotify descriptors only.
fn checked(operation: Operation, fd: RawFd) -> Result<(), Error> {
    let Err(error) = sys::inotify_add_watch(fd, c"", Mask::MODIFY.bits()) else { return Ok(()) };
    match error.raw_os_error() {
        Some(libc::EINVAL) => Err(Error::os(operation, &error).remarking(not_inotify(fd))),
        Some(libc::EBADF) => Err(Error::os(operation, &error).remarking(not_open(fd))),
        _ => Ok(()),
    }
}

fn not_inotify(fd: RawFd) -> String {
    format!("fd {fd} is not an inotify descriptor; Inotify.init makes one")
}

fn not_open(fd: RawFd) -> String {
    format!("fd {fd} is not open")
}

/// Whether reads of `fd` return at once (`O_NONBLOCK`).
///
/// # Errors
/// `EBADF` when it is not open.
pub fn is_nonblocking(fd: RawFd) -> Result<bool, Error> {
    match sys::status_flags(fd) {
        Ok(flags) => Ok(flags & libc::O_NONBLOCK != 0),
        Err(error) => Err(Error::os(Operation::Read, &error).remarking(not_open(fd))),
    }
}

/// Whether events are queued. `FIONREAD` would return the number of bytes, but walks over the whole queue for it.
///
/// # Errors
/// `EBADF` when `fd` is not open.
pub fn is_readable(fd: RawFd) -> Result<bool, Error> {
    sys::is_readable(fd).map_err(|error| Error::os(Operation::Read, &error).remarking(not_open(fd)))
}

/// Reads queued events, up to `buffer`'s length, without waiting. Returns 0 when nothing is queued.
///
/// It is asked first whether there is anything to read. Should another process take it in between, the read of a
/// blocking descriptor waits for the next event: processes that share a queue want `IN_NONBLOCK`.
///
/// # Errors
/// `EBADF`; `EINVAL` when the next record is longer than `buffer`, or `fd` is something else that is at its end.
pub fn read(fd: RawFd, buffer: &mut [u8]) -> Result<usize, Error> {
    let failed = |error: io::Error| Error::os(Operation::Read, &error);
    if !is_readable(fd)? {
        return Ok(0);
    }
    match sys::read(fd, buffer) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EINTR)) => Ok(0),
        // A queue has no end: something else has its number by now.
        Ok(0) if !buffer.is_empty() => {
            Err(failed(io::Error::from_raw_os_error(libc::EINVAL)).remarking(not_inotify(fd)))
        }
        other => other.map_err(failed),
    }
}

/// Makes a queue readable, so that threads that wait for it wake up. For use before closing: it may change or remove a
/// watch. Returns whether it could, which takes a watch to remove or room for one.
pub fn wake(fd: RawFd) -> bool {
    let watch = |path| sys::inotify_add_watch(fd, path, Mask::DELETE_SELF.bits()).ok();
    let any = || fdinfo::watches(fd).ok()?.first().map(|watch| watch.wd);
    // A watch removed puts `IN_IGNORED` into the queue.
    watch(c"/").or_else(any).is_some_and(|wd| sys::inotify_rm_watch(fd, wd).is_ok())
}

/// Puts a mark at the tail of the queue: an `IN_IGNORED` of the returned wd, which no other event has. Earlier
/// events are queued before it. `None` when no watch is free for it.
#[must_use]
pub fn mark(fd: RawFd) -> Option<i32> {
    let wd = add_unused_watch(fd)?;
    sys::inotify_rm_watch(fd, wd).ok()?;
    Some(wd)
}

/// Watches something that this instance does not watch, and that sends no event. `None` when there is no room for it.
#[must_use]
pub fn add_unused_watch(fd: RawFd) -> Option<i32> {
    // IN_MASK_CREATE does not change existing watches; one of these paths has none.
    let mask = Mask::DELETE_SELF | Mask::MASK_CREATE;
    let free = |path| sys::inotify_add_watch(fd, path, mask.bits()).ok();
    [c"/dev/null", c"/proc/self/fdinfo", c"/"].into_iter().find_map(free)
}
