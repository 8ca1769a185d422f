//! The open effects, each once: a scan finds the present state, however often it was asked for.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::Effect;

#[derive(Debug, Default)]
pub(super) struct EffectQueue {
    /// The last one is carried out next.
    open: Vec<Effect>,
    /// Their indexes in `open`, by their hashes.
    places: HashTable<usize>,
    hasher: RandomState,
}

impl EffectQueue {
    pub(super) fn add(&mut self, effect: Effect) {
        let Self { open, places, hasher, .. } = self;
        let hash = hasher.hash_one(&effect);
        if places.find(hash, |place| open.get(*place) == Some(&effect)).is_some() {
            return;
        }
        let place = open.len();
        open.push(effect);
        places.insert_unique(hash, place, |place| open.get(*place).map_or(0, |effect| hasher.hash_one(effect)));
    }

    pub(super) fn next(&mut self) -> Option<Effect> {
        let effect = self.open.pop()?;
        let last = self.open.len();
        if let Ok(entry) = self.places.find_entry(self.hasher.hash_one(&effect), |place| *place == last) {
            entry.remove();
        }
        Some(effect)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many bytes of memory they take, except for names.
    pub(super) fn memory(&self) -> usize {
        self.open.capacity() * size_of::<Effect>() + self.places.capacity() * (size_of::<usize>() + 1)
    }
}
