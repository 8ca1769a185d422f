//! What is not known: what cannot be watched or read, and what an overflow may have hidden until it is listed again.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use hashbrown::HashMap;

/// What cannot be watched or read, and the errno of each. Each errno is reported once, for as long as it lasts.
#[derive(Debug)]
pub(super) struct Denied<K> {
    errnos: BTreeMap<K, i32>,
    /// Those that are not reported yet.
    unreported: BTreeSet<K>,
}

impl<K> Default for Denied<K> {
    fn default() -> Self {
        Self { errnos: BTreeMap::new(), unreported: BTreeSet::new() }
    }
}

impl<K: Copy + Ord> Denied<K> {
    pub(super) fn insert(&mut self, key: K, errno: i32) {
        if self.errnos.insert(key, errno) != Some(errno) {
            self.unreported.insert(key);
        }
    }

    /// Returns whether it was denied.
    pub(super) fn remove(&mut self, key: K) -> bool {
        self.unreported.remove(&key);
        self.errnos.remove(&key).is_some()
    }

    pub(super) fn contains(&self, key: K) -> bool {
        self.errnos.contains_key(&key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.errnos.is_empty()
    }

    pub(super) fn errnos(&self) -> &BTreeMap<K, i32> {
        &self.errnos
    }

    /// All that is denied for one of these errnos.
    pub(super) fn of(&self, errnos: &BTreeSet<i32>) -> Vec<K> {
        self.errnos.iter().filter(|(_, errno)| errnos.contains(errno)).map(|(key, _)| *key).collect()
    }

    pub(super) fn take_unreported(&mut self) -> Vec<(K, i32)> {
        let unreported = std::mem::take(&mut self.unreported).into_iter();
        unreported.filter_map(|key| Some((key, *self.errnos.get(&key)?))).collect()
    }
}

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
