//! Directories that are polled: the last scan of each, and the numbers that they have in the place of a wd.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::directory::FOLLOWED;
use crate::flags::Mask;
use crate::model::{FIRST_POLLED, Followed, FoundRename, Kind, Model, NodeId, is_polled, next_polled};
use crate::moment::SECOND;
use crate::mountinfo::{Mounts, RemoteMounts};
use crate::system::{Symlinks, System};

use super::access::{Obstacle, TREE_MASK, watch};
use super::snapshot::{Gone, PolledFile, Snapshot};

/// A name in a directory.
type Place = (NodeId, Box<[u8]>);

/// A device and inode.
type Identity = (u32, u32, u64);

/// See the module's description.
#[derive(Debug)]
pub(crate) struct Polled {
    /// Whether directories without a watch are polled.
    on: bool,
    wds: HashMap<Identity, i32>,
    identities: HashMap<i32, Identity>,
    /// The number that the next one gets. None is used twice.
    next: i32,
    /// By node: one directory may be mounted in several places, and the mounts in it differ from place to place.
    snapshots: BTreeMap<NodeId, Snapshot>,
    /// How many files they have.
    files: usize,
    /// The files in polled directories that roots and links lead to, and the number of the directory.
    targets: HashMap<Followed, (i32, PolledFile)>,
    remote: RemoteMounts,
}

impl Polled {
    pub(super) fn new(on: bool) -> Self {
        Self {
            on,
            wds: HashMap::new(),
            identities: HashMap::new(),
            next: FIRST_POLLED,
            snapshots: BTreeMap::new(),
            files: 0,
            targets: HashMap::new(),
            remote: RemoteMounts::default(),
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Takes the mounts as they were read last.
    pub(super) fn set_mounts(&mut self, mounts: &Mounts) {
        if self.on {
            self.remote = RemoteMounts::of(mounts);
        }
    }

    /// Whether a file system is mounted somewhere that others change unseen.
    pub(super) fn has_remote(&self) -> bool {
        !self.remote.is_empty()
    }

    /// Whether one may be mounted at a path that ends with this name.
    pub(super) fn may_be_remote(&self, name: &[u8]) -> bool {
        self.remote.may_be_at(name)
    }

    /// Whether one is mounted at this real path.
    pub(super) fn is_remote(&self, path: &[u8]) -> bool {
        self.remote.contains(path)
    }

    /// Watches an open directory. Beyond the limit of watches it is polled.
    pub(super) fn watch<S: System>(&mut self, system: &S, dir: &S::File, mask: Mask) -> Result<i32, Obstacle> {
        match watch(system, dir, mask) {
            Err(Obstacle::Denied(libc::ENOSPC)) if self.on => {
                Ok(self.wd(system.stat(Some(dir), b"", Symlinks::Kept)?.stamp.identity))
            }
            watched => watched,
        }
    }

    /// The number of a polled directory.
    pub(super) fn wd(&mut self, identity: Identity) -> i32 {
        let Self { wds, identities, next, .. } = self;
        *wds.entry(identity).or_insert_with(|| {
            let wd = *next;
            *next = next_polled(wd);
            identities.insert(wd, identity);
            wd
        })
    }

    /// The directory of a number.
    pub(super) fn identity(&self, wd: i32) -> Option<Identity> {
        self.identities.get(&wd).copied()
    }

    /// The number of the directory of a root that is a file, which is scanned by its path.
    pub(super) fn wd_of_file(&mut self, root: NodeId) -> i32 {
        self.wd((u32::MAX, u32::MAX, root.number()))
    }

    /// Whether this number is that of a directory.
    pub(super) fn is_at(&self, wd: i32, identity: Identity) -> bool {
        self.identity(wd) == Some(identity)
    }

    /// Nothing refers to this number any more.
    pub(super) fn forget(&mut self, wd: i32) {
        if let Some(identity) = self.identities.remove(&wd) {
            self.wds.remove(&identity);
        }
    }

    /// Takes the last scan of a directory.
    pub(super) fn take(&mut self, node: NodeId) -> Option<Snapshot> {
        let taken = self.snapshots.remove(&node);
        self.files -= taken.as_ref().map_or(0, Snapshot::files);
        taken
    }

    /// Keeps the last scan of a directory.
    pub(super) fn put(&mut self, node: NodeId, snapshot: Snapshot) {
        self.take(node);
        self.files += snapshot.files();
        self.snapshots.insert(node, snapshot);
    }

    /// The directories that were listed since this was asked last.
    pub(super) fn take_listed(&mut self) -> Vec<NodeId> {
        let listed = self.snapshots.iter_mut().filter_map(|(node, snapshot)| snapshot.take_listed().then_some(*node));
        listed.collect()
    }

    /// The last scan of a directory.
    pub(super) fn get(&self, node: NodeId) -> Option<&Snapshot> {
        self.snapshots.get(&node)
    }

    /// The same, to note what the model knows by now.
    pub(super) fn get_mut(&mut self, node: NodeId) -> Option<&mut Snapshot> {
        self.snapshots.get_mut(&node)
    }

    /// The last scan of a directory is applied to the model.
    pub(super) fn settle(&mut self, model: &Model, node: NodeId) {
        let Some(mut snapshot) = self.take(node) else { return };
        let wd = model.wd(node).filter(|wd| is_polled(*wd));
        if wd.is_some_and(|wd| self.is_at(wd, snapshot.identity())) {
            // One that is included and not in the model may come back to it before the next scan: a link that is examined.
            let is_included =
                |name: &[u8], kind| model.includes(node, name, Kind::File) || model.includes(node, name, kind);
            snapshot.settle(|name, kind| kind != Kind::Dir && !model.has_entry(node, name) && !is_included(name, kind));
            self.put(node, snapshot);
        }
    }

    /// Forgets directories that are not polled any more, and not compared once more. Returns the nodes of all others.
    pub(super) fn retain(&mut self, model: &Model) -> Vec<NodeId> {
        let Self { snapshots, identities, wds, files, targets, .. } = self;
        if wds.len() > snapshots.len() {
            wds.retain(|_, wd| model.knows(*wd) || targets.values().any(|(target, _)| target == wd));
            identities.retain(|wd, identity| wds.get(identity) == Some(wd));
        }
        snapshots.retain(|node, snapshot| {
            // One that is watched by now is compared with its next listing.
            let retained = model.wd(*node).is_some_and(|wd| {
                if is_polled(wd) {
                    identities.get(&wd) == Some(&snapshot.identity())
                } else {
                    model.wants_listing(*node, wd)
                }
            });
            *files -= if retained { 0 } else { snapshot.files() };
            retained
        });
        snapshots.keys().copied().collect()
    }

    /// How many directories are polled, and how many files in them.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.snapshots.len(), self.files)
    }

    /// The symbolic link at a path: the wd of the directory it is in, its name, and itself.
    pub(super) fn link_at<S: System>(
        &mut self,
        system: &S,
        path: &[u8],
    ) -> Result<(i32, Vec<u8>, PolledFile), Obstacle> {
        let slash = path.iter().rposition(|byte| *byte == b'/').ok_or(Obstacle::Nothing)?;
        let (dir, name) = path.split_at(slash + 1);
        let dir = system.open(None, dir, FOLLOWED)?;
        let clocks = system.clocks();
        let stat = system.stat(Some(&dir), name, Symlinks::Kept)?;
        if stat.format != libc::S_IFLNK {
            return Err(Obstacle::Nothing);
        }
        let wd = self.watch(system, &dir, TREE_MASK.union(Mask::MASK_ADD))?;
        // It may have been replaced before the watch.
        let stat = system.stat(Some(&dir), name, Symlinks::Kept).unwrap_or(stat);
        Ok((wd, name.to_vec(), PolledFile::new(system, stat, &clocks)))
    }

    /// A path leads to this file in the polled directory of this number.
    pub(super) fn set_target(&mut self, followed: Followed, wd: i32, file: PolledFile) {
        self.targets.insert(followed, (wd, file));
    }

    /// The file that a path leads to, if that is polled.
    pub(super) fn target(&self, followed: Followed) -> Option<PolledFile> {
        self.targets.get(&followed).map(|(_, file)| *file)
    }

    /// A path does not lead to such a file any more.
    pub(super) fn forget_target(&mut self, followed: Followed) {
        self.targets.remove(&followed);
    }

    /// The renames that scans of these directories found: one inode that left one place and came to another.
    pub(super) fn renames<S: System>(&self, system: &S, nodes: &[NodeId], model: &Model) -> Vec<FoundRename> {
        let mut gone: HashMap<Identity, Option<(Place, Gone)>> = HashMap::new();
        let all = || nodes.iter().filter_map(|node| Some((*node, self.snapshots.get(node)?)));
        for (node, snapshot) in all() {
            for found in snapshot.gone() {
                // The last scan of a directory itself knows better which one it was.
                let child = model.child(node, &found.name).and_then(|child| self.snapshots.get(&child));
                let stamp = child.map_or(found.stamp, Snapshot::stamp);
                let place = (node, found.name.clone());
                let is_first = !gone.contains_key(&stamp.identity);
                let only = is_first.then(|| (place, Gone { stamp, ..found.clone() }));
                gone.insert(stamp.identity, only);
            }
        }
        if gone.is_empty() {
            return Vec::new();
        }
        let mut renames = Vec::new();
        for (node, snapshot) in all() {
            for (name, kind, stamp) in snapshot.new_entries() {
                // Two names of one file: none of them is certain.
                let Some(Some((from, found))) = gone.insert(stamp.identity, None) else { continue };
                let same = found.stamp.has_same_content(&stamp);
                if found.kind == kind && (same || kind == Kind::Dir) {
                    let doubtful =
                        || found.doubtful && may_have_changed(system, model, (from.0, &from.1), found.stamp.changed);
                    // A stamp of whole seconds is no proof.
                    let modified = found.changed || doubtful() || stamp.modified % SECOND == 0;
                    renames.push(FoundRename { from, to: (node, name.into()), kind, modified });
                }
            }
        }
        renames
    }
}

/// Whether a file of this time stamp may have changed after it was reported last, if the stamp may stand for two changes.
pub(super) fn may_have_changed<S: System>(
    system: &S,
    model: &Model,
    (dir, name): (NodeId, &[u8]),
    stamp: i128,
) -> bool {
    let reported = model.last_reported(dir, name);
    !model.will_report(dir, name) && reported.is_none_or(|tick| tick.may_precede(stamp, system.moment()))
}
