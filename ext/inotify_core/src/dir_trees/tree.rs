//! Where the directories are: the model's store and watch map, with directories only.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use crate::engine::open_dirs::Places;
use crate::model::NodeId;
use crate::model::store::{Place, Store};
use crate::model::watch_map::WatchMap;
use crate::paths::path_from;

use super::Options;

/// The root of a tree.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) number: u32,
    pub(super) options: Arc<Options>,
    /// Whether something is mounted above it, so that nothing is at its path.
    pub(super) covered: bool,
}

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) store: Store,
    /// With the mounted files, which have watches of their own.
    pub(super) watches: WatchMap,
    roots: HashMap<NodeId, Root>,
    /// Roots and directories entered through symbolic links: their real paths when they were scanned.
    pub(super) real_paths: HashMap<NodeId, Vec<u8>>,
    /// Directories in whose place another one was found, and that place: an event will say where they went.
    displaced: HashMap<NodeId, Place>,
    /// Watches that were asked for one by one.
    pub(super) single: HashSet<i32>,
    /// Watches of mounted files whose directory is gone.
    pub(super) unneeded: Vec<i32>,
    last_number: u32,
}

impl Places for Tree {
    fn place(&self, node: NodeId) -> Option<(NodeId, &[u8])> {
        self.store.place(node).or_else(|| self.displaced.get(&node).map(|(parent, name)| (*parent, &**name)))
    }

    fn wd(&self, node: NodeId) -> Option<i32> {
        self.store.wd(node)
    }

    fn is_link(&self, node: NodeId) -> bool {
        self.real_paths.contains_key(&node) && !self.is_root(node)
    }

    fn knows(&self, wd: i32) -> bool {
        self.watches.contains(wd) || self.single.contains(&wd)
    }
}

impl Tree {
    /// The directory of a wd.
    pub(super) fn node(&self, wd: i32) -> Option<NodeId> {
        self.watches.dirs(wd).next()
    }

    pub(super) fn wd(&self, node: NodeId) -> Option<i32> {
        self.store.wd(node)
    }

    /// The wds of all directories.
    pub(super) fn wds(&self) -> impl Iterator<Item = i32> + '_ {
        self.watches.dir_wds()
    }

    pub(super) fn is_root(&self, node: NodeId) -> bool {
        self.roots.contains_key(&node)
    }

    /// All roots.
    pub(super) fn roots(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.roots.keys().copied()
    }

    pub(super) fn root(&self, node: NodeId) -> Option<&Root> {
        self.roots.get(&node)
    }

    pub(super) fn root_mut(&mut self, node: NodeId) -> Option<&mut Root> {
        self.roots.get_mut(&node)
    }

    /// Its place, kept.
    pub(super) fn place_of(&self, node: NodeId) -> Option<Place> {
        self.place(node).map(|(parent, name)| (parent, name.into()))
    }

    /// The directories from one upwards.
    fn upwards(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(node), |at| if self.is_root(*at) { None } else { Some(self.place(*at)?.0) })
    }

    /// The root that a directory is below.
    pub(super) fn top(&self, node: NodeId) -> NodeId {
        self.upwards(node).last().unwrap_or(node)
    }

    pub(super) fn root_of(&self, node: NodeId) -> Option<&Root> {
        self.root(self.top(node))
    }

    pub(super) fn options(&self, node: NodeId) -> Option<&Arc<Options>> {
        self.root_of(node).map(|root| &root.options)
    }

    /// Whether a directory is another, or below it.
    pub(super) fn is_in(&self, node: NodeId, top: NodeId) -> bool {
        self.upwards(node).any(|at| at == top)
    }

    /// How far below its root a directory is.
    pub(super) fn depth(&self, node: NodeId) -> usize {
        self.upwards(node).count()
    }

    /// The path as events have it.
    pub(super) fn path(&self, node: NodeId) -> Option<Vec<u8>> {
        let base = |at| self.root(at).map(|root| root.options.path.as_slice());
        path_from(node, base, |at| self.place(at))
    }

    /// The directory that is known at a place.
    pub(super) fn find(&self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        self.store.find_dir(parent, name)
    }

    pub(super) fn is_at(&self, node: NodeId, parent: NodeId, name: &[u8]) -> bool {
        self.place(node) == Some((parent, name))
    }

    /// All directories that were known at a place, those that were there first at the beginning.
    pub(super) fn all_at(&self, parent: NodeId, name: &[u8]) -> Vec<NodeId> {
        let displaced = self.displaced.iter().filter(|(_, place)| place.0 == parent && *place.1 == *name);
        displaced.map(|(node, _)| *node).chain(self.find(parent, name)).collect()
    }

    /// The directories in one.
    pub(super) fn children(&self, dir: NodeId) -> Vec<NodeId> {
        let children = self.store.dirs(dir).map(|(_, child)| child);
        children.chain(self.displaced.iter().filter(|(_, place)| place.0 == dir).map(|(node, _)| *node)).collect()
    }

    /// A directory and all below it, each behind the one that it is in.
    pub(super) fn nodes_below(&self, top: NodeId) -> Vec<NodeId> {
        let mut nodes = vec![top];
        let mut next = 0;
        while let Some(node) = nodes.get(next).copied() {
            nodes.extend(self.children(node));
            next += 1;
        }
        nodes
    }

    /// A new root. A directory that is known already is taken from where it is.
    pub(super) fn add_root(&mut self, wd: i32, options: Options) -> (NodeId, u32) {
        self.last_number += 1;
        let number = self.last_number;
        let node = match self.node(wd) {
            Some(known) => {
                self.detach(known);
                known
            }
            None => {
                let node = self.store.create();
                self.bind(node, wd);
                node
            }
        };
        self.roots.insert(node, Root { number, options: Arc::new(options), covered: false });
        (node, number)
    }

    /// A new directory.
    pub(super) fn add(&mut self, parent: NodeId, name: &[u8], wd: i32) -> NodeId {
        let node = self.store.create();
        self.bind(node, wd);
        self.attach(parent, name, node);
        node
    }

    /// Puts a directory at another place.
    pub(super) fn relocate(&mut self, node: NodeId, parent: NodeId, name: &[u8]) {
        self.roots.remove(&node);
        self.detach(node);
        self.attach(parent, name, node);
    }

    fn attach(&mut self, parent: NodeId, name: &[u8], node: NodeId) {
        if let Some(other) = self.find(parent, name) {
            self.store.remove(parent, name);
            self.displaced.insert(other, (parent, name.into()));
        }
        self.store.attach(parent, name, node);
    }

    /// Takes a directory from its place, and frees those above that are not needed without it.
    fn detach(&mut self, node: NodeId) {
        if let Some(parent) = self.take_out(node) {
            self.release(parent);
        }
    }

    /// Takes a directory from its place. Returns the one that it was in.
    fn take_out(&mut self, node: NodeId) -> Option<NodeId> {
        let (parent, name) = self.place_of(node)?;
        if self.displaced.remove(&node).is_none() {
            self.store.remove(parent, &name);
        }
        Some(parent)
    }

    fn bind(&mut self, node: NodeId, wd: i32) {
        self.store.set_wd(node, Some(wd));
        self.watches.add(wd, node, None);
    }

    /// Another directory is in the place of a root. Returns the wd of the one before.
    pub(super) fn replace_root(&mut self, root: NodeId, wd: i32) -> Option<i32> {
        let before = self.wd(root);
        if let Some(before) = before {
            self.watches.remove(before, root, None);
        }
        self.bind(root, wd);
        before
    }

    /// A watch is no more.
    pub(super) fn forget(&mut self, wd: i32) {
        self.watches.forget_files(wd);
        if let Some(node) = self.node(wd) {
            self.watches.remove(wd, node, None);
            self.store.set_wd(node, None);
            self.release(node);
        }
    }

    /// Has the watches of the mounted files in a directory removed.
    pub(super) fn release_files(&mut self, node: NodeId) {
        for place in self.watches.file_places_in(node) {
            self.unneeded.extend(self.watches.remove_file(&place));
        }
    }

    /// Frees a directory that is not watched and has none in it, and those above of which it was the last.
    fn release(&mut self, node: NodeId) {
        let mut at = Some(node);
        while let Some(node) = at {
            let is_used = self.wd(node).is_some() || !self.store.is_empty(node);
            if is_used || self.displaced.values().any(|place| place.0 == node) {
                return;
            }
            at = self.take_out(node);
            self.release_files(node);
            self.real_paths.remove(&node);
            self.roots.remove(&node);
            self.store.recycle(node);
        }
    }
}
