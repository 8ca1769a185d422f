//! The trees as the consumer knows them: the store without the changes since. [`ReportedTree`] is one while a batch is
//! computed: first as it was reported last, then with one change after the other applied. [`ConsumerTree`] is as of the
//! last batch that was taken, for a checkpoint.
//!
//! A reported tree is the store with what differs: after `mv a b` the store has `b` in node 1, and the tree has
//! `departures[1]["a"] = Moved { to: (1, "b") }` until the rename is emitted.

use std::cell::RefCell;
use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use crate::invariant::must;

use super::Model;
use super::batch::{Batch, Dir, File, Origin};
use super::path::{ITSELF, Path};
use super::roots::Roots;
use super::store::{NodeId, Place, Store};
use super::watch_map::is_polled;

/// Why an entry will leave its place.
#[derive(Clone, Debug)]
pub(super) enum Departure {
    /// The file is gone.
    Gone { rescanned: bool },
    /// The directory is gone.
    GoneDir { dir: NodeId, rescanned: bool },
    /// The file is renamed.
    Moved { to: Place },
    /// The directory is renamed.
    MovedDir { dir: NodeId },
}

/// The tree that the consumer knows.
#[derive(Debug)]
pub(super) struct ReportedTree<'a> {
    store: &'a Store,
    roots: &'a Roots,
    /// The places of directories that are elsewhere or gone in the store.
    places: HashMap<NodeId, Place>,
    /// New directories that are not created yet, and whether a scan found each.
    uncreated: HashMap<NodeId, bool>,
    /// The entries that will leave their places, by directory. No map is empty.
    departures: HashMap<NodeId, BTreeMap<Box<[u8]>, Departure>>,
    /// The paths of directories that stayed behind when a directory above them was renamed, until they are renamed
    /// themselves.
    left_dirs: HashMap<NodeId, Path>,
    /// The same for files, by the place that they will leave.
    left_files: HashMap<Place, Path>,
    /// The paths of directories, until one of them changes.
    paths: RefCell<HashMap<NodeId, Path>>,
}

impl<'a> ReportedTree<'a> {
    /// The tree before the changes of a batch, which lead to the one in the store.
    pub(super) fn of(batch: &Batch, store: &'a Store, roots: &'a Roots) -> Self {
        let mut tree = Self {
            store,
            roots,
            places: HashMap::new(),
            uncreated: HashMap::new(),
            departures: HashMap::new(),
            left_dirs: HashMap::new(),
            left_files: HashMap::new(),
            paths: RefCell::default(),
        };
        for (place, rescanned) in &batch.gone {
            tree.add_departure(place.clone(), Departure::Gone { rescanned: *rescanned });
        }
        for (place, origin) in batch.moved_files() {
            tree.add_departure(origin.clone(), Departure::Moved { to: place.clone() });
        }
        for (dir, Dir { origin, rescanned }) in &batch.gone_dirs {
            if let Some(origin) = must(origin.as_ref(), "a directory that nobody knows is not reported as gone") {
                tree.add_dir(*dir, origin, Departure::GoneDir { dir: *dir, rescanned: *rescanned });
            }
        }
        for (dir, Dir { origin, rescanned }) in &batch.dirs {
            match origin {
                None => tree.add_uncreated(*dir, *rescanned),
                Some(origin) => tree.add_dir(*dir, origin, Departure::MovedDir { dir: *dir }),
            }
        }
        for (root, _) in batch.roots.iter().filter(|(root, was_there)| !**was_there && roots.is_there(**root)) {
            tree.add_uncreated(*root, true);
        }
        tree
    }

    /// A directory is at another place than in the store, which it will leave.
    fn add_dir(&mut self, dir: NodeId, place: &Place, departure: Departure) {
        self.places.insert(dir, place.clone());
        self.add_departure(place.clone(), departure);
    }

    fn add_departure(&mut self, (dir, name): Place, departure: Departure) {
        self.departures.entry(dir).or_default().insert(name, departure);
    }

    /// A directory of the store does not exist yet. `rescanned`: whether a scan found it.
    pub(super) fn add_uncreated(&mut self, dir: NodeId, rescanned: bool) {
        self.uncreated.insert(dir, rescanned);
    }

    /// A directory exists from here on. Returns whether a scan found it; `None` if it existed before.
    pub(super) fn create(&mut self, dir: NodeId) -> Option<bool> {
        self.uncreated.remove(&dir)
    }

    pub(super) fn is_uncreated(&self, dir: NodeId) -> bool {
        self.uncreated.contains_key(&dir)
    }

    /// The new directories that are not created yet, and whether a scan found each.
    pub(super) fn uncreated(&self) -> impl Iterator<Item = (NodeId, bool)> + '_ {
        self.uncreated.iter().map(|(dir, rescanned)| (*dir, *rescanned))
    }

    /// Whether a directory is not at its place in the store yet, or gone there.
    pub(super) fn is_misplaced(&self, dir: NodeId) -> bool {
        self.places.contains_key(&dir)
    }

    /// A directory is at its place in the store from here on. Returns the place that it left, if that is another.
    pub(super) fn arrive(&mut self, dir: NodeId) -> Option<Place> {
        self.paths = RefCell::default();
        self.left_dirs.remove(&dir);
        self.places.remove(&dir)
    }

    /// The entry has left its place.
    pub(super) fn depart(&mut self, place: &Place) {
        self.left_files.remove(place);
        let (dir, name) = place;
        if let Some(names) = self.departures.get_mut(dir) {
            names.remove(name);
            if names.is_empty() {
                self.departures.remove(dir);
            }
        }
    }

    /// A directory that is gone has left its place. Returns whether a scan found that; `None` if it had left before.
    pub(super) fn delete_dir(&mut self, dir: NodeId) -> Option<bool> {
        let place = self.places.remove(&dir)?;
        let rescanned = match self.departure(&place) {
            Some(Departure::GoneDir { rescanned, .. }) => Some(*rescanned),
            _ => None,
        };
        self.depart(&place);
        Some(must(rescanned, "a deleted directory departs from its place").unwrap_or(false))
    }

    pub(super) fn departure(&self, (dir, name): &Place) -> Option<&Departure> {
        self.departures.get(dir)?.get(name)
    }

    /// The entries that will leave a directory.
    pub(super) fn departures_in(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], &Departure)> {
        self.departures.get(&dir).into_iter().flatten().map(|(name, departure)| (&**name, departure))
    }

    /// The entries that will leave their places.
    pub(super) fn departures(&self) -> impl Iterator<Item = (NodeId, &[u8], &Departure)> {
        self.departures.iter().flat_map(|(dir, names)| names.iter().map(|(name, departure)| (*dir, &**name, departure)))
    }

    /// Whether no entry has to leave a directory.
    pub(super) fn has_no_departures(&self, dir: NodeId) -> bool {
        !self.departures.contains_key(&dir)
    }

    /// The directory that a directory is in, if that is gone, too.
    pub(super) fn gone_dir_of(&self, dir: NodeId) -> Option<NodeId> {
        let (above, _) = self.places.get(&dir)?;
        match self.departure(self.places.get(above)?) {
            Some(Departure::GoneDir { dir, .. }) if dir == above => Some(*dir),
            _ => None,
        }
    }

    /// The files that will leave a directory, each with its place in the store. `None`: it is gone there.
    fn departing_files_in(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], Option<&Place>)> {
        self.departures_in(dir).filter_map(|(name, departure)| match departure {
            Departure::Gone { .. } => Some((name, None)),
            Departure::Moved { to } => Some((name, Some(to))),
            Departure::GoneDir { .. } | Departure::MovedDir { .. } => None,
        })
    }

    /// The directories that are in `dir`.
    pub(super) fn dirs_in(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], NodeId)> {
        self.staying_dirs_in(dir).chain(self.departures_in(dir).filter_map(|(name, departure)| match departure {
            Departure::GoneDir { dir, .. } | Departure::MovedDir { dir } => Some((name, *dir)),
            Departure::Gone { .. } | Departure::Moved { .. } => None,
        }))
    }

    /// The directories that are in `dir` and stay there.
    pub(super) fn staying_dirs_in(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], NodeId)> {
        self.store.dirs(dir).filter(|(_, dir)| !self.is_misplaced(*dir) && !self.is_uncreated(*dir))
    }

    // Paths.

    /// The path of a file.
    pub(super) fn path(&self, dir: NodeId, name: &[u8]) -> Path {
        if !self.left_files.is_empty() {
            if let Some(path) = self.left_files.get(&(dir, name.into())) {
                return path.clone();
            }
        }
        self.dir_path(dir).entry(name)
    }

    pub(super) fn dir_path(&self, dir: NodeId) -> Path {
        let mut paths = self.paths.borrow_mut();
        let mut names: Vec<(NodeId, &[u8])> = Vec::new();
        let mut at = dir;
        let mut path = loop {
            if let Some(path) = paths.get(&at).or_else(|| self.left_dirs.get(&at)) {
                break path.clone();
            } else if let Some((parent, name)) = self.places.get(&at) {
                names.push((at, name));
                at = *parent;
            } else if let Some(given) = self.roots.path(at) {
                break Path::from(given);
            } else {
                let above = must(self.store.place(at), "a directory that is reported is below a root");
                let Some((parent, name)) = above else { break Path::from([].as_slice()) };
                names.push((at, name));
                at = parent;
            }
        };
        paths.insert(at, path.clone());
        for (dir, name) in names.into_iter().rev() {
            path = path.entry(name);
            paths.insert(dir, path.clone());
        }
        path
    }

    /// Adds its path to each place. They come nearly in the order of the paths, so that sorting them is cheap.
    pub(super) fn with_paths<'b, T: Copy>(&self, places: impl Iterator<Item = (&'b Place, T)>) -> Vec<(Path, T)> {
        let mut places: Vec<(&Place, T)> = places.collect();
        places.sort_unstable_by_key(|(place, _)| *place);
        let same_dir = |(one, _): &(&Place, T), (other, _): &(&Place, T)| one.0 == other.0;
        let dirs = places.chunk_by(same_dir).filter_map(|all| Some((self.dir_path(all.first()?.0.0), all)));
        let mut dirs: Vec<_> = dirs.collect();
        dirs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let paths =
            dirs.into_iter().flat_map(|(dir, all)| all.iter().map(move |((_, name), it)| (dir.entry(name), *it)));
        paths.collect()
    }

    /// A file keeps its path when a directory above it is renamed.
    pub(super) fn leave_file(&mut self, place: Place) {
        let path = self.path(place.0, &place.1);
        self.left_files.insert(place, path);
    }

    /// A directory keeps its path when one above it is renamed.
    pub(super) fn leave_dir(&mut self, dir: NodeId) {
        let path = self.dir_path(dir);
        self.left_dirs.insert(dir, path);
    }

    /// What stayed behind at or below the path of `place` when a directory above it was renamed, and will leave.
    pub(super) fn left_behind_at(&self, place: &Place) -> Option<Departure> {
        if self.left_dirs.is_empty() && self.left_files.is_empty() {
            return None;
        }
        let path = self.path(place.0, &place.1);
        let mut dirs = self.left_dirs.iter().filter(|(_, left)| left.is_within(&path));
        let mut files = self.left_files.iter().filter(|(_, left)| left.is_within(&path));
        let dir = dirs.next().map(|(dir, _)| Departure::MovedDir { dir: *dir });
        dir.or_else(|| files.find_map(|(from, _)| self.departure(from).cloned()))
    }
}

/// A file that the consumer knows, and where it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Present<'a> {
    /// Its directory and name. `None`: it is gone.
    pub(crate) place: Option<(NodeId, &'a [u8])>,
    /// Whether nothing happened to its content since the consumer was given it.
    pub(crate) unchanged: bool,
    /// Whether it was at another path then.
    pub(crate) moved: bool,
}

/// What the consumer knows at the path of a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownRoot<'a> {
    /// Nothing.
    Nothing,
    /// A file.
    File(Present<'a>),
    /// A directory.
    Dir,
}

/// The trees as of the last batch that was taken.
#[derive(Debug)]
pub(crate) struct ConsumerTree<'a> {
    model: &'a Model,
    /// The changes since.
    since: Batch,
    reported: ReportedTree<'a>,
    /// Directories in which a file is in `since`.
    touched: HashSet<NodeId>,
}

impl Model {
    /// The trees as of the last batch that was taken. No rename may be open: see
    /// [`finish_pending`](Self::finish_pending).
    pub(crate) fn consumer_tree(&self) -> ConsumerTree<'_> {
        let since = self.pending.since_taken();
        let since = self.delivered.repeat_all(since.clone(), &self.store, self.pending.untaken());
        let reported = ReportedTree::of(&since, &self.store, &self.roots);
        let touched = since.files.keys().map(|(dir, _)| *dir).collect();
        ConsumerTree { model: self, since, reported, touched }
    }

    /// Whether one of the last batches that were taken reported a file.
    pub(crate) fn was_reported_lately(&self, dir: NodeId, name: &[u8]) -> bool {
        self.delivered.reported(&(dir, name.into()), self.pending.untaken())
    }

    /// Whether the changes of the files in a directory are known, and none of them is still to be found by a scan.
    pub(crate) fn is_known(&self, dir: NodeId) -> bool {
        self.store.wd(dir).is_some()
            && self.store.is_listed(dir)
            && !self.rescans.is_unknown(dir)
            && self.overflow_above(dir).is_none()
    }

    /// The same where they are known at once: changes in a polled directory are noticed later.
    pub(crate) fn is_covered(&self, dir: NodeId) -> bool {
        self.is_known(dir) && !self.store.wd(dir).is_some_and(is_polled)
    }
}

impl ConsumerTree<'_> {
    /// What the consumer knows at the path of a root.
    pub(crate) fn root(&self, root: NodeId) -> KnownRoot<'_> {
        if self.since.roots.get(&root).copied().unwrap_or_else(|| self.model.roots.is_there(root)) {
            return KnownRoot::Dir;
        }
        let files = self.files(root).into_iter();
        files
            .filter(|(name, _)| *name == ITSELF)
            .map(|(_, file)| KnownRoot::File(file))
            .next()
            .unwrap_or(KnownRoot::Nothing)
    }

    /// Whether the consumer knows the files in a directory as they are.
    pub(crate) fn is_unchanged(&self, dir: NodeId) -> bool {
        !self.touched.contains(&dir)
            && self.reported.departing_files_in(dir).next().is_none()
            && !self.model.has_incomplete_files(dir)
            && !self.is_moved(dir)
    }

    /// Whether a directory was at another path.
    fn is_moved(&self, dir: NodeId) -> bool {
        !self.since.dirs.is_empty() && self.model.store.upwards(dir).any(|dir| self.since.is_moved(dir))
    }

    /// The directories that the consumer knows in one, in the order of the names.
    pub(crate) fn dirs(&self, dir: NodeId) -> Vec<(&[u8], NodeId)> {
        let mut dirs: Vec<_> = self.reported.dirs_in(dir).collect();
        dirs.sort_unstable();
        dirs
    }

    /// The files that the consumer knows in a directory, in the order of the names.
    pub(crate) fn files_in(&self, dir: NodeId) -> Vec<(&[u8], Present<'_>)> {
        let mut files = self.files(dir);
        files.retain(|(name, _)| *name != ITSELF);
        files
    }

    fn files(&self, dir: NodeId) -> Vec<(&[u8], Present<'_>)> {
        let touched = self.touched.contains(&dir);
        let moved = self.is_moved(dir);
        let mut files = Vec::new();
        for (name, _) in self.model.store.files(dir) {
            let file = if touched { self.since.files.get(&(dir, name.into())) } else { None };
            if file.is_none_or(|file| file.origin == Origin::Here) {
                files.push((name, self.present(Some((dir, name)), file, moved)));
            }
        }
        for (name, place) in self.reported.departing_files_in(dir) {
            let file = place.and_then(|place| self.since.files.get(place));
            files.push((name, self.present(place.map(|(dir, name)| (*dir, &**name)), file, true)));
        }
        files.sort_unstable_by_key(|(name, _)| *name);
        files
    }

    fn present<'a>(&self, place: Option<(NodeId, &'a [u8])>, file: Option<&File>, moved: bool) -> Present<'a> {
        let complete = place.is_some_and(|(dir, name)| !self.model.is_incomplete(dir, name));
        Present { place, unchanged: complete && file.is_none_or(File::is_unchanged), moved }
    }
}
