//! The roots of a tree: the paths it was asked to watch.

use std::collections::HashMap;

use super::nodes::NodeId;
use super::path::is_within;

/// The name by which a root that is a file is known in its node, so that it is not taken for an entry of the directory that
/// it may become.
pub(crate) const ITSELF: &[u8] = b"";

/// One path that is watched.
#[derive(Clone, Debug)]
struct Root {
    /// As it was given; what is below it is told under it.
    path: Vec<u8>,
    /// For a root that is a file: its name in the directory whose watch the node has, the only one that counts there.
    only: Option<Box<[u8]>>,
    /// Whether there is a directory at the path.
    there: bool,
}

/// The roots by their node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots {
    roots: HashMap<NodeId, Root>,
}

impl Roots {
    pub(crate) fn add(&mut self, node: NodeId, path: Vec<u8>) {
        self.roots.insert(node, Root { path, only: None, there: false });
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
        self.roots.get(&node).map(|root| root.path.as_slice())
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

    /// Whether a directory is told of at the root's path.
    pub(crate) fn is_there(&self, node: NodeId) -> bool {
        self.roots.get(&node).is_some_and(|root| root.there)
    }

    pub(crate) fn set_there(&mut self, node: NodeId, there: bool) {
        if let Some(root) = self.roots.get_mut(&node) {
            root.there = there;
        }
    }
}
