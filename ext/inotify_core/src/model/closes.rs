//! Files that were closed after being opened for writing: which of them changed since they were reported.
//!
//! A close without a write causes the same event as one after writes through a memory map. The times of the file
//! distinguish them: a file that did not change since it was reported is not reported again.

use std::hash::BuildHasher;
use std::mem;

use hashbrown::{DefaultHashBuilder, HashMap, HashSet};

use crate::tick::Tick;

use super::store::{Child, NodeId, Place};
use super::{Effect, Model};

/// How many report times are remembered, twice. The oldest are forgotten: a close of such a file is a change if the
/// file changed since its root was read.
const MOST: usize = 1 << 15;

/// When files were reported, and closes that are not examined.
#[derive(Debug, Default)]
pub(super) struct Closes {
    /// By root: when the first scan ended, or when the consumer read everything below it.
    read: HashMap<NodeId, Tick>,
    /// When files were reported, by the hash of the place.
    last: HashMap<u64, Tick>,
    before: HashMap<u64, Tick>,
    hasher: DefaultHashBuilder,
    /// Closed files that are not examined yet.
    unexamined: HashSet<Place>,
    /// Those of them that were not found: a rename that is still queued may have moved them.
    missing: HashSet<Place>,
}

/// The close and the report of a file that is being moved.
#[derive(Debug)]
pub(super) struct TakenClose {
    /// Whether it was closed, and is not examined since.
    is_unexamined: bool,
    /// When it was reported last.
    reported: Option<Tick>,
}

impl Closes {
    fn add(&mut self, place: &Place, tick: Tick) {
        if self.last.len() >= MOST {
            self.before = mem::take(&mut self.last);
        }
        self.last.insert(self.hasher.hash_one(place), tick);
    }

    /// Takes the close of a file that is examined or leaves its place. Returns whether there was one.
    fn take_unexamined(&mut self, place: &Place) -> bool {
        self.missing.remove(place);
        self.unexamined.remove(place)
    }

    /// Takes the close and the report of a file that leaves its place.
    pub(super) fn take(&mut self, place: &Place) -> TakenClose {
        let hash = self.hasher.hash_one(place);
        let (last, before) = (self.last.remove(&hash), self.before.remove(&hash));
        TakenClose { is_unexamined: self.take_unexamined(place), reported: last.or(before) }
    }

    /// Sets when the file was reported that came to this place: any report of this place was of another file.
    fn put_reported(&mut self, place: &Place, reported: Option<Tick>) {
        self.take(place);
        if let Some(tick) = reported {
            self.add(place, tick);
        }
    }

    /// Whether closed files wait for renames.
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
    /// The first scan ended by this moment.
    pub(crate) fn set_start(&mut self, tick: Tick) {
        self.roots.nodes().into_iter().for_each(|root| self.closes.read(root, tick));
    }

    /// The batch that was made or merged last is delivered at this moment, or later.
    pub(crate) fn delivered_at(&mut self, tick: Tick) {
        for place in self.delivered.last() {
            self.closes.add(place, tick);
        }
    }

    /// The moment since which a change of a file is not reported. `None`: it is not known.
    pub(crate) fn last_reported(&self, dir: NodeId, name: &[u8]) -> Option<Tick> {
        self.closes.find(&(dir, Box::from(name)), self.store.top(dir))
    }

    /// A file that was opened for writing was closed.
    pub(super) fn closed(&mut self, place: Place) {
        self.writer_closed(&place);
        match self.store.find(place.0, &place.1) {
            // It is reported in any case.
            Some(Child::File) if self.pending.reports(&place) => self.pending.file_modified(&place, false),
            Some(Child::File) => {
                self.closes.unexamined.insert(place.clone());
                self.effects.add(Effect::StatClosed(place.0, place.1));
            }
            Some(Child::Dir(_)) => {}
            None => self.check(place, false),
        }
    }

    /// Puts the close and the report of a file to its new place.
    pub(super) fn put_close(&mut self, place: &Place, taken: &TakenClose) {
        self.closes.put_reported(place, taken.reported);
        if taken.is_unexamined {
            self.closed(place.clone());
        }
    }

    /// Applies the result of [`Effect::StatClosed`]: whether the file changed since it was
    /// [`last_reported`](Self::last_reported), or may have.
    pub(crate) fn apply_closed(&mut self, dir: NodeId, name: &[u8], changed: bool) {
        let place = (dir, Box::from(name));
        self.closes.take_unexamined(&place);
        if changed && self.store.is_file(dir, name) {
            self.pending.file_modified(&place, false);
        }
    }

    /// An [`Effect::StatClosed`] did not find the file. A rename of it, or of a directory above it, may be queued: the
    /// effect is repeated once when no event is queued. A file that is not found then is modified.
    pub(crate) fn stat_closed_failed(&mut self, dir: NodeId, name: &[u8]) {
        let place = (dir, Box::from(name));
        if self.closes.missing.contains(&place) {
            self.apply_closed(dir, name, true);
        } else if self.closes.unexamined.contains(&place) {
            self.closes.missing.insert(place);
        }
    }

    /// Examines the closed files again that were not found.
    pub(super) fn retry_closes(&mut self) {
        for (dir, name) in self.closes.missing.clone() {
            self.effects.add(Effect::StatClosed(dir, name));
        }
    }
}
