//! When files were reported last. Who opens a file for writing and closes it without a write causes the same event as
//! who wrote to it through a memory map; the file's times distinguish them: one that was not changed since it was
//! reported is not reported again.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::mem;

use crate::tick::Tick;

use super::store::{Child, NodeId, Place};
use super::{Effect, Model};

/// How many files are remembered, twice: those that were reported longest ago are forgotten. A close of theirs is a
/// change if anything changed them since the watcher started.
const MOST: usize = 1 << 15;

#[derive(Debug, Default)]
pub(super) struct Closes {
    /// By root: when all was found that there was below it in the beginning, or all was read that there is.
    read: HashMap<NodeId, Tick>,
    /// By the hash of a place.
    last: HashMap<u64, Tick>,
    before: HashMap<u64, Tick>,
    hasher: RandomState,
    /// Files of which it is to be found out what their close was.
    open: HashSet<Place>,
    /// Those of them that could not be found: a rename that is not known yet may have moved them.
    missing: HashSet<Place>,
}

impl Closes {
    fn add(&mut self, place: &Place, tick: Tick) {
        if self.last.len() >= MOST {
            self.before = mem::take(&mut self.last);
        }
        self.last.insert(self.hasher.hash_one(place), tick);
    }

    /// Forgets the close of a file that leaves its place. Returns whether there was one to be found out about.
    pub(super) fn take_open(&mut self, place: &Place) -> bool {
        self.missing.remove(place);
        self.open.remove(place)
    }

    /// Whether closes wait for renames to be known.
    pub(super) fn has_missing(&self) -> bool {
        !self.missing.is_empty()
    }

    pub(super) fn read(&mut self, root: NodeId, tick: Tick) {
        self.read.insert(root, tick);
    }

    pub(super) fn forget(&mut self, root: NodeId) {
        self.read.remove(&root);
    }

    fn find(&self, place: &Place, root: NodeId) -> Option<Tick> {
        let hash = self.hasher.hash_one(place);
        let reported = self.last.get(&hash).or_else(|| self.before.get(&hash));
        reported.into_iter().chain(self.read.get(&root)).max().copied()
    }
}

impl Model {
    /// What is there was found by this moment.
    pub fn set_start(&mut self, tick: Tick) {
        self.roots.nodes().into_iter().for_each(|root| self.closes.read(root, tick));
    }

    /// The batch that was made or merged last is delivered at this moment, or later.
    pub fn delivered_at(&mut self, tick: Tick) {
        for place in self.delivered.last() {
            self.closes.add(place, tick);
        }
    }

    /// Since when a change of a file would not be reported yet; `None`: that is not known.
    #[must_use]
    pub fn last_reported(&self, dir: NodeId, name: &[u8]) -> Option<Tick> {
        self.closes.find(&(dir, Box::from(name)), self.store.top(dir))
    }

    /// A file that was open for writing was closed.
    pub(super) fn closed(&mut self, place: Place) {
        match self.store.find(place.0, &place.1) {
            // Whether it was written to does not matter, or is known.
            Some(Child::File) if self.pending.reports(&place) => self.pending.file_modified(&place, false),
            Some(Child::File) => {
                self.closes.open.insert(place.clone());
                self.effects.add(Effect::StatClosed(place.0, place.1));
            }
            Some(Child::Dir(_)) => {}
            None => self.check(place, false),
        }
    }

    /// Applies the result of [`Effect::StatClosed`]: whether the file was changed since it was
    /// [`last_reported`](Self::last_reported), or nobody knows.
    pub fn apply_closed(&mut self, dir: NodeId, name: &[u8], changed: bool) {
        let place = (dir, Box::from(name));
        self.closes.take_open(&place);
        if changed && self.store.find(dir, name) == Some(Child::File) {
            self.pending.file_modified(&place, false);
        }
    }
    /// An [`Effect::StatClosed`] could not be carried out, as the file was not found. A rename of it, or of a directory
    /// above it, may be queued: it is tried once more when no event is, and what is not found then counts as changed.
    pub fn stat_closed_failed(&mut self, dir: NodeId, name: &[u8]) {
        let place = (dir, Box::from(name));
        if self.closes.missing.contains(&place) {
            self.apply_closed(dir, name, true);
        } else if self.closes.open.contains(&place) {
            self.closes.missing.insert(place);
        }
    }

    /// Has the closes found out about that could not be before.
    pub(super) fn retry_closes(&mut self) {
        for (dir, name) in self.closes.missing.clone() {
            self.effects.add(Effect::StatClosed(dir, name));
        }
    }
}
