//! The trees as the consumer knows them: as of the last batch that was taken. They are the store without what happened
//! since, which [`pending`](super::pending) records.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Model;
use super::batch::{Batch, Dir, Origin};
use super::path::ITSELF;
use super::store::{Child, NodeId, Place};
use super::watch_map::is_polled;

/// What is known of a file now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present<'a> {
    /// Its directory and name. `None`: it is gone.
    pub place: Option<(NodeId, &'a [u8])>,
    /// Whether nothing happened to its content since the consumer was given it.
    pub settled: bool,
}

/// What the consumer knows at the path of a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownRoot<'a> {
    /// Nothing.
    Nothing,
    /// A file.
    File(Present<'a>),
    /// A directory.
    Dir,
}

/// A directory, and its name where it was.
type NamedDir = (Box<[u8]>, NodeId);

/// See the module's description.
#[derive(Debug)]
pub struct Snapshot<'a> {
    model: &'a Model,
    since: Batch,
    /// Directories in which a file is in `since`.
    touched: HashSet<NodeId>,
    /// By directory, the entries that left it: files with their present place, and directories.
    left_files: HashMap<NodeId, BTreeMap<Box<[u8]>, Option<Place>>>,
    left_dirs: HashMap<NodeId, Vec<NamedDir>>,
}

impl Model {
    /// The trees as of the last batch that was taken. No rename may be open: see
    /// [`finish_pending`](Self::finish_pending).
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'_> {
        let since = self.pending.since_taken();
        let since = self.delivered.repeat_all(since.clone(), &self.store, self.pending.untaken());
        let mut left_files: HashMap<_, BTreeMap<_, _>> = HashMap::new();
        for (dir, name) in since.gone.keys() {
            left_files.entry(*dir).or_default().insert(name.clone(), None);
        }
        for (place, (dir, name)) in since.moved_files() {
            left_files.entry(*dir).or_default().insert(name.clone(), Some(place.clone()));
        }
        let mut left_dirs: HashMap<NodeId, Vec<_>> = HashMap::new();
        for (node, Dir { origin, .. }) in since.dirs.iter().chain(&since.gone_dirs) {
            if let Some((dir, name)) = origin {
                left_dirs.entry(*dir).or_default().push((name.clone(), *node));
            }
        }
        let touched = since.files.keys().map(|(dir, _)| *dir).collect();
        Snapshot { model: self, since, touched, left_files, left_dirs }
    }

    /// Whether what happened to the files in a directory is known, and nothing of it is still to be found by a scan.
    #[must_use]
    pub fn is_known(&self, dir: NodeId) -> bool {
        self.store.wd(dir).is_some()
            && self.store.is_listed(dir)
            && !self.rescans.is_open(dir)
            && self.overflow_above(dir).is_none()
    }

    /// The same where it is known at once: what happens in a polled directory is noticed later.
    #[must_use]
    pub fn is_covered(&self, dir: NodeId) -> bool {
        self.is_known(dir) && !self.store.wd(dir).is_some_and(is_polled)
    }
}

impl Snapshot<'_> {
    /// What the consumer knows at the path of a root.
    #[must_use]
    pub fn root(&self, root: NodeId) -> KnownRoot<'_> {
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
    #[must_use]
    pub fn is_settled(&self, dir: NodeId) -> bool {
        !self.touched.contains(&dir) && !self.left_files.contains_key(&dir) && !self.model.has_open_files(dir)
    }

    /// The directories that the consumer knows in one, in the order of the names.
    #[must_use]
    pub fn dirs(&self, dir: NodeId) -> Vec<(&[u8], NodeId)> {
        let staying = self.model.store.children(dir).filter_map(|(name, child)| match child {
            Child::Dir(node) if !self.since.dirs.contains_key(&node) => Some((name, node)),
            _ => None,
        });
        let left = self.left_dirs.get(&dir).into_iter().flatten().map(|(name, node)| (&**name, *node));
        let mut dirs: Vec<_> = staying.chain(left).collect();
        dirs.sort_unstable();
        dirs
    }

    /// The files that the consumer knows in a directory, in the order of the names.
    #[must_use]
    pub fn files_in(&self, dir: NodeId) -> Vec<(&[u8], Present<'_>)> {
        let mut files = self.files(dir);
        files.retain(|(name, _)| *name != ITSELF);
        files
    }

    fn files(&self, dir: NodeId) -> Vec<(&[u8], Present<'_>)> {
        let touched = self.touched.contains(&dir);
        let staying = self.model.store.children(dir).filter(|(_, child)| *child == Child::File);
        let mut files: Vec<_> = staying
            .filter_map(|(name, _)| {
                let place = Some((dir, name));
                let file = if touched { self.since.files.get(&(dir, name.into())) } else { None };
                match file {
                    None => Some((name, Present { place, settled: !self.model.is_open(dir, name) })),
                    Some(file) if file.origin == Origin::Here => {
                        let settled = !file.modified && !file.attributes && !file.closed;
                        Some((name, Present { place, settled: settled && !self.model.is_open(dir, name) }))
                    }
                    Some(_) => None,
                }
            })
            .collect();
        for (name, place) in self.left_files.get(&dir).into_iter().flatten() {
            let file = place.as_ref().and_then(|place| self.since.files.get(place));
            let settled = file.is_some_and(|file| !file.modified && !file.attributes && !file.closed);
            let place = place.as_ref().map(|(dir, name)| (*dir, &**name));
            let settled = settled && !place.is_some_and(|(dir, name)| self.model.is_open(dir, name));
            files.push((name, Present { place, settled }));
        }
        files.sort_unstable_by_key(|(name, _)| *name);
        files
    }
}
