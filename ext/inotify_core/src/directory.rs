//! Directories: opened by paths of any length, and read entry by entry.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::sys;

/// The longest path given to the kernel at once, in bytes; `PATH_MAX` is 4096.
const PATH: usize = 4000;

/// Opens a directory by its absolute path, however long.
pub(crate) fn open(path: &[u8]) -> io::Result<OwnedFd> {
    let mut dir: Option<OwnedFd> = None;
    let mut rest = path;
    loop {
        let (head, tail) = split_path(rest);
        let head = CString::new(head).map_err(|_| io::Error::from_raw_os_error(libc::ENOENT))?;
        // The root's own path may be, or lead over, symbolic links.
        let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NONBLOCK;
        let next = sys::openat(dir.as_ref().map(AsFd::as_fd), &head, flags)?;
        if tail.is_empty() {
            return Ok(next);
        }
        dir = Some(next);
        rest = tail;
    }
}

/// Splits a path that is too long for the kernel at a slash.
fn split_path(path: &[u8]) -> (&[u8], &[u8]) {
    if path.len() <= PATH {
        return (path, &[]);
    }
    let head = path.get(..PATH).unwrap_or(path);
    let slash = head.iter().rposition(|byte| *byte == b'/').unwrap_or(PATH);
    let (head, tail) = path.split_at_checked(slash).unwrap_or((path, &[]));
    let begin = tail.iter().position(|byte| *byte != b'/').unwrap_or(tail.len());
    (head, tail.get(begin..).unwrap_or_default())
}

/// Reads an open directory from where it stands, and gives the type (`DT_…`) and the name of each entry but `.` and `..`.
pub(crate) fn each_entry(dir: BorrowedFd<'_>, buffer: &mut [u8], mut found: impl FnMut(u8, &[u8])) -> io::Result<()> {
    loop {
        let length = sys::getdents64(dir, buffer)?;
        if length == 0 {
            return Ok(());
        }
        let mut rest = buffer.get(..length).unwrap_or_default();
        while let Some((entry_type, name, after)) = split_entry(rest) {
            rest = after;
            if name != b"." && name != b".." {
                found(entry_type, name);
            }
        }
    }
}

/// Splits a `struct linux_dirent64` off what getdents64(2) gave: its type, its name, and the rest.
fn split_entry(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let length = u16::from_ne_bytes(*bytes.get(16..)?.first_chunk()?);
    let (entry, rest) = bytes.split_at_checked(usize::from(length))?;
    let entry_type = *entry.get(18)?;
    let name = entry.get(19..)?.split(|byte| *byte == 0).next()?;
    Some((entry_type, name, rest))
}
