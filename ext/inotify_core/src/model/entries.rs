//! Entries that appear and vanish, and the directories that they stand for.

use super::store::{Child, NodeId, Place, WriteState};
use super::{Effect, Followed, Model, Need};

impl Model {
    /// Whether an entry is included.
    pub(super) fn is_included(&self, dir: NodeId, name: &[u8], isdir: bool) -> bool {
        self.inclusion.includes_all()
            || self.roots.only(dir).is_some()
            || self.roots.has_names_only(dir)
            || self.inclusion.includes(&self.store, dir, name, isdir)
    }

    /// An entry appeared. `found`: a scan found it, not an event.
    pub(super) fn appear(&mut self, place: Place, isdir: bool, found: bool) {
        if !found && !isdir {
            self.check_for_link(&place);
        }
        match (self.store.find(place.0, &place.1), isdir) {
            (Some(Child::File), false) => self.file_modified(&place, found),
            (Some(Child::Dir(child)), false) if self.is_link(child) => self.scan(child, Need::Watch),
            (Some(Child::Dir(child)), true) => self.scan(child, Need::Watch),
            (Some(_), _) => {
                self.remove_child(&place, found);
                self.appear(place, isdir, found);
            }
            (None, _) if !self.is_included(place.0, &place.1, isdir) => {}
            (None, false) => {
                self.store.add_file(place.0, &place.1);
                // Another file of this name may be waited for.
                self.set_write_state(&place, WriteState::Unknown);
                self.pending.file_added(&place, found);
            }
            (None, true) => {
                let child = self.add_dir(&place, found);
                self.scan(child, Need::Watch);
            }
        }
    }

    /// Adds a directory. The predicate may have to include it before it is scanned. The name must be free.
    pub(super) fn add_dir(&mut self, place: &Place, found: bool) -> NodeId {
        let child = self.store.create();
        self.store.attach(place.0, &place.1, child);
        self.pending.dir_added(child, found);
        self.inclusion.add_dir(child);
        child
    }

    /// Removes an entry with all entries below it.
    pub(super) fn remove_child(&mut self, place: &Place, found: bool) {
        self.remove_link(place);
        self.remove_entry(place, found);
    }

    /// Removes an entry, but keeps a symbolic link at its place, which leads elsewhere now.
    pub(super) fn remove_entry(&mut self, place: &Place, found: bool) {
        match self.store.remove(place.0, &place.1) {
            None => {}
            Some(Child::File) => {
                self.release_mounted(place);
                self.pending.file_removed(place, found);
            }
            Some(Child::Dir(child)) => self.remove_tree(child, Some(place.clone()), found),
        }
    }

    /// Removes a directory that is nowhere, with all entries below it. `place`: the place that it left.
    pub(super) fn remove_tree(&mut self, dir: NodeId, place: Option<Place>, found: bool) {
        let mut open = vec![(dir, place)];
        let mut unreported = Vec::new();
        while let Some((dir, place)) = open.pop() {
            for (name, child) in self.empty(dir, found) {
                open.push((child, Some((dir, name))));
            }
            self.unbind(dir);
            self.rescans.forget(Followed::Dir(dir));
            self.inclusion.forget(dir);
            self.links.forget_entered(dir);
            if !self.pending.dir_removed(dir, place.as_ref(), found) {
                unreported.push(dir);
            }
        }
        for dir in unreported {
            self.store.recycle(dir);
        }
    }

    /// Removes all entries below a directory, as a scan found.
    pub(super) fn clear(&mut self, dir: NodeId) {
        for (name, child) in self.empty(dir, true) {
            self.remove_tree(child, Some((dir, name)), true);
        }
    }

    /// Removes the entries of a directory, and returns those that are directories.
    fn empty(&mut self, dir: NodeId, found: bool) -> Vec<(Box<[u8]>, NodeId)> {
        let children: Vec<(Box<[u8]>, Child)> =
            self.store.children(dir).map(|(name, child)| (name.into(), child)).collect();
        self.release_mounted_in(dir);
        self.drop_links_in(dir);
        let mut dirs = Vec::new();
        for (name, child) in children {
            self.store.remove(dir, &name);
            match child {
                Child::File => self.pending.file_removed(&(dir, name), found),
                Child::Dir(child) => dirs.push((name, child)),
            }
        }
        dirs
    }

    /// A directory has this watch; or the directory of a root that is a file has.
    pub(super) fn bind(&mut self, node: NodeId, wd: i32) {
        self.store.set_wd(node, Some(wd));
        let only = self.roots.only(node);
        // A directory with several places may have moved.
        let moved = |other: &NodeId| only.is_none() && *other != node && self.belong_together(*other, node);
        let others: Vec<NodeId> = self.watches.dirs(wd).filter(moved).collect();
        self.watches.add(wd, node, only);
        for other in others {
            self.scan(other, Need::Watch);
        }
    }

    pub(super) fn unbind(&mut self, dir: NodeId) {
        if let Some(wd) = self.store.wd(dir) {
            self.store.set_wd(dir, None);
            self.watches.remove(wd, dir, self.roots.only(dir));
            if !self.watches.has_nodes(wd) {
                self.effects.add(Effect::Unwatch(wd));
            }
            if !self.watches.has_dirs(wd) || self.roots.are_separate() {
                self.retry_skipped(wd);
            }
        }
    }
}
