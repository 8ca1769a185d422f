//! Roots that are added and removed while the engine runs.

use crate::model::{Followed, NodeId, Scope};
use crate::system::System;

use super::Engine;

impl<S: System> Engine<S> {
    /// Adds a root at an absolute path, where nothing need be. Its paths are reported with `name` in the place of its
    /// own, so each root has another. What is at the paths `inner_roots`, relative to it, is ignored. Nothing is
    /// scanned yet: [`process`](Self::process) does that, and [`begin_root`](Self::begin_root) ends it.
    pub fn add_root(&mut self, name: Vec<u8>, path: Vec<u8>, scope: Scope, inner_roots: Vec<Vec<u8>>) -> NodeId {
        let root = self.model.add_root(name, scope);
        self.model.exclude_inner_roots(root, inner_roots);
        self.dirs.roots.insert(root, path.clone());
        self.paths.insert(root, path);
        root
    }

    /// Ends the first scan of a root: what is pending of it is no change. To be called when it
    /// [`is_settled`](Self::is_settled).
    pub fn begin_root(&mut self, root: NodeId) {
        self.model.begin_root(root, self.system.tick());
    }

    /// Whoever takes the changes reads all that is below a root from now on: what was changed before need not be
    /// reported.
    pub fn was_read(&mut self, root: NodeId) {
        self.model.was_read(root, self.system.tick());
    }

    /// Removes a root. What was in it is reported as deleted, and what it alone needed is not watched any longer.
    pub fn remove_root(&mut self, root: NodeId) {
        self.model.remove_root(root);
        let unused = self.resolver.release(Followed::Root(root));
        self.unwatch_all(unused);
        self.paths.remove(&root);
        self.dirs.roots.remove(&root);
        self.inner.remove(&root);
        self.cyclic.remove(&root);
    }

    /// Whether all effects are carried out: not if that was interrupted.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.has_events() && !self.model.has_effects()
    }
}
