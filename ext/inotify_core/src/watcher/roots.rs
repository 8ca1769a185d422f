//! The paths that are watched, as they were given.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use crate::tree::Kind;

/// A path to watch.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// As it was given: changes are told under it.
    pub(super) given: Vec<u8>,
    pub(super) absolute: Vec<u8>,
}

impl Root {
    pub(super) fn new(path: &[u8]) -> io::Result<Self> {
        let absolute = normal(&std::path::absolute(Path::new(OsStr::from_bytes(path)))?);
        Ok(Self { given: without_slashes(path).to_vec(), absolute })
    }

    pub(super) fn is_at(&self, other: &Self) -> bool {
        self.absolute == other.absolute
    }

    /// The path relative to another root that it is inside of.
    pub(super) fn below(&self, outer: &Self) -> Option<&[u8]> {
        let rest = self.absolute.strip_prefix(outer.absolute.as_slice())?;
        if outer.absolute == b"/" { Some(rest) } else { rest.strip_prefix(b"/") }.filter(|rest| !rest.is_empty())
    }

    /// Whether `inner` is inside of this directory, and not behind a symbolic link: those are not entered.
    pub(super) fn leads_to(&self, inner: &Self) -> bool {
        let Some(rest) = inner.below(self) else { return false };
        let mut path = PathBuf::from(OsStr::from_bytes(&self.absolute));
        rest.split(|byte| *byte == b'/').all(|name| {
            path.push(OsStr::from_bytes(name));
            name != b".." && !fs::symlink_metadata(&path).is_ok_and(|it| it.file_type().is_symlink())
        })
    }

    /// What leads from another root that it is inside of to this one, and itself: the path of each relative to `outer`, and
    /// what it is.
    pub(super) fn way_from<'a>(&'a self, outer: &'a Self) -> impl Iterator<Item = (&'a [u8], Kind)> {
        let rest = self.below(outer).unwrap_or_default();
        let slashes = rest.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        slashes.chain([rest.len()]).filter_map(move |end| {
            let file = end == rest.len() && !Path::new(OsStr::from_bytes(&self.absolute)).is_dir();
            Some((rest.get(..end)?, if file { Kind::File } else { Kind::Dir }))
        })
    }
}

/// The path without slashes at its end. Of the top directory, one remains.
fn without_slashes(path: &[u8]) -> &[u8] {
    let length = path.iter().rposition(|byte| *byte != b'/').map_or(1, |last| last + 1);
    path.get(..length).unwrap_or(path)
}

/// The path without `.` and, where nothing can stand in the way, `..`; symbolic links are left as they are.
fn normal(path: &Path) -> Vec<u8> {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal.into_os_string().into_vec()
}
