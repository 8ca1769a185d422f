//! Losses of events: the queue overflowed, and what was in it is found by looking.

use std::collections::BTreeSet;

use super::links::{LinkId, Links};
use super::nodes::NodeId;
use super::{Loss, Need, Tree};

impl Tree {
    /// Events were lost: looks at everything again. What is not there any more, is new, or is marked as changed in the
    /// listings is told. `loss`: a number for it, higher than the last one's.
    pub fn look_again(&mut self, loss: u64) {
        self.settle_where(|_| true);
        self.exchanges.forget();
        for root in self.roots.nodes() {
            self.look(root, Need::Listing(Some(loss)));
        }
    }

    /// Has a directory listed when it is looked at next.
    pub(super) fn repair(&mut self, dir: NodeId, loss: Loss) {
        if !self.is_to_be_entered(dir) {
            return;
        }
        let all = self.repair.entry(dir).or_insert(loss);
        *all = earlier(*all, loss);
    }

    /// Which loss of events concerns a directory, and is not made up for.
    pub(super) fn loss_at(&self, dir: NodeId) -> Loss {
        let mut loss = None;
        let mut at = Some(dir).filter(|_| !self.repair.is_empty());
        while let Some(dir) = at {
            loss = earlier(loss, self.repair.get(&dir).copied().flatten());
            at = self.nodes.parent(dir);
        }
        loss
    }

    /// Which loss of events the next listing of a directory makes up for: files that changed since must be marked.
    #[must_use]
    pub fn loss(&self, node: NodeId) -> Option<u64> {
        self.repair.get(&node).copied().flatten()
    }

    /// The same for what a link leads to.
    #[must_use]
    pub fn link_loss(&self, link: LinkId) -> Option<u64> {
        self.links.as_ref()?.loss(link)
    }

    /// The losses of events that are not made up for everywhere. Of several that concern a directory, the earliest.
    #[must_use]
    pub fn losses(&self) -> BTreeSet<u64> {
        let links = self.links.iter().flat_map(Links::losses);
        self.repair.values().copied().flatten().chain(links).collect()
    }
}

pub(super) fn earlier(one: Loss, other: Loss) -> Loss {
    one.into_iter().chain(other).min()
}
