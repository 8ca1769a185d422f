//! Entries that appear and go, and the directories that stand behind them.

use super::batch::Place;
use super::nodes::{Child, NodeId};
use super::{Kind, Need, Tree, Wish};

impl Tree {
    /// Whether an entry counts.
    pub(super) fn admits(&self, dir: NodeId, name: &[u8], isdir: bool) -> bool {
        if self.filter.is_open() || self.roots.only(dir).is_some() || self.roots.has_names_only(dir) {
            return true;
        }
        let mut dirs: Vec<(NodeId, &[u8])> = Vec::new();
        let mut at = dir;
        while let Some(parent) = self.nodes.parent(at) {
            dirs.push((at, self.nodes.name(at).unwrap_or_default()));
            at = parent;
        }
        dirs.push((at, b""));
        self.filter.admits(&dirs, name, if isdir { Kind::Dir } else { Kind::File })
    }

    /// An entry appeared, or was told to have. `found`: by looking, not by an event.
    pub(super) fn appear(&mut self, place: Place, isdir: bool, found: bool) {
        if !found && !isdir {
            self.appear_unsure(&place);
        }
        match (self.nodes.find(place.0, &place.1), isdir) {
            (Some(Child::File), false) => self.pending.file_modified(&place, found),
            (Some(Child::Dir(child)), false) if self.is_link(child) => self.look(child, Need::Sight),
            (Some(Child::Dir(child)), true) => self.look(child, Need::Sight),
            (Some(_), _) => {
                self.remove_child(&place, found);
                self.appear(place, isdir, found);
            }
            (None, _) if !self.admits(place.0, &place.1, isdir) => {}
            (None, false) => {
                self.nodes.add_file(place.0, &place.1);
                self.pending.file_added(&place, found);
            }
            (None, true) => {
                let child = self.add_dir(&place, found);
                self.look(child, Need::Sight);
            }
        }
    }

    /// Adds a directory, which somebody may have to judge before it is looked at. The name must be free.
    pub(super) fn add_dir(&mut self, place: &Place, found: bool) -> NodeId {
        let child = self.nodes.create();
        self.nodes.attach(place.0, &place.1, child);
        self.pending.dir_added(child, found);
        if self.filter.is_judged() {
            self.questions += 1;
            self.unjudged.insert(self.questions, child);
        }
        child
    }

    /// Removes an entry with all below it.
    pub(super) fn remove_child(&mut self, place: &Place, found: bool) {
        let lead = self.take_lead(place);
        self.lose_lead(lead);
        self.remove_entry(place, found);
    }

    /// The same where a symbolic link remains that leads elsewhere.
    pub(super) fn remove_entry(&mut self, place: &Place, found: bool) {
        match self.nodes.remove(place.0, &place.1) {
            None => {}
            Some(Child::File) => {
                self.release_mounted(place);
                self.pending.file_removed(place, found);
            }
            Some(Child::Dir(child)) => self.bury(child, Some(place.clone()), found),
        }
    }

    /// Removes a directory that is nowhere any more, with all below it. `place`: where it was.
    pub(super) fn bury(&mut self, dir: NodeId, place: Option<Place>, found: bool) {
        let mut open = vec![(dir, place)];
        let mut unspoken = Vec::new();
        while let Some((dir, place)) = open.pop() {
            for (name, child) in self.empty(dir, found) {
                open.push((child, Some((dir, name))));
            }
            self.unbind(dir);
            self.astray.remove(&dir);
            self.cover(dir);
            self.repair.remove(&dir);
            self.filter.forget(dir);
            if let Some(links) = &mut self.links {
                links.leave(dir);
            }
            self.unjudged.retain(|_, unjudged| *unjudged != dir);
            if self.pending.dir_removed(dir, place.as_ref(), found) {
                self.buried.push(dir);
            } else {
                unspoken.push(dir);
            }
        }
        for dir in unspoken {
            self.nodes.recycle(dir);
        }
    }

    /// Removes the entries of a directory, and answers those that were directories.
    pub(super) fn empty(&mut self, dir: NodeId, found: bool) -> Vec<(Box<[u8]>, NodeId)> {
        let children: Vec<(Box<[u8]>, Child)> =
            self.nodes.children(dir).map(|(name, child)| (name.into(), child)).collect();
        self.release_mounted_in(dir);
        self.lose_leads_in(dir);
        let mut dirs = Vec::new();
        for (name, child) in children {
            self.nodes.remove(dir, &name);
            match child {
                Child::File => self.pending.file_removed(&(dir, name), found),
                Child::Dir(child) => dirs.push((name, child)),
            }
        }
        dirs
    }

    pub(super) fn bind(&mut self, node: NodeId, wd: i32) {
        self.nodes.set_wd(node, Some(wd));
        let others = self.bindings.nodes(wd).filter(|other| *other != node && self.belong_together(*other, node));
        let others: Vec<NodeId> = others.collect();
        self.bindings.add(wd, node);
        for other in others {
            self.look(other, Need::Sight);
        }
    }

    pub(super) fn unbind(&mut self, dir: NodeId) {
        if let Some(wd) = self.nodes.wd(dir) {
            self.nodes.set_wd(dir, None);
            self.nodes.set_listed(dir, false);
            let last = self.bindings.remove(wd, dir);
            if last {
                self.wishes.add(Wish::Unwatch(wd));
            }
            if last || self.separate {
                self.release_links(wd);
            }
        }
    }
}
