//! Files with a watch of their own, called mounted here: those that are mounted one by one, and roots that are files with
//! several names. See [`WatchMap`](super::watch_map::WatchMap).

use std::collections::BTreeSet;

use crate::flags::Mask;

use super::path::ITSELF;
use super::store::{Child, NodeId, Place};
use super::watch_map::UNWATCHED;
use super::{Effect, Model};

impl Model {
    /// The place of the file at a path relative to a directory.
    #[must_use]
    pub fn file_at(&self, dir: NodeId, path: &[u8]) -> Option<(NodeId, Box<[u8]>)> {
        let (dir, name): (NodeId, &[u8]) = match self.roots.only(dir) {
            Some(_) if path.is_empty() => (dir, ITSELF),
            Some(_) => return None,
            None => self.store.resolve(dir, path)?,
        };
        self.is_file(dir, name).then(|| (dir, name.into()))
    }

    /// Whether there is a file at a place.
    #[must_use]
    pub fn is_file(&self, dir: NodeId, name: &[u8]) -> bool {
        self.store.find(dir, name) == Some(Child::File)
    }

    /// The file at a place is a mounted one with this wd. If it is another one than before, it is modified.
    pub fn set_mounted(&mut self, dir: NodeId, name: &[u8], wd: i32) {
        let place = (dir, Box::from(name));
        let before = self.watches.file_wd(&place);
        if before == Some(wd) {
            return;
        }
        self.release_mounted(&place);
        self.watches.add_file(place.clone(), wd);
        if before != Some(UNWATCHED) {
            self.file_modified(&place, true);
        }
    }

    /// A scan found another content in the file at a place.
    pub fn file_changed(&mut self, place: &(NodeId, Box<[u8]>)) {
        if self.is_file(place.0, &place.1) {
            self.file_modified(place, true);
        }
    }

    /// Whether the file at a place is watched as a mounted one.
    #[must_use]
    pub fn has_mounted(&self, place: &(NodeId, Box<[u8]>)) -> bool {
        self.watches.file_wd(place).is_some()
    }

    /// In these roots mounted files are at these places only. Where another one was, the file below it is visible again.
    pub fn retain_mounted(&mut self, places: &BTreeSet<(NodeId, Box<[u8]>)>, roots: impl Fn(NodeId) -> bool) {
        let is_gone = |place: &&Place| !places.contains(*place) && roots(self.root_of(place.0));
        let gone: Vec<Place> = self.watches.file_places().filter(is_gone).cloned().collect();
        for place in gone {
            self.release_mounted(&place);
            self.file_changed(&place);
        }
    }

    pub(super) fn release_mounted(&mut self, place: &Place) {
        if let Some(wd) = self.watches.remove_file(place) {
            self.effects.add(Effect::Unwatch(wd));
        }
    }

    pub(super) fn release_mounted_in(&mut self, dir: NodeId) {
        self.watches.file_places_in(dir).iter().for_each(|place| self.release_mounted(place));
    }

    /// Applies an event of the watch of a mounted file.
    pub(super) fn apply_to_mounted(&mut self, wd: i32, mask: Mask) {
        let places = self.watches.files(wd);
        let places: Vec<Place> = places.filter(|(dir, name)| self.is_file(*dir, name)).cloned().collect();
        places.into_iter().for_each(|place| self.apply_to_file(place, mask));
    }

    /// Applies an event of a file that another directory reports.
    pub(super) fn apply_to_file(&mut self, place: Place, mask: Mask) {
        if mask.contains(Mask::MODIFY) {
            self.file_modified(&place, false);
        } else if mask.contains(Mask::CLOSE_WRITE) {
            self.closed(place);
        } else if mask.contains(Mask::ATTRIB) {
            self.pending.file_attributes(&place);
        }
    }
}
