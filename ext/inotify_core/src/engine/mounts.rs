//! Follows the mounts: scans again where they changed. Watches single files that another directory may be written
//! through: mounted ones, and roots with several names.

use std::collections::BTreeMap;

use crate::model::{Followed, NodeId};
use crate::mountinfo::{Mount, Table};
use crate::paths::{is_within, relative};
use crate::system::System;

use super::access::Obstacle;
use super::dir_cache::{DirCache, has_several_names};
use super::roots::RootSet;
use super::{Engine, WatchError};

/// The places of files that are mounted by themselves, and the path of each.
pub(super) type MountedFiles = BTreeMap<(NodeId, Box<[u8]>), Vec<u8>>;

impl<S: System> Engine<S> {
    /// Scans again where something was mounted or unmounted, and watches mounted files. Returns whether the model asks
    /// for effects then.
    ///
    /// The table of mounts may be ahead of the queue. When a directory was renamed its event comes later, and this is
    /// done again.
    pub(super) fn read_mounts(&mut self) -> bool {
        if std::mem::take(&mut self.remounted) {
            let before = self.mounts.failure();
            let doubtful = self.mounts.update(self.system.mountinfo());
            self.dirs.polled.set_mounts(&self.mounts);
            self.note_unreadable_mounts(before);
            let bases = self.bases(&RootSet::All);
            if !doubtful.is_empty() {
                self.model.resolve_all_links();
            }
            for (base, path_below) in covered(&bases, &doubtful) {
                self.model.scan_path(base, path_below);
            }
            self.note_remote(Some(&doubtful));
            self.dirs.unchecked = RootSet::All;
        }
        if !self.model.has_effects() && !self.dirs.unchecked.is_empty() {
            let roots = self.dirs.unchecked.take();
            self.watch_mounted(&roots);
        }
        self.model.has_effects()
    }

    /// These roots, and the entered links in them.
    fn bases(&self, roots: &RootSet) -> Vec<Base> {
        let links = self.model.entered_links().into_iter().filter(|node| roots.contains(self.model.root_of(*node)));
        let links = links.filter_map(|node| {
            // None while it is between its two places.
            let path = self.dirs.path(&self.model, node)?;
            if self.elsewhere.has_dir(node) {
                return Some(Base { node, real_paths: vec![path] });
            }
            // A path that leads nowhere may do so because of a mount.
            let real = self.system.real_path(&path);
            Some(Base { node, real_paths: vec![real.unwrap_or(path)] })
        });
        let base = |node| Base { node, real_paths: self.resolver.real_paths(Followed::Dir(node)).to_vec() };
        self.nodes(roots).into_iter().map(base).chain(links).collect()
    }

    fn nodes(&self, roots: &RootSet) -> Vec<NodeId> {
        match roots {
            RootSet::All => self.dirs.open.roots.keys().copied().collect(),
            RootSet::Some(nodes) => {
                nodes.iter().filter(|node| self.dirs.open.roots.contains_key(*node)).copied().collect()
            }
        }
    }

    /// The mounted files in these roots: those that are watched, and those that others change unseen and that are polled.
    pub(super) fn mounted_files(&self, roots: &RootSet) -> (MountedFiles, MountedFiles) {
        let bases = self.bases(roots);
        let table = self.mounts.table();
        let found = mounted(&bases, table)
            .filter_map(|(base, path_below, path)| Some((self.model.file_at(base, path_below)?, path)));
        let links = table.keys().flat_map(|path| {
            let places = self.resolver.leading_to(path).filter_map(|followed| match followed {
                Followed::Link(link) => self.model.linked_file(link),
                Followed::Dir(_) => None,
            });
            places.filter(|(dir, _)| roots.contains(self.model.root_of(*dir))).map(move |place| (place, path))
        });
        let is_polled = |path: &[u8]| self.dirs.polled.is_on() && table.get(path).is_some_and(Mount::is_remote);
        let (mut watched, mut polled) = (MountedFiles::new(), MountedFiles::new());
        for (place, path) in found.chain(links) {
            if is_polled(path) { &mut polled } else { &mut watched }.insert(place, path.clone());
        }
        (watched, polled)
    }

    /// The places of roots that are files with several names. Once watched, they stay watched.
    fn named_files(&self, roots: &RootSet) -> MountedFiles {
        let files = self.nodes(roots).into_iter().filter_map(|root| {
            let place = self.model.file_at(root, &[]).filter(|_| !self.elsewhere.has_dir(root))?;
            let path = self.resolver.real_paths(Followed::Dir(root)).last()?;
            let watched = self.model.has_mounted(&place) || has_several_names(&self.system, path);
            watched.then(|| (place, path.clone()))
        });
        files.collect()
    }

    fn watch_mounted(&mut self, roots: &RootSet) {
        let mut files = self.named_files(roots);
        let (mut watched, mut polled) = self.mounted_files(roots);
        files.append(&mut watched);
        let mut denied = std::mem::take(&mut self.denied_files);
        files.retain(|(dir, name), path| {
            let before = denied.remove(path);
            match DirCache::<S>::watch_file(&self.system, path) {
                Ok(wd) => self.model.set_mounted(*dir, name, wd),
                Err(Obstacle::Denied(errno)) => {
                    self.denied_files.insert(path.clone(), errno);
                    if before != Some(errno) {
                        self.note(WatchError::Denied(path.clone(), errno, None));
                    }
                }
                // It was moved, or a link to nothing took its place.
                Err(_) => return false,
            }
            true
        });
        if let RootSet::Some(_) = roots {
            self.denied_files.append(&mut denied);
        }
        let places = files.into_keys().collect();
        self.model.retain_mounted(&places, |root| roots.contains(root));
        // A root that is a file is polled as that, and one in a polled directory with that.
        polled.retain(|(dir, name), _| !name.is_empty() && !self.elsewhere.has_dir(*dir));
        self.scan_files(polled, roots);
    }

    /// Reports once, for as long as it lasts, that mounts cannot be read. `before`: the errno until now.
    pub(super) fn note_unreadable_mounts(&mut self, before: Option<i32>) {
        let failure = self.mounts.failure();
        self.errors.retain(|error| !matches!(error, WatchError::MountsUnreadable(errno) if failure != Some(*errno)));
        if let Some(errno) = failure.filter(|errno| before != Some(*errno)) {
            self.note(WatchError::MountsUnreadable(errno));
        }
    }
}

/// A root, or a directory entered through a symbolic link.
pub(crate) struct Base {
    pub(crate) node: NodeId,
    /// The real paths that lead to it, and at the end its own.
    pub(crate) real_paths: Vec<Vec<u8>>,
}

impl Base {
    /// The part of a path below it; empty if the path is at or above it.
    fn path_below<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        if self.real_paths.iter().any(|real_path| is_within(real_path, path)) {
            return Some(&[]);
        }
        self.below(path)
    }

    /// The part of a path below it.
    pub(crate) fn below<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        relative(path, self.real_paths.last()?)
    }
}

/// Where something else may be seen since something was mounted or unmounted at these paths: a base, and the path below
/// it.
pub(crate) fn covered<'a>(bases: &'a [Base], paths: &'a [Vec<u8>]) -> impl Iterator<Item = (NodeId, &'a [u8])> {
    paths.iter().flat_map(|path| bases.iter().filter_map(|base| Some((base.node, base.path_below(path)?))))
}

/// The mounts below the bases: a base, the path below it, and the whole path.
pub(crate) fn mounted<'a>(
    bases: &'a [Base],
    table: &'a Table,
) -> impl Iterator<Item = (NodeId, &'a [u8], &'a Vec<u8>)> {
    table.keys().flat_map(|path| bases.iter().filter_map(move |base| Some((base.node, base.below(path)?, path))))
}
