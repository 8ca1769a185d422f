//! When files were reported last. Who opens a file for writing and closes it without a write causes the same event as who
//! wrote to it through a memory map; the file's times tell them apart: one that was not changed since it was reported is
//! not reported again.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::mem;

use crate::tick::Tick;

use super::batch::Place;
use super::nodes::{Child, NodeId};
use super::{Tree, Wish};

/// How many files are remembered, twice: those that were reported longest ago are forgotten. A close of theirs is a change
/// if anything changed them since the watcher started.
const MOST: usize = 1 << 15;

#[derive(Debug, Default)]
pub(super) struct Reported {
    /// When all was found that there was in the beginning.
    begun: Option<Tick>,
    /// By the hash of a place.
    last: HashMap<u64, Tick>,
    before: HashMap<u64, Tick>,
    hasher: RandomState,
    /// Files of which it is to be found out what their close was.
    open: HashSet<Place>,
}

impl Reported {
    fn add(&mut self, place: &Place, tick: Tick) {
        if self.last.len() >= MOST {
            self.before = mem::take(&mut self.last);
        }
        self.last.insert(self.hasher.hash_one(place), tick);
    }

    pub(super) fn is_open(&self, place: &Place) -> bool {
        self.open.contains(place)
    }

    fn find(&self, place: &Place) -> Option<Tick> {
        let hash = self.hasher.hash_one(place);
        self.last.get(&hash).or_else(|| self.before.get(&hash)).copied().or(self.begun)
    }
}

impl Tree {
    /// What is there was found by this moment.
    pub fn began(&mut self, tick: Tick) {
        self.reported.begun = Some(tick);
    }

    /// The batch that was made or merged last is handed over at this moment, or later.
    pub fn handed_over(&mut self, tick: Tick) {
        for place in self.recent.last() {
            self.reported.add(place, tick);
        }
    }

    /// Since when a change of a file would not be reported yet; `None`: that is not known.
    #[must_use]
    pub fn reported(&self, dir: NodeId, name: &[u8]) -> Option<Tick> {
        self.reported.find(&(dir, Box::from(name)))
    }

    /// A file that was open for writing was closed.
    pub(super) fn closed(&mut self, place: Place) {
        match self.nodes.find(place.0, &place.1) {
            // Whether it was written to does not matter, or is known.
            Some(Child::File) if self.pending.since.tells(&place) => self.pending.file_modified(&place, false),
            Some(Child::File) => {
                self.reported.open.insert(place.clone());
                self.wishes.add(Wish::Close(place.0, place.1));
            }
            Some(Child::Dir(_)) => {}
            None => self.check(place, false),
        }
    }

    /// Answers [`Wish::Close`]: whether the file was changed since it was [`reported`](Self::reported), or nobody knows.
    pub fn saw_closed(&mut self, dir: NodeId, name: &[u8], changed: bool) {
        let place = (dir, Box::from(name));
        self.reported.open.remove(&place);
        if changed && self.nodes.find(dir, name) == Some(Child::File) {
            self.pending.file_modified(&place, false);
        }
    }
}
