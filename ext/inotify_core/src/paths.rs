//! Paths as bytes.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{self, Path};

use crate::error::{Error, Operation};

/// The kernel follows this many symbolic links in a path.
pub(crate) const LINKS: usize = 40;

/// The longest name, in bytes.
pub(crate) const NAME: usize = 255;

/// The same path from `/` on. Symbolic links and `..` remain.
///
/// # Errors
/// When the path is relative and the working directory is gone; and when it is empty.
pub fn absolute(path: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |error| {
        let error = Error::os(Operation::WorkingDirectory, &error);
        error.remarking("the working directory is gone; change to another one, or pass absolute paths")
    };
    let absolute = path::absolute(Path::new(OsStr::from_bytes(path))).map_err(failed)?;
    Ok(absolute.into_os_string().into_vec())
}

/// Adds a name to a path.
pub(crate) fn push(path: &mut Vec<u8>, name: &[u8]) {
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
}

/// The path of a name in a directory.
pub(crate) fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = dir.to_vec();
    push(&mut path, name);
    path
}

/// The path of a directory, which begins with the path that `base` has for the nearest directory from it upwards.
/// `place`: the directory that one is in, and its name there. `None`: there is no such base.
pub(crate) fn path_from<'a, 'b, D: Copy>(
    dir: D,
    base: impl Fn(D) -> Option<&'a [u8]>,
    place: impl Fn(D) -> Option<(D, &'b [u8])>,
) -> Option<Vec<u8>> {
    let mut names = Vec::new();
    let mut at = dir;
    let mut path = loop {
        if let Some(path) = base(at) {
            break path.to_vec();
        }
        let (parent, name) = place(at)?;
        names.push(name);
        at = parent;
    };
    names.into_iter().rev().for_each(|name| push(&mut path, name));
    Some(path)
}

/// Whether `path` is `dir` or below it.
pub(crate) fn is_within(path: &[u8], dir: &[u8]) -> bool {
    match path.strip_prefix(dir) {
        Some(rest) => rest.is_empty() || rest.starts_with(b"/") || dir.ends_with(b"/"),
        None => false,
    }
}

/// The paths of the directories above a path, from the nearest on.
pub(crate) fn ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    slashes.filter_map(|at| path.get(..at.max(1))).filter(move |dir| dir.len() < path.len())
}

/// The last name of a path.
pub(crate) fn last_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The path from a directory to an entry in it, or below; empty for the directory itself.
pub(crate) fn relative<'a>(path: &'a [u8], dir: &[u8]) -> Option<&'a [u8]> {
    let rest = path.strip_prefix(dir).filter(|_| is_within(path, dir))?;
    Some(rest.strip_prefix(b"/").unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_taken_apart_with_one_slash() {
        let cases: [(&[u8], &[u8], &[u8]); 3] =
            [(b"/", b"etc", b"/etc"), (b"/etc", b"hosts", b"/etc/hosts"), (b"a", b"b", b"a/b")];
        for (dir, name, path) in cases {
            assert_eq!((join(dir, name), relative(path, dir)), (path.to_vec(), Some(name)));
        }
        assert_eq!([relative(b"/a", b"/a"), relative(b"/ab", b"/a")], [Some(&b""[..]), None]);
    }

    #[test]
    fn the_ancestors_of_a_path_are_the_directories_that_it_is_within() {
        let cases: [(&str, &[&str]); 6] = [
            ("/a/b/c", &["/a/b", "/a", "/"]),
            ("./a/b", &["./a", "."]),
            ("a", &[]),
            ("/a", &["/"]),
            ("/", &[]),
            ("..", &[]),
        ];
        for (path, expected) in cases {
            let found: Vec<_> = ancestors(path.as_bytes()).collect();
            assert_eq!(found, expected.iter().map(|dir| dir.as_bytes()).collect::<Vec<_>>(), "{path}");
            assert!(found.iter().all(|dir| is_within(path.as_bytes(), dir)), "{path}");
        }
    }

    #[test]
    fn the_path_below_a_directory_is_relative() {
        let cases =
            [("/a/b/c", "/a", Some("b/c")), ("/a", "/", Some("a")), ("/a", "/a", Some("")), ("/ab", "/a", None)];
        for (path, dir, below) in cases {
            assert_eq!(relative(path.as_bytes(), dir.as_bytes()), below.map(str::as_bytes), "{path} {dir}");
        }
    }
}
