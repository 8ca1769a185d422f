//! Renames that wait for each other: a swap of two names has no order in which it can be told.

use std::collections::BTreeMap;

use super::batch::{File, Origin, Place};
use super::change::ChangeType;
use super::emit::Emitter;
use super::nodes::{Child, NodeId};
use super::picture::Departure;

impl Emitter<'_> {
    /// Tells one of the renames that wait for each other as a removal, and later a creation.
    pub(super) fn break_circle(&mut self) {
        self.shifted = true;
        if let Some((from, to)) = self.moved_files.pop() {
            self.forget_file(&from, &to);
        } else if let Some(dir) = self.moved_dirs.pop() {
            self.forget_dir(dir);
        }
    }

    pub(super) fn forget_file(&mut self, from: &Place, to: &Place) {
        let path = self.picture.path(from.0, &from.1);
        self.picture.depart(from);
        if let Some(file) = self.files.get_mut(to) {
            file.origin = Origin::Born;
        }
        self.tell(ChangeType::Deleted, path, false, false);
    }

    /// Tells a directory and all that is in it in the picture as removed. What of that is still there is new again.
    pub(super) fn forget_dir(&mut self, dir: NodeId) {
        let mut order = vec![dir];
        let mut next = 0;
        // Parents before children; told in reverse.
        while let Some(dir) = order.get(next).copied() {
            next += 1;
            order.extend(self.dirs_in(dir));
        }
        for dir in order.into_iter().rev() {
            self.forget_files_in(dir);
            let path = self.picture.dir_path(dir);
            self.tell(ChangeType::Deleted, path, true, false);
            self.moved_dirs.retain(|it| *it != dir);
            let place = match self.picture.places.remove(&dir) {
                Some(origin) => Some(origin),
                None => self.place(dir),
            };
            let departure = place.as_ref().and_then(|place| self.picture.departure(place));
            let gone = matches!(departure, Some(Departure::GoneDir { .. }));
            if let Some(place) = place {
                self.picture.depart(&place);
            }
            if !gone {
                self.picture.unborn.insert(dir);
                self.born.insert(dir, false);
            }
        }
    }

    /// The directories that are in `dir` in the picture.
    pub(super) fn dirs_in(&self, dir: NodeId) -> Vec<NodeId> {
        let mut dirs = Vec::new();
        for (_, child) in self.picture.nodes.children(dir) {
            if let Child::Dir(child) = child {
                if !self.picture.places.contains_key(&child) && !self.picture.unborn.contains(&child) {
                    dirs.push(child);
                }
            }
        }
        for departure in self.picture.departures.get(&dir).into_iter().flat_map(BTreeMap::values) {
            if let Departure::GoneDir { dir, .. } | Departure::MovedDir { dir } = departure {
                dirs.push(*dir);
            }
        }
        dirs
    }

    pub(super) fn forget_files_in(&mut self, dir: NodeId) {
        let names: Vec<Box<[u8]>> = self
            .picture
            .nodes
            .children(dir)
            .filter(|(_, child)| *child == Child::File)
            .map(|(name, _)| name.into())
            .collect();
        for name in names {
            let place = (dir, name);
            let waiting = self.moved_files.iter().any(|(_, to)| *to == place);
            let file = self.files.entry(place.clone()).or_insert(File {
                origin: Origin::Here,
                modified: false,
                attributes: false,
                rescanned: false,
            });
            // What is born is not told yet, and what waits to be moved here is elsewhere.
            if file.origin != Origin::Born && !waiting {
                file.origin = Origin::Born;
                let path = self.picture.path(place.0, &place.1);
                self.tell(ChangeType::Deleted, path, false, false);
            }
        }
        let departures = self.picture.departures.get(&dir).cloned().unwrap_or_default();
        for (name, departure) in departures {
            let place = (dir, name);
            match departure {
                Departure::Gone { rescanned } => {
                    let path = self.picture.path(place.0, &place.1);
                    self.picture.depart(&place);
                    self.tell(ChangeType::Deleted, path, false, rescanned);
                }
                Departure::Moved { to } => {
                    self.moved_files.retain(|(from, _)| *from != place);
                    self.forget_file(&place, &to);
                }
                Departure::GoneDir { .. } | Departure::MovedDir { .. } => {}
            }
        }
    }
}
