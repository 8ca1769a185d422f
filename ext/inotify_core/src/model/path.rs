//! Paths, as bytes.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::invariant::must;
use crate::paths::{is_within, push};

/// A root that is a file has this name in its own node: the path may become a directory, which has no entry of this
/// name.
pub(super) const ITSELF: &[u8] = b"";

/// A full path. The paths of a batch share their directories: `t/a/x` and `t/a/y` take the memory of the names `x` and
/// `y`, and of one `t/a`. So a batch takes no more memory than the names in it, however deep they are.
#[derive(Clone, Debug)]
pub struct Path(Arc<Part>);

#[derive(Debug)]
struct Part {
    dir: Option<Path>,
    /// The path of a root, or the name in `dir`.
    name: Box<[u8]>,
    /// The length of the whole path in bytes.
    len: usize,
}

impl From<&[u8]> for Path {
    fn from(path: &[u8]) -> Self {
        Self(Arc::new(Part { dir: None, name: path.into(), len: path.len() }))
    }
}

impl Path {
    /// The path of an entry. A root that is a file is its own entry.
    pub(super) fn entry(&self, name: &[u8]) -> Self {
        if name == ITSELF {
            return self.clone();
        }
        let len = self.len() + usize::from(!self.ends_with_slash()) + name.len();
        Self(Arc::new(Part { dir: Some(self.clone()), name: name.into(), len }))
    }

    /// The length in bytes.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "no path is empty")]
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// How many bytes of memory it shares with no path of another directory.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Part>() + self.0.name.len()
    }

    /// The whole path.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut names: Vec<&[u8]> = self.ancestors().map(|at| &*at.0.name).collect();
        let mut path = Vec::with_capacity(self.len());
        path.extend_from_slice(must(names.pop(), "a path has a name").unwrap_or_default());
        names.into_iter().rev().for_each(|name| push(&mut path, name));
        path
    }

    /// Whether it is `dir` or below it.
    pub(super) fn is_within(&self, dir: &Self) -> bool {
        let mut at = self;
        while at.len() > dir.len() {
            match &at.0.dir {
                Some(above) => at = above,
                None => return is_within(&at.0.name, &dir.to_bytes()),
            }
        }
        at == dir
    }

    /// Only the path of a root may.
    fn ends_with_slash(&self) -> bool {
        self.0.name.ends_with(b"/")
    }

    fn ancestors(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |at| at.0.dir.as_ref())
    }

    /// The names below the directory that both share, the last name first.
    fn names_below_common<'a>(&'a self, other: &'a Self) -> (Vec<&'a Self>, Vec<&'a Self>) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let (mut one, mut two) = (Some(self), Some(other));
        loop {
            match (one, two) {
                (Some(a), Some(b)) if Arc::ptr_eq(&a.0, &b.0) => break,
                // A longer path cannot be a part of the other one.
                (Some(a), b) if b.is_none_or(|b| a.len() >= b.len()) => {
                    left.push(a);
                    one = a.0.dir.as_ref();
                }
                (_, Some(b)) => {
                    right.push(b);
                    two = b.0.dir.as_ref();
                }
                (_, None) => break,
            }
        }
        (left, right)
    }
}

/// The bytes of names that are given last name first.
fn joined<'a>(names: &'a [&'a Path]) -> impl Iterator<Item = &'a u8> {
    let names = names.iter().rev().enumerate();
    names.flat_map(|(index, at)| {
        let slash: &[u8] = match &at.0.dir {
            Some(dir) if index > 0 && !dir.ends_with_slash() => b"/",
            _ => b"",
        };
        slash.iter().chain(&*at.0.name)
    })
}

/// By the bytes of the whole path.
impl Ord for Path {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0.dir, &other.0.dir) {
            (Some(one), Some(two)) if Arc::ptr_eq(&one.0, &two.0) => self.0.name.cmp(&other.0.name),
            _ => {
                let (left, right) = self.names_below_common(other);
                joined(&left).cmp(joined(&right))
            }
        }
    }
}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Path {}

/// Iteratively: there may be more directories than fit on the stack.
impl Drop for Part {
    fn drop(&mut self) {
        let mut next = self.dir.take();
        while let Some(Path(part)) = next {
            next = Arc::into_inner(part).and_then(|mut part| part.dir.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every path of up to three names below some roots.
    fn paths() -> Vec<Path> {
        let roots: [&[u8]; 6] = [b"/", b"t", b"t/a", b"t/a/", b"t-", b"\xff"];
        let names: [&[u8]; 5] = [b"a", b"a-", b"ab", b"b", b"\xff"];
        let mut paths: Vec<Path> = roots.into_iter().map(Path::from).collect();
        let mut begin = 0;
        for _ in 0..3 {
            let above = paths.get(begin..).unwrap().to_vec();
            begin = paths.len();
            paths.extend(above.iter().flat_map(|dir| names.map(|name| dir.entry(name))));
        }
        paths
    }

    #[test]
    fn paths_are_as_their_bytes() {
        let paths = paths();
        for one in &paths {
            let bytes = one.to_bytes();
            assert_eq!(one.len(), bytes.len());
            for two in paths.iter().step_by(7) {
                let other = two.to_bytes();
                assert_eq!(one.cmp(two), bytes.cmp(&other), "{one:?} {two:?}");
                assert_eq!(one == two, bytes == other, "{one:?} {two:?}");
                assert_eq!(one.is_within(two), is_within(&bytes, &other), "{one:?} {two:?}");
            }
        }
    }

    #[test]
    fn a_root_that_is_a_file_is_the_entry_of_no_name() {
        let root = Path::from(b"t".as_slice());
        assert_eq!(root.entry(ITSELF).to_bytes(), b"t");
    }

    #[test]
    fn a_path_of_very_many_names_is_compared_and_dropped() {
        let deeper = |path: Path, _| path.entry(b"name");
        let dir = (0..500_000).fold(Path::from(b"/".as_slice()), deeper);
        let (one, two) = (dir.entry(b"a"), dir.entry(b"b").entry(b"c"));
        assert!(one < two && two.is_within(&dir) && !two.is_within(&one));
        assert_eq!(two.len(), 500_000 * 5 + 4);
    }
}
