//! The changes since a batch, merged: for each file and directory, where it was then and its changes. A file that
//! was created and deleted since leaves nothing. So the size is bounded by the trees before and after, not by how much
//! happened.
//!
//! `mv a b; echo >> b` in the directory of node 1 leaves one entry,
//! `files[(1, "b")] = File { origin: Elsewhere((1, "a")), modified: true, … }`.

use hashbrown::{HashMap, HashSet};

use super::store::{NodeId, Place, Store};

/// The place of a file at the last batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It did not exist.
    New,
    /// The same as now.
    Here,
    /// Another one.
    Elsewhere(Place),
}

/// A file, and its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) origin: Origin,
    pub(super) modified: bool,
    pub(super) attributes: bool,
    /// Whether it was closed, or may have been.
    pub(super) closed: bool,
    pub(super) rescanned: bool,
}

impl File {
    pub(super) fn new(origin: Origin, rescanned: bool) -> Self {
        Self { origin, modified: false, attributes: false, closed: false, rescanned }
    }

    /// Whether it is reported as new or modified: the consumer reads it.
    pub(super) fn is_new_or_modified(&self) -> bool {
        self.modified || self.origin == Origin::New
    }

    /// Whether it is reported as closed, if it is complete: its content is new at its path.
    pub(super) fn is_closed_if_complete(&self) -> bool {
        self.closed || self.modified || self.origin != Origin::Here
    }

    /// Whether nothing happened to its content and attributes.
    pub(super) fn is_unchanged(&self) -> bool {
        !self.modified && !self.attributes && !self.closed
    }

    fn is_only_closed(&self) -> bool {
        self.origin == Origin::Here && !self.modified && !self.attributes
    }
}

/// A directory that is new, or has another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dir {
    /// The place at the last batch. `None`: it did not exist.
    pub(super) origin: Option<Place>,
    pub(super) rescanned: bool,
}

/// See the module's description.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// It distinguishes the batches that are recorded at a time.
    pub(super) number: u64,
    /// By their present places.
    pub(super) files: HashMap<Place, File>,
    /// Deleted files by their places, and whether a scan found that.
    pub(super) gone: HashMap<Place, bool>,
    pub(super) dirs: HashMap<NodeId, Dir>,
    /// Files and directories that may have been elsewhere for a while.
    pub(super) returned_files: HashSet<Place>,
    pub(super) returned_dirs: HashSet<NodeId>,
    /// Deleted directories.
    pub(super) gone_dirs: HashMap<NodeId, Dir>,
    /// Directories whose attributes changed.
    pub(super) attributes: HashSet<NodeId>,
    /// Roots that came or went: whether each existed at the last batch.
    pub(super) roots: HashMap<NodeId, bool>,
    /// Removed directories that may be reported until the batch is taken: no other directory has their ids so long.
    pub(super) removed: Vec<NodeId>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.gone.is_empty()
            && self.dirs.is_empty()
            && self.gone_dirs.is_empty()
            && self.attributes.is_empty()
            && self.roots.is_empty()
            && self.returned_files.is_empty()
            && self.returned_dirs.is_empty()
    }

    /// Whether nothing happened except for renames, each with both its events.
    pub(super) fn is_only_renames(&self) -> bool {
        let renamed = |file: &File| {
            matches!(file.origin, Origin::Elsewhere(_)) && !file.modified && !file.attributes && !file.rescanned
        };
        self.files.values().all(|file| file.is_only_closed() || renamed(file))
            && self.dirs.values().all(|dir| dir.origin.is_some() && !dir.rescanned)
            && self.returned_files.is_empty()
            && self.returned_dirs.is_empty()
            && self.gone.is_empty()
            && self.gone_dirs.is_empty()
            && self.attributes.is_empty()
            && self.roots.is_empty()
    }

    /// Whether a directory was elsewhere at the last batch.
    pub(super) fn is_moved(&self, dir: NodeId) -> bool {
        self.dirs.get(&dir).is_some_and(|it| it.origin.is_some())
    }

    /// Directories that were elsewhere at the last batch.
    pub(super) fn moved_dirs(&self) -> impl Iterator<Item = NodeId> {
        self.dirs.iter().filter(|(_, dir)| dir.origin.is_some()).map(|(dir, _)| *dir)
    }

    /// Files that were elsewhere, and where.
    pub(super) fn moved_files(&self) -> impl Iterator<Item = (&Place, &Place)> {
        self.files.iter().filter_map(|(place, file)| match &file.origin {
            Origin::Elsewhere(origin) => Some((place, origin)),
            _ => None,
        })
    }

    /// The places that renamed entries and deleted directories left.
    pub(super) fn left(&self) -> HashSet<&Place> {
        let dirs = self.dirs.values().chain(self.gone_dirs.values()).filter_map(|dir| dir.origin.as_ref());
        self.moved_files().map(|(_, origin)| origin).chain(dirs).collect()
    }

    /// The places of new and renamed entries.
    pub(super) fn arrivals(&self, store: &Store) -> impl Iterator<Item = Place> {
        let files = self.files.iter().filter(|(_, file)| file.origin != Origin::Here).map(|(place, _)| place.clone());
        files.chain(self.dirs.keys().filter_map(|dir| store.owned_place(*dir)))
    }

    /// Whether the file at a place is reported as new or modified.
    pub(super) fn reports(&self, place: &Place) -> bool {
        self.files.get(place).is_some_and(File::is_new_or_modified)
    }

    pub(super) fn file_added(&mut self, place: Place, rescanned: bool) {
        let mut file = File::new(Origin::New, rescanned);
        if self.gone.remove(&place).is_some() {
            // Deleted and created again: another file with the same path.
            file.origin = Origin::Here;
            file.modified = true;
        }
        self.files.insert(place, file);
    }

    pub(super) fn file_modified(&mut self, place: Place, rescanned: bool) {
        let file = self.files.entry(place).or_insert_with(|| File::new(Origin::Here, rescanned));
        file.modified = true;
        file.rescanned &= rescanned;
    }

    /// A file was closed. `rescanned`: no event says so.
    pub(super) fn file_closed(&mut self, place: Place, rescanned: bool) {
        self.files.entry(place).or_insert_with(|| File::new(Origin::Here, rescanned)).closed = true;
    }

    pub(super) fn file_attributes(&mut self, place: Place) {
        let file = self.files.entry(place).or_insert_with(|| File::new(Origin::Here, false));
        file.attributes = true;
        file.rescanned = false;
    }

    pub(super) fn file_removed(&mut self, place: Place, rescanned: bool) {
        let file = self.file_taken(place, rescanned);
        self.file_lost(file, rescanned);
    }

    /// A file left its place. `rescanned`: a scan found that.
    pub(super) fn file_taken(&mut self, place: Place, rescanned: bool) -> File {
        let mut file = self.files.remove(&place).unwrap_or_else(|| File::new(Origin::Here, rescanned));
        if file.origin == Origin::Here {
            file.origin = Origin::Elsewhere(place);
        }
        file
    }

    /// A file arrived at a place, which must be free.
    pub(super) fn file_put(&mut self, mut file: File, place: Place) {
        if matches!(&file.origin, Origin::Elsewhere(origin) if *origin == place) {
            file.origin = Origin::Here;
        }
        if file.origin == Origin::New && self.gone.remove(&place).is_some() {
            // An atomic save: a new file replaces a reported one.
            file.origin = Origin::Here;
            file.modified = true;
        }
        if file.is_only_closed() {
            self.returned_files.insert(place.clone());
            if !file.closed {
                return;
            }
        }
        self.files.insert(place, file);
    }

    /// A file may have been elsewhere for a while.
    pub(super) fn file_returned(&mut self, place: Place) {
        self.returned_files.insert(place);
    }

    /// A file that left its place arrives nowhere: it is gone.
    pub(super) fn file_lost(&mut self, file: File, rescanned: bool) {
        if let Origin::Elsewhere(origin) = file.origin {
            self.gone.insert(origin, rescanned);
        }
    }

    pub(super) fn dir_added(&mut self, dir: NodeId, rescanned: bool) {
        self.dirs.insert(dir, Dir { origin: None, rescanned });
    }

    /// A directory left `place`. `rescanned`: a scan found that.
    pub(super) fn dir_taken(&mut self, dir: NodeId, place: Place, rescanned: bool) {
        self.dirs.entry(dir).or_insert(Dir { origin: Some(place), rescanned });
    }

    /// A directory arrived at `place`.
    pub(super) fn dir_put(&mut self, dir: NodeId, place: &Place) {
        if self.dirs.get(&dir).is_some_and(|it| it.origin.as_ref() == Some(place)) {
            self.dirs.remove(&dir);
            self.dir_returned(dir);
        }
    }

    /// A directory may have been elsewhere for a while.
    pub(super) fn dir_returned(&mut self, dir: NodeId) {
        self.returned_dirs.insert(dir);
    }

    /// A directory that was at `place`, or nowhere, is gone. Returns whether that is reported: not if the directory was
    /// never reported, as then its entries came with it or from elsewhere.
    pub(super) fn dir_removed(&mut self, dir: NodeId, place: Option<Place>, rescanned: bool) -> bool {
        self.attributes.remove(&dir);
        let origin = match self.dirs.remove(&dir) {
            Some(it) => it.origin,
            None => place,
        };
        let mentioned = origin.is_some();
        if mentioned {
            self.gone_dirs.insert(dir, Dir { origin, rescanned });
        }
        mentioned
    }

    pub(super) fn dir_attributes(&mut self, dir: NodeId) {
        self.attributes.insert(dir);
    }

    /// Forgets the new entries below some roots, but not files from elsewhere, which left their places.
    pub(super) fn forget_in(&mut self, is_in: impl Fn(NodeId) -> bool) {
        self.files.retain(|(dir, _), file| matches!(file.origin, Origin::Elsewhere(_)) || !is_in(*dir));
        self.gone.retain(|(dir, _), _| !is_in(*dir));
        self.dirs.retain(|dir, it| it.origin.is_some() || !is_in(*dir));
        self.returned_files.retain(|(dir, _)| !is_in(*dir));
        self.returned_dirs.retain(|dir| !is_in(*dir));
        self.attributes.retain(|dir| !is_in(*dir));
        self.roots.retain(|root, _| !is_in(*root));
    }

    /// A root came or went.
    pub(super) fn root_changed(&mut self, root: NodeId, there: bool) {
        if self.roots.get(&root) == Some(&there) {
            self.roots.remove(&root);
        } else {
            self.roots.entry(root).or_insert(!there);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(dir: NodeId, name: &str) -> Place {
        (dir, name.as_bytes().into())
    }

    #[test]
    fn whatever_happens_leaves_something() {
        let dir = Store::default().create();
        let all: [fn(&mut Batch, NodeId); 8] = [
            |batch, dir| batch.file_added(place(dir, "a"), false),
            |batch, dir| batch.file_removed(place(dir, "a"), false),
            |batch, dir| batch.dir_added(dir, false),
            |batch, dir| assert!(batch.dir_removed(dir, Some(place(dir, "a")), false)),
            |batch, dir| batch.dir_attributes(dir),
            |batch, dir| batch.root_changed(dir, true),
            |batch, dir| batch.dir_returned(dir),
            |batch, dir| {
                let file = batch.file_taken(place(dir, "a"), false);
                batch.file_put(file, place(dir, "a"));
            },
        ];
        for happen in all {
            let mut batch = Batch::default();
            assert!(batch.is_empty());
            happen(&mut batch, dir);
            assert!(!batch.is_empty());
        }
    }

    #[test]
    fn new_and_modified_files_are_reported() {
        let dir = Store::default().create();
        let mut batch = Batch::default();
        batch.file_added(place(dir, "new"), false);
        batch.file_modified(place(dir, "modified"), false);
        batch.file_attributes(place(dir, "attributes"));
        let reported = ["new", "modified", "attributes", "none"].map(|name| batch.reports(&place(dir, name)));
        assert_eq!(reported, [true, true, false, false]);
    }
}
