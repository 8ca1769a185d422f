//! Open effects, each of them once: what is scanned later is seen as it is then, however often that was asked for.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::Effect;

#[derive(Debug, Default)]
pub(super) struct EffectQueue {
    /// The one to be carried out next at the end.
    open: Vec<Effect>,
    /// Where they are in `open`, by their hash.
    places: HashTable<usize>,
    hasher: RandomState,
    /// What the tree is to ask for when nothing else is open.
    pub(super) retries: Retries,
}

/// What is to be scanned again, because something happened that may make it possible. Noted here until all else is
/// done: of a thousand events that set watches free, each would have every denied directory scanned.
#[derive(Debug, Default)]
pub(super) struct Retries {
    pub(super) stale: bool,
    /// What was denied for these errnos.
    pub(super) denied: BTreeSet<i32>,
}

impl EffectQueue {
    pub(super) fn add(&mut self, wish: Effect) {
        let Self { open, places, hasher, .. } = self;
        let hash = hasher.hash_one(&wish);
        if places.find(hash, |place| open.get(*place) == Some(&wish)).is_some() {
            return;
        }
        let place = open.len();
        open.push(wish);
        places.insert_unique(hash, place, |place| open.get(*place).map_or(0, |wish| hasher.hash_one(wish)));
    }

    pub(super) fn next(&mut self) -> Option<Effect> {
        let wish = self.open.pop()?;
        let last = self.open.len();
        if let Ok(entry) = self.places.find_entry(self.hasher.hash_one(&wish), |place| *place == last) {
            entry.remove();
        }
        Some(wish)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many bytes they take in memory, names left out.
    pub(super) fn memory(&self) -> usize {
        self.open.capacity() * size_of::<Effect>() + self.places.capacity() * (size_of::<usize>() + 1)
    }
}
