//! The entries that a scan found in a directory.

use crate::invariant::must;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything but a directory.
    File,
    /// A directory.
    Dir,
    /// A symbolic link to a directory, where those are followed.
    Link,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    begin: usize,
    end: usize,
    kind: Kind,
    changed: bool,
}

/// The entries of a directory.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    names: Vec<u8>,
    entries: Vec<Entry>,
    moved: bool,
    denied: Option<i32>,
}

impl Listing {
    /// Adds an entry. `changed`: whether the content, or the target of a link, may have changed unseen.
    pub fn add(&mut self, name: &[u8], kind: Kind, changed: bool) {
        let begin = self.names.len();
        self.names.extend_from_slice(name);
        self.entries.push(Entry { begin, end: self.names.len(), kind, changed });
    }

    /// The entries in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Kind, bool)> {
        self.entries.iter().map(|entry| {
            let name = must(self.names.get(entry.begin..entry.end), "an entry has a name").unwrap_or_default();
            (name, entry.kind, entry.changed)
        })
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.names.clear();
        self.entries.clear();
        self.moved = false;
        self.denied = None;
    }

    /// The directory may have been elsewhere for a while, unseen.
    pub fn set_moved(&mut self) {
        self.moved = true;
    }

    /// See [`set_moved`](Self::set_moved).
    #[must_use]
    pub fn is_moved(&self) -> bool {
        self.moved
    }

    /// An entry cannot be examined, for this errno: only its name and type are known.
    pub fn deny(&mut self, errno: i32) {
        self.denied = Some(errno);
    }

    /// Why not all entries could be examined, if so.
    #[must_use]
    pub fn denied(&self) -> Option<i32> {
        self.denied
    }

    /// The directory is watched from now on, and nobody examines its entries any more: where that could not be done,
    /// they may have changed unseen.
    pub fn end_denial(&mut self) {
        if self.denied.take().is_some() {
            self.entries.iter_mut().for_each(|entry| entry.changed = true);
        }
    }

    /// Whether an entry is a directory, or a link to one.
    #[must_use]
    pub fn has_directories(&self) -> bool {
        self.entries.iter().any(|entry| entry.kind != Kind::File)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many bytes their names have.
    pub(super) fn names_len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
