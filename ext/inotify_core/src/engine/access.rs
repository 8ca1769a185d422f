//! How directories and files are watched, and why they cannot be.

use std::io;

use crate::error::errno;
use crate::flags::Mask;
use crate::model::Kind;
pub(crate) use crate::model::Obstacle;
use crate::system::{Files, Stat, Symlinks, System};

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

impl From<io::Error> for Obstacle {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::ENOENT) => Self::Nothing,
            Some(libc::ENOTDIR | libc::ELOOP) => Self::File,
            _ => Self::Denied(errno(&error)),
        }
    }
}

/// Watches an open directory.
pub(crate) fn watch<S: System>(system: &S, dir: &S::File, mask: Mask) -> Result<i32, Obstacle> {
    system.watch(dir, mask).map_err(|error| Obstacle::Denied(errno(&error)))
}

/// Stats an entry of a directory; `None`: it does not exist.
pub(super) fn stat_if_exists<F: Files>(files: &F, dir: &F::File, name: &[u8]) -> io::Result<Option<Stat>> {
    match files.stat(Some(dir), name, Symlinks::Kept) {
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
        stat => stat.map(Some),
    }
}

/// The kind of an entry with these `S_IFMT` bits. Symbolic links are files where they are not followed.
pub(super) fn kind(format: libc::mode_t, follows_links: bool) -> Kind {
    match format {
        libc::S_IFDIR => Kind::Dir,
        libc::S_IFLNK if follows_links => Kind::Link,
        _ => Kind::File,
    }
}
