//! Emits renames, and the creations of the directories that they lead into: each when its new place is free, and has its
//! final path.

use super::batch::{Origin, Place};
use super::change::{Change, ChangeType};
use super::emit::Emitter;
use super::nodes::{Child, NodeId};
use super::path::Path;
use super::picture::Departure;

impl Emitter<'_> {
    pub(super) fn rename_file(&mut self, to: &Place) {
        let Some(from) = self.moved_files.remove(to) else { return };
        let old = self.picture.path(from.0, &from.1);
        self.forget_roots_below(&old);
        let path = self.picture.path(to.0, &to.1);
        self.picture.depart(&from);
        self.picture.depart(to);
        let rescanned = self.files.get(to).is_some_and(|file| file.rescanned);
        self.tell_renamed(old, path, false, rescanned);
    }

    pub(super) fn rename_dir(&mut self, dir: NodeId) {
        self.moved_dirs.remove(&dir);
        self.shifted = true;
        let old = self.picture.dir_path(dir);
        self.forget_roots_below(&old);
        let files = if self.directories { Vec::new() } else { self.files_below(dir) };
        if let Some(from) = self.picture.arrive(dir) {
            self.picture.depart(&from);
        }
        let path = self.picture.dir_path(dir);
        for (from, place) in files {
            let path = self.picture.path(place.0, &place.1);
            self.tell_renamed(from, path, false, false);
        }
        if self.directories {
            self.tell_renamed(old, path, true, false);
        }
    }

    fn tell_renamed(&mut self, from: Path, path: Path, directory: bool, rescanned: bool) {
        let change_type = ChangeType::Renamed;
        self.changes.push(Change { change_type, path, from: Some(from), directory, rescanned });
    }

    pub(super) fn create_dir(&mut self, dir: NodeId) {
        self.picture.unborn.remove(&dir);
        let rescanned = self.born.remove(&dir).unwrap_or(false);
        let path = self.picture.dir_path(dir);
        self.tell(ChangeType::Created, path, true, rescanned);
    }

    /// Where a directory is now; `None` for a root.
    pub(super) fn place(&self, dir: NodeId) -> Option<Place> {
        Some((self.picture.nodes.parent(dir)?, self.picture.nodes.name(dir)?.into()))
    }

    /// The files that a renamed directory takes along, each with its path: for whoever is told of files only. What is below the directory and has another place to go stays known under its path of now.
    pub(super) fn files_below(&mut self, dir: NodeId) -> Vec<(Path, Place)> {
        let mut files = Vec::new();
        let mut open = vec![dir];
        while let Some(dir) = open.pop() {
            open.extend(self.settled_dirs_in(dir));
            let there = self.picture.nodes.children(dir).filter(|(_, child)| *child == Child::File);
            let there: Vec<Place> = there.map(|(name, _)| (dir, name.into())).collect();
            for place in there.into_iter().filter(|place| self.is_told(place)) {
                files.push((self.picture.path(place.0, &place.1), place));
            }
            for (name, departure) in self.picture.departures.get(&dir).cloned().unwrap_or_default() {
                match departure {
                    Departure::Gone { rescanned } => self.delete_file(&(dir, name), rescanned),
                    Departure::Moved { .. } => self.picture.leave_file((dir, name)),
                    Departure::MovedDir { dir } => self.picture.leave_dir(dir),
                    Departure::GoneDir { dir, .. } => open.push(dir),
                }
            }
        }
        files.sort();
        files
    }

    /// Whether the file of now at a place is there in the picture.
    fn is_told(&self, place: &Place) -> bool {
        let born = self.files.get(place).is_some_and(|file| file.origin == Origin::Born);
        !born && !self.moved_files.contains_key(place)
    }
}
