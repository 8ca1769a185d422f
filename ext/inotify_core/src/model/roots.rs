//! The roots: the paths that the user asked to watch. They are added and removed before the first scan or later.

use std::collections::BTreeMap;
use std::mem;

use hashbrown::{HashMap, HashSet};

use crate::invariant::must;
use crate::tick::Tick;

use crate::paths::ancestors;

use super::path::ITSELF;
use super::store::{NodeId, Place};
use super::{Effect, Followed, FoundRoot, Listing, Model, Obstacle};

/// The part of a root that is watched, if it is a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All entries below it that the filter includes, and the targets of its symbolic links where links are followed.
    Tree,
    /// All names in it: no directory in it is entered, and no symbolic link followed.
    Names,
}

/// One path that is watched.
#[derive(Clone, Debug)]
struct Root {
    /// As the user gave it: the reported paths begin with it.
    path: Vec<u8>,
    /// For a root that is a file: its name in the directory whose watch the node has. Other names there are ignored.
    only: Option<Box<[u8]>>,
    scope: Scope,
    /// Whether the path is reported as a directory.
    there: bool,
}

/// The roots by their node.
#[derive(Clone, Debug, Default)]
pub(super) struct Roots {
    roots: HashMap<NodeId, Root>,
    /// Removed roots that a batch may still report, and the path of each.
    removed: HashMap<NodeId, Vec<u8>>,
    /// Whether each root is a tree of its own.
    separate: bool,
    /// See [`Model::take_relinked`].
    relinked: HashSet<NodeId>,
}

/// A root below another one.
#[derive(Debug)]
pub(super) struct InnerRoot {
    pub(super) path: Vec<u8>,
    /// The nearest root above it.
    pub(super) outer: NodeId,
    /// Its path from there.
    pub(super) rest: Vec<u8>,
}

impl Roots {
    pub(super) fn add(&mut self, node: NodeId, path: Vec<u8>, scope: Scope) {
        self.roots.insert(node, Root { path, only: None, scope, there: false });
    }

    /// Removes a root. Its path remains known until [`forget`](Self::forget).
    pub(super) fn remove(&mut self, node: NodeId) {
        if let Some(root) = must(self.roots.remove(&node), "only a root is removed as one") {
            self.removed.insert(node, root.path);
            self.relinked.remove(&node);
        }
    }

    /// No batch reports a removed root any more.
    pub(super) fn forget(&mut self, node: NodeId) {
        self.removed.remove(&node);
    }

    /// Whether only the names in a directory are watched.
    pub(super) fn has_names_only(&self, node: NodeId) -> bool {
        self.roots.get(&node).is_some_and(|root| root.scope == Scope::Names)
    }

    pub(super) fn are_separate(&self) -> bool {
        self.separate
    }

    pub(super) fn contains(&self, node: NodeId) -> bool {
        self.roots.contains_key(&node)
    }

    pub(super) fn nodes(&self) -> Vec<NodeId> {
        let mut nodes: Vec<_> = self.roots.keys().copied().collect();
        nodes.sort();
        nodes
    }

    /// The path of a root; `None` for any other directory.
    pub(super) fn path(&self, node: NodeId) -> Option<&[u8]> {
        self.roots.get(&node).map(|root| &root.path).or_else(|| self.removed.get(&node)).map(Vec::as_slice)
    }

    /// The roots below other roots. Separate roots are never below others.
    pub(super) fn inner(&self) -> BTreeMap<NodeId, InnerRoot> {
        if self.roots.len() < 2 || self.separate {
            return BTreeMap::new();
        }
        let by_path: HashMap<&[u8], NodeId> =
            self.roots.iter().map(|(node, root)| (root.path.as_slice(), *node)).collect();
        let inner = self.roots.iter().filter_map(|(node, root)| {
            let (above, outer) = ancestors(&root.path).find_map(|above| Some((above, *by_path.get(above)?)))?;
            let rest = root.path.get(above.len()..)?.to_vec();
            Some((*node, InnerRoot { path: root.path.clone(), outer, rest }))
        });
        inner.collect()
    }

    /// See [`Root::only`].
    pub(super) fn only(&self, node: NodeId) -> Option<&[u8]> {
        self.roots.get(&node)?.only.as_deref()
    }

    pub(super) fn set_only(&mut self, node: NodeId, only: Option<&[u8]>) {
        if let Some(root) = self.root_mut(node) {
            root.only = only.map(Into::into);
        }
    }

    fn root_mut(&mut self, node: NodeId) -> Option<&mut Root> {
        must(self.roots.get_mut(&node), "only a root changes as one")
    }

    /// Whether the path of a root is reported as a directory.
    pub(super) fn is_there(&self, node: NodeId) -> bool {
        self.roots.get(&node).is_some_and(|root| root.there)
    }

    pub(super) fn set_there(&mut self, node: NodeId, there: bool) {
        if let Some(root) = self.root_mut(node) {
            root.there = there;
        }
    }
}

impl Model {
    /// Makes each root a tree of its own: a directory that symbolic links lead to is entered once for each root, not once
    /// for all.
    pub(crate) fn separate_roots(&mut self) {
        self.roots.separate = true;
    }

    /// Adds a root, and asks for its resolution. The reported paths begin with `path`. Entries that are found in it are new
    /// until [`begin_roots`](Self::begin_roots).
    pub(crate) fn add_root(&mut self, path: Vec<u8>, scope: Scope) -> NodeId {
        let node = self.store.create();
        self.roots.add(node, path, scope);
        self.effects.add(Effect::ResolveRoot(node));
        node
    }

    /// Ends the first scan of roots that were added later, which ended before `tick`: the entries that it found are no
    /// changes.
    pub(crate) fn begin_roots(&mut self, roots: &HashSet<NodeId>, tick: Tick) {
        let store = &self.store;
        self.pending.forget_in(|dir| roots.contains(&store.top(dir)));
        self.roots.relinked.retain(|root| !roots.contains(root));
        roots.iter().for_each(|root| self.was_read(*root, tick));
    }

    /// Takes the [separate roots](Self::separate_roots) below which a path to a directory came or went that is entered
    /// by another path. The files in that directory are reported by the other path only.
    pub(crate) fn take_relinked(&mut self) -> HashSet<NodeId> {
        mem::take(&mut self.roots.relinked)
    }

    /// A path to a directory that is entered elsewhere came or went.
    pub(super) fn note_relinked(&mut self, place: &Place) {
        if self.roots.are_separate() {
            self.roots.relinked.insert(self.store.top(place.0));
        }
    }

    /// The consumer reads everything below a root at this moment or later: earlier changes need not be reported.
    pub(crate) fn was_read(&mut self, root: NodeId, tick: Tick) {
        self.closes.read(root, tick);
    }

    /// Removes a root. Its entries are reported as deleted.
    pub(crate) fn remove_root(&mut self, root: NodeId) {
        self.change_root(root, None, false);
        self.clear_root(root);
        self.rescans.forget(Followed::Dir(root));
        self.closes.forget(root);
        self.inclusion.forget(root);
        self.roots.remove(root);
        self.pending.keep_removed(root);
    }

    /// The root above a directory, or the directory itself.
    pub(crate) fn root_of(&self, node: NodeId) -> NodeId {
        self.store.top(node)
    }

    /// Whether two directories are in the same tree.
    pub(super) fn belong_together(&self, one: NodeId, other: NodeId) -> bool {
        !self.roots.are_separate() || self.store.top(one) == self.store.top(other)
    }

    /// Applies the result of [`Effect::ResolveRoot`].
    pub(crate) fn apply_root(&mut self, root: NodeId, result: Result<FoundRoot<'_>, Obstacle>) {
        let denied = match result {
            Ok(FoundRoot::Directory((_, listing))) => listing.and_then(Listing::denied),
            Ok(FoundRoot::File(..)) => None,
            Err(obstacle) => obstacle.errno(),
        };
        if self.rescans.set_denied(Followed::Dir(root), denied) && denied.is_none() {
            self.pending.dir_returned(root);
        }
        match result {
            Ok(FoundRoot::Directory((wd, listing))) => {
                self.change_root(root, None, true);
                self.fill(root, wd, listing);
            }
            Ok(FoundRoot::File(wd, name, changed)) => {
                self.change_root(root, Some(name), false);
                if self.store.wd(root) != Some(wd) {
                    if !self.rescans.take_unwatched(root) {
                        self.clear_root(root);
                    }
                    self.bind(root, wd);
                    self.store.set_listed(root);
                }
                let relist = self.rescans.take_listing(Followed::Dir(root));
                let place = (root, Box::from(ITSELF));
                match (self.store.find(root, ITSELF), changed) {
                    (None, Some(_)) => self.appear(place, false, true),
                    (Some(_), Some(changed)) if changed || relist == Some(None) => {
                        self.file_modified(&place, true);
                    }
                    (Some(_), None) => self.remove_child(&place, true),
                    _ => {}
                }
            }
            Err(Obstacle::Denied(_)) => {}
            Err(_) => {
                self.change_root(root, None, false);
                self.clear_root(root);
                self.rescans.take_listing(Followed::Dir(root));
            }
        }
    }

    /// A root becomes a directory, a file or nothing.
    fn change_root(&mut self, root: NodeId, only: Option<&[u8]>, there: bool) {
        if self.roots.only(root) != only {
            self.clear_root(root);
            self.roots.set_only(root, only);
        }
        let was_there = self.roots.is_there(root);
        if was_there != there {
            self.pending.root_changed(root, there);
            self.roots.set_there(root, there);
        }
    }

    fn clear_root(&mut self, root: NodeId) {
        self.clear(root);
        self.unbind(root);
    }
}
