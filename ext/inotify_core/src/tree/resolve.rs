//! What the paths of the roots lead to.

use super::nodes::NodeId;
use super::roots::ITSELF;
use super::{Listing, RootSight, Tree};

impl Tree {
    /// Answers [`Wish::Resolve`](super::Wish::Resolve).
    pub fn saw_root(&mut self, root: NodeId, sight: RootSight<'_>) {
        let denied = match sight {
            RootSight::Directory(_, listing) => listing.and_then(Listing::denied),
            RootSight::Refused(errno) => Some(errno),
            RootSight::File(..) | RootSight::Nothing => None,
        };
        if denied.is_none() && self.refused.contains_key(&root) {
            self.pending.dir_returned(root);
        }
        self.refuse_or_cover(root, denied);
        match sight {
            RootSight::Directory(wd, listing) => {
                self.change_root(root, None, true);
                self.fill(root, wd, listing);
            }
            RootSight::File(wd, name, there) => {
                self.change_root(root, Some(name), false);
                if self.nodes.wd(root) != Some(wd) {
                    self.clear_root(root);
                    self.bind(root, wd);
                    self.nodes.set_listed(root, true);
                }
                let repair = self.repair.remove(&root);
                let place = (root, Box::from(ITSELF));
                match (self.nodes.find(root, ITSELF), there) {
                    (None, true) => self.appear(place, false, true),
                    (Some(_), true) if repair.is_some() => self.pending.file_modified(&place, true),
                    (Some(_), false) => self.remove_child(&place, true),
                    _ => {}
                }
            }
            RootSight::Nothing => {
                self.change_root(root, None, false);
                self.clear_root(root);
                self.repair.remove(&root);
            }
            RootSight::Refused(_) => {}
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
            self.bury(child, Some((root, name)), true);
        }
        self.unbind(root);
    }
}
