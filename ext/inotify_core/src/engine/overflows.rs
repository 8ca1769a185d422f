//! Overflows that a rescan has not repaired everywhere yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Model, UNSEEN};
use crate::moment::Moment;

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Overflows {
    count: u64,
    /// The moments since which events are lost, by the number of the overflow.
    moments: BTreeMap<u64, Moment>,
}

impl Overflows {
    /// Events that happened since a moment are lost: has everything scanned, and the mounts read again.
    pub(super) fn rescan(&mut self, model: &mut Model, remounted: &mut bool, since: Moment) {
        self.count += 1;
        self.moments.insert(self.count, since);
        *remounted = true;
        model.rescan(self.count);
    }

    /// Everything that was never seen may have changed at any time.
    pub(super) fn add_unseen(&mut self) {
        self.moments.insert(UNSEEN, Moment::new(0, 0));
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The moment since which events are lost.
    pub(super) fn since(&self, overflow: u64) -> Option<Moment> {
        self.moments.get(&overflow).copied()
    }

    /// Whether all are repaired.
    pub(super) fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// Forgets all except for these. Returns whether the earliest one was forgotten.
    pub(super) fn retain(&mut self, open: &BTreeSet<u64>) -> bool {
        let earliest = self.moments.keys().next().copied();
        self.moments.retain(|overflow, _| open.contains(overflow));
        self.moments.keys().next().copied() != earliest
    }
}
