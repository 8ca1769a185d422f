//! Files that are mounted one by one. What is written to such a file is no event of the directory it is mounted in, but
//! of the one it comes from: it has a watch of its own. So has a root that is a file with several names.

use std::collections::{BTreeMap, BTreeSet};

use crate::flags::Mask;

use super::batch::Place;
use super::nodes::{Child, NodeId};
use super::roots::ITSELF;
use super::{Effect, Model};

/// The watches of mounted files: `hosts` in node 7 has wd 12.
#[derive(Debug, Default)]
pub(super) struct MountedFiles {
    wds: BTreeMap<Place, i32>,
    /// A file may be mounted in several places.
    places: BTreeMap<i32, BTreeSet<Place>>,
}

impl MountedFiles {
    pub(super) fn is_empty(&self) -> bool {
        self.wds.is_empty()
    }

    pub(super) fn contains(&self, wd: i32) -> bool {
        self.places.contains_key(&wd)
    }

    pub(super) fn wds(&self) -> impl Iterator<Item = i32> + '_ {
        self.places.keys().copied()
    }

    fn insert(&mut self, place: Place, wd: i32) {
        self.places.entry(wd).or_default().insert(place.clone());
        self.wds.insert(place, wd);
    }

    /// Returns the wd, where that stands for no other place.
    fn remove(&mut self, place: &Place) -> Option<i32> {
        let wd = self.wds.remove(place)?;
        let places = self.places.get_mut(&wd)?;
        places.remove(place);
        if !places.is_empty() {
            return None;
        }
        self.places.remove(&wd);
        Some(wd)
    }

    /// The kernel dropped a watch.
    pub(super) fn watch_dropped(&mut self, wd: i32) {
        for place in self.places.remove(&wd).into_iter().flatten() {
            self.wds.remove(&place);
        }
    }

    fn places_in(&self, dir: NodeId) -> Vec<Place> {
        let first: Place = (dir, Box::default());
        self.wds.range(first..).map(|(place, _)| place).take_while(|(it, _)| *it == dir).cloned().collect()
    }
}

impl Model {
    /// The place of a file that is known at a path below a root or another directory, given relative to that.
    #[must_use]
    pub fn file_at(&self, dir: NodeId, path: &[u8]) -> Option<(NodeId, Box<[u8]>)> {
        let mut names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).peekable();
        if self.roots.only(dir).is_some() {
            return Some((dir, Box::from(ITSELF)))
                .filter(|(dir, name)| names.peek().is_none() && self.is_file(*dir, name));
        }
        let mut at = dir;
        while let Some(name) = names.next() {
            match self.nodes.find(at, name)? {
                Child::Dir(child) => at = child,
                Child::File => return names.peek().is_none().then(|| (at, name.into())),
            }
        }
        None
    }

    fn is_file(&self, dir: NodeId, name: &[u8]) -> bool {
        self.nodes.find(dir, name) == Some(Child::File)
    }

    /// The file at a place is a mounted one, and watched under this wd. Another one than before counts as modified.
    pub fn set_mounted(&mut self, dir: NodeId, name: &[u8], wd: i32) {
        let place = (dir, Box::from(name));
        if self.mounted.wds.get(&place) == Some(&wd) {
            return;
        }
        self.release_mounted(&place);
        self.mounted.insert(place.clone(), wd);
        self.pending.file_modified(&place, true);
    }

    /// Whether the file at a place is watched as a mounted one.
    #[must_use]
    pub fn has_mounted(&self, place: &(NodeId, Box<[u8]>)) -> bool {
        self.mounted.wds.contains_key(place)
    }

    /// Only at these places there are mounted files. Where there was another one, there is one from below it again.
    pub fn retain_mounted(&mut self, places: &BTreeSet<(NodeId, Box<[u8]>)>) {
        let gone: Vec<Place> = self.mounted.wds.keys().filter(|place| !places.contains(*place)).cloned().collect();
        for place in gone {
            self.release_mounted(&place);
            if self.is_file(place.0, &place.1) {
                self.pending.file_modified(&place, true);
            }
        }
    }

    pub(super) fn release_mounted(&mut self, place: &Place) {
        if let Some(wd) = self.mounted.remove(place) {
            self.effects.add(Effect::Unwatch(wd));
        }
    }

    pub(super) fn release_mounted_in(&mut self, dir: NodeId) {
        if !self.mounted.is_empty() {
            self.mounted.places_in(dir).iter().for_each(|place| self.release_mounted(place));
        }
    }

    /// Something happened to a mounted file.
    pub(super) fn apply_to_mounted(&mut self, wd: i32, mask: Mask) {
        let places = self.mounted.places.get(&wd).into_iter().flatten();
        let places: Vec<Place> = places.filter(|(dir, name)| self.is_file(*dir, name)).cloned().collect();
        for place in places {
            if mask.contains(Mask::MODIFY) {
                self.pending.file_modified(&place, false);
            } else if mask.contains(Mask::CLOSE_WRITE) {
                self.closed(place);
            } else if mask.contains(Mask::ATTRIB) {
                self.pending.file_attributes(&place);
            }
        }
    }
}
