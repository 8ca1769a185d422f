//! How directories and files are watched, and what can keep the engine from it.

use std::io;

use libc::c_int;

use crate::flags::Mask;
use crate::system::System;

/// The mask of every directory in a tree. It has no event that reading the directory or its files would cause.
pub(crate) const TREE_MASK: Mask = Mask::MODIFY
    .union(Mask::CLOSE_WRITE)
    .union(Mask::ATTRIB)
    .union(Mask::CREATE)
    .union(Mask::DELETE)
    .union(Mask::MOVED_FROM)
    .union(Mask::MOVED_TO)
    .union(Mask::DELETE_SELF)
    .union(Mask::MOVE_SELF)
    .union(Mask::EXCL_UNLINK)
    .union(Mask::ONLYDIR);

/// The mask of a mounted file.
pub(crate) const FILE_MASK: Mask = Mask::MODIFY.union(Mask::CLOSE_WRITE).union(Mask::ATTRIB);

/// Why a directory cannot be opened or watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// It does not exist.
    Nothing,
    /// It is no directory.
    File,
    /// Another directory is there than the model has.
    Stale,
    /// The kernel refuses it with this errno.
    Denied(c_int),
}

impl From<io::Error> for Obstacle {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::ENOENT) => Self::Nothing,
            Some(libc::ENOTDIR | libc::ELOOP) => Self::File,
            errno => Self::Denied(errno.unwrap_or(libc::EIO)),
        }
    }
}

/// Watches an open directory.
pub(crate) fn watch<S: System>(system: &S, dir: &S::File, mask: Mask) -> Result<i32, Obstacle> {
    system.watch(dir, mask).map_err(|error| Obstacle::Denied(error.raw_os_error().unwrap_or(libc::EIO)))
}
