//! Tells of renames, each as soon as its new place is free and the directory of that is there.

use super::batch::{Origin, Place};
use super::change::{Change, ChangeType};
use super::emit::Emitter;
use super::nodes::{Child, NodeId};
use super::picture::Departure;
use super::roots::ITSELF;

impl Emitter<'_> {
    pub(super) fn move_files(&mut self) {
        for (from, to) in std::mem::take(&mut self.moved_files) {
            self.make_way(to.0);
            if !self.is_free(&to, true) {
                self.moved_files.push((from, to));
                continue;
            }
            let old = self.picture.path(from.0, &from.1);
            let path = self.picture.path(to.0, &to.1);
            self.picture.depart(&from);
            self.picture.depart(&to);
            let rescanned = self.files.get(&to).is_some_and(|file| file.rescanned);
            self.tell_renamed(old, path, false, rescanned);
        }
    }

    pub(super) fn move_dirs(&mut self) {
        for dir in std::mem::take(&mut self.moved_dirs) {
            let Some(to) = self.place(dir) else { continue };
            self.make_way(to.0);
            if !self.is_free(&to, false) || self.picture.is_within(to.0, dir) {
                self.moved_dirs.push(dir);
                continue;
            }
            self.shifted = true;
            let old = self.picture.dir_path(dir);
            let files = if self.directories { Vec::new() } else { self.files_below(dir) };
            if let Some(from) = self.picture.places.remove(&dir) {
                self.picture.depart(&from);
            }
            let path = self.picture.dir_path(dir);
            for below in files {
                let from = [old.as_slice(), &below].concat();
                self.tell_renamed(from, [path.as_slice(), &below].concat(), false, false);
            }
            if self.directories {
                self.tell_renamed(old, path, true, false);
            }
        }
    }

    fn tell_renamed(&mut self, from: Vec<u8>, path: Vec<u8>, directory: bool, rescanned: bool) {
        let change_type = ChangeType::Renamed;
        self.changes.push(Change { change_type, path, from: Some(from), directory, rescanned });
    }

    /// Whether something can be put to `place` now. A file may take the place of one that is gone.
    pub(super) fn is_free(&self, place: &Place, file: bool) -> bool {
        let parent_there = !self.picture.unborn.contains(&place.0) || place.1.as_ref() == ITSELF;
        let root_there = place.1.as_ref() == ITSELF && self.gone_roots.contains(&place.0);
        parent_there
            && !root_there
            && match self.picture.departure(place) {
                None => true,
                Some(Departure::Gone { .. }) => file,
                Some(_) => false,
            }
    }

    /// Tells of the new directories that `dir` lies in, as far as they can be made now.
    fn make_way(&mut self, dir: NodeId) {
        let mut missing = Vec::new();
        let mut at = dir;
        while self.picture.unborn.contains(&at) {
            missing.push(at);
            match self.picture.nodes.parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        for dir in missing.into_iter().rev() {
            if !self.create_dir(dir) {
                return;
            }
        }
    }

    pub(super) fn create_dir(&mut self, dir: NodeId) -> bool {
        // A root that was a file takes its own place.
        let place = self.place(dir).unwrap_or_else(|| (dir, ITSELF.into()));
        if !self.is_free(&place, false) {
            return false;
        }
        self.picture.unborn.remove(&dir);
        let rescanned = self.born.remove(&dir).unwrap_or(false);
        let path = self.picture.dir_path(dir);
        self.tell(ChangeType::Created, path, true, rescanned);
        true
    }

    /// Where a directory is now; `None` for a root.
    pub(super) fn place(&self, dir: NodeId) -> Option<Place> {
        Some((self.picture.nodes.parent(dir)?, self.picture.nodes.name(dir)?.into()))
    }

    /// The files below a directory in the picture, each as the rest of its path, with the slash.
    fn files_below(&self, dir: NodeId) -> Vec<Vec<u8>> {
        let top = self.picture.dir_path(dir).len();
        let mut files = Vec::new();
        let mut open = vec![dir];
        while let Some(dir) = open.pop() {
            open.extend(self.dirs_in(dir));
            let there = self.picture.nodes.children(dir).filter(|(_, child)| *child == Child::File);
            let there = there.map(|(name, _)| Box::from(name)).filter(|name| self.is_told(&(dir, Box::clone(name))));
            let leaving = self.picture.departures.get(&dir).into_iter().flatten();
            let leaving = leaving
                .filter(|(_, it)| matches!(it, Departure::Gone { .. } | Departure::Moved { .. }))
                .map(|(name, _)| name.clone());
            for name in there.chain(leaving) {
                files.push(self.picture.path(dir, &name).split_off(top));
            }
        }
        files.sort();
        files
    }

    /// Whether the file of now at a place is there in the picture.
    fn is_told(&self, place: &Place) -> bool {
        let born = self.files.get(place).is_some_and(|file| file.origin == Origin::Born);
        !born && !self.moved_files.iter().any(|(_, to)| to == place)
    }
}
