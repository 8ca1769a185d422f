//! The system calls, one function each, and nothing else.
//!
//! Every function takes plain file descriptor numbers: the callers are handed numbers by programs, and the kernel
//! answers `EBADF` to a wrong one. Each returns the kernel's errno unchanged.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::io;
use std::os::fd::RawFd;

use libc::{c_int, c_uint};

/// The kernel's answer to a call that returns −1 on failure.
fn answer(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// inotify_init1(2).
pub(crate) fn inotify_init1(flags: c_int) -> io::Result<RawFd> {
    // SAFETY: the call takes an integer and touches no memory of ours.
    answer(unsafe { libc::inotify_init1(flags) })
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
    if polled.revents & libc::POLLNVAL != 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    Ok(polled.revents & libc::POLLIN != 0)
}

/// fcntl(2) `F_GETFL`: the open file's status flags (`O_NONBLOCK` and others).
pub(crate) fn status_flags(fd: RawFd) -> io::Result<c_int> {
    // SAFETY: F_GETFL takes no argument and touches no memory of ours.
    answer(unsafe { libc::fcntl(fd, libc::F_GETFL) })
}

/// close(2).
pub(crate) fn close(fd: RawFd) -> io::Result<()> {
    // SAFETY: closing is what the caller was asked to do; no Rust object owns the number.
    answer(unsafe { libc::close(fd) }).map(drop)
}

/// eventfd(2): the cheapest new descriptor there is.
pub(crate) fn eventfd() -> io::Result<RawFd> {
    let initial: c_uint = 0;
    // SAFETY: the call takes integers and touches no memory of ours.
    answer(unsafe { libc::eventfd(initial, libc::EFD_CLOEXEC) })
}
