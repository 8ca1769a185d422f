//! Directory trees for who wants the kernel's own events: which wd is which path, and nothing about files.
//!
//! A tree of 20,000 directories is a node of 40 bytes for each, its name, and an entry of the table by wd. `app`
//! holding `models` is, with wds 1 and 2,
//!
//! ```text
//! nodes  0: parent -, wd 1, ""         1: parent 0, wd 2, "models"
//! roots  0: "app", with what is asked of every directory below
//! ```
//!
//! Paths run through parents: when a directory is found at another place by its wd, all below moves with it.

mod entries;
mod looks;
mod mounts;
mod records;
mod walk;

pub use looks::Tell;
pub use mounts::Remounted;

use std::collections::{HashMap, HashSet};
use std::os::fd::RawFd;

use crate::flags::Mask;
use crate::mountinfo::Mounts;
use crate::paths::push;
use crate::sys;

/// No node.
const NONE: u32 = u32::MAX;

/// Instead of a wd: not watched, but there are nodes below.
const UNWATCHED: i32 = -1;

/// Instead of a wd: no node, free for the next.
const FREE: i32 = -2;

#[derive(Debug)]
struct Node {
    parent: u32,
    root: u32,
    wd: i32,
    children: u32,
    name: Box<[u8]>,
}

/// A directory, and a name in it.
type Entry = (u32, Box<[u8]>);

/// What was asked of a tree.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The path of its root, as it was given.
    pub path: Vec<u8>,
    /// What every directory is watched for.
    pub mask: Mask,
    /// What of it is to be reported.
    pub wanted: Mask,
    /// Whether links to directories are followed.
    pub follows_links: bool,
}

/// The watched directories of one instance, in any number of trees.
#[derive(Debug, Default)]
pub struct Branches {
    nodes: Vec<Node>,
    free: Vec<u32>,
    by_wd: HashMap<i32, u32>,
    roots: Vec<Option<Asked>>,
    /// Entries that were reported because they were there, by wd: the kernel may be about to report the same.
    told: HashMap<i32, HashSet<Box<[u8]>>>,
    /// How many directories were found at another place so far.
    moves: u64,
    /// The wds of directories that were reported, or moved, since the queue was empty.
    touched: HashSet<i32>,
    /// The first directory that could not be watched, and the errno.
    refused: Option<(Vec<u8>, i32)>,
    /// Where roots and symbolic links led to when they were scanned.
    led: HashMap<u32, Vec<u8>>,
    /// Roots that something is mounted above, so that nothing is at their path.
    covered: HashSet<u32>,
    /// What was mounted when the first tree was planted, or when it was scanned last.
    mounts: Option<Mounts>,
    /// The wds of mounted files, which no directory reports, and where they are: the directory, and the name in it.
    files: HashMap<i32, Vec<Entry>>,
    /// Directories that were reported to be deleted, by the wd of their parent, while scans were ahead of events.
    deleted: HashSet<(i32, Box<[u8]>)>,
}

impl Branches {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree a watch belongs to.
    #[must_use]
    pub fn root(&self, wd: i32) -> Option<u32> {
        self.node_of(wd).map(|node| node.root)
    }

    /// The path of a watched directory.
    #[must_use]
    pub fn path(&self, wd: i32) -> Option<Vec<u8>> {
        self.path_of(*self.by_wd.get(&wd)?)
    }

    /// How many directories were found at another place so far: paths that were asked for before are stale.
    #[must_use]
    pub fn moves(&self) -> u64 {
        self.moves
    }

    /// All watches.
    pub fn wds(&self) -> impl Iterator<Item = i32> {
        self.by_wd.keys().copied()
    }

    /// The first directory that could not be watched since this was asked, and the errno.
    pub fn take_refused(&mut self) -> Option<(Vec<u8>, i32)> {
        self.refused.take()
    }

    /// Whether an event reports an entry that was reported already. Takes note of what it says of the entry.
    pub fn repeats(&mut self, wd: i32, mask: Mask, name: &[u8]) -> bool {
        let Some(names) = self.told.get_mut(&wd) else { return false };
        let told = mask.intersects(Mask::CREATE | Mask::DELETE | Mask::MOVED_FROM) && names.remove(name);
        if names.is_empty() {
            self.told.remove(&wd);
        }
        told && mask.contains(Mask::CREATE)
    }

    /// Takes note of what an event of a directory reports, while scans are ahead of events.
    pub fn note_told(&mut self, wd: i32, mask: Mask, name: &[u8]) {
        if mask.contains(Mask::DELETE) {
            self.deleted.insert((wd, name.into()));
        } else if mask.intersects(Mask::CREATE | Mask::MOVED_TO) && !self.deleted.is_empty() {
            self.deleted.remove(&(wd, name.into()));
        }
    }

    /// Whether directories were reported to be deleted that may be there: see
    /// [`tell_deleted_again`](Self::tell_deleted_again).
    #[must_use]
    pub fn has_deleted(&self) -> bool {
        !self.deleted.is_empty()
    }

    /// The queue is empty: nothing that is reported from here on was reported already.
    pub fn settle(&mut self) {
        self.told = HashMap::new();
        self.touched = HashSet::new();
        self.deleted = HashSet::new();
    }

    /// A watch has ended.
    pub fn forget(&mut self, wd: i32) {
        self.told.remove(&wd);
        self.files.remove(&wd);
        if let Some(id) = self.by_wd.remove(&wd) {
            if let Some(node) = self.nodes.get_mut(id as usize) {
                node.wd = UNWATCHED;
            }
            self.release(id);
        }
    }

    /// Removes the watch of a directory and of all below. Returns which.
    pub fn prune(&mut self, fd: RawFd, wd: i32) -> Vec<i32> {
        self.by_wd.get(&wd).copied().map(|id| self.cut(fd, id)).unwrap_or_default()
    }

    fn cut(&mut self, fd: RawFd, top: u32) -> Vec<i32> {
        let below = self.by_wd.iter().filter(|(_, id)| self.is_in(**id, top));
        let wds: Vec<i32> = below.map(|(wd, _)| *wd).collect();
        for wd in &wds {
            // It fails where the kernel was faster.
            sys::inotify_rm_watch(fd, *wd).ok();
            self.forget(*wd);
        }
        wds
    }

    fn node(&self, id: u32) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    fn node_of(&self, wd: i32) -> Option<&Node> {
        self.node(*self.by_wd.get(&wd)?)
    }

    fn asked(&self, id: u32) -> Option<&Asked> {
        self.roots.get(self.node(id)?.root as usize)?.as_ref()
    }

    fn path_of(&self, id: u32) -> Option<Vec<u8>> {
        let mut names = Vec::new();
        let mut node = self.node(id)?;
        while node.parent != NONE {
            names.push(&node.name);
            node = self.node(node.parent)?;
        }
        let mut path = self.roots.get(node.root as usize)?.as_ref()?.path.clone();
        for name in names.into_iter().rev() {
            push(&mut path, name);
        }
        Some(path)
    }

    /// Whether a directory is another, or below it.
    fn is_in(&self, id: u32, top: u32) -> bool {
        let mut at = id;
        while at != top {
            match self.node(at) {
                Some(node) if node.parent != NONE => at = node.parent,
                _ => return false,
            }
        }
        true
    }

    fn is_root(&self, id: u32) -> bool {
        self.node(id).is_some_and(|node| node.parent == NONE)
    }

    fn is_at(&self, id: u32, parent: u32, name: &[u8]) -> bool {
        self.node(id).is_some_and(|node| node.parent == parent && *node.name == *name)
    }

    /// Makes a node.
    fn create(&mut self, parent: u32, root: u32, name: &[u8], wd: i32) -> u32 {
        let node = Node { parent, root, wd, children: 0, name: name.into() };
        let id = self.free.pop().unwrap_or_else(|| u32::try_from(self.nodes.len()).unwrap_or(NONE));
        match self.nodes.get_mut(id as usize) {
            Some(slot) => *slot = node,
            None => self.nodes.push(node),
        }
        self.by_wd.insert(wd, id);
        self.count(parent, 1);
        id
    }

    /// A directory was found at another place.
    fn relocate(&mut self, id: u32, parent: u32, root: u32, name: &[u8]) {
        self.moves += 1;
        let Some(node) = self.nodes.get_mut(id as usize) else { return };
        let before = std::mem::replace(&mut node.parent, parent);
        node.root = root;
        node.name = name.into();
        let wd = node.wd;
        self.touched.insert(wd);
        self.count(parent, 1);
        self.count(before, -1);
        self.release(before);
    }

    fn count(&mut self, parent: u32, by: i32) {
        if let Some(parent) = self.nodes.get_mut(parent as usize) {
            parent.children = parent.children.saturating_add_signed(by);
        }
    }

    /// Frees a node that is not watched and has none below, and those above of which it was the last.
    fn release(&mut self, id: u32) {
        let mut at = id;
        while let Some(node) = self.nodes.get_mut(at as usize) {
            if node.wd != UNWATCHED || node.children > 0 {
                return;
            }
            node.wd = FREE;
            node.name = Box::default();
            let (parent, root) = (node.parent, node.root);
            self.free.push(at);
            self.led.remove(&at);
            self.covered.remove(&at);
            self.leave_files(at);
            if parent == NONE {
                if let Some(root) = self.roots.get_mut(root as usize) {
                    *root = None;
                }
            }
            self.count(parent, -1);
            at = parent;
        }
    }
}
