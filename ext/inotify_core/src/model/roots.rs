//! The roots of a tree: the paths it was asked to watch.

use std::collections::HashMap;

use super::nodes::NodeId;
use super::path::is_within;

/// The name by which a root that is a file is known in its node, so that it is not taken for an entry of the directory
/// that it may become.
pub(crate) const ITSELF: &[u8] = b"";

/// What is watched of a root that is a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that is in it, as far as the filter includes it, and what symbolic links in it lead to where those are
    /// followed.
    Tree,
    /// The names in it, all of them: no directory in it is entered, and no symbolic link followed.
    Names,
}

/// One path that is watched.
#[derive(Clone, Debug)]
struct Root {
    /// As it was given; what is below it is reported under it.
    path: Vec<u8>,
    /// For a root that is a file: its name in the directory whose watch the node has, the only one that counts there.
    only: Option<Box<[u8]>>,
    scope: Scope,
    /// Whether there is a directory at the path.
    there: bool,
}

/// The roots by their node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots {
    roots: HashMap<NodeId, Root>,
    /// Those that are removed and that a batch may still speak of, and the path of each.
    removed: HashMap<NodeId, Vec<u8>>,
}

impl Roots {
    pub(crate) fn add(&mut self, node: NodeId, path: Vec<u8>, scope: Scope) {
        self.roots.insert(node, Root { path, only: None, scope, there: false });
    }

    /// Removes a root. Its path remains.
    pub(crate) fn remove(&mut self, node: NodeId) {
        if let Some(root) = self.roots.remove(&node) {
            self.removed.insert(node, root.path);
        }
    }

    /// Nothing speaks of a removed root any more.
    pub(crate) fn forget(&mut self, node: NodeId) {
        self.removed.remove(&node);
    }

    /// Whether only the names in a directory are watched.
    pub(crate) fn has_names_only(&self, node: NodeId) -> bool {
        self.roots.get(&node).is_some_and(|root| root.scope == Scope::Names)
    }

    pub(crate) fn contains(&self, node: NodeId) -> bool {
        self.roots.contains_key(&node)
    }

    pub(crate) fn nodes(&self) -> Vec<NodeId> {
        let mut nodes: Vec<_> = self.roots.keys().copied().collect();
        nodes.sort();
        nodes
    }

    /// The path of a root; `None` for any other directory.
    pub(crate) fn path(&self, node: NodeId) -> Option<&[u8]> {
        self.roots.get(&node).map(|root| &root.path).or_else(|| self.removed.get(&node)).map(Vec::as_slice)
    }

    /// The roots that are below others, and the path of each.
    pub(crate) fn inner(&self) -> Vec<(NodeId, Vec<u8>)> {
        if self.roots.len() < 2 {
            return Vec::new();
        }
        let is_below =
            |path: &[u8]| self.roots.values().any(|outer| outer.path != path && is_within(path, &outer.path));
        let inner = self.roots.iter().filter(|(_, root)| is_below(&root.path));
        inner.map(|(node, root)| (*node, root.path.clone())).collect()
    }

    pub(crate) fn only(&self, node: NodeId) -> Option<&[u8]> {
        self.roots.get(&node)?.only.as_deref()
    }

    pub(crate) fn set_only(&mut self, node: NodeId, only: Option<&[u8]>) {
        if let Some(root) = self.roots.get_mut(&node) {
            root.only = only.map(Into::into);
        }
    }

    /// Whether a directory is reported at the root's path.
    pub(crate) fn is_there(&self, node: NodeId) -> bool {
        self.roots.get(&node).is_some_and(|root| root.there)
    }

    pub(crate) fn set_there(&mut self, node: NodeId, there: bool) {
        if let Some(root) = self.roots.get_mut(&node) {
            root.there = there;
        }
    }
}
