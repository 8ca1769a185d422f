//! Follows what is mounted: looks again where that may have changed. Watches single files whose directory does not tell
//! all that is written to them: those that are mounted, and given ones that have several names.

use std::collections::{BTreeMap, BTreeSet};

use crate::system::System;
use crate::tree::{Followed, NodeId, is_within};

use super::dir_cache::{DirCache, Obstacle, has_several_names};
use super::{Engine, WatchError};

/// A root, or a directory entered through a symbolic link.
struct Base {
    node: NodeId,
    /// The real paths that lead to it, and at the end its own.
    way: Vec<Vec<u8>>,
}

impl Base {
    /// The rest of a path at or below it: at or above it, where that leads to it.
    fn rest<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        if self.way.iter().any(|passed| is_within(passed, path)) {
            return Some(&[]);
        }
        self.below(path)
    }

    /// The rest of a path at or below it.
    fn below<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        let own = self.way.last()?;
        if is_within(path, own) { path.get(own.len()..) } else { None }
    }
}

impl<S: System> Engine<S> {
    /// Looks again where something was mounted or unmounted, and at mounted files. Answers whether the tree wishes for
    /// something because of that.
    ///
    /// What is read here may be ahead of the events: where a directory was renamed, that comes as an event, and this is
    /// done again.
    pub(super) fn read_mounts(&mut self) -> bool {
        if std::mem::take(&mut self.remounted) {
            let before = self.mounts.failure();
            let doubtful = self.mounts.update(self.system.mountinfo());
            self.note_unreadable_mounts(before);
            let bases = self.bases();
            if !doubtful.is_empty() {
                self.tree.follow_all_again();
            }
            for path in &doubtful {
                for base in &bases {
                    if let Some(rest) = base.rest(path) {
                        self.tree.look_at(base.node, rest);
                    }
                }
            }
            self.note_remote(Some(&doubtful));
            self.dirs.entered = true;
        }
        if !self.tree.has_wishes() && std::mem::take(&mut self.dirs.entered) {
            self.watch_mounted();
        }
        self.tree.has_wishes()
    }

    fn bases(&self) -> Vec<Base> {
        let roots =
            self.paths.keys().map(|node| Base { node: *node, way: self.resolver.way(Followed::Root(*node)).to_vec() });
        let links = self.tree.entered_links().into_iter().map(|node| {
            let path = self.dirs.path(&self.tree, node).unwrap_or_default();
            // One that leads nowhere now may do so because of what is mounted.
            let real = self.system.real_path(&path);
            Base { node, way: vec![real.unwrap_or(path)] }
        });
        roots.chain(links).collect()
    }

    /// The places of mounted files in the tree, and the path of each.
    pub(super) fn mounted_files(&self) -> BTreeMap<(NodeId, Box<[u8]>), Vec<u8>> {
        let bases = self.bases();
        let mut files = BTreeMap::new();
        for path in self.mounts.table().keys() {
            let found = bases.iter().filter_map(|base| self.tree.file_at(base.node, base.below(path)?));
            files.extend(found.map(|place| (place, path.clone())));
            let links = self.resolver.leading_to(path).filter_map(|followed| match followed {
                Followed::Link(link) => self.tree.file_behind(link),
                Followed::Root(_) => None,
            });
            files.extend(links.map(|place| (place, path.clone())));
        }
        files
    }

    /// The same of given files that have several names. Once watched, they stay so.
    fn named_files(&self) -> BTreeMap<(NodeId, Box<[u8]>), Vec<u8>> {
        let files = self.paths.keys().filter_map(|root| {
            let place = self.tree.file_at(*root, &[])?;
            let path = self.resolver.way(Followed::Root(*root)).last()?;
            let watched = self.tree.has_mounted(&place) || has_several_names(&self.system, path);
            watched.then(|| (place, path.clone()))
        });
        files.collect()
    }

    fn watch_mounted(&mut self) {
        let mut files = self.named_files();
        files.append(&mut self.mounted_files());
        let denied = std::mem::take(&mut self.denied_files);
        for ((dir, name), path) in &files {
            match DirCache::watch_file(&self.system, path) {
                Ok(wd) => self.tree.saw_mounted(*dir, name, wd),
                Err(Obstacle::Refused(errno)) => {
                    self.denied_files.insert(path.clone(), errno);
                    if denied.get(path) != Some(&errno) {
                        self.note(WatchError::NotCovered(path.clone(), errno, None));
                    }
                }
                // It was moved, which an event tells.
                Err(_) => {}
            }
        }
        self.tree.saw_no_other_mounted(&files.into_keys().collect::<BTreeSet<_>>());
    }

    /// Has it told that mounts can't be noticed, once for as long as that lasts. `before`: the errno until now.
    pub(super) fn note_unreadable_mounts(&mut self, before: Option<i32>) {
        let failure = self.mounts.failure();
        self.errors.retain(|error| !matches!(error, WatchError::MountsUnseen(errno) if failure != Some(*errno)));
        if let Some(errno) = failure.filter(|errno| before != Some(*errno)) {
            self.note(WatchError::MountsUnseen(errno));
        }
    }
}
