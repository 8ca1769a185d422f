//! Overflows: the queue overflowed, and what was in it is found by a scan.

use std::collections::BTreeSet;

use super::store::NodeId;
use super::symlinks::{LinkId, Links};
use super::{Model, Need, Overflow};

impl Model {
    /// The queue overflowed: scans everything again. What is not there any more, is new, or is marked as changed in the
    /// listings is reported. `overflow`: a number for it, higher than the last one's.
    pub fn rescan(&mut self, overflow: u64) {
        self.finish_renames(None);
        self.renames.forget_last();
        for root in self.roots.nodes() {
            self.scan(root, Need::List(Some(overflow)));
        }
    }

    /// Has a directory listed when it is scanned next.
    pub(super) fn relist(&mut self, dir: NodeId, overflow: Overflow) {
        if !self.is_watched(dir) {
            return;
        }
        let all = self.relist.entry(dir).or_insert(overflow);
        *all = earlier(*all, overflow);
    }

    /// Which overflow concerns a directory, and is not repaired.
    pub(super) fn overflow_above(&self, dir: NodeId) -> Overflow {
        let mut overflow = None;
        let mut at = Some(dir).filter(|_| !self.relist.is_empty());
        while let Some(dir) = at {
            overflow = earlier(overflow, self.relist.get(&dir).copied().flatten());
            at = self.store.parent(dir);
        }
        overflow
    }

    /// Which overflow the next listing of a directory repairs: files that changed since must be marked.
    #[must_use]
    pub fn overflow(&self, node: NodeId) -> Option<u64> {
        self.relist.get(&node).copied().flatten()
    }

    /// The same for what a link leads to.
    #[must_use]
    pub fn link_overflow(&self, link: LinkId) -> Option<u64> {
        self.links.as_ref()?.overflow(link)
    }

    /// The overflows that are not repaired everywhere. Of several that concern a directory, the earliest.
    #[must_use]
    pub fn open_overflows(&self) -> BTreeSet<u64> {
        let links = self.links.iter().flat_map(Links::open_overflows);
        self.relist.values().copied().flatten().chain(links).collect()
    }
}

pub(super) fn earlier(one: Overflow, other: Overflow) -> Overflow {
    one.into_iter().chain(other).min()
}
