//! Paths as bytes.

/// Adds a name to a path.
pub(crate) fn push(path: &mut Vec<u8>, name: &[u8]) {
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

/// The part of a path after that of a directory which it is, or is below.
pub(crate) fn part_below<'a>(path: &'a [u8], dir: &[u8]) -> Option<&'a [u8]> {
    if is_within(path, dir) { path.get(dir.len()..) } else { None }
}
