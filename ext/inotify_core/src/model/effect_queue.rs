//! Open effects, each of them once: what is scanned later is seen as it is then, however often that was asked for.

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

    /// How many bytes they take in memory, names left out.
    pub(super) fn memory(&self) -> usize {
        self.open.capacity() * size_of::<Effect>() + self.places.capacity() * (size_of::<usize>() + 1)
    }
}
