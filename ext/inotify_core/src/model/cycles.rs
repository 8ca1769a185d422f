//! Renames that wait for each other: a swap of two names has no order in which it can be emitted.

use std::collections::BTreeMap;

use super::batch::{File, Origin, Place};
use super::change::ChangeType;
use super::diff::Diff;
use super::nodes::{Child, NodeId};
use super::order::Step;
use super::path::{Path, is_within};
use super::reported_tree::Departure;

impl Diff<'_> {
    /// Emits one of the renames that wait for each other as a removal, and later a creation: of a file, or else of the
    /// directory with the fewest entries.
    pub(super) fn break_cycle(&mut self, cycle: &[Step]) {
        self.shifted = true;
        let moves = |step: &Step| match step {
            Step::File(to) => Some((self.moved_files.get(to)?.clone(), to.clone())),
            _ => None,
        };
        if let Some((from, to)) = cycle.iter().filter_map(moves).max() {
            return self.forget_file(&from, &to);
        }
        let dirs = cycle.iter().filter_map(|step| if let Step::Dir(dir) = step { Some(*dir) } else { None });
        let fewest = dirs.min_by_key(|dir| (self.tree_in(*dir).1, std::cmp::Reverse(*dir)));
        debug_assert!(fewest.is_some(), "a cycle without a rename: {cycle:?}");
        match (fewest, cycle.first()) {
            (Some(dir), _) => self.forget_dir(dir),
            (None, Some(step)) => self.take(step),
            (None, None) => {}
        }
    }

    fn forget_file(&mut self, from: &Place, to: &Place) {
        self.moved_files.remove(to);
        if let Some(file) = self.files.get_mut(to) {
            file.origin = Origin::New;
        }
        self.delete_file(from, false);
    }

    /// The directories that are in `dir` in the model, parents before children, and how many entries they have.
    fn tree_in(&self, dir: NodeId) -> (Vec<NodeId>, usize) {
        let mut dirs = vec![dir];
        let mut next = 0;
        let mut entries = 0;
        while let Some(dir) = dirs.get(next).copied() {
            next += 1;
            dirs.extend(self.dirs_in(dir));
            entries += self.reported.nodes.children(dir).count();
        }
        (dirs, entries)
    }

    /// Reports a directory and all that is in it in the model as removed. What of that is still there is new again.
    fn forget_dir(&mut self, dir: NodeId) {
        for dir in self.tree_in(dir).0.into_iter().rev() {
            self.forget_files_in(dir);
            let path = self.reported.dir_path(dir);
            self.emit(ChangeType::Deleted, path, true, false);
            self.moved_dirs.remove(&dir);
            let place = match self.reported.arrive(dir) {
                Some(origin) => Some(origin),
                None => self.place(dir),
            };
            let departure = place.as_ref().and_then(|place| self.reported.departure(place));
            let gone = matches!(departure, Some(Departure::GoneDir { .. }));
            if let Some(place) = place {
                self.reported.depart(&place);
            }
            if !gone {
                self.reported.uncreated.insert(dir);
                self.new_dirs.insert(dir, false);
            }
        }
    }

    /// Reports the roots below a directory that is about to be reported renamed or removed as removed: by their paths
    /// they are in it. What of them is still there is new again.
    pub(super) fn forget_roots_below(&mut self, path: &Path) {
        if !self.directories || self.inner_roots.is_empty() {
            return;
        }
        let path = path.to_bytes();
        let is_below = |(_, inner): &&(NodeId, Vec<u8>)| *inner != *path && is_within(inner, &path);
        let below: Vec<NodeId> = self.inner_roots.iter().filter(is_below).map(|(root, _)| *root).collect();
        for root in below {
            let gone = self.gone_roots.contains(&root);
            let there = self.reported.roots.is_there(root) && !self.reported.uncreated.contains(&root);
            // What it is in may not be made again, so its removal is reported though it is.
            let is_file = self.reported.roots.only(root).is_some() && !self.reported.nodes.is_empty(root);
            self.shifted |= (there || is_file) && !gone;
            if gone || there {
                self.forget_dir(root);
            } else {
                self.forget_files_in(root);
            }
            if gone {
                self.gone_roots.retain(|it| *it != root);
                self.reported.uncreated.remove(&root);
                self.new_dirs.remove(&root);
            }
        }
    }

    /// The directories that are in `dir` in the model.
    fn dirs_in(&self, dir: NodeId) -> Vec<NodeId> {
        let mut dirs = self.staying_dirs_in(dir);
        for departure in self.reported.departures.get(&dir).into_iter().flat_map(BTreeMap::values) {
            if let Departure::GoneDir { dir, .. } | Departure::MovedDir { dir } = departure {
                dirs.push(*dir);
            }
        }
        dirs
    }

    /// Those of them that stay in it.
    pub(super) fn staying_dirs_in(&self, dir: NodeId) -> Vec<NodeId> {
        let dirs = self.reported.nodes.children(dir).filter_map(|(_, child)| match child {
            Child::Dir(child) => Some(child),
            Child::File => None,
        });
        dirs.filter(|dir| !self.reported.places.contains_key(dir) && !self.reported.uncreated.contains(dir)).collect()
    }

    fn forget_files_in(&mut self, dir: NodeId) {
        let names: Vec<Box<[u8]>> = self
            .reported
            .nodes
            .children(dir)
            .filter(|(_, child)| *child == Child::File)
            .map(|(name, _)| name.into())
            .collect();
        for name in names {
            let place = (dir, name);
            let waiting = self.moved_files.contains_key(&place);
            let file = self.files.entry(place.clone()).or_insert(File {
                origin: Origin::Here,
                modified: false,
                attributes: false,
                rescanned: false,
            });
            // What is born is not reported yet, and what waits to be moved here is elsewhere.
            if file.origin != Origin::New && !waiting {
                file.origin = Origin::New;
                let path = self.reported.path(place.0, &place.1);
                self.emit(ChangeType::Deleted, path, false, false);
            }
        }
        let departures = self.reported.departures.get(&dir).cloned().unwrap_or_default();
        for (name, departure) in departures {
            let place = (dir, name);
            match departure {
                Departure::Gone { rescanned } => self.delete_file(&place, rescanned),
                Departure::Moved { to } => self.forget_file(&place, &to),
                Departure::GoneDir { .. } | Departure::MovedDir { .. } => {}
            }
        }
    }
}
