//! Emits renames, and the creations of the directories that they lead into: each when its new place is free, and has
//! its final path.

use super::batch::{Origin, Place};
use super::change::{Change, ChangeType};
use super::diff::Diff;
use super::nodes::{Child, NodeId};
use super::path::Path;
use super::reported_tree::Departure;

impl Diff<'_> {
    pub(super) fn rename_file(&mut self, to: &Place) {
        let Some(from) = self.moved_files.remove(to) else { return };
        let old = self.reported.path(from.0, &from.1);
        self.forget_roots_below(&old);
        let path = self.reported.path(to.0, &to.1);
        self.reported.depart(&from);
        self.reported.depart(to);
        let rescanned = self.files.get(to).is_some_and(|file| file.rescanned);
        self.emit_renamed(old, path, false, rescanned);
    }

    pub(super) fn rename_dir(&mut self, dir: NodeId) {
        self.moved_dirs.remove(&dir);
        self.shifted = true;
        let old = self.reported.dir_path(dir);
        self.forget_roots_below(&old);
        let files = if self.directories { Vec::new() } else { self.files_below(dir) };
        if let Some(from) = self.reported.arrive(dir) {
            self.reported.depart(&from);
        }
        let path = self.reported.dir_path(dir);
        for (from, place) in files {
            let path = self.reported.path(place.0, &place.1);
            self.emit_renamed(from, path, false, false);
        }
        if self.directories {
            self.emit_renamed(old, path, true, false);
        }
    }

    fn emit_renamed(&mut self, from: Path, path: Path, directory: bool, rescanned: bool) {
        let change_type = ChangeType::Renamed;
        self.changes.push(Change { change_type, path, from: Some(from), directory, rescanned });
    }

    pub(super) fn create_dir(&mut self, dir: NodeId) {
        self.reported.uncreated.remove(&dir);
        let rescanned = self.new_dirs.remove(&dir).unwrap_or(false);
        let path = self.reported.dir_path(dir);
        self.emit(ChangeType::Created, path, true, rescanned);
    }

    /// Where a directory is now; `None` for a root.
    pub(super) fn place(&self, dir: NodeId) -> Option<Place> {
        Some((self.reported.nodes.parent(dir)?, self.reported.nodes.name(dir)?.into()))
    }

    /// The files that a renamed directory takes along, each with its path: for the consumer of files only. What is
    /// below the directory and has another place to go stays known under its path of now.
    pub(super) fn files_below(&mut self, dir: NodeId) -> Vec<(Path, Place)> {
        let mut files = Vec::new();
        let mut open = vec![dir];
        while let Some(dir) = open.pop() {
            open.extend(self.staying_dirs_in(dir));
            let there = self.reported.nodes.children(dir).filter(|(_, child)| *child == Child::File);
            let there: Vec<Place> = there.map(|(name, _)| (dir, name.into())).collect();
            for place in there.into_iter().filter(|place| self.is_reported(place)) {
                files.push((self.reported.path(place.0, &place.1), place));
            }
            for (name, departure) in self.reported.departures.get(&dir).cloned().unwrap_or_default() {
                match departure {
                    Departure::Gone { rescanned } => self.delete_file(&(dir, name), rescanned),
                    Departure::Moved { .. } => self.reported.leave_file((dir, name)),
                    Departure::MovedDir { dir } => self.reported.leave_dir(dir),
                    Departure::GoneDir { dir, .. } => open.push(dir),
                }
            }
        }
        files.sort();
        files
    }

    /// Whether the file of now at a place is there in the model.
    fn is_reported(&self, place: &Place) -> bool {
        let new_dirs = self.files.get(place).is_some_and(|file| file.origin == Origin::New);
        !new_dirs && !self.moved_files.contains_key(place)
    }
}
