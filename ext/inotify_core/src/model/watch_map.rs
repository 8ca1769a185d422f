//! The directories and files of each watch descriptor: nearly always one directory, as an inode has one watch and a directory one path.
//! Bind mounts, roots reached twice and scans of a tree in motion give it several. A file that is mounted, or is a root
//! and has several names, has a watch of its own, and is called mounted here: an event of a write through another name
//! comes to that directory, not to the one of its place.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::flags::Mask;
use crate::invariant::must;

use super::path::ITSELF;
use super::store::{NodeId, Place};
use super::{Effect, Model};

/// The directories and files of each wd. Directory 7 of wd 12 is `first[12] = 7`; when a bind mount shows it as directory 9 too,
/// `others[12] = [9]`.
#[derive(Debug, Default)]
pub(crate) struct WatchMap {
    first: Pages,
    others: HashMap<i32, Vec<NodeId>>,
    /// The roots that are files in the directory of a wd, by their name there.
    file_roots: BTreeMap<i32, BTreeMap<Box<[u8]>, Vec<NodeId>>>,
    /// How many wds have file roots and no directory.
    without_dir: usize,
    files: BTreeMap<Place, i32>,
    /// One file may be mounted in several places.
    places: BTreeMap<i32, BTreeSet<Place>>,
}

/// The number that the first polled directory has in the place of a wd. The kernel counts up from 1, and gives a number
/// again only when it has counted to the end: none is as large.
pub(crate) const FIRST_POLLED: i32 = 1 << 30;

/// Whether this is the number of a polled directory, which the kernel does not watch.
pub(crate) fn is_polled(wd: i32) -> bool {
    wd >= FIRST_POLLED
}

/// The number after this one.
pub(crate) fn next_polled(number: i32) -> i32 {
    number.wrapping_add(1).max(FIRST_POLLED)
}

/// In the place of a wd that another instance had. The kernel counts from 1.
pub(crate) const UNWATCHED: i32 = 0;

impl WatchMap {
    /// Another instance watches from now on. Returns the directories that had a watch. The places of files remain known.
    pub(crate) fn start_over(&mut self) -> Vec<NodeId> {
        let file_roots = self.file_roots.values().flat_map(BTreeMap::values).flatten().copied();
        let dirs = self.first.wds().flat_map(|wd| self.dirs(wd)).chain(file_roots).collect();
        self.first = Pages::default();
        self.others.clear();
        self.file_roots.clear();
        self.without_dir = 0;
        self.places.clear();
        self.files.values_mut().for_each(|wd| *wd = UNWATCHED);
        dirs
    }

    /// Whether anything may be polled.
    pub(crate) fn may_poll(&self) -> bool {
        self.first.polled > 0 || self.without_dir > 0
    }

    /// `only`: the node is a root that is the file of this name in the directory.
    pub(crate) fn add(&mut self, wd: i32, node: NodeId, only: Option<&[u8]>) {
        if let Some(name) = only {
            self.without_dir += usize::from(!self.has_nodes(wd));
            let roots = self.file_roots.entry(wd).or_default().entry(name.into()).or_default();
            if !roots.contains(&node) {
                roots.push(node);
            }
            return;
        }
        match self.first.get(wd) {
            None => {
                self.without_dir -= usize::from(self.file_roots.contains_key(&wd));
                self.first.insert(wd, node);
            }
            Some(first) if first == node => {}
            Some(_) => {
                let others = self.others.entry(wd).or_default();
                if !others.contains(&node) {
                    others.push(node);
                }
            }
        }
    }

    /// See [`add`](Self::add).
    pub(crate) fn remove(&mut self, wd: i32, node: NodeId, only: Option<&[u8]>) {
        if let Some(name) = only {
            return self.remove_file_root(wd, node, name);
        }
        if let Some(others) = self.others.get_mut(&wd) {
            others.retain(|it| *it != node);
            if self.first.get(wd) == Some(node) {
                if let Some(next) = others.pop() {
                    self.first.insert(wd, next);
                }
            }
            if others.is_empty() {
                self.others.remove(&wd);
            }
        } else if self.first.get(wd) == Some(node) {
            self.first.remove(wd);
            self.without_dir += usize::from(self.file_roots.contains_key(&wd));
        }
    }

    fn remove_file_root(&mut self, wd: i32, node: NodeId, name: &[u8]) {
        let Some(names) = self.file_roots.get_mut(&wd) else { return };
        if let Some(roots) = names.get_mut(name) {
            roots.retain(|it| *it != node);
            if roots.is_empty() {
                names.remove(name);
            }
        }
        if names.is_empty() {
            self.file_roots.remove(&wd);
            self.without_dir -= usize::from(!self.first.contains(wd));
        }
    }

    /// The roots that are the file of this name in the directory of a wd.
    pub(crate) fn file_roots(&self, wd: i32, name: &[u8]) -> impl Iterator<Item = NodeId> + '_ {
        self.file_roots.get(&wd).and_then(|names| names.get(name)).into_iter().flatten().copied()
    }

    /// The directories of a wd, and the roots that are files in it.
    pub(crate) fn nodes(&self, wd: i32) -> impl Iterator<Item = NodeId> + '_ {
        let file_roots = self.file_roots.get(&wd).into_iter().flat_map(BTreeMap::values).flatten().copied();
        self.dirs(wd).chain(file_roots)
    }

    pub(crate) fn has_nodes(&self, wd: i32) -> bool {
        self.has_dirs(wd) || self.file_roots.contains_key(&wd)
    }

    /// The directories of a wd: none of them is a root that is a file.
    pub(crate) fn dirs(&self, wd: i32) -> impl Iterator<Item = NodeId> + '_ {
        self.first.get(wd).into_iter().chain(self.others.get(&wd).into_iter().flatten().copied())
    }

    pub(crate) fn has_dirs(&self, wd: i32) -> bool {
        self.first.contains(wd)
    }

    /// How many watches of the kernel there are.
    pub(crate) fn len(&self) -> usize {
        let polled = self.file_roots.range(FIRST_POLLED..).filter(|(wd, _)| !self.first.contains(**wd)).count();
        self.first.len() - self.first.polled + self.without_dir - polled + self.places.len()
    }

    /// Those watches.
    pub(crate) fn wds(&self) -> impl Iterator<Item = i32> + '_ {
        let without_dir = self.file_roots.keys().copied().filter(|wd| !self.first.contains(*wd));
        self.first.wds().chain(without_dir).filter(|wd| !is_polled(*wd)).chain(self.places.keys().copied())
    }

    /// Of directories only.
    pub(crate) fn dir_wds(&self) -> impl Iterator<Item = i32> + '_ {
        self.first.wds()
    }

    pub(crate) fn contains(&self, wd: i32) -> bool {
        self.has_nodes(wd) || self.has_files(wd)
    }

    // Files with a watch of their own.

    pub(crate) fn has_files(&self, wd: i32) -> bool {
        self.places.contains_key(&wd)
    }

    /// The places of the file of a wd.
    pub(crate) fn files(&self, wd: i32) -> impl Iterator<Item = &Place> {
        self.places.get(&wd).into_iter().flatten()
    }

    pub(crate) fn file_wd(&self, place: &Place) -> Option<i32> {
        self.files.get(place).copied()
    }

    /// All places of such files.
    pub(crate) fn file_places(&self) -> impl Iterator<Item = &Place> {
        self.files.keys()
    }

    /// The places of such files in a directory.
    pub(crate) fn file_places_in(&self, dir: NodeId) -> Vec<Place> {
        let first: Place = (dir, Box::default());
        self.files.range(first..).map(|(place, _)| place).take_while(|(it, _)| *it == dir).cloned().collect()
    }

    pub(crate) fn add_file(&mut self, place: Place, wd: i32) {
        self.places.entry(wd).or_default().insert(place.clone());
        let before = self.files.insert(place, wd);
        debug_assert!(before.is_none_or(|before| before == wd), "a file is added once");
    }

    /// Returns the wd if that stands for no other place.
    pub(crate) fn remove_file(&mut self, place: &Place) -> Option<i32> {
        let wd = self.files.remove(place).filter(|wd| *wd != UNWATCHED)?;
        let places = must(self.places.get_mut(&wd), "a watched file has a place")?;
        places.remove(place);
        if !places.is_empty() {
            return None;
        }
        self.places.remove(&wd);
        Some(wd)
    }

    /// The kernel dropped the watch of a file.
    pub(crate) fn forget_files(&mut self, wd: i32) {
        for place in self.places.remove(&wd).into_iter().flatten() {
            self.files.remove(&place);
        }
    }
}

/// How many wds share a page, as a power of two.
const PAGE: u32 = 7;

#[derive(Debug)]
struct Page {
    used: usize,
    nodes: [NodeId; 1 << PAGE],
}

/// Directories by wd. The kernel counts wds up, so most of those in use have their neighbours in use, too: little more
/// than four bytes for each.
#[derive(Debug, Default)]
struct Pages {
    pages: BTreeMap<i32, Box<Page>>,
    len: usize,
    /// How many are numbers of polled directories.
    polled: usize,
}

fn split(wd: i32) -> (i32, usize) {
    (wd >> PAGE, (wd & ((1 << PAGE) - 1)) as usize)
}

impl Pages {
    fn get(&self, wd: i32) -> Option<NodeId> {
        let (page, index) = split(wd);
        self.pages.get(&page)?.nodes.get(index).copied().filter(|node| *node != NodeId::NOWHERE)
    }

    fn contains(&self, wd: i32) -> bool {
        self.get(wd).is_some()
    }

    fn len(&self) -> usize {
        self.len
    }

    fn insert(&mut self, wd: i32, node: NodeId) {
        let (page, index) = split(wd);
        let new = || Box::new(Page { used: 0, nodes: [NodeId::NOWHERE; 1 << PAGE] });
        let page = self.pages.entry(page).or_insert_with(new);
        if let Some(slot) = must(page.nodes.get_mut(index), "an index is within its page") {
            if *slot == NodeId::NOWHERE {
                page.used += 1;
                self.len += 1;
                self.polled += usize::from(is_polled(wd));
            }
            *slot = node;
        }
    }

    fn remove(&mut self, wd: i32) {
        let (number, index) = split(wd);
        let Some(page) = self.pages.get_mut(&number) else { return };
        let Some(slot) = page.nodes.get_mut(index).filter(|slot| **slot != NodeId::NOWHERE) else { return };
        *slot = NodeId::NOWHERE;
        page.used -= 1;
        self.len -= 1;
        self.polled -= usize::from(is_polled(wd));
        if page.used == 0 {
            self.pages.remove(&number);
        }
    }

    /// In ascending order.
    fn wds(&self) -> impl Iterator<Item = i32> + '_ {
        let entries = self.pages.iter().flat_map(|(number, page)| (*number << PAGE..).zip(page.nodes));
        entries.filter(|(_, node)| *node != NodeId::NOWHERE).map(|(wd, _)| wd)
    }
}

impl Model {
    /// The place of the file at a path relative to a directory.
    pub(crate) fn file_at(&self, dir: NodeId, path: &[u8]) -> Option<(NodeId, Box<[u8]>)> {
        let (dir, name): (NodeId, &[u8]) = match self.roots.only(dir) {
            Some(_) if path.is_empty() => (dir, ITSELF),
            Some(_) => return None,
            None => self.store.resolve(dir, path)?,
        };
        self.is_file(dir, name).then(|| (dir, name.into()))
    }

    /// Whether there is a file at a place.
    pub(crate) fn is_file(&self, dir: NodeId, name: &[u8]) -> bool {
        self.store.is_file(dir, name)
    }

    /// The file at a place is a mounted one with this wd. If it is another one than before, it is modified.
    pub(crate) fn set_mounted(&mut self, dir: NodeId, name: &[u8], wd: i32) {
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
    pub(crate) fn file_changed(&mut self, place: &(NodeId, Box<[u8]>)) {
        if self.is_file(place.0, &place.1) {
            self.file_modified(place, true);
        }
    }

    /// Whether the file at a place is watched as a mounted one.
    pub(crate) fn has_mounted(&self, place: &(NodeId, Box<[u8]>)) -> bool {
        self.watches.file_wd(place).is_some()
    }

    /// In these roots mounted files are at these places only. Where another one was, the file below it is visible again.
    pub(crate) fn retain_mounted(&mut self, places: &BTreeSet<(NodeId, Box<[u8]>)>, roots: impl Fn(NodeId) -> bool) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::store::Store;

    /// Directories, to have ids of.
    fn dirs(count: usize) -> Vec<NodeId> {
        let mut store = Store::default();
        (0..count).map(|_| store.create()).collect()
    }

    #[test]
    fn a_directory_that_is_added_twice_is_there_once() {
        let (mut map, dirs) = (WatchMap::default(), dirs(2));
        for dir in [&dirs[0], &dirs[0], &dirs[1], &dirs[1]] {
            map.add(7, *dir, None);
        }
        assert_eq!(map.dirs(7).collect::<Vec<_>>(), dirs);
        assert_eq!(map.len(), 1);
    }

    #[test]
    fn a_wd_stands_for_those_that_are_left() {
        let (mut map, dirs) = (WatchMap::default(), dirs(3));
        dirs.iter().for_each(|dir| map.add(7, *dir, None));
        map.remove(7, dirs[0], None);
        map.remove(7, dirs[2], None);
        assert_eq!(map.dirs(7).collect::<Vec<_>>(), [dirs[1]]);
    }

    #[test]
    fn the_last_one_that_is_removed_is_reported_from_the_others() {
        let (mut map, dirs) = (WatchMap::default(), dirs(2));
        map.add(7, dirs[0], None);
        map.remove(7, dirs[1], None);
        assert!(map.has_dirs(7));
        map.remove(7, dirs[0], None);
        assert!(!map.has_dirs(7));
        map.remove(7, dirs[0], None);
        assert_eq!(map.len(), 0);
    }

    #[test]
    fn a_watch_of_a_directory_and_of_files_in_it_is_counted_once() {
        let (mut map, dirs) = (WatchMap::default(), dirs(3));
        let steps: [(bool, NodeId, Option<&[u8]>, usize); 6] = [
            (true, dirs[0], Some(b"a"), 1),
            (true, dirs[1], None, 1),
            (true, dirs[2], Some(b"b"), 1),
            (false, dirs[1], None, 1),
            (false, dirs[0], Some(b"a"), 1),
            (false, dirs[2], Some(b"b"), 0),
        ];
        for (adds, node, only, count) in steps {
            if adds {
                map.add(7, node, only)
            } else {
                map.remove(7, node, only)
            }
            assert_eq!((map.len(), map.wds().count()), (count, count));
        }
    }

    #[test]
    fn a_file_root_is_found_by_its_name() {
        let (mut map, dirs) = (WatchMap::default(), dirs(3));
        map.add(7, dirs[0], None);
        map.add(7, dirs[1], Some(b"a"));
        map.add(7, dirs[2], Some(b"b"));
        assert_eq!(map.file_roots(7, b"b").collect::<Vec<_>>(), [dirs[2]]);
        assert_eq!(map.dirs(7).collect::<Vec<_>>(), [dirs[0]]);
        assert_eq!(map.nodes(7).collect::<Vec<_>>(), dirs);
    }
}
