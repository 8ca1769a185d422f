//! Emits what is gone, each as soon as nothing is left in it.

use std::collections::BTreeSet;

use super::batch::Place;
use super::change::ChangeType;
use super::diff::Diff;
use super::nodes::NodeId;
use super::reported_tree::Departure;

impl Diff<'_> {
    /// Emits the files that are gone, except those whose place a renamed file takes: that says it all.
    pub(super) fn remove_files(&mut self) {
        let mut gone = Vec::new();
        for (dir, names) in &self.reported.departures {
            for (name, departure) in names {
                if let Departure::Gone { rescanned } = departure {
                    gone.push(((*dir, name.clone()), *rescanned));
                }
            }
        }
        gone.retain(|(place, _)| !self.moved_files.contains_key(place));
        let mut deleted: Vec<_> = gone
            .into_iter()
            .map(|(place, rescanned)| {
                let path = self.reported.path(place.0, &place.1);
                self.reported.depart(&place);
                (path, rescanned)
            })
            .collect();
        deleted.sort();
        if !self.inner_roots.is_empty() {
            // A symbolic link is a file, and a root may be behind it.
            deleted.reverse();
        }
        for (path, rescanned) in deleted {
            self.forget_roots_below(&path);
            self.emit(ChangeType::Deleted, path, false, rescanned);
        }
    }

    pub(super) fn delete_file(&mut self, place: &Place, rescanned: bool) {
        let path = self.reported.path(place.0, &place.1);
        self.forget_roots_below(&path);
        self.reported.depart(place);
        self.emit(ChangeType::Deleted, path, false, rescanned);
    }

    /// Emits the directories that are gone and that nothing is left in, the deepest first.
    pub(super) fn remove_dirs(&mut self) {
        let gone = self.reported.departures.values().flat_map(|names| names.values());
        let mut dirs: BTreeSet<NodeId> = gone
            .filter_map(|departure| match departure {
                Departure::GoneDir { dir, .. } => Some(*dir),
                _ => None,
            })
            .collect();
        while !dirs.is_empty() {
            let empty = dirs.iter().filter(|dir| !self.reported.departures.contains_key(dir));
            let mut empty: Vec<_> = empty.map(|dir| (self.reported.dir_path(*dir), *dir)).collect();
            empty.sort();
            // Those that they were in may be empty now.
            dirs = empty.iter().filter_map(|(_, dir)| self.reported.gone_dir_of(*dir)).collect();
            for (_, dir) in empty {
                self.delete_dir(dir);
            }
        }
        let is_empty = |root: &NodeId| !self.reported.departures.contains_key(root);
        let empty: Vec<NodeId> = self.gone_roots.iter().copied().filter(is_empty).collect();
        for root in empty {
            self.delete_root(root);
        }
    }

    pub(super) fn delete_dir(&mut self, dir: NodeId) {
        let path = self.reported.dir_path(dir);
        self.forget_roots_below(&path);
        let Some(place) = self.reported.places.remove(&dir) else { return };
        let rescanned = match self.reported.departure(&place) {
            Some(Departure::GoneDir { rescanned, .. }) => *rescanned,
            _ => false,
        };
        self.reported.depart(&place);
        self.emit(ChangeType::Deleted, path, true, rescanned);
    }

    /// Emits a root that is no directory any more.
    pub(super) fn delete_root(&mut self, root: NodeId) {
        let path = self.reported.dir_path(root);
        self.forget_roots_below(&path);
        if !self.gone_roots.contains(&root) {
            return;
        }
        self.gone_roots.retain(|it| *it != root);
        self.emit(ChangeType::Deleted, path, true, true);
    }
}
