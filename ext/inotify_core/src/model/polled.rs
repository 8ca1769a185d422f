//! Polled directories: inotify cannot see what happens in them, and they are scanned at intervals. Each has a number in
//! the place of a wd, by which scans find out whether a directory is still the one of the model.

use std::collections::HashSet;

use super::store::{Child, NodeId, Place};
use super::watch_map::is_polled;
use super::{Effect, Followed, Kind, Model, Need};

/// A rename that scans found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRename {
    /// The place before.
    pub from: (NodeId, Box<[u8]>),
    /// The place now.
    pub to: (NodeId, Box<[u8]>),
    /// What it is.
    pub kind: Kind,
    /// Whether the content of a file may have changed, too.
    pub modified: bool,
}

impl Model {
    /// A scan of a directory found what is known.
    pub fn scan_succeeded(&mut self, node: NodeId) {
        self.rescans.set_stale(node, false);
        self.set_denied(node, None);
    }

    /// A polled directory was listed. No event says that another directory took the place of a watched one in it: scans
    /// those again.
    pub fn scan_watched_in(&mut self, polled: NodeId) {
        let watched = self.store.children(polled).filter_map(|(_, child)| match child {
            Child::Dir(dir) => self.store.wd(dir).is_some_and(|wd| !is_polled(wd)).then_some(dir),
            Child::File => None,
        });
        for dir in watched.collect::<Vec<NodeId>>() {
            self.scan(dir, Need::Watch);
        }
    }

    /// The polled directory of this number is watched from now on, or the other way round: its entries stay known.
    pub fn renumber(&mut self, before: i32, wd: i32) {
        for dir in self.watches.nodes(before).collect::<Vec<NodeId>>() {
            self.watches.remove(before, dir, self.roots.only(dir));
            self.store.set_wd(dir, Some(wd));
            self.watches.add(wd, dir, self.roots.only(dir));
            // What happened until it was watched.
            self.relist(dir, None);
        }
    }

    /// Scans found that entries left their places and are at others. Renames them, as far as they are included there.
    pub fn rename_found(&mut self, renames: Vec<FoundRename>) {
        if self.inclusion.has_predicate() {
            // It may have to decide first.
            return;
        }
        let mut taken = Vec::with_capacity(renames.len());
        for rename in renames {
            let FoundRename { from, to, kind, .. } = &rename;
            let is_same = match self.store.find(from.0, &from.1) {
                Some(Child::File) => *kind == Kind::File && self.is_plain(from),
                Some(Child::Dir(dir)) => *kind == Kind::Dir && !self.is_link(dir),
                None => false,
            };
            if is_same && self.is_plain(to) && self.is_included(to.0, &to.1, *kind == Kind::Dir) {
                taken.extend(self.take_moved(from, true).map(|moved| (moved, rename)));
            }
        }
        // A place may be below a directory that is renamed, too, and still nowhere.
        let mut open: HashSet<NodeId> = taken.iter().filter_map(|(moved, _)| moved.dir()).collect();
        for (moved, FoundRename { to, modified, .. }) in taken {
            moved.dir().map(|dir| open.remove(&dir));
            let top = self.store.top(to.0);
            if !(self.roots.contains(top) || open.contains(&top)) || self.is_in(to.0, &moved) {
                self.lose_moved(moved, true);
                continue;
            }
            let is_file = moved.dir().is_none();
            self.put_moved(moved, &to, true);
            if modified && is_file {
                self.file_modified(&to, true);
            }
        }
    }

    /// Whether a file is known to be no symbolic link that is followed.
    fn is_plain(&self, place: &Place) -> bool {
        self.links.as_ref().is_none_or(|links| links.at(place).is_none())
    }

    /// Asks for the paths that depend on something that cannot be watched to be resolved.
    pub fn resolve_polled(&mut self) {
        for followed in self.rescans.polled() {
            self.effects.add(match followed {
                Followed::Root(root) => Effect::ResolveRoot(root),
                Followed::Link(link) => Effect::ResolveLink(link),
            });
        }
    }
}
