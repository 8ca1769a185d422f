//! A tree as it was told last, while it is being told of what happened since.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::batch::Place;
use super::nodes::{NodeId, Nodes};
use super::order::Step;
use super::path::{path_in, push};
use super::roots::Roots;

/// What has left its place, or will when its change is told.
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

/// The tree as far as it is told.
pub(super) struct Picture<'a> {
    pub(super) nodes: &'a Nodes,
    pub(super) roots: &'a Roots,
    /// Where directories are that are not at their place of now.
    pub(super) places: HashMap<NodeId, Place>,
    /// Directories that are not there yet.
    pub(super) unborn: HashSet<NodeId>,
    /// What is still at the places it will leave, by directory.
    pub(super) departures: HashMap<NodeId, BTreeMap<Box<[u8]>, Departure>>,
    /// Where directories are told of that did not come along when the one they are in was renamed, and are to be renamed
    /// themselves.
    pub(super) left_dirs: HashMap<NodeId, Vec<u8>>,
    /// The same for files, by the place that they leave.
    pub(super) left_files: HashMap<Place, Vec<u8>>,
}

impl<'a> Picture<'a> {
    pub(super) fn new(nodes: &'a Nodes, roots: &'a Roots) -> Self {
        Self {
            nodes,
            roots,
            places: HashMap::new(),
            unborn: HashSet::new(),
            departures: HashMap::new(),
            left_dirs: HashMap::new(),
            left_files: HashMap::new(),
        }
    }
}

impl Picture<'_> {
    pub(super) fn path(&self, dir: NodeId, name: &[u8]) -> Vec<u8> {
        if !self.left_files.is_empty() {
            if let Some(path) = self.left_files.get(&(dir, name.into())) {
                return path.clone();
            }
        }
        path_in(&self.dir_path(dir), name)
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

    /// The same with the path of each, nearly in the order of the paths: so they are sorted in no time.
    pub(super) fn with_paths<'b, T: Copy>(&self, places: impl Iterator<Item = (&'b Place, T)>) -> Vec<(Vec<u8>, T)> {
        let mut places: Vec<(&Place, T)> = places.collect();
        places.sort_unstable_by_key(|(place, _)| *place);
        let same_dir = |(one, _): &(&Place, T), (other, _): &(&Place, T)| one.0 == other.0;
        let dirs = places.chunk_by(same_dir).filter_map(|all| Some((self.dir_path(all.first()?.0.0), all)));
        let mut dirs: Vec<_> = dirs.collect();
        dirs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let paths =
            dirs.into_iter().flat_map(|(dir, all)| all.iter().map(move |((_, name), it)| (path_in(&dir, name), *it)));
        paths.collect()
    }

    pub(super) fn dir_path(&self, dir: NodeId) -> Vec<u8> {
        let mut names: Vec<&[u8]> = Vec::new();
        let mut at = dir;
        let mut path = loop {
            if let Some(left) = self.left_dirs.get(&at) {
                break left.clone();
            } else if let Some((parent, name)) = self.places.get(&at) {
                names.push(name);
                at = *parent;
            } else if let Some(given) = self.roots.path(at) {
                break given.to_vec();
            } else {
                names.push(self.nodes.name(at).unwrap_or_default());
                let Some(parent) = self.nodes.parent(at) else { break Vec::new() };
                at = parent;
            }
        };
        for name in names.into_iter().rev() {
            push(&mut path, name);
        }
        path
    }

    pub(super) fn departure(&self, (dir, name): &Place) -> Option<&Departure> {
        self.departures.get(dir)?.get(name)
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
