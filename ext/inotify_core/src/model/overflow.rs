//! What an overflow may have hidden, until it is listed again.

use std::collections::HashMap;
use std::hash::Hash;

/// The overflow that a listing repairs, if any: the number given to [`Model::rescan`](super::Model::rescan). Of several, the earliest.
pub(super) type Overflow = Option<u64>;

pub(super) fn earlier(one: Overflow, other: Overflow) -> Overflow {
    one.into_iter().chain(other).min()
}

/// What must be listed or examined although it was before, and the overflow that this repairs. It stays here until that
/// succeeds.
#[derive(Debug)]
pub(super) struct Relist<K>(HashMap<K, Overflow>);

impl<K> Default for Relist<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Copy + Eq + Hash> Relist<K> {
    pub(super) fn insert(&mut self, key: K, overflow: Overflow) {
        let earliest = self.0.entry(key).or_insert(overflow);
        *earliest = earlier(*earliest, overflow);
    }

    pub(super) fn remove(&mut self, key: K) -> Option<Overflow> {
        self.0.remove(&key)
    }

    pub(super) fn contains(&self, key: K) -> bool {
        self.0.contains_key(&key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn overflow(&self, key: K) -> Overflow {
        self.0.get(&key).copied().flatten()
    }

    pub(super) fn overflows(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.values().copied().flatten()
    }
}
