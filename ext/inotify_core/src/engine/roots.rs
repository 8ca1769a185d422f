//! Roots that are added and removed while the engine runs.

use crate::model::{Followed, NodeId, Scope};
use crate::system::System;

use super::Engine;

impl<S: System> Engine<S> {
    /// Adds a root at an absolute path, which need not exist. The reported paths begin with `name`, so each root has
    /// another one. The paths `inner_roots`, relative to it, are ignored. [`process`](Self::process) scans it, and
    /// [`begin_root`](Self::begin_root) ends the first scan.
    pub fn add_root(&mut self, name: Vec<u8>, path: Vec<u8>, scope: Scope, inner_roots: Vec<Vec<u8>>) -> NodeId {
        let root = self.model.add_root(name, scope);
        self.model.exclude_inner_roots(root, inner_roots);
        self.dirs.roots.insert(root, path.clone());
        self.paths.insert(root, path);
        root
    }

    /// Ends the first scan of a root: its pending changes are none. Call it when the root
    /// [`is_settled`](Self::is_settled).
    pub fn begin_root(&mut self, root: NodeId) {
        self.model.begin_root(root, self.system.tick());
    }

    /// The consumer reads everything below a root from now on: earlier changes need not be reported.
    pub fn was_read(&mut self, root: NodeId) {
        self.model.was_read(root, self.system.tick());
    }

    /// Removes a root. Its entries are reported as deleted, and watches that only it needed are removed.
    pub fn remove_root(&mut self, root: NodeId) {
        self.model.remove_root(root);
        let unused = self.resolver.release(Followed::Root(root));
        self.unwatch_all(unused);
        self.paths.remove(&root);
        self.dirs.roots.remove(&root);
        self.inner.remove(&root);
        self.cyclic.remove(&root);
    }

    /// Whether all effects are carried out.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.has_events() && !self.model.has_effects()
    }
}
