//! Makes a merged batch a list of changes that is right when it is applied in its order.
//!
//! The paths of a batch's beginning and end say nothing of an order, and not every order will do: `mv a b; mv c a` must
//! not be reported the other way round, a directory can only go when what moved out of it has left, and a swap of two
//! names has no order at all. So the changes are applied, one after the other, to a model of the tree as it was
//! reported last (`ReportedTree`), each when it is possible there and leads to its final path; where renames wait for
//! each other, one of them is reported as a removal and a creation.
//!
//! The path of a change is where the entry is when the batch ends; of a deletion, where it was known by then. What a
//! later change puts there is another entry.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::batch::{Batch, File, Origin, Place};
use super::change::{Change, ChangeType};
use super::nodes::{NodeId, Nodes};
use super::path::Path;
use super::reported_tree::{Departure, ReportedTree};
use super::roots::Roots;

pub(super) struct Diff<'a> {
    pub(super) reported: ReportedTree<'a>,
    pub(super) files: HashMap<Place, File>,
    /// New directories by node; whether they were found by a scan.
    pub(super) new_dirs: HashMap<NodeId, bool>,
    /// Renames to be reported: of files by their new place, with the old one.
    pub(super) moved_files: HashMap<Place, Place>,
    pub(super) moved_dirs: BTreeSet<NodeId>,
    pub(super) changes: Vec<Change>,
    /// Whether a directory was renamed: the same path then need not be the same place.
    pub(super) shifted: bool,
    /// Whether directories are reported.
    pub(super) directories: bool,
    /// Roots that are no directories any more, and are still reported as such.
    pub(super) gone_roots: Vec<NodeId>,
    /// Roots that are below others, and the path of each.
    pub(super) inner_roots: Vec<(NodeId, Vec<u8>)>,
}

/// The changes of `batch`, from the tree as it was reported to the one of `nodes`; and the files that they report to be
/// new or modified.
pub(crate) fn changes(batch: Batch, nodes: &Nodes, roots: &Roots, directories: bool) -> (Vec<Change>, HashSet<Place>) {
    let Batch { files, gone, dirs, gone_dirs, attributes, roots: root_changes, .. } = batch;
    let mut reported = ReportedTree::new(nodes, roots);
    let mut new_dirs = HashMap::new();
    let mut moved_dirs = BTreeSet::new();
    let mut moved_files = HashMap::new();
    for (place, rescanned) in gone {
        reported.add_departure(place, Departure::Gone { rescanned });
    }
    for (dir, it) in gone_dirs {
        let Some(origin) = it.origin else { continue };
        reported.places.insert(dir, origin.clone());
        reported.add_departure(origin, Departure::GoneDir { dir, rescanned: it.rescanned });
    }
    for (dir, it) in dirs {
        match it.origin {
            None => {
                reported.uncreated.insert(dir);
                new_dirs.insert(dir, it.rescanned);
            }
            Some(origin) => {
                reported.places.insert(dir, origin.clone());
                reported.add_departure(origin, Departure::MovedDir { dir });
                moved_dirs.insert(dir);
            }
        }
    }
    for (place, file) in &files {
        if let Origin::Elsewhere(origin) = &file.origin {
            reported.add_departure(origin.clone(), Departure::Moved { to: place.clone() });
            moved_files.insert(place.clone(), origin.clone());
        }
    }
    for (root, was_there) in &root_changes {
        if !was_there && roots.is_there(*root) {
            reported.uncreated.insert(*root);
            new_dirs.insert(*root, true);
        }
    }
    let mut gone_roots: Vec<NodeId> = root_changes
        .iter()
        .filter(|(root, was_there)| **was_there && !roots.is_there(**root))
        .map(|(it, _)| *it)
        .collect();
    gone_roots.sort();
    let mut emitter = Diff {
        reported,
        files,
        new_dirs,
        moved_files,
        moved_dirs,
        changes: Vec::new(),
        shifted: false,
        directories,
        gone_roots,
        inner_roots: roots.inner(),
    };
    emitter.run(attributes);
    let reported_files = emitter.files.into_iter().filter(|(_, file)| file.is_new_or_modified());
    (emitter.changes, reported_files.map(|(place, _)| place).collect())
}

impl Diff<'_> {
    fn run(&mut self, attributes: HashSet<NodeId>) {
        self.remove_files();
        self.remove_dirs();
        self.rename_all();
        self.remove_files();
        self.remove_dirs();
        self.create();
        self.merge();
        self.modify(attributes);
    }

    pub(super) fn emit(&mut self, change_type: ChangeType, path: Path, directory: bool, rescanned: bool) {
        if directory && !self.directories {
            return;
        }
        self.changes.push(Change { change_type, path, from: None, directory, rescanned });
    }

    /// Reports what is new, directories before what is in them.
    fn create(&mut self) {
        let new_dirs = self.files.iter().filter(|(_, file)| file.origin == Origin::New);
        let files = self.reported.with_paths(new_dirs).into_iter().map(|(path, file)| (path, false, file.rescanned));
        let mut created: Vec<_> =
            self.new_dirs.iter().map(|(dir, rescanned)| (self.reported.dir_path(*dir), true, *rescanned)).collect();
        created.extend(files);
        created.sort();
        for (path, directory, rescanned) in created {
            self.emit(ChangeType::Created, path, directory, rescanned);
        }
    }

    /// The same path removed and made again is one change: of a file, that it has other content; of a directory, none.
    fn merge(&mut self) {
        if self.shifted {
            return;
        }
        let deleted: BTreeMap<&Path, bool> = self
            .changes
            .iter()
            .filter(|change| change.change_type == ChangeType::Deleted)
            .map(|change| (&change.path, change.directory))
            .collect();
        let again: BTreeSet<Path> = self
            .changes
            .iter()
            .filter(|change| change.change_type == ChangeType::Created)
            .filter(|change| deleted.get(&change.path) == Some(&change.directory))
            .map(|change| change.path.clone())
            .collect();
        if again.is_empty() {
            return;
        }
        self.changes.retain_mut(|change| {
            if !again.contains(&change.path) {
                return true;
            }
            match change.change_type {
                ChangeType::Created if !change.directory => {
                    change.change_type = ChangeType::Modified;
                    true
                }
                ChangeType::Created | ChangeType::Deleted => false,
                _ => true,
            }
        });
    }

    fn modify(&mut self, attributes: HashSet<NodeId>) {
        let reported_files = |file: &File| file.origin != Origin::New && (file.modified || file.attributes);
        let files = self.reported.with_paths(self.files.iter().filter(|(_, file)| reported_files(file)));
        let kind = |file: &File| if file.modified { ChangeType::Modified } else { ChangeType::Attributes };
        let mut changed: Vec<_> =
            files.into_iter().map(|(path, file)| (path, kind(file), false, file.rescanned)).collect();
        for dir in attributes {
            let gone = self.reported.roots.path(dir).is_some() && !self.reported.roots.is_there(dir);
            if !gone && !self.new_dirs.contains_key(&dir) {
                changed.push((self.reported.dir_path(dir), ChangeType::Attributes, true, false));
            }
        }
        changed.sort();
        for (path, change_type, directory, rescanned) in changed {
            self.emit(change_type, path, directory, rescanned);
        }
    }
}
