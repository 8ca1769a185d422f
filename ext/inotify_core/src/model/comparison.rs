//! The difference between a checkpoint and the trees that were scanned: the first batch of a watcher that goes on from
//! a checkpoint.
//!
//! Directories are matched first, from the roots down: one that is at the same path, or was renamed, which its inode
//! and birth time show. In those that are found, files are compared by name and stamp. Missing files are matched with
//! new ones by inode and birth time: they were renamed.
//!
//! A directory that cannot be watched now was not listed. Its entries are those of the checkpoint until it is, and all
//! files in it are reported then.
//!
//! It is pure: the driver stats what [`next_dir`](Comparison::next_dir) and [`unidentified`](Comparison::unidentified)
//! return. Most files were stat'ed when they were found by the first scan: see [`Recorded`].

use hashbrown::{HashMap, HashSet};

use crate::checkpoint::{Checkpoint, Entry, Root, read_files};
use crate::stamp::Stamp;

use super::Model;
use super::batch::{Batch, Dir, File, Origin};
use super::path::ITSELF;
use super::store::{NodeId, Place};

/// What a stat of a file said. `None`: it could not be made.
pub(crate) type Stated = Option<Stamp>;

/// The overflow that hides all changes in directories that were not listed: those of the engine begin with 1.
pub(crate) const UNSEEN: u64 = 0;

/// Which file or directory it is: the inode and the time it was made.
type Identity = (u64, i128);

/// The bytes that a checkpoint of now has for the files in a directory: of all that the model has. `None`: they are not
/// known.
pub(crate) type Recorded<'r> = &'r dyn Fn(NodeId) -> Option<&'r [u8]>;

/// See the module's description.
#[derive(Debug)]
pub(crate) struct Comparison<'c> {
    checkpoint: &'c Checkpoint,
    /// The directory of the model for each of the checkpoint. A missing one has a node that is nowhere.
    nodes: Vec<NodeId>,
    /// The number of the directory whose files are compared next.
    next: usize,
    batch: Batch,
    /// Directories that were not listed, as they or those above them are denied.
    unseen: HashSet<NodeId>,
    /// Directories that were renamed or may have been elsewhere for a while, or are in one that was.
    moved: HashSet<NodeId>,
    /// Files of the checkpoint that are not at their places.
    missing: Vec<(Place, Option<Entry>)>,
    /// Files that are new at their places, with which file each is as far as that is known.
    new: Vec<(Place, Stated)>,
    /// Roots that are files, and were.
    root_files: Vec<(NodeId, Option<Entry>)>,
    /// The files of the directory that is compared.
    open: Vec<(Box<[u8]>, Option<Entry>)>,
}

/// Which file a stamp is of, as far as that is known.
fn identity(stamp: &Stamp) -> Option<Identity> {
    Some((stamp.identity.2, stamp.born?))
}

/// The directories that only one of these is.
fn unique<T: Copy>(all: impl Iterator<Item = (T, Option<Identity>)>) -> HashMap<Identity, Option<T>> {
    let mut found = HashMap::new();
    for (it, identity) in all {
        if let Some(identity) = identity {
            found.entry(identity).and_modify(|other| *other = None).or_insert(Some(it));
        }
    }
    found
}

impl Model {
    /// Begins to compare the trees with a checkpoint of the same roots. `dirs`: the stamp of each directory; one of which
    /// it is not known may be missing. [`begin_with`](Self::begin_with) ends it.
    pub(crate) fn compare<'c>(&mut self, checkpoint: &'c Checkpoint, dirs: &HashMap<NodeId, Stamp>) -> Comparison<'c> {
        let mut comparison = Comparison {
            checkpoint,
            nodes: Vec::with_capacity(checkpoint.dirs()),
            next: 0,
            batch: Batch::default(),
            unseen: HashSet::new(),
            moved: HashSet::new(),
            missing: Vec::new(),
            new: Vec::new(),
            root_files: Vec::new(),
            open: Vec::new(),
        };
        let by_path: HashMap<Vec<u8>, NodeId> =
            self.roots.nodes().into_iter().filter_map(|root| Some((self.roots.path(root)?.to_vec(), root))).collect();
        let mut tops: HashMap<usize, NodeId> = HashMap::new();
        for ((path, _), known) in checkpoint.settings().roots.iter().zip(checkpoint.roots()) {
            let Some(root) = by_path.get(path).copied() else { continue };
            if let Root::Dir(dir) = known {
                tops.insert(*dir, root);
                // Unless the first scan found a file there before.
                if self.rescans.is_denied(root) && self.roots.only(root).is_none() {
                    self.roots.set_there(root, true);
                }
            }
            comparison.compare_root(self, root, *known);
        }
        self.match_dirs(&mut comparison, dirs, &tops);
        comparison
    }

    /// Finds the directory of the model for each of the checkpoint. The same one at the same path is sure. Else one
    /// that was renamed is looked for, and then one that replaced it at its path, unless that was renamed itself.
    fn match_dirs(&mut self, to: &mut Comparison<'_>, dirs: &HashMap<NodeId, Stamp>, tops: &HashMap<usize, NodeId>) {
        let checkpoint = to.checkpoint;
        let identity_of = |node: NodeId| dirs.get(&node).and_then(identity);
        let known = |dir: usize| checkpoint.dir(dir).and_then(|entry| identity(&entry.stamp));
        let present =
            unique(dirs.keys().filter(|node| !self.roots.contains(**node)).map(|node| (*node, identity_of(*node))));
        let before = unique((0..checkpoint.dirs()).map(|dir| (dir, known(dir))));
        // The times of a directory that was watched do not count.
        let settled = |dir: usize| checkpoint.dir(dir).filter(|entry| entry.settled).map(|entry| entry.stamp);
        let stamps_of = |dir: usize, node: NodeId| settled(dir).zip(dirs.get(&node));
        let mut claimed: HashSet<NodeId> = tops.values().copied().collect();
        for dir in 0..checkpoint.dirs() {
            let Some((parent, name)) = checkpoint.place(dir) else {
                // A root that is not watched any more has no part in this.
                let node = tops.get(&dir).copied().unwrap_or_else(|| self.store.create());
                to.nodes.push(node);
                if stamps_of(dir, node).is_some_and(|(before, now)| now.is_of_rename_since(&before)) {
                    to.moved.insert(node);
                }
                self.keep_unseen(to, dir, node);
                continue;
            };
            let Some((above, parent)) = to.nodes.get(parent).map(|node| (parent, *node)) else { continue };
            let here = self.store.find_dir(parent, name).filter(|node| !claimed.contains(node));
            let same = here.filter(|node| known(dir).is_some() && identity_of(*node) == known(dir));
            let renamed = || {
                let unambiguous = known(dir).filter(|known| before.get(known) == Some(&Some(dir)))?;
                let node = present.get(&unambiguous).copied().flatten();
                node.filter(|node| !claimed.contains(node))
            };
            let replaced = || here.filter(|node| identity_of(*node).is_none_or(|it| !before.contains_key(&it)));
            let found = same.or_else(renamed).or_else(replaced);
            let origin = (parent, Box::from(name));
            let node = match found {
                Some(node) => {
                    claimed.insert(node);
                    let is_renamed = self.store.place(node) != Some((parent, name));
                    if is_renamed {
                        to.batch.dirs.insert(node, Dir { origin: Some(origin), rescanned: true });
                    }
                    let may_have_left = || {
                        let is_restamped = |(before, now): (Stamp, &Stamp)| before.changed != now.changed;
                        let stamps = stamps_of(dir, node);
                        stamps.is_some_and(is_restamped) && stamps_of(above, parent).is_none_or(is_restamped)
                            || stamps.is_some_and(|(before, now)| now.is_of_rename_since(&before))
                    };
                    if is_renamed || to.moved.contains(&parent) || may_have_left() {
                        to.moved.insert(node);
                    }
                    node
                }
                // The path may be that of another root by now.
                None if to.unseen.contains(&parent)
                    && self.store.find(parent, name).is_none()
                    && self.is_included(parent, name, true) =>
                {
                    let node = self.store.create();
                    self.store.attach(parent, name, node);
                    to.unseen.insert(node);
                    claimed.insert(node);
                    node
                }
                None => {
                    let node = self.store.create();
                    to.batch.gone_dirs.insert(node, Dir { origin: Some(origin), rescanned: true });
                    to.batch.removed.push(node);
                    node
                }
            };
            to.nodes.push(node);
            self.keep_unseen(to, dir, node);
        }
        for node in self.directories().into_iter().filter(|node| !claimed.contains(node)) {
            if !self.roots.contains(node) {
                to.batch.dirs.insert(node, Dir { origin: None, rescanned: true });
            }
            to.add_new_files(self, node);
        }
    }

    /// Gives a directory that was not listed the files of the checkpoint. They are reported when it is.
    fn keep_unseen(&mut self, to: &mut Comparison<'_>, dir: usize, node: NodeId) {
        if !to.unseen.contains(&node) && !self.rescans.is_denied(node) || self.store.is_listed(node) {
            return;
        }
        to.unseen.insert(node);
        for (name, entry) in to.checkpoint.files(dir) {
            if self.store.find(node, &name).is_some() {
                continue;
            }
            if self.is_included(node, &name, false) {
                self.store.add_file(node, &name);
            } else {
                to.missing.push(((node, name), entry));
            }
        }
        self.rescans.set_unwatched(node);
        self.relist(node, Some(UNSEEN));
    }

    /// Ends the first scan: the differences from the checkpoint are pending, and entries that are found from here on are
    /// changes.
    pub(crate) fn begin_with(&mut self, comparison: Comparison<'_>) {
        let compared: Vec<NodeId> =
            comparison.nodes.iter().copied().filter(|dir| !comparison.unseen.contains(dir)).collect();
        let batch = comparison.finish();
        self.pending.begin_with(batch);
        self.close_unchanged(&compared);
    }
}

impl Comparison<'_> {
    fn compare_root(&mut self, model: &Model, root: NodeId, known: Root) {
        let is_there = model.roots.is_there(root);
        let was_there = matches!(known, Root::Dir(_));
        if is_there != was_there {
            self.batch.roots.insert(root, was_there);
        }
        let place: Place = (root, ITSELF.into());
        match (known, model.store.find(root, ITSELF).is_some()) {
            (Root::File(entry), true) => self.root_files.push((root, entry)),
            (Root::File(entry), false) => self.missing.push((place, entry)),
            (_, true) => self.new.push((place, None)),
            (_, false) => {}
        }
    }

    fn add_new_files(&mut self, model: &Model, dir: NodeId) {
        for name in model.files_in(dir) {
            self.new.push(((dir, name.into()), None));
        }
    }

    /// The next directory with files to be compared, and their names: stat them, and call
    /// [`apply`](Self::apply). Directories whose files are recorded are compared at once.
    pub(crate) fn next_dir(&mut self, model: &Model, recorded: Recorded<'_>) -> Option<(NodeId, Vec<Box<[u8]>>)> {
        if let Some((root, entry)) = self.root_files.pop() {
            self.open = vec![(ITSELF.into(), entry)];
            return Some((root, vec![ITSELF.into()]));
        }
        loop {
            let dir = self.next;
            let node = *self.nodes.get(dir)?;
            self.next += 1;
            self.open.clear();
            if self.unseen.contains(&node) {
                continue;
            }
            match recorded(node) {
                Some(files) if files == self.checkpoint.bytes_of_files(dir) => {}
                Some(files) => self.compare_recorded(dir, node, files),
                None => {
                    self.open = self.match_files(dir, node, model.files_in(node).into_iter().map(|name| (name, None)));
                    if !self.open.is_empty() {
                        return Some((node, self.open.iter().map(|(name, _)| name.clone()).collect()));
                    }
                }
            }
        }
    }

    fn compare_recorded(&mut self, dir: usize, node: NodeId, files: &[u8]) {
        let present: Vec<_> = read_files(files).filter_map(|(name, entry)| Some((name, entry?.stamp))).collect();
        let both = self.match_files(dir, node, present.iter().map(|(name, stamp)| (&**name, Some(*stamp))));
        let mut present = present.iter();
        let stated = both.iter().map(|(name, _)| present.find(|(other, _)| other == name).map(|(_, stamp)| *stamp));
        let stated: Vec<Stated> = stated.collect();
        self.open = both;
        self.apply(node, &stated);
    }

    /// Matches the files that are present in a directory, in the order of their names, with those of the checkpoint.
    /// Returns those that are in both.
    fn match_files<'n>(
        &mut self,
        dir: usize,
        node: NodeId,
        present: impl Iterator<Item = (&'n [u8], Stated)>,
    ) -> Vec<(Box<[u8]>, Option<Entry>)> {
        let mut both = Vec::new();
        let mut present = present.peekable();
        for (name, entry) in self.checkpoint.files(dir) {
            while let Some((new, stamp)) = present.next_if(|(present, _)| *present < &*name) {
                self.new.push(((node, new.into()), stamp));
            }
            match present.next_if(|(present, _)| *present == &*name) {
                Some(_) => both.push((name, entry)),
                None => self.missing.push(((node, name), entry)),
            }
        }
        self.new.extend(present.map(|(new, stamp)| ((node, Box::from(new)), stamp)));
        both
    }

    /// Compares the files of the last [`next_dir`](Self::next_dir) with what a stat said of each.
    pub(crate) fn apply(&mut self, dir: NodeId, stated: &[Stated]) {
        for ((name, entry), stamp) in std::mem::take(&mut self.open).into_iter().zip(stated) {
            let place = (dir, name);
            let known = entry.as_ref().and_then(|entry| identity(&entry.stamp));
            let found = stamp.as_ref().and_then(identity);
            if known.is_some() && found.is_some() && known != found {
                self.missing.push((place.clone(), entry));
                self.new.push((place, *stamp));
            } else if !is_unchanged(entry.as_ref(), stamp.as_ref())
                || entry.is_some_and(|it| it.unread) && self.moved.contains(&dir)
            {
                self.batch.file_modified(place, true);
            }
        }
    }

    /// Whether there are directories that were not listed.
    pub(crate) fn has_unseen(&self) -> bool {
        !self.unseen.is_empty()
    }

    /// New files that may be renamed ones: stat them, and call [`identify`](Self::identify).
    pub(crate) fn unidentified(&self) -> Vec<Place> {
        if !self.missing.iter().any(|(_, entry)| entry.is_some_and(|entry| entry.stamp.born.is_some())) {
            return Vec::new();
        }
        let mut places: Vec<Place> =
            self.new.iter().filter(|(_, stamp)| stamp.is_none()).map(|(place, _)| place.clone()).collect();
        places.sort_unstable();
        places
    }

    /// Takes what a stat said of a new file.
    pub(crate) fn identify(&mut self, stated: &HashMap<Place, Stamp>) {
        for (place, stamp) in self.new.iter_mut().filter(|(_, stamp)| stamp.is_none()) {
            *stamp = stated.get(place).copied();
        }
    }

    fn finish(mut self) -> Batch {
        let mut by_identity: HashMap<Identity, Vec<usize>> = HashMap::new();
        for (index, (_, entry)) in self.missing.iter().enumerate() {
            if let Some(identity) = entry.as_ref().and_then(|entry| identity(&entry.stamp)) {
                by_identity.entry(identity).or_default().push(index);
            }
        }
        let mut missing: Vec<Option<(Place, Option<Entry>)>> = self.missing.into_iter().map(Some).collect();
        let mut new = Vec::new();
        for (place, stamp) in self.new {
            let candidates = stamp.as_ref().and_then(identity).and_then(|identity| by_identity.get_mut(&identity));
            let Some((from, entry)) = candidates.and_then(Vec::pop).and_then(|index| missing.get_mut(index)?.take())
            else {
                new.push(place);
                continue;
            };
            let same = entry
                .zip(stamp)
                .is_some_and(|(it, stamp)| it.settled && !it.unread && it.stamp.has_same_content(&stamp));
            self.batch.files.insert(place, File { modified: !same, ..File::new(Origin::Elsewhere(from), true) });
        }
        self.batch.gone.extend(missing.into_iter().flatten().map(|(place, _)| (place, true)));
        for place in new {
            // One that is gone and new is another file at the same path.
            self.batch.file_added(place, true);
        }
        self.batch
    }
}

/// Whether a file is as the consumer was given it. A file that could not be stat'ed is not there any more, which an event
/// reports, or cannot be reached.
fn is_unchanged(entry: Option<&Entry>, stamp: Option<&Stamp>) -> bool {
    match (entry, stamp) {
        (Some(entry), Some(stamp)) => entry.settled && entry.stamp == stamp.without_device(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: Stamp = Stamp { identity: (8, 1, 5), size: 7, modified: 3, changed: 4, born: Some(2) };

    #[test]
    fn a_file_is_unchanged_if_all_of_its_stamp_is_the_same() {
        let entry = Entry { stamp: FILE.without_device(), settled: true, unread: false };
        assert!(is_unchanged(Some(&entry), Some(&FILE)));
        assert!(
            is_unchanged(Some(&entry), Some(&Stamp { identity: (8, 2, 5), ..FILE })),
            "the device may have another number"
        );
        for other in [
            Stamp { identity: (8, 1, 6), ..FILE },
            Stamp { size: 8, ..FILE },
            Stamp { modified: 4, ..FILE },
            Stamp { changed: 5, ..FILE },
            Stamp { born: None, ..FILE },
        ] {
            assert!(!is_unchanged(Some(&entry), Some(&other)), "{other:?}");
        }
        assert!(!is_unchanged(Some(&Entry { settled: false, ..entry }), Some(&FILE)));
        assert!(!is_unchanged(None, Some(&FILE)));
        assert!(!is_unchanged(Some(&entry), None));
    }

    #[test]
    fn another_file_that_got_the_inode_of_a_deleted_one_is_not_the_same() {
        assert_eq!(identity(&FILE), identity(&Stamp { size: 8, modified: 9, changed: 9, ..FILE }));
        assert_ne!(identity(&FILE), identity(&Stamp { born: Some(3), ..FILE }));
        assert_eq!(identity(&Stamp { born: None, ..FILE }), None, "it may be another one");
    }
}
