//! The changes of a batch, in an order in which they can be applied.
//!
//! A batch says where entries were and where they are; most orders of its changes are wrong. `mv a b; mv c a` must be
//! reported in this order, a directory can only be deleted when the entries that moved out of it have left, and no
//! order exchanges two names. So the changes are applied one after the other to the tree as it was reported last
//! ([`ReportedTree`]), each as soon as it is possible there and leads to its final path. Of renames that wait for each
//! other, one is reported as a deletion and a creation.
//!
//! `mv a b/c; mv b d` leaves two renamed directories. The one that was `a` is now in the one that was `b`, so it waits
//! until that has its final path: `renamed b → d`, `renamed a → d/c`. A program that opens the path of a change finds
//! what the change says; only `from` may be a path in between. The path of a deletion is the last one that was
//! reported.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};

use crate::invariant::must;

use super::batch::{Batch, File, Origin};
use crate::paths::is_within;

use super::path::{ITSELF, Path};
use super::reported_tree::{Departure, ReportedTree};
use super::roots::{InnerRoot, Roots};
use super::store::{NodeId, Place, Store, WriteState};

/// The kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeType {
    /// The path is new.
    Created,
    /// The content changed, or may have.
    Modified,
    /// The path is gone.
    Deleted,
    /// The entry has another path, and so have all entries below it.
    Renamed,
    /// The permissions, owner, times or extended attributes changed.
    Attributes,
    /// The file is complete: its content is new at this path, and nobody who is known writes it any more.
    Closed,
}

/// One change. Applied in their order, changes turn the set of paths that was reported before into the present one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind.
    pub change_type: ChangeType,
    /// The path it happened to; for a rename, the new one.
    pub path: Path,
    /// For a rename: the path before.
    pub from: Option<Path>,
    /// Whether it is a directory.
    pub directory: bool,
    /// Whether a scan found it, not an event.
    pub rescanned: bool,
}

/// A change that other changes may wait for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// A file is renamed to this place.
    RenameFile(Place),
    /// A directory is renamed.
    RenameDir(NodeId),
    /// A directory is created.
    CreateDir(NodeId),
    /// A directory is deleted.
    DeleteDir(NodeId),
    /// A root is deleted.
    DeleteRoot(NodeId),
}

impl Step {
    /// The step that frees a place. A deleted file needs none: it is deleted first, or replaced.
    fn of(departure: &Departure) -> Option<Self> {
        match departure {
            Departure::Gone { .. } => None,
            Departure::GoneDir { dir, .. } => Some(Self::DeleteDir(*dir)),
            Departure::Moved { to } => Some(Self::RenameFile(to.clone())),
            Departure::MovedDir { dir } => Some(Self::RenameDir(*dir)),
        }
    }
}

struct Diff<'a> {
    store: &'a Store,
    roots: &'a Roots,
    reported: ReportedTree<'a>,
    files: HashMap<Place, File>,
    /// Files that were not to be reported as closed: they are deleted and created again as a path above them is.
    unexamined: HashSet<Place>,
    /// Renames of files that are not emitted yet: the old place by the new one.
    moved_files: HashMap<Place, Place>,
    /// Renames of directories that are not emitted yet, and whether a scan found each.
    moved_dirs: BTreeMap<NodeId, bool>,
    changes: Vec<Change>,
    /// Whether a directory was renamed: one path may then stand for two places.
    shifted: bool,
    reports: Reports,
    /// Roots that were directories, and whose deletion is not emitted yet.
    gone_roots: Vec<NodeId>,
    /// Roots below other roots.
    inner_roots: BTreeMap<NodeId, InnerRoot>,
}

/// Further changes that are reported, besides those of files that are new, modified, deleted or renamed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reports {
    pub(super) directories: bool,
    pub(super) closed: bool,
}

/// The changes from the tree as it was reported to the one in the store; and the files that they report as new or
/// modified, and as closed.
pub(super) fn changes(
    batch: Batch,
    store: &Store,
    roots: &Roots,
    reports: Reports,
) -> (Vec<Change>, HashSet<Place>, HashSet<Place>) {
    let reported = ReportedTree::of(&batch, store, roots);
    let moved_dirs = batch.dirs.iter().filter(|(_, it)| it.origin.is_some());
    let moved_dirs: BTreeMap<NodeId, bool> = moved_dirs.map(|(dir, it)| (*dir, it.rescanned)).collect();
    let moved_files = batch.moved_files().map(|(place, origin)| (place.clone(), origin.clone())).collect();
    let Batch { files, attributes, roots: root_changes, .. } = batch;
    let gone_roots = root_changes.into_iter().filter(|(root, was_there)| *was_there && !roots.is_there(*root));
    let mut gone_roots: Vec<NodeId> = gone_roots.map(|(root, _)| root).collect();
    gone_roots.sort();
    let arrived: Vec<NodeId> = moved_dirs.keys().copied().collect();
    let mut diff = Diff {
        store,
        roots,
        reported,
        files,
        unexamined: HashSet::new(),
        moved_files,
        moved_dirs,
        changes: Vec::new(),
        shifted: false,
        reports,
        gone_roots,
        inner_roots: roots.inner(),
    };
    diff.run(attributes);
    let closed = if reports.closed { diff.close_all(arrived) } else { HashSet::new() };
    let news = diff.files.into_iter().filter(|(_, file)| file.is_new_or_modified());
    (diff.changes, news.map(|(place, _)| place).collect(), closed)
}

impl Diff<'_> {
    fn run(&mut self, attributes: HashSet<NodeId>) {
        self.delete_files();
        self.delete_dirs();
        self.rename_all();
        self.delete_files();
        self.delete_dirs();
        self.create_all();
        self.join_deleted_and_created();
        self.modify_all(attributes);
    }

    fn emit(&mut self, change_type: ChangeType, path: Path, directory: bool, rescanned: bool) {
        if self.reports.directories || !directory {
            self.changes.push(Change { change_type, path, from: None, directory, rescanned });
        }
    }

    fn emit_renamed(&mut self, from: Path, path: Path, directory: bool, rescanned: bool) {
        let change_type = ChangeType::Renamed;
        self.changes.push(Change { change_type, path, from: Some(from), directory, rescanned });
    }

    // Deletions, each as soon as its directory is empty.

    /// Emits the deleted files, except those that a renamed file replaces: the rename implies the deletion.
    fn delete_files(&mut self) {
        let gone = self.reported.departures().filter_map(|(dir, name, departure)| match departure {
            Departure::Gone { rescanned } => Some(((dir, Box::from(name)), *rescanned)),
            _ => None,
        });
        let gone: Vec<(Place, bool)> = gone.filter(|(place, _)| !self.moved_files.contains_key(place)).collect();
        let mut deleted = Vec::with_capacity(gone.len());
        for (place, rescanned) in gone {
            deleted.push((self.reported.path(place.0, &place.1), rescanned));
            self.reported.depart(&place);
        }
        deleted.sort();
        if !self.inner_roots.is_empty() {
            // A symbolic link is a file, and a root may be below its path.
            deleted.reverse();
        }
        for (path, rescanned) in deleted {
            self.forget_roots_below(&path);
            self.emit(ChangeType::Deleted, path, false, rescanned);
        }
    }

    fn delete_file(&mut self, place: &Place, rescanned: bool) {
        let path = self.reported.path(place.0, &place.1);
        self.forget_roots_below(&path);
        self.reported.depart(place);
        self.emit(ChangeType::Deleted, path, false, rescanned);
    }

    /// Emits the deleted directories that are empty, the deepest first.
    fn delete_dirs(&mut self) {
        let mut dirs: BTreeSet<NodeId> = BTreeSet::new();
        dirs.extend(self.reported.departures().filter_map(|(_, _, departure)| match departure {
            Departure::GoneDir { dir, .. } => Some(*dir),
            _ => None,
        }));
        while !dirs.is_empty() {
            // The deletion of a root below another one may have included them.
            dirs.retain(|dir| self.reported.is_misplaced(*dir));
            let empty = dirs.iter().filter(|dir| self.reported.has_no_departures(**dir));
            let mut empty: Vec<_> = empty.map(|dir| (self.reported.dir_path(*dir), *dir)).collect();
            empty.sort();
            // The directories that they were in may be empty after that.
            dirs = empty.iter().filter_map(|(_, dir)| self.reported.gone_dir_of(*dir)).collect();
            for (_, dir) in empty {
                self.delete_dir(dir);
            }
        }
        let empty = self.gone_roots.iter().copied().filter(|root| self.reported.has_no_departures(*root));
        for root in empty.collect::<Vec<NodeId>>() {
            self.delete_root(root);
        }
    }

    fn delete_dir(&mut self, dir: NodeId) {
        // The deletion of a root below another one may have included it.
        if !self.reported.is_misplaced(dir) {
            return;
        }
        let path = self.reported.dir_path(dir);
        self.forget_roots_below(&path);
        if let Some(rescanned) = self.reported.delete_dir(dir) {
            self.emit(ChangeType::Deleted, path, true, rescanned);
        }
    }

    fn delete_root(&mut self, root: NodeId) {
        let path = self.reported.dir_path(root);
        self.forget_roots_below(&path);
        if self.gone_roots.contains(&root) {
            self.gone_roots.retain(|it| *it != root);
            self.emit(ChangeType::Deleted, path, true, true);
        }
    }

    // Renames, and the steps that they wait for.

    /// Emits all renames, and the steps that they wait for.
    fn rename_all(&mut self) {
        let mut files: Vec<_> = self.moved_files.iter().map(|(to, from)| (from.clone(), to.clone())).collect();
        files.sort();
        let files = files.into_iter().map(|(_, to)| Step::RenameFile(to));
        let dirs: Vec<_> = self.moved_dirs.keys().map(|dir| Step::RenameDir(*dir)).collect();
        for step in files.chain(dirs) {
            while self.is_due(&step) {
                self.advance(step.clone());
            }
        }
    }

    fn is_due(&self, step: &Step) -> bool {
        match step {
            Step::RenameFile(to) => self.moved_files.contains_key(to),
            Step::RenameDir(dir) => self.moved_dirs.contains_key(dir),
            Step::CreateDir(dir) => self.reported.is_uncreated(*dir),
            Step::DeleteDir(dir) => self.reported.is_misplaced(*dir),
            Step::DeleteRoot(root) => self.gone_roots.contains(root),
        }
    }

    /// Takes a step after all steps that it waits for. Where steps wait for each other, one of them is broken up, and
    /// the caller tries again.
    fn advance(&mut self, step: Step) {
        let mut waiting = vec![step.clone()];
        let mut visited: HashSet<Step> = HashSet::from([step]);
        while let Some(step) = waiting.last() {
            match self.obstacle(step) {
                None => {
                    if let Some(step) = waiting.pop() {
                        // A step that it waited for may have done it, too.
                        if self.is_due(&step) {
                            self.take(&step);
                        }
                        visited.remove(&step);
                    }
                }
                Some(next) if visited.contains(&next) => {
                    let cycle = waiting.iter().skip_while(|step| **step != next).cloned();
                    self.break_cycle(&cycle.collect::<Vec<Step>>());
                    return;
                }
                Some(next) => {
                    visited.insert(next.clone());
                    waiting.push(next);
                }
            }
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::RenameFile(to) => self.rename_file(to),
            Step::RenameDir(dir) => self.rename_dir(*dir),
            Step::CreateDir(dir) => self.create_dir(*dir),
            Step::DeleteDir(dir) => self.delete_dir(*dir),
            Step::DeleteRoot(root) => self.delete_root(*root),
        }
    }

    /// A step that must be taken before this one.
    fn obstacle(&self, step: &Step) -> Option<Step> {
        match step {
            Step::RenameFile(to) => self.obstacle_at(to),
            // A root has no place; but a file may have been at its path.
            Step::RenameDir(dir) | Step::CreateDir(dir) => {
                self.obstacle_at(&self.store.owned_place(*dir).unwrap_or((*dir, ITSELF.into())))
            }
            Step::DeleteDir(dir) | Step::DeleteRoot(dir) => {
                self.reported.departures_in(*dir).find_map(|(_, departure)| Step::of(departure))
            }
        }
    }

    /// A step that must be taken before an entry can get the final path of `place`.
    fn obstacle_at(&self, place: &Place) -> Option<Step> {
        let (dir, name) = place;
        let above_root = self.obstacle_above_root(*dir);
        if above_root.is_some() {
            return above_root;
        }
        if name.as_ref() == ITSELF {
            if self.gone_roots.contains(dir) {
                return Some(Step::DeleteRoot(*dir));
            }
        } else if let Some(above) = self.misplaced_above(*dir) {
            return Some(above);
        }
        let departure = self.reported.departure(place).and_then(Step::of);
        departure.or_else(|| Step::of(&self.reported.left_behind_at(place)?))
    }

    /// A step that must be taken before the path of the root above `dir` leads where it will: what leaves it takes the
    /// root along, in the tree of those who go by paths.
    fn obstacle_above_root(&self, dir: NodeId) -> Option<Step> {
        if self.inner_roots.is_empty() {
            return None;
        }
        let root = self.inner_roots.get(&self.store.top(dir))?;
        let mut dir = root.outer;
        if self.reported.is_uncreated(dir) {
            return Some(Step::CreateDir(dir));
        }
        for name in root.rest.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            let leaves = self.reported.departure(&(dir, name.into())).and_then(Step::of);
            if leaves.is_some() {
                return leaves;
            }
            let Some(child) = self.store.find_dir(dir, name) else { break };
            let arrives = self.step_to(child);
            if arrives.is_some() {
                return arrives;
            }
            dir = child;
        }
        None
    }

    /// The step that the nearest directory from `dir` upwards without its final path waits for.
    fn misplaced_above(&self, dir: NodeId) -> Option<Step> {
        self.store.upwards(dir).find_map(|dir| self.step_to(dir))
    }

    /// The step that gives a directory its final path, if it has another one.
    fn step_to(&self, dir: NodeId) -> Option<Step> {
        if self.reported.is_uncreated(dir) {
            return Some(Step::CreateDir(dir));
        }
        self.moved_dirs.contains_key(&dir).then_some(Step::RenameDir(dir))
    }

    fn rename_file(&mut self, to: &Place) {
        let Some(from) = must(self.moved_files.remove(to), "an open rename of a file is known") else { return };
        let old = self.reported.path(from.0, &from.1);
        self.forget_roots_below(&old);
        let path = self.reported.path(to.0, &to.1);
        self.reported.depart(&from);
        self.reported.depart(to);
        let rescanned = self.files.get(to).is_some_and(|file| file.rescanned);
        self.emit_renamed(old, path, false, rescanned);
    }

    fn rename_dir(&mut self, dir: NodeId) {
        let rescanned = self.moved_dirs.remove(&dir).unwrap_or(false);
        self.shifted = true;
        let old = self.reported.dir_path(dir);
        self.forget_roots_below(&old);
        let files = if self.reports.directories { Vec::new() } else { self.files_below(dir) };
        if let Some(from) = self.reported.arrive(dir) {
            self.reported.depart(&from);
        }
        let path = self.reported.dir_path(dir);
        for (from, place) in files {
            let path = self.reported.path(place.0, &place.1);
            self.emit_renamed(from, path, false, rescanned);
        }
        if self.reports.directories {
            self.emit_renamed(old, path, true, rescanned);
        }
    }

    /// The files that a renamed directory takes along, each with its path: a consumer of files only gets a rename for
    /// each. Entries below the directory that will move elsewhere keep their paths until they do.
    fn files_below(&mut self, dir: NodeId) -> Vec<(Path, Place)> {
        let mut files = Vec::new();
        let mut open = vec![dir];
        while let Some(dir) = open.pop() {
            open.extend(self.reported.staying_dirs_in(dir).map(|(_, dir)| dir));
            let places = self.store.files(dir).map(|(name, _)| (dir, name.into()));
            for place in places.filter(|place| self.is_reported(place)) {
                files.push((self.reported.path(place.0, &place.1), place));
            }
            for (place, departure) in self.departures_in(dir) {
                match departure {
                    Departure::Gone { rescanned } => self.delete_file(&place, rescanned),
                    Departure::Moved { .. } => self.reported.leave_file(place),
                    Departure::MovedDir { dir } => self.reported.leave_dir(dir),
                    Departure::GoneDir { dir, .. } => open.push(dir),
                }
            }
        }
        files.sort();
        files
    }

    fn departures_in(&self, dir: NodeId) -> Vec<(Place, Departure)> {
        self.reported.departures_in(dir).map(|(name, departure)| ((dir, name.into()), departure.clone())).collect()
    }

    /// Whether a file of the store is at its place in the reported tree, too.
    fn is_reported(&self, place: &Place) -> bool {
        let new = self.files.get(place).is_some_and(|file| file.origin == Origin::New);
        !new && !self.moved_files.contains_key(place)
    }

    fn create_dir(&mut self, dir: NodeId) {
        let rescanned =
            must(self.reported.create(dir), "an open creation is of an uncreated directory").unwrap_or(false);
        let path = self.reported.dir_path(dir);
        self.emit(ChangeType::Created, path, true, rescanned);
    }

    // Renames that wait for each other.

    /// Replaces one of the renames of a cycle by a deletion and a later creation: that of a file, or else of the
    /// directory with the fewest entries.
    fn break_cycle(&mut self, cycle: &[Step]) {
        self.shifted = true;
        let file = |step: &Step| match step {
            Step::RenameFile(to) => Some((self.moved_files.get(to)?.clone(), to.clone())),
            _ => None,
        };
        if let Some((from, to)) = cycle.iter().filter_map(file).max() {
            return self.forget_file(&from, &to);
        }
        let dirs = cycle.iter().filter_map(|step| if let Step::RenameDir(dir) = step { Some(*dir) } else { None });
        let fewest = dirs.min_by_key(|dir| (self.tree_in(*dir).1, std::cmp::Reverse(*dir)));
        match (must(fewest, "a cycle contains a rename"), cycle.first()) {
            (Some(dir), _) => {
                let path = self.reported.dir_path(dir);
                self.forget_roots_below(&path);
                self.forget_dir(dir);
            }
            // Whatever the cycle is, it ends.
            (None, Some(step)) => self.take(step),
            (None, None) => {}
        }
    }

    /// Emits the deletion of a renamed file, which is created at its new place later.
    fn forget_file(&mut self, from: &Place, to: &Place) {
        self.moved_files.remove(to);
        let mut rescanned = false;
        if let Some(file) = self.files.get_mut(to) {
            file.origin = Origin::New;
            rescanned = file.rescanned;
        }
        self.delete_file(from, rescanned);
    }

    /// The reported directories below `dir` and itself, parents first, and how many entries they have.
    fn tree_in(&self, dir: NodeId) -> (Vec<NodeId>, usize) {
        let mut dirs = vec![dir];
        let mut next = 0;
        let mut entries = 0;
        while let Some(dir) = dirs.get(next).copied() {
            next += 1;
            dirs.extend(self.reported.dirs_in(dir).map(|(_, dir)| dir));
            entries += self.store.children(dir).count();
        }
        (dirs, entries)
    }

    /// Emits the deletion of a directory and of all that is reported in it. Entries that still exist are created later.
    fn forget_dir(&mut self, dir: NodeId) {
        for dir in self.tree_in(dir).0.into_iter().rev() {
            self.forget_files_in(dir);
            let path = self.reported.dir_path(dir);
            self.emit(ChangeType::Deleted, path, true, false);
            self.moved_dirs.remove(&dir);
            let place = self.reported.arrive(dir).or_else(|| self.store.owned_place(dir));
            let departure = place.as_ref().and_then(|place| self.reported.departure(place));
            let gone = matches!(departure, Some(Departure::GoneDir { .. }));
            if let Some(place) = place {
                self.reported.depart(&place);
            }
            if !gone {
                self.reported.add_uncreated(dir, false);
            }
        }
    }

    fn forget_files_in(&mut self, dir: NodeId) {
        for (name, _) in self.store.files(dir) {
            let place = (dir, name.into());
            let waits = self.moved_files.contains_key(&place);
            let file = self.files.entry(place.clone()).or_insert_with(|| File::new(Origin::Here, false));
            // A new file is not reported yet, and one that waits to be moved here is elsewhere.
            if file.origin != Origin::New && !waits {
                if !file.is_closed_if_complete() {
                    self.unexamined.insert(place.clone());
                }
                file.origin = Origin::New;
                let path = self.reported.path(place.0, &place.1);
                self.emit(ChangeType::Deleted, path, false, false);
            }
        }
        for (place, departure) in self.departures_in(dir) {
            match departure {
                Departure::Gone { rescanned } => self.delete_file(&place, rescanned),
                Departure::Moved { to } => self.forget_file(&place, &to),
                Departure::GoneDir { .. } | Departure::MovedDir { .. } => {}
            }
        }
    }

    /// Emits the deletion of the roots below a directory that is about to be renamed or deleted: by their paths they
    /// are in it. Roots that still exist are created later.
    fn forget_roots_below(&mut self, path: &Path) {
        if !self.reports.directories || self.inner_roots.is_empty() {
            return;
        }
        let path = path.to_bytes();
        let is_below = |inner: &InnerRoot| inner.path != *path && is_within(&inner.path, &path);
        let below: Vec<NodeId> =
            self.inner_roots.iter().filter(|(_, inner)| is_below(inner)).map(|(root, _)| *root).collect();
        for root in below {
            let gone = self.gone_roots.contains(&root);
            let there = self.roots.is_there(root) && !self.reported.is_uncreated(root);
            // The directory above it may not be created again, so a file is deleted even if it still exists.
            let is_file = self.roots.only(root).is_some() && !self.store.is_empty(root);
            self.shifted |= (there || is_file) && !gone;
            if gone || there {
                self.forget_dir(root);
            } else {
                self.forget_files_in(root);
            }
            if gone {
                self.gone_roots.retain(|it| *it != root);
                self.reported.create(root);
            }
        }
    }

    // Creations and modifications.

    /// Emits the new entries, directories before their entries.
    fn create_all(&mut self) {
        let new = self.files.iter().filter(|(_, file)| file.origin == Origin::New);
        let files = self.reported.with_paths(new).into_iter().map(|(path, file)| (path, false, file.rescanned));
        let dirs = self.reported.uncreated().map(|(dir, rescanned)| (self.reported.dir_path(dir), true, rescanned));
        let mut created: Vec<_> = dirs.collect();
        created.extend(files);
        created.sort();
        for (path, directory, rescanned) in created {
            self.emit(ChangeType::Created, path, directory, rescanned);
        }
    }

    /// A path that is deleted and created again has one change: a file is modified, a directory has none.
    fn join_deleted_and_created(&mut self) {
        if self.shifted {
            return;
        }
        let of_type = |change_type| self.changes.iter().filter(move |change| change.change_type == change_type);
        let deleted: BTreeMap<&Path, bool> =
            of_type(ChangeType::Deleted).map(|change| (&change.path, change.directory)).collect();
        let again: BTreeSet<Path> = of_type(ChangeType::Created)
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

    /// Emits the complete files whose content is new at their paths, those in renamed directories among them.
    fn close_all(&mut self, moved_dirs: Vec<NodeId>) -> HashSet<Place> {
        let is_complete = |place: &Place| match self.store.write_state(place.0, &place.1) {
            Some(WriteState::Closed) => true,
            // Missed is worse than doubled.
            Some(WriteState::Unknown) => self.unexamined.contains(place),
            _ => false,
        };
        let files = self.files.iter().filter(|(place, file)| file.is_closed_if_complete() && is_complete(place));
        let mut closed: HashMap<Place, bool> = files.map(|(place, file)| (place.clone(), file.rescanned)).collect();
        let below = self.store.files_below(moved_dirs);
        for (place, _) in below.filter(|(_, writing)| *writing == WriteState::Closed) {
            closed.entry(place).or_insert(false);
        }
        let mut changes = self.reported.with_paths(closed.iter());
        changes.sort_unstable();
        for (path, rescanned) in changes {
            self.emit(ChangeType::Closed, path, false, *rescanned);
        }
        closed.into_keys().collect()
    }

    fn modify_all(&mut self, attributes: HashSet<NodeId>) {
        let is_modified = |file: &File| file.origin != Origin::New && (file.modified || file.attributes);
        let files = self.reported.with_paths(self.files.iter().filter(|(_, file)| is_modified(file)));
        let kind = |file: &File| if file.modified { ChangeType::Modified } else { ChangeType::Attributes };
        let mut changed: Vec<_> =
            files.into_iter().map(|(path, file)| (path, kind(file), false, file.rescanned)).collect();
        for dir in attributes {
            let gone = self.roots.path(dir).is_some() && !self.roots.is_there(dir);
            if !gone && !self.reported.is_uncreated(dir) {
                changed.push((self.reported.dir_path(dir), ChangeType::Attributes, true, false));
            }
        }
        changed.sort();
        for (path, change_type, directory, rescanned) in changed {
            self.emit(change_type, path, directory, rescanned);
        }
    }
}
