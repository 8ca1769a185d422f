//! Directories and links that cannot be watched or read.

use std::collections::{BTreeMap, BTreeSet};

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
