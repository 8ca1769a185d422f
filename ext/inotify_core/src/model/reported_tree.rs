//! A tree as it was reported last, while it is being reported what happened since.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::batch::Place;
use super::nodes::{NodeId, Nodes};
use super::order::Step;
use super::path::Path;
use super::roots::Roots;

/// What has left its place, or will when its change is reported.
#[derive(Clone, Debug)]
pub(super) enum Departure {
    Gone { rescanned: bool },
    GoneDir { dir: NodeId, rescanned: bool },
    Moved { to: Place },
    MovedDir { dir: NodeId },
}

impl Departure {
    /// What makes the place free. A file that is gone is deleted at once, or replaced by what takes its place.
    pub(super) fn step(&self) -> Option<Step> {
        match self {
            Self::Gone { .. } => None,
            Self::GoneDir { dir, .. } => Some(Step::Gone(*dir)),
            Self::Moved { to } => Some(Step::File(to.clone())),
            Self::MovedDir { dir } => Some(Step::Dir(*dir)),
        }
    }
}

/// The tree as far as it is reported.
pub(super) struct ReportedTree<'a> {
    pub(super) nodes: &'a Nodes,
    pub(super) roots: &'a Roots,
    /// Where directories are that are not at their place of now.
    pub(super) places: HashMap<NodeId, Place>,
    /// Directories that are not there yet.
    pub(super) uncreated: HashSet<NodeId>,
    /// What is still at the places it will leave, by directory.
    pub(super) departures: HashMap<NodeId, BTreeMap<Box<[u8]>, Departure>>,
    /// Where directories are reported that did not come along when the one they are in was renamed, and are to be
    /// renamed themselves.
    pub(super) left_dirs: HashMap<NodeId, Path>,
    /// The same for files, by the place that they leave.
    pub(super) left_files: HashMap<Place, Path>,
    /// The paths of directories, as long as none of them gets another.
    paths: RefCell<HashMap<NodeId, Path>>,
}

impl<'a> ReportedTree<'a> {
    pub(super) fn new(nodes: &'a Nodes, roots: &'a Roots) -> Self {
        Self {
            nodes,
            roots,
            places: HashMap::new(),
            uncreated: HashSet::new(),
            departures: HashMap::new(),
            left_dirs: HashMap::new(),
            left_files: HashMap::new(),
            paths: RefCell::default(),
        }
    }
}

impl ReportedTree<'_> {
    pub(super) fn path(&self, dir: NodeId, name: &[u8]) -> Path {
        if !self.left_files.is_empty() {
            if let Some(path) = self.left_files.get(&(dir, name.into())) {
                return path.clone();
            }
        }
        self.dir_path(dir).entry(name)
    }

    /// A file stays known under its path when the directory it is in gets another.
    pub(super) fn leave_file(&mut self, place: Place) {
        let path = self.path(place.0, &place.1);
        self.left_files.insert(place, path);
    }

    /// A directory stays known under its path when the one it is in gets another.
    pub(super) fn leave_dir(&mut self, dir: NodeId) {
        let path = self.dir_path(dir);
        self.left_dirs.insert(dir, path);
    }

    /// A directory is at its place of now from here on. Returns where it was, if that is another.
    pub(super) fn arrive(&mut self, dir: NodeId) -> Option<Place> {
        self.paths = RefCell::default();
        self.left_dirs.remove(&dir);
        self.places.remove(&dir)
    }

    /// The same with the path of each, nearly in the order of the paths: so they are sorted in no time.
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
                names.push((at, self.nodes.name(at).unwrap_or_default()));
                let Some(parent) = self.nodes.parent(at) else { break Path::from([].as_slice()) };
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

    pub(super) fn departure(&self, (dir, name): &Place) -> Option<&Departure> {
        self.departures.get(dir)?.get(name)
    }

    /// The directory that a directory is in here, if that is gone, too.
    pub(super) fn gone_dir_of(&self, dir: NodeId) -> Option<NodeId> {
        let (above, _) = self.places.get(&dir)?;
        match self.departure(self.places.get(above)?) {
            Some(Departure::GoneDir { dir, .. }) if dir == above => Some(*dir),
            _ => None,
        }
    }

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

    pub(super) fn add_departure(&mut self, (dir, name): Place, departure: Departure) {
        self.departures.entry(dir).or_default().insert(name, departure);
    }
}
