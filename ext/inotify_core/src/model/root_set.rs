//! Roots that are added and removed, before the first scan or while the tree is watched.

use crate::tick::Tick;

use super::nodes::NodeId;
use super::roots::Scope;
use super::{Effect, Followed, Model};

impl Model {
    /// Each root is a tree of its own: a directory that symbolic links lead to is entered once for each root, and not
    /// once for all.
    pub fn separate_roots(&mut self) {
        self.separate = true;
    }

    /// Adds a root, whose paths are reported as they begin here. Asks for its resolution. What is found in it is new
    /// until [`begin_root`](Self::begin_root).
    pub fn add_root(&mut self, path: Vec<u8>, scope: Scope) -> NodeId {
        let node = self.nodes.create();
        self.roots.add(node, path, scope);
        self.effects.add(Effect::ResolveRoot(node));
        node
    }

    /// Ends the first scan of a root that was added later: what was found in it is no change. `tick`: a moment before
    /// which that was.
    pub fn begin_root(&mut self, root: NodeId, tick: Tick) {
        let nodes = &self.nodes;
        self.pending.forget_in(root, |dir| nodes.top(dir) == root);
        self.was_read(root, tick);
    }

    /// Whoever takes the changes reads all that is below a root at this moment or later: what was changed before then
    /// need not be reported.
    pub fn was_read(&mut self, root: NodeId, tick: Tick) {
        self.closes.read(root, tick);
    }

    /// Removes a root. What was in it is reported as deleted.
    pub fn remove_root(&mut self, root: NodeId) {
        self.change_root(root, None, false);
        self.clear_root(root);
        self.clear_denied(root);
        self.relist.remove(&root);
        self.polled.remove(&Followed::Root(root));
        self.closes.forget(root);
        self.filter.forget_root(root);
        self.roots.remove(root);
        self.removed_dirs.push(root);
    }

    /// The root that a directory is below, or itself.
    #[must_use]
    pub fn root_of(&self, node: NodeId) -> NodeId {
        self.nodes.top(node)
    }

    /// Whether two directories count as ones of the same tree.
    pub(super) fn belong_together(&self, one: NodeId, other: NodeId) -> bool {
        !self.separate || self.nodes.top(one) == self.nodes.top(other)
    }
}
