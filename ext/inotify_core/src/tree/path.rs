//! Paths, as bytes.

use super::roots::ITSELF;

/// The path of an entry; of a root that is a file, its own.
pub(super) fn path_in(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(dir.len() + 1 + name.len());
    path.extend_from_slice(dir);
    if name != ITSELF {
        push(&mut path, name);
    }
    path
}

pub(super) fn push(path: &mut Vec<u8>, name: &[u8]) {
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
}

/// Whether `path` is `dir` or below it.
pub(crate) fn is_within(path: &[u8], dir: &[u8]) -> bool {
    match path.strip_prefix(dir) {
        Some(rest) => rest.is_empty() || rest.starts_with(b"/") || dir.ends_with(b"/"),
        None => false,
    }
}
