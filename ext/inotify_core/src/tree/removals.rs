//! Tells of what is gone, each as soon as nothing is left in it.

use std::collections::HashSet;

use super::batch::Place;
use super::change::ChangeType;
use super::emit::Emitter;
use super::picture::Departure;

impl Emitter<'_> {
    /// Tells of the files that are gone, but for those whose place a renamed file takes: that says it all.
    pub(super) fn remove_files(&mut self) {
        let mut gone = Vec::new();
        for (dir, names) in &self.picture.departures {
            for (name, departure) in names {
                if let Departure::Gone { rescanned } = departure {
                    gone.push(((*dir, name.clone()), *rescanned));
                }
            }
        }
        if !self.moved_files.is_empty() {
            let targets: HashSet<&Place> = self.moved_files.iter().map(|(_, to)| to).collect();
            gone.retain(|(place, _)| !targets.contains(place));
        }
        let mut deleted: Vec<_> = gone
            .into_iter()
            .map(|(place, rescanned)| {
                let path = self.picture.path(place.0, &place.1);
                self.picture.depart(&place);
                (path, rescanned)
            })
            .collect();
        deleted.sort();
        for (path, rescanned) in deleted {
            self.tell(ChangeType::Deleted, path, false, rescanned);
        }
    }

    /// Tells of the directories that are gone and that nothing is left in, the deepest first.
    pub(super) fn remove_dirs(&mut self) {
        loop {
            let mut empty = Vec::new();
            for (parent, names) in &self.picture.departures {
                for (name, departure) in names {
                    if let Departure::GoneDir { dir, rescanned } = departure {
                        if !self.picture.departures.contains_key(dir) {
                            empty.push(((*parent, name.clone()), *dir, *rescanned));
                        }
                    }
                }
            }
            if empty.is_empty() {
                self.remove_roots();
                return;
            }
            let mut deleted: Vec<_> = empty
                .into_iter()
                .map(|(place, dir, rescanned)| (self.picture.dir_path(dir), place, rescanned))
                .collect();
            deleted.sort();
            for (path, place, rescanned) in deleted {
                self.picture.depart(&place);
                self.tell(ChangeType::Deleted, path, true, rescanned);
            }
        }
    }

    /// Tells of the roots that are no directories any more and that nothing is left in.
    fn remove_roots(&mut self) {
        for root in std::mem::take(&mut self.gone_roots) {
            if self.picture.departures.contains_key(&root) {
                self.gone_roots.push(root);
            } else {
                let path = self.picture.dir_path(root);
                self.tell(ChangeType::Deleted, path, true, true);
            }
        }
    }
}
