//! What the paths of the roots lead to.

use super::nodes::NodeId;
use super::roots::ITSELF;
use super::{Listing, Model, RootResult};

impl Model {
    /// Applies the result of [`Effect::ResolveRoot`](super::Effect::ResolveRoot).
    pub fn apply_root(&mut self, root: NodeId, result: RootResult<'_>) {
        let denied = match result {
            RootResult::Directory(_, listing) => listing.and_then(Listing::denied),
            RootResult::Denied(errno) => Some(errno),
            RootResult::File(..) | RootResult::Nothing => None,
        };
        if denied.is_none() && self.denied.contains_key(&root) {
            self.pending.dir_returned(root);
        }
        self.set_denied(root, denied);
        match result {
            RootResult::Directory(wd, listing) => {
                self.change_root(root, None, true);
                self.fill(root, wd, listing);
            }
            RootResult::File(wd, name, there) => {
                self.change_root(root, Some(name), false);
                if self.nodes.wd(root) != Some(wd) {
                    self.clear_root(root);
                    self.bind(root, wd);
                    self.nodes.set_listed(root, true);
                }
                let relist = self.relist.remove(&root);
                let place = (root, Box::from(ITSELF));
                match (self.nodes.find(root, ITSELF), there) {
                    (None, true) => self.appear(place, false, true),
                    (Some(_), true) if relist.is_some() => self.pending.file_modified(&place, true),
                    (Some(_), false) => self.remove_child(&place, true),
                    _ => {}
                }
            }
            RootResult::Nothing => {
                self.change_root(root, None, false);
                self.clear_root(root);
                self.relist.remove(&root);
            }
            RootResult::Denied(_) => {}
        }
    }

    /// A root becomes a directory, a file or nothing.
    pub(super) fn change_root(&mut self, root: NodeId, only: Option<&[u8]>, there: bool) {
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

    pub(super) fn clear_root(&mut self, root: NodeId) {
        for (name, child) in self.empty(root, true) {
            self.remove_tree(child, Some((root, name)), true);
        }
        self.unbind(root);
    }
}
