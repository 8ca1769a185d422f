//! Roots that are added and removed while the engine runs, and sets of them.

use std::collections::BTreeSet;
use std::time::Instant;

use hashbrown::HashSet;

use crate::error::Error;
use crate::model::{Followed, NodeId, Scope};
use crate::system::System;

use super::Engine;

impl<S: System> Engine<S> {
    /// Adds a root at an absolute path, which need not exist. The reported paths begin with `name`, so each root has
    /// another one. The paths `inner_roots`, relative to it, are ignored. [`process`](Self::process) scans it, and
    /// [`begin_roots`](Self::begin_roots) ends the first scan.
    pub fn add_root(&mut self, name: Vec<u8>, path: Vec<u8>, scope: Scope, inner_roots: HashSet<Vec<u8>>) -> NodeId {
        let root = self.model.add_root(name, scope);
        self.model.exclude_inner_roots(root, inner_roots);
        self.dirs.open.roots.insert(root, path);
        root
    }

    /// Ends the first scan of roots: their pending changes are none. Call it when the engine
    /// [`is_settled`](Self::is_settled).
    pub fn begin_roots(&mut self, roots: &HashSet<NodeId>) {
        self.model.begin_roots(roots, self.system.tick());
    }

    /// Takes the separate roots below which a path to a directory came or went that is entered by another path: the files
    /// in that directory are reported by the other path only. Call it with [`take_changes`](Self::take_changes).
    pub fn take_relinked(&mut self) -> HashSet<NodeId> {
        self.model.take_relinked()
    }

    /// The consumer reads everything below a root from now on: earlier changes need not be reported.
    pub fn was_read(&mut self, root: NodeId) {
        self.model.was_read(root, self.system.tick());
    }

    /// Removes a root. Its entries are reported as deleted, and watches that only it needed are removed.
    pub fn remove_root(&mut self, root: NodeId) {
        self.model.remove_root(root);
        self.release(Followed::Dir(root));
        self.dirs.open.roots.remove(&root);
        self.inner.remove(&root);
        self.cyclic.remove(&root);
    }

    /// Whether nothing happened and nothing is due: then [`process`](Self::process) has nothing to do.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub(crate) fn is_idle(&mut self, now: Instant) -> Result<bool, Error> {
        self.remounted |= self.system.mounts_changed();
        self.queue.drain(&self.system)?;
        Ok(self.is_settled() && !self.remounted && self.due().is_none_or(|due| due > now))
    }

    /// The roots of the directories that are denied.
    pub(crate) fn denied_roots(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.model.denied().map(|(dir, _)| self.model.root_of(dir))
    }

    /// Whether all effects are carried out.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.has_events() && !self.model.has_effects()
    }
}

/// Some of the roots, or all.
#[derive(Debug)]
pub(crate) enum RootSet {
    All,
    Some(BTreeSet<NodeId>),
}

impl RootSet {
    pub(crate) const fn none() -> Self {
        Self::Some(BTreeSet::new())
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Some(roots) if roots.is_empty())
    }

    pub(crate) fn contains(&self, root: NodeId) -> bool {
        match self {
            Self::All => true,
            Self::Some(roots) => roots.contains(&root),
        }
    }

    pub(crate) fn insert(&mut self, root: NodeId) {
        if let Self::Some(roots) = self {
            roots.insert(root);
        }
    }

    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::none())
    }
}
