//! A tree as it was told last, while it is being told of what happened since.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::batch::Place;
use super::nodes::{NodeId, Nodes};
use super::roots::{ITSELF, Roots};

/// What has left its place, or will when its change is told.
#[derive(Clone, Debug)]
pub(super) enum Departure {
    Gone { rescanned: bool },
    GoneDir { dir: NodeId, rescanned: bool },
    Moved { to: Place },
    MovedDir { dir: NodeId },
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
}

impl Picture<'_> {
    pub(super) fn path(&self, dir: NodeId, name: &[u8]) -> Vec<u8> {
        path_in(&self.dir_path(dir), name)
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
            if let Some((parent, name)) = self.places.get(&at) {
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

    pub(super) fn is_within(&self, dir: NodeId, ancestor: NodeId) -> bool {
        let mut at = Some(dir);
        while let Some(dir) = at {
            if dir == ancestor {
                return true;
            }
            at = self.places.get(&dir).map(|(parent, _)| *parent).or_else(|| self.nodes.parent(dir));
        }
        false
    }

    pub(super) fn departure(&self, (dir, name): &Place) -> Option<&Departure> {
        self.departures.get(dir)?.get(name)
    }

    pub(super) fn depart(&mut self, (dir, name): &Place) {
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

/// The path of an entry; of a root that is a file, its own.
fn path_in(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(dir.len() + 1 + name.len());
    path.extend_from_slice(dir);
    if name != ITSELF {
        push(&mut path, name);
    }
    path
}

fn push(path: &mut Vec<u8>, name: &[u8]) {
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
}
